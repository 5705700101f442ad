import type { Node } from '../../subgraphs/subgraph.js';
import type { LeafPlan } from './compile.js';

type Written = Record<string, unknown>;

/** Objects written before a function is made for their kind: most documents are asked once, and making one costs more. */
export const HOT = 500;

/**
 * The objects of one selection of nothing but properties of their node. What is written often gets a function of its own,
 * in which every property has its place instead of being looked up by name.
 */
export class FlatSelection {
  readonly leaves: readonly LeafPlan[];
  #written = 0;
  #copy: ((node: Node) => Written) | null = null;

  constructor(leaves: readonly LeafPlan[]) {
    this.leaves = leaves;
  }

  /** The object, or null where it is to be written leaf by leaf: not often enough, or something is to be said of a leaf. */
  copy(node: Node): Written | null {
    if (this.#copy === null) {
      this.#written += 1;
      if (this.#written < HOT) return null;
      this.#copy = compileCopy(this.leaves);
    }
    try {
      return this.#copy(node);
    } catch {
      return null;
    }
  }
}

/** Names come from a document that was validated, and travel as JSON text; nothing of a value becomes code. */
function compileCopy(leaves: readonly LeafPlan[]): (node: Node) => Written {
  // In a literal this name sets the prototype.
  if (leaves.some(({ responseKey }) => responseKey === '__proto__')) return speak;
  const reads = leaves.map(({ name }, i) => `const v${i} = node[${JSON.stringify(name)}];`);
  const writes = leaves.map(({ responseKey, nonNull }, i) => {
    const absent = nonNull ? 'speak()' : 'null';
    const present = `typeof v${i} === 'object' ? speak() : s${i}(v${i})`;
    return `${JSON.stringify(responseKey)}: v${i} == null ? ${absent} : ${present}`;
  });
  const names = leaves.map((_leaf, i) => `s${i}`);
  const code = `return (node) => { ${reads.join(' ')} return { ${writes.join(', ')} }; };`;
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- a plan is code made from a document
    return new Function('speak', ...names, code)(
      speak,
      ...leaves.map(({ serialize }) => serialize),
    ) as (node: Node) => Written;
  } catch {
    // A process that forbids code from text writes leaf by leaf.
    return speak;
  }
}

/** Leaves the object to who can say what is wrong with it. */
function speak(): never {
  throw SPEAK;
}

const SPEAK = new Error('a leaf of which something is to be said');
