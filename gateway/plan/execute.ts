import type { Args, FieldEnv, Node, Step } from '../../subgraphs/subgraph.js';
import { Reason } from '../../subgraphs/subgraph.js';
import type { RowStore } from '../rows/row-store.js';
import { Wanted } from '../rows/wanted.js';
import type { FieldPlan, LeafPlan, OperationPlan, SelectionPlan, Shape } from './compile.js';
import type { FieldProblem, PlacedAviso } from './problems.js';
import { MAX_OBJECTS, NullProblem, TooManyObjects } from './problems.js';
import type { Path, Slot } from './slot.js';
import { nullify, pathOf } from './slot.js';

export interface PlannedResult {
  readonly data: Record<string, unknown> | null;
  readonly problems: readonly FieldProblem[];
  readonly avisos: readonly PlacedAviso[];
  readonly stages: number;
}

/** Parents of one type that wait for the same fields, in columns: node i is written to out i. */
interface Batch {
  readonly nodes: Node[];
  readonly outs: Record<string, unknown>[];
  readonly slots: (Slot | null)[];
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
  return {
    data: run.dataIsNull ? null : data,
    problems: run.problems,
    avisos: run.avisos,
    stages,
  };
}

class Run {
  readonly problems: FieldProblem[] = [];
  readonly avisos: PlacedAviso[] = [];
  dataIsNull = false;
  readonly #variables: Record<string, unknown>;
  readonly #store: RowStore;
  readonly #env: FieldEnv;
  readonly #args = new Map<FieldPlan, Args>();
  #tasks: Task[] = [];
  #objects = 0;
  #plan: FieldPlan | null = null;
  #slot: Slot | null = null;

