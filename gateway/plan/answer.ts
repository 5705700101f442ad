import type { Aviso, Node } from '../../subgraphs/subgraph.js';
import { Reason } from '../../subgraphs/subgraph.js';
import type { FieldPlan, LeafPlan, SelectionPlan, Shape } from './compile.js';
import type { FieldProblem, PlacedAviso } from './problems.js';
import { MAX_OBJECTS, NullProblem, TooManyObjects } from './problems.js';
import type { Path, Slot } from './slot.js';
import { nullify, pathOf } from './slot.js';

/** Parents of one type that wait for the same fields, in columns: node i is written to out i. */
export interface Batch {
  readonly nodes: Node[];
  readonly outs: Record<string, unknown>[];
  readonly slots: (Slot | null)[];
}

/**
 * Writes the values of fields into the answer (GraphQL spec §6.4.3): leaves serialised, nulls carried up to where one may
 * stand, and what failed or is worth saying kept with its place. The objects below a field come back as batches.
 */
export class AnswerWriter {
  readonly problems: FieldProblem[] = [];
  readonly avisos: PlacedAviso[] = [];
  dataIsNull = false;
  #objects = 0;
  #plan: FieldPlan | null = null;
  #slot: Slot | null = null;

  /** The field that is computed now, so that what it says has a place. */
  place(plan: FieldPlan, slot: Slot | null): void {
    this.#plan = plan;
    this.#slot = slot;
  }

  warn(aviso: Aviso): void {
    this.avisos.push({ aviso, path: pathOf(this.#slot, this.#plan?.responseKey) });
  }

  selects(path: string): boolean {
    return this.#plan?.selects(path) ?? false;
  }

  write(
    plan: FieldPlan,
    value: unknown,
    batch: Batch,
    index: number,
    children: Map<SelectionPlan, Batch>,
  ): void {
    const out = batch.outs[index] as Record<string, unknown>;
    let given = value;
    if (value instanceof Reason) {
      this.warn(value.aviso);
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
    const { flat } = selection;
    const whole = flat?.copy(value as Node) ?? null;
    if (whole !== null) {
      target[key] = whole;
      return;
    }
    const out: Record<string, unknown> = { ...selection.empty };
    target[key] = out;
    if (flat !== null) {
      const done = this.#writeFlat(flat.leaves, value as Node, out, 0);
      if (done === flat.leaves.length) return;
      // Only an object of which something is to be said needs a place of its own.
      const slot: Slot = { container, key, nullable: !shape.nonNull, parent };
      this.#sayFlat(flat.leaves, value as Node, out, slot, done);
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
        this.place(leaf.plan, slot);
        this.warn(value.aviso);
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
  fail(error: unknown, plan: FieldPlan, batch: Batch, index: number): void {
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
}
