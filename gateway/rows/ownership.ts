import type { Group, Row, Top } from '../../adapters/contract.js';
import type { Fila, Orden, Registro, Valor } from '../../schema/registro.js';
import { compareDecimal } from '../../schema/values/decimal.js';
import type { Bucket, ListQuestion } from '../../subgraphs/subgraph.js';
import type { AnyOutcome } from './outcome.js';

const isTop = (item: Row | Group | Top): item is Top =>
  'hasNext' in item && Array.isArray(item.rows);

/** The part of an answer that belongs to who gave it. Groups are whole: their key always contains the ruta. */
export function ownedOutcome(outcome: AnyOutcome, isOwn: (row: Fila) => boolean): AnyOutcome {
  if (outcome.at !== 'found') return outcome;
  const rows = outcome.rows.flatMap((item): (Row | Group | Top)[] => {
    if (isTop(item)) return [ownedTop(item, isOwn)];
    return 'dims' in item || isOwn(item) ? [item] : [];
  });
  return rows.length === 0 ? { at: 'absent', origin: outcome.origin } : { ...outcome, rows };
}

/** What a total counted is known only of a list that came whole: another owner's rows may be among the counted ones. */
function ownedTop({ rows, hasNext, total }: Top, isOwn: (row: Fila) => boolean): Top {
  const own = rows.filter(isOwn);
  if (total === undefined || hasNext || total !== rows.length) return { rows: own, hasNext };
  return { rows: own, hasNext, total: own.length };
}

/** Joins what two owners hold of one key. A failure of either fails the key: half an answer would be a wrong one. */
export function mergeOutcomes(bucket: Bucket, a: AnyOutcome, b: AnyOutcome): AnyOutcome {
  if (a.at === 'failed') return a;
  if (b.at === 'failed') return b;
  const otherOrigins = [...(a.otherOrigins ?? []), b.origin];
  if (a.at === 'absent') return { ...b, otherOrigins: [...(a.otherOrigins ?? []), a.origin] };
  if (b.at === 'absent') return { ...a, otherOrigins };
  if (bucket.op !== 'top' && bucket.op !== 'page')
    return { ...a, rows: [...a.rows, ...b.rows], otherOrigins };
  const { registro, list } = bucket;
  const top = mergeTops(registro, list, a.rows[0] as Top, b.rows[0] as Top);
  return { ...a, rows: [top], otherOrigins };
}

function mergeTops(
  registro: Registro,
  { orden, options: { first } }: ListQuestion,
  a: Top,
  b: Top,
): Top {
  const rows = [...a.rows, ...b.rows].sort((x, y) => compareRows(registro, orden, x, y));
  const total = a.total === undefined || b.total === undefined ? {} : { total: a.total + b.total };
  return {
    rows: rows.slice(0, first),
    hasNext: a.hasNext || b.hasNext || rows.length > first,
    ...total,
  };
}

const NUMERIC: ReadonlySet<string> = new Set(['entero', 'dinero', 'decimal']);

/** Nulls last in both senses; amounts as exact decimals, codes as text: `05` is before `1`. */
function compareRows(registro: Registro, orden: readonly Orden[], a: Row, b: Row): number {
  for (const { campo, sentido } of orden) {
    const left = a[campo] ?? null;
    const right = b[campo] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const sign = sentido === 'asc' ? 1 : -1;
    const numeric = NUMERIC.has(registro.campos[campo]?.tipo ?? '');
    const order = numeric ? compareDecimal(String(left), String(right)) : compareText(left, right);
    if (order !== 0) return order * sign;
  }
  return 0;
}

type Known = Exclude<Valor, null>;

const compareText = (a: Known, b: Known): number => (a < b ? -1 : 1);
