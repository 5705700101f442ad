import type { Group, Row, Top } from '../../adapters/contract.js';
import type { Fila, Orden } from '../../schema/registro.js';
import { compareDecimal } from '../../schema/values/decimal.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { AnyOutcome } from './row-store.js';

const isTop = (item: Row | Group | Top): item is Top =>
  'hasNext' in item && Array.isArray(item.rows);

/** The part of an answer that belongs to who gave it. Groups are whole: their key always contains the ruta. */
export function ownedOutcome(outcome: AnyOutcome, isOwn: (row: Fila) => boolean): AnyOutcome {
  if (outcome.at !== 'found') return outcome;
  const rows = outcome.rows.flatMap((item): (Row | Group | Top)[] => {
    if (isTop(item)) return [{ ...item, rows: item.rows.filter(isOwn) }];
    return 'dims' in item || isOwn(item) ? [item] : [];
  });
  return rows.length === 0 ? { at: 'absent', origin: outcome.origin } : { ...outcome, rows };
}

/** Joins what two owners hold of one key. A failure of either fails the key: half an answer would be a wrong one. */
export function mergeOutcomes(bucket: Bucket, a: AnyOutcome, b: AnyOutcome): AnyOutcome {
  if (a.at === 'failed') return a;
  if (b.at === 'failed') return b;
  if (a.at === 'absent') return b;
  if (b.at === 'absent') return a;
  if (bucket.op !== 'top' && bucket.op !== 'page') return { ...a, rows: [...a.rows, ...b.rows] };
  return {
    ...a,
    rows: [
      mergeTops(bucket.list.orden, bucket.list.options.first, a.rows[0] as Top, b.rows[0] as Top),
    ],
  };
}

function mergeTops(orden: readonly Orden[], first: number, a: Top, b: Top): Top {
  const rows = [...a.rows, ...b.rows].sort((x, y) => compareRows(orden, x, y));
  const total = a.total === undefined || b.total === undefined ? {} : { total: a.total + b.total };
  return {
    rows: rows.slice(0, first),
    hasNext: a.hasNext || b.hasNext || rows.length > first,
    ...total,
  };
}

/** Nulls last in both senses; amounts as exact decimals. */
function compareRows(orden: readonly Orden[], a: Row, b: Row): number {
  for (const { campo, sentido } of orden) {
    const left = a[campo] ?? null;
    const right = b[campo] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const sign = sentido === 'asc' ? 1 : -1;
    return compareValues(left, right) * sign;
  }
  return 0;
}

const NUMERIC = /^-?\d+(\.\d+)?$/;

function compareValues(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === 'string' && typeof b === 'string' && NUMERIC.test(a) && NUMERIC.test(b)) {
    return compareDecimal(a, b);
  }
  return a < b ? -1 : 1;
}