  constructor(
    variables: Record<string, unknown>,
    store: RowStore,
    env: Omit<FieldEnv, 'warn' | 'selects'>,
  ) {
    this.#variables = variables;
    this.#store = store;
    this.#env = {
      ...env,
      warn: (aviso) => {
        this.avisos.push({ aviso, path: pathOf(this.#slot, this.#plan?.responseKey) });
      },
      selects: (path) => this.#plan?.selects(path) ?? false,
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
      this.#place(plan, batch.slots[i] ?? null);
      try {
        if (this.#reads(plan, step, batch.nodes[i] as Node, args, wanted)) waits = true;
      } catch (error) {
        (task.dead ??= new Set()).add(i);
        this.#fail(error, plan, batch, i);
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
      this.#place(plan, batch.slots[i] ?? null);
      try {
        const node = batch.nodes[i] as Node;
        const value =
          plan.field === null
            ? node[plan.name]
            : plan.field.value(node, args, this.#env, this.#store);
        this.#write(plan, value, batch, i, children);
      } catch (error) {
        this.#fail(error, plan, batch, i);
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

  #write(
    plan: FieldPlan,
    value: unknown,
    batch: Batch,
    index: number,
    children: Map<SelectionPlan, Batch>,
  ): void {
    const out = batch.outs[index] as Record<string, unknown>;
    let given = value;
    if (value instanceof Reason) {
      this.#env.warn(value.aviso);
      given = null;
    }
    const slot: Slot | null = batch.slots[index] ?? null;
    this.#complete(plan.shape, given, out, plan.responseKey, slot, plan, children);
  }

  #complete(
    shape: Shape,
    value: unknown,
    container: Record<string, unknown> | unknown[],
    key: string | number,
    parent: Slot | null,
    plan: FieldPlan,
    children: Map<SelectionPlan, Batch>,
  ): void {
    const target = container as Record<string | number, unknown>;
    if (value === null || value === undefined) {
      target[key] = null;
      if (shape.nonNull) {
        const slot = { container, key, nullable: false, parent };
        throw new NullProblem(plan, slot);
      }
      return;
    }
    if (shape.kind === 'leaf') {
      target[key] = shape.serialize(value);
      return;
    }
    if (shape.kind === 'list') {
      const slot: Slot = { container, key, nullable: !shape.nonNull, parent };
      const items = value as readonly unknown[];
      const list = new Array<unknown>(items.length);
      target[key] = list;
      for (let i = 0; i < items.length; i++) {
        this.#completeItem(shape.of, items[i], list, i, slot, plan, children);
      }
      return;
    }
    const selection = shape.only ?? shape.byType.get((value as { __typename: string }).__typename);
    if (selection === undefined)
      throw new Error(`${plan.parentType}.${plan.name}: value of no known type`);
    if (++this.#objects > MAX_OBJECTS) throw new TooManyObjects();
    const out: Record<string, unknown> = { ...selection.empty };
    target[key] = out;
    if (selection.flat !== null) {
      const done = this.#writeFlat(selection.flat, value as Node, out, 0);
      if (done === selection.flat.length) return;
      // Only an object of which something is to be said needs a place of its own.
      const slot: Slot = { container, key, nullable: !shape.nonNull, parent };
      this.#sayFlat(selection.flat, value as Node, out, slot, done);
      return;
    }
    const slot: Slot = { container, key, nullable: !shape.nonNull, parent };
    let batch = children.get(selection);
    if (batch === undefined) {
      batch = { nodes: [], outs: [], slots: [] };
      children.set(selection, batch);
    }
    batch.nodes.push(value as Node);
    batch.outs.push(out);
    batch.slots.push(slot);
  }

  /** Writes an object of nothing but properties of its node, up to the first of which something is to be said. */
  #writeFlat(
    leaves: readonly LeafPlan[],
    node: Node,
    out: Record<string, unknown>,
    from: number,
  ): number {
    let at = from;
    try {
      for (; at < leaves.length; at++) {
        const leaf = leaves[at] as LeafPlan;
        const value = node[leaf.name];
        if (value === null || value === undefined) {
          if (leaf.nonNull) return at;
        } else if (typeof value === 'object' && value instanceof Reason) return at;
        else out[leaf.responseKey] = leaf.serialize(value);
      }
    } catch {
      // Said by whoever goes on from here.
    }
    return at;
  }

  /** Says what is wrong with one property, and goes on with the others. */
  #sayFlat(
    leaves: readonly LeafPlan[],
    node: Node,
    out: Record<string, unknown>,
    slot: Slot,
    from: number,
  ): void {
    for (let at = from; at < leaves.length; at = this.#writeFlat(leaves, node, out, at + 1)) {
      const leaf = leaves[at] as LeafPlan;
      const value = node[leaf.name];
      if (value instanceof Reason) {
        this.#place(leaf.plan, slot);
        this.#env.warn(value.aviso);
      }
      if (value === null || value === undefined || value instanceof Reason) {
        if (leaf.nonNull) this.#failAt(new NullProblem(leaf.plan, slot), leaf.plan, out, slot);
      } else {
        try {
          leaf.serialize(value);
        } catch (error) {
          this.#failAt(error, leaf.plan, out, slot);
        }
      }
    }
  }

  #completeItem(
    shape: Shape,
    value: unknown,
    list: unknown[],
    index: number,
    slot: Slot,
    plan: FieldPlan,
    children: Map<SelectionPlan, Batch>,
  ): void {
    try {
      this.#complete(shape, value, list, index, slot, plan, children);
    } catch (error) {
      if (error instanceof TooManyObjects) throw error;
      const at: Slot = { container: list, key: index, nullable: !shape.nonNull, parent: slot };
      const failed = error instanceof NullProblem ? error.slot : at;
      this.#report(error, pathOf(failed), at);
    }
  }

  /** A field that failed is null, or takes its parent with it when it may not be null. */
  #fail(error: unknown, plan: FieldPlan, batch: Batch, index: number): void {
    if (error instanceof TooManyObjects) throw error;
    const container = batch.outs[index] as Record<string, unknown>;
    this.#failAt(error, plan, container, batch.slots[index] ?? null);
  }

  #failAt(
    error: unknown,
    plan: FieldPlan,
    container: Record<string, unknown>,
    parent: Slot | null,
  ): void {
    const slot: Slot = { container, key: plan.responseKey, nullable: !plan.shape.nonNull, parent };
    this.#report(error, pathOf(parent, plan.responseKey), slot);
  }

  #report(error: unknown, path: Path, slot: Slot): void {
    const nullAt = nullify(slot);
    if (nullAt.length === 0) this.dataIsNull = true;
    this.problems.push({ error, path, nullAt });
  }

  #hasGoodArgs(plan: FieldPlan, batch: Batch): boolean {
    try {
      this.#argsOf(plan);
      return true;
    } catch (error) {
      for (let i = 0; i < batch.nodes.length; i++) this.#fail(error, plan, batch, i);
      return false;
    }
  }

  #place(plan: FieldPlan, slot: Slot | null): void {
    this.#plan = plan;
    this.#slot = slot;
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
