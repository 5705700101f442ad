import type { After, Origin, Row, Top } from '../../adapters/contract.js';
import { SourceContractError, toSourceError } from '../../adapters/errors.js';
import { listOrder } from '../../adapters/index.js';
import type { Fila, Registro } from '../../schema/registro.js';
import type { ListQuestion } from '../../subgraphs/subgraph.js';
import type { AnyOutcome } from './outcome.js';
import { toSplitVersion } from './split-cursor.js';

/** One list of which several own a part. */
export interface SplitList {
  readonly registro: Registro;
  readonly list: ListQuestion;
  readonly epoca: number;
  /** What each owner answered first. */
  readonly answers: readonly { readonly owner: string; readonly outcome: AnyOutcome }[];
  readonly ownerOf: (row: Fila) => string;
  /** Asks one owner for what follows. */
  readonly more: (owner: string, after: After) => Promise<AnyOutcome>;
}

/** Rows in a row that nobody owns are a difference between the sides; so many pages of them are no list any more. */
const ROUNDS = 10;

interface Part {
  readonly owner: string;
  readonly origin: Origin;
  /** Its own rows so far. */
  readonly own: Row[];
  /** The last row it gave, its own or not, where others follow: of what lies behind it nothing is known. */
  frontier: Row | null;
  hasMore: boolean;
  /** How many rows it owns in all, where its list came whole. */
  readonly total: number | undefined;
}

/**
 * Merges by order what each side owns. A row is given only once every side has shown all that lies before it, so that no page
 * has a gap and none repeats what another gave. A failure of either side fails the list: half of it would be a wrong one.
 */
export async function mergeSplitList(split: SplitList): Promise<AnyOutcome> {
  const { registro, list, answers, epoca } = split;
  const { first, count } = list.options;
  const { compare, positionOf } = listOrder(registro, list.orden);
  const parts: Part[] = [];
  for (const { owner, outcome } of answers) {
    if (outcome.at === 'failed') return outcome;
    parts.push(toPart(split, owner, outcome));
  }
  const [head, ...others] = parts;
  if (head === undefined) throw new Error('a split list without owners');
  let safe: Row[];
  for (let round = 0; ; round++) {
    const limit = lowest(parts, compare);
    safe = parts
      .flatMap(({ own }) => own)
      .filter((row) => limit === null || compare(row, limit) <= 0)
      .sort(compare);
    if (safe.length >= first || limit === null) break;
    if (round === ROUNDS) return cannotMerge(registro, head.owner);
    for (const part of parts) {
      if (part.frontier === null || compare(part.frontier, limit) > 0) continue;
      const version = part.origin.version.token;
      const next = await split.more(part.owner, { values: positionOf(part.frontier), version });
      if (next.at === 'failed') return next;
      extend(split, part, next);
    }
  }
  const otherOrigins = others.map(({ origin }) => origin);
  const isEmpty = answers.every(({ outcome }) => outcome.at === 'absent');
  if (isEmpty) return { at: 'absent', origin: head.origin, otherOrigins };
  const known = parts.every(({ total }) => total !== undefined);
  const top: Top = {
    rows: safe.slice(0, first),
    hasNext: safe.length > first || parts.some(({ hasMore }) => hasMore),
    ...(count && known && { total: parts.reduce((sum, { total = 0 }) => sum + total, 0) }),
    cursorVersion: toSplitVersion({
      epoca,
      de: Object.fromEntries(parts.map(({ owner, origin }) => [owner, origin.version.token])),
    }),
  };
  return { at: 'found', rows: [top], origin: head.origin, otherOrigins };
}

type Answered = Exclude<AnyOutcome, { at: 'failed' }>;

const topIn = (outcome: Answered): Top =>
  outcome.at === 'found' ? (outcome.rows[0] as Top) : { rows: [], hasNext: false, total: 0 };

function toPart({ ownerOf, list }: SplitList, owner: string, outcome: Answered): Part {
  const { rows, hasNext, total } = topIn(outcome);
  const own = rows.filter((row) => ownerOf(row) === owner);
  // Among the counted ones may be rows of another: only of a list that came whole is the number of its own known.
  const isWhole = !hasNext && list.options.after === null && total === rows.length;
  return {
    owner,
    origin: outcome.origin,
    own,
    frontier: hasNext ? (rows.at(-1) ?? null) : null,
    hasMore: hasNext,
    total: isWhole ? own.length : undefined,
  };
}

function extend({ ownerOf }: SplitList, part: Part, outcome: Answered): void {
  const { rows, hasNext } = topIn(outcome);
  part.own.push(...rows.filter((row) => ownerOf(row) === part.owner));
  part.frontier = hasNext ? (rows.at(-1) ?? null) : null;
  part.hasMore = hasNext;
}

function lowest(parts: readonly Part[], compare: (a: Row, b: Row) => number): Row | null {
  const frontiers = parts.flatMap(({ frontier }) => (frontier === null ? [] : [frontier]));
  return frontiers.sort(compare)[0] ?? null;
}

const cannotMerge = (registro: Registro, owner: string): AnyOutcome => ({
  at: 'failed',
  error: toSourceError(
    new SourceContractError(owner, {
      mensaje: `Los dos lados de ${registro.nombre} no tienen los mismos registros: su lista no se puede unir.`,
    }),
  ),
});
