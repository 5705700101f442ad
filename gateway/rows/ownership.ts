import type { Group, Row, Top } from '../../adapters/contract.js';
import type { Fila } from '../../schema/registro.js';
import type { AnyOutcome } from './outcome.js';

const isList = (item: Row | Group | Top): item is Top =>
  'hasNext' in item && Array.isArray(item.rows);

/** The part of an answer that belongs to who gave it. Groups and lists here are whole: their key contains the ruta. */
export function ownedOutcome(outcome: AnyOutcome, isOwn: (row: Fila) => boolean): AnyOutcome {
  if (outcome.at !== 'found') return outcome;
  const isKept = (item: Row | Group | Top): boolean =>
    isList(item) || 'dims' in item || isOwn(item);
  const rows = outcome.rows.filter(isKept);
  return rows.length === 0 ? { at: 'absent', origin: outcome.origin } : { ...outcome, rows };
}

/** Joins what two owners hold of one key. A failure of either fails the key: half an answer would be a wrong one. */
export function mergeOutcomes(a: AnyOutcome, b: AnyOutcome): AnyOutcome {
  if (a.at === 'failed') return a;
  if (b.at === 'failed') return b;
  const otherOrigins = [...(a.otherOrigins ?? []), b.origin];
  if (a.at === 'absent') return { ...b, otherOrigins: [...(a.otherOrigins ?? []), a.origin] };
  if (b.at === 'absent') return { ...a, otherOrigins };
  return { ...a, rows: [...a.rows, ...b.rows], otherOrigins };
}
