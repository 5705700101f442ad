import type { SodaOrder } from './soql.js';
import { hasNullsLast, literal } from './soql.js';

/** From "how many rows has each key in each month" to few windows that surely hold the first rows of every key. */

export interface Bucket {
  /** First instant of the month as the source writes it, null for rows without date. */
  readonly month: string | null;
  readonly count: number;
}

export interface DateWindow {
  readonly keys: readonly string[];
  /** Undefined: all rows of these keys. */
  readonly where: string | undefined;
  /** Rows that this window will bring. */
  readonly rows: number;
}

type Histogram = ReadonlyMap<string, readonly Bucket[]>;

const inOrder =
  (order: SodaOrder) =>
  (one: string | null, other: string | null): number => {
    if (one === other) return 0;
    if (one === null) return hasNullsLast(order) ? 1 : -1;
    if (other === null) return hasNullsLast(order) ? -1 : 1;
    return one < other === (order.sentido === 'asc') ? -1 : 1;
  };

const nextMonth = (month: string): string => {
  const [year = 0, index = 1] = month.slice(0, 7).split('-').map(Number);
  return new Date(Date.UTC(year, index, 1)).toISOString().slice(0, 10);
};

function upTo(order: SodaOrder, month: string | null): string | undefined {
  const { column, sentido } = order;
  if (month === null) return hasNullsLast(order) ? undefined : `${column} is null`;
  if (sentido === 'asc') return `${column} < ${literal(nextMonth(month), 'date')}`;
  const since = `${column} >= ${literal(month.slice(0, 10), 'date')}`;
  return hasNullsLast(order) ? since : `${since} or ${column} is null`;
}

interface Reach {
  readonly key: string;
  readonly buckets: readonly Bucket[];
  /** The month in which the wanted rows are complete, or the last one there is. */
  readonly month: string | null;
}

export const sumOf = (buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, { count }) => sum + count, 0);

/** Keys of similar reach share a window: what is dense is read briefly, what is sparse is read far back. */
export function planWindows(
  histogram: Histogram,
  wanted: number,
  order: SodaOrder,
  groups: number,
): readonly DateWindow[] {
  const compare = inOrder(order);
  const reaches: Reach[] = [];
  for (const [key, unsorted] of histogram) {
    const buckets = [...unsorted].sort((one, other) => compare(one.month, other.month));
    let seen = 0;
    const full = buckets.find(({ count }) => (seen += count) >= wanted) ?? buckets.at(-1);
    if (full !== undefined) reaches.push({ key, buckets, month: full.month });
  }
  reaches.sort((one, other) => compare(one.month, other.month));
  const size = Math.max(1, Math.ceil(reaches.length / groups));
  const windows: DateWindow[] = [];
  for (let from = 0; from < reaches.length; from += size) {
    const members = reaches.slice(from, from + size);
    const furthest = members.at(-1)?.month ?? null;
    const within = members.flatMap(({ buckets }) =>
      buckets.filter(({ month }) => compare(month, furthest) <= 0),
    );
    windows.push({
      keys: members.map(({ key }) => key),
      where: upTo(order, furthest),
      rows: sumOf(within),
    });
  }
  return windows;
}
