import { comparatorOf, type Compiled } from './compile.js';
import type { Row } from './dataset.js';

/** Largest offset + limit that is kept in a bounded buffer instead of sorting everything. */
const BOUNDED = 100_000;
/** Rows among which an unordered answer is shuffled. */
const SHUFFLE_WINDOW = 4096;

export interface SortKey {
  readonly compiled: Compiled;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last' | undefined;
}

/** Nulls last when ascending, first when descending, as the platform's store does, unless the question says where. */
export function rowComparator(keys: readonly SortKey[]): (a: Row, b: Row) => number {
  const parts = keys.map(({ compiled, descending, nulls = descending ? 'first' : 'last' }) => ({
    compiled,
    sign: descending ? -1 : 1,
    nullSign: nulls === 'last' ? 1 : -1,
    compare: comparatorOf(compiled.type),
  }));
  return (a, b) => {
    for (const { compiled, sign, nullSign, compare } of parts) {
      const x = compiled.eval(a);
      const y = compiled.eval(b);
      if (x === y) continue;
      if (x === null) return nullSign;
      if (y === null) return -nullSign;
      const order = compare(x, y);
      if (order !== 0) return order * sign;
    }
    return 0;
  };
}

export function sortRows(
  rows: Iterable<Row>,
  keys: readonly SortKey[],
  needed: number | undefined,
): Row[] {
  const compare = rowComparator(keys);
  const buffer: Row[] = [];
  const bound = needed !== undefined && needed <= BOUNDED ? needed : undefined;
  for (const row of rows) {
    buffer.push(row);
    if (bound !== undefined && buffer.length > 2 * bound + 1000) {
      buffer.sort(compare);
      buffer.length = bound;
    }
  }
  return buffer.sort(compare);
}

/** Streams rows in an order that changes with every call: there is no implicit order on the platform. */
export function* shuffleRows(rows: Iterable<Row>, random: () => number): Iterable<Row> {
  const window: Row[] = [];
  for (const row of rows) {
    if (window.length < SHUFFLE_WINDOW) {
      window.push(row);
      continue;
    }
    const at = Math.floor(random() * window.length);
    const out = window[at];
    window[at] = row;
    if (out) yield out;
  }
  for (let left = window.length; left > 0; left--) {
    const at = Math.floor(random() * left);
    const out = window[at];
    window[at] = window[left - 1] ?? {};
    if (out) yield out;
  }
}

export function* sliceRows(
  rows: Iterable<Row>,
  offset: number,
  limit: number | undefined,
): Iterable<Row> {
  let seen = 0;
  let given = 0;
  if (limit === 0) return;
  for (const row of rows) {
    if (seen++ < offset) continue;
    yield row;
    if (++given === limit) return;
  }
}
