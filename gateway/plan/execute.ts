import type { Args, FieldEnv, Node, Step } from '../../subgraphs/subgraph.js';
import type { RowStore } from '../rows/row-store.js';
import { Wanted } from '../rows/wanted.js';
import type { Batch } from './answer.js';
import { AnswerWriter } from './answer.js';
import type { FieldPlan, OperationPlan, SelectionPlan } from './compile.js';
import type { FieldProblem, PlacedAviso } from './problems.js';

export interface PlannedResult {
  readonly data: Record<string, unknown> | null;
  readonly problems: readonly FieldProblem[];
  readonly avisos: readonly PlacedAviso[];
  readonly stages: number;
}

/** A field of a batch, at the step whose reads it needs next. */
interface Task {
  readonly plan: FieldPlan;
  readonly batch: Batch;
  step: number;
  /** Parents whose step failed: they have their error already. */
  dead: Set<number> | null;
}

/**
 * Runs a plan in stages. In each stage every field that can go on does so over all its parents; what they need is then
 * loaded at once, one call per bucket. Nothing here makes a promise per entity.
 */
export async function executePlan(
  plan: OperationPlan,
  variables: Record<string, unknown>,
  store: RowStore,
  env: Omit<FieldEnv, 'warn' | 'selects'>,
): Promise<PlannedResult> {
  const run = new Run(variables, store, env);
  const data = run.start(plan.root);
  let stages = 0;
  for (let wanted = run.advance(); wanted !== null; wanted = run.advance()) {
    stages += 1;
    await store.loadStage(wanted);
  }
  const { dataIsNull, problems, avisos } = run.answer;
  return { data: dataIsNull ? null : data, problems, avisos, stages };
}

class Run {
  readonly answer: AnswerWriter;
  readonly #variables: Record<string, unknown>;
  readonly #store: RowStore;
  readonly #env: FieldEnv;
  readonly #args = new Map<FieldPlan, Args>();
  #tasks: Task[] = [];

  constructor(
    variables: Record<string, unknown>,
    store: RowStore,
    env: Omit<FieldEnv, 'warn' | 'selects'>,
  ) {
    this.#variables = variables;
    this.#store = store;
    const answer = new AnswerWriter();
    this.answer = answer;
    this.#env = {
      ...env,
      warn: (aviso) => {
        answer.warn(aviso);
      },
      selects: (path) => answer.selects(path),
    };
  }

  start(root: SelectionPlan): Record<string, unknown> {
    const data: Record<string, unknown> = { ...root.empty };
    this.#expand(root, { nodes: [{}], outs: [data], slots: [null] });
    return data;
  }

  /** Goes on as far as what was read allows; answers what the next stage reads, null at the end. */
  advance(): Wanted | null {
    const waiting: Task[] = [];
    const wanted = new Wanted();
    for (let tasks = this.#take(); tasks.length > 0; tasks = this.#take()) {
      for (const task of tasks) if (this.#waits(task, wanted)) waiting.push(task);
    }
    this.#tasks = waiting;
    return waiting.length === 0 ? null : wanted;
  }

  #take(): Task[] {
    const tasks = this.#tasks;
    this.#tasks = [];
    return tasks;
  }

  /** Whether a task must wait for what it now wants; else it is done. */
  #waits(task: Task, wanted: Wanted): boolean {
    const steps = task.plan.field?.steps ?? [];
    while (task.step < steps.length) {
      if (this.#wants(task, wanted)) return true;
      task.step += 1;
    }
    this.#settle(task);
    return false;
  }

  /** Runs a step over all parents; whether any of them asks for what is not here yet. */
  #wants(task: Task, wanted: Wanted): boolean {
    const { plan, batch } = task;
    const step = plan.field?.steps?.[task.step];
    if (step === undefined) return false;
    const args = this.#argsOf(plan);
    let waits = false;
    for (let i = 0; i < batch.nodes.length; i++) {
      if (task.dead?.has(i) === true) continue;
      this.answer.place(plan, batch.slots[i] ?? null);
      try {
        if (this.#reads(plan, step, batch.nodes[i] as Node, args, wanted)) waits = true;
      } catch (error) {
        (task.dead ??= new Set()).add(i);
        this.answer.fail(error, plan, batch, i);
      }
    }
    return waits;
  }

  /** Whether one parent asks for what is not here yet. */
  #reads(plan: FieldPlan, step: Step, node: Node, args: Args, wanted: Wanted): boolean {
    const { one } = step;
    if (one !== undefined) {
      const key = one.keyOf(node, args, this.#env);
      if (key === null) return false;
      this.#store.noteRead(plan.coordenada, one.bucket);
      return this.#store.addIfMissing(one.bucket, key, wanted);
    }
    const reads = step(node, args, this.#env, this.#store);
    this.#store.noteReads(plan.coordenada, reads);
    return this.#store.addMissing(reads, wanted);
  }

  /** Every read is here: computes the values of all parents and goes down into them. */
  #settle({ plan, batch, dead }: Task): void {
    const children = new Map<SelectionPlan, Batch>();
    const args = this.#argsOf(plan);
    for (let i = 0; i < batch.nodes.length; i++) {
      if (dead?.has(i) === true) continue;
      this.answer.place(plan, batch.slots[i] ?? null);
      try {
        const node = batch.nodes[i] as Node;
        const value =
          plan.field === null
            ? node[plan.name]
            : plan.field.value(node, args, this.#env, this.#store);
        this.answer.write(plan, value, batch, i, children);
      } catch (error) {
        this.answer.fail(error, plan, batch, i);
      }
    }
    for (const [selection, child] of children) this.#expand(selection, child);
  }

  #expand(selection: SelectionPlan, batch: Batch): void {
    for (const plan of selection.fields) {
      if (!this.#hasGoodArgs(plan, batch)) continue;
      const task: Task = { plan, batch, step: 0, dead: null };
      if (plan.field?.steps === undefined) this.#settle(task);
      else this.#tasks.push(task);
    }
  }

  #hasGoodArgs(plan: FieldPlan, batch: Batch): boolean {
    try {
      this.#argsOf(plan);
      return true;
    } catch (error) {
      for (let i = 0; i < batch.nodes.length; i++) this.answer.fail(error, plan, batch, i);
      return false;
    }
  }

  #argsOf(plan: FieldPlan): Args {
    if (plan.constantArgs !== null) return plan.constantArgs;
    let args = this.#args.get(plan);
    if (args === undefined) {
      args = plan.argsOf(this.#variables);
      this.#args.set(plan, args);
    }
    return args;
  }
}
