import { setMaxListeners } from 'node:events';
import type { SourceContext, Version } from '../../contract.js';
import { InsufficientCapabilityError } from '../../errors.js';
import type { Pager, SodaAnswer } from './paging.js';
import { readAll, readOneVersion, requireSameVersion } from './paging.js';
import type { LiteralKind, SodaQuery } from './soql.js';
import { and, encodeParameter, isIn, literal, PAGE_ROWS, toQueryString } from './soql.js';
import type { SodaRow } from './wire.js';
import { textOf } from './wire.js';

/** Many keys in few questions: as many as fit a URL, or one question that covers them all. */

export interface KeysQuery {
  readonly column: string;
  readonly kind?: LiteralKind;
  readonly values: readonly string[];
  readonly where?: string;
  readonly select?: readonly string[];
  readonly group?: readonly string[];
  readonly order?: readonly string[];
  /** A predicate that holds every row wanted (a whole period, a department). Used once the keys need several URLs. */
  readonly cover?: string;
  /** Value of the key in a row, to discard what only the cover brought; by default the text of `column`. */
  readonly keyOf?: (row: SodaRow) => string | null;
  /** Columns of a total order, for answers longer than a page. It replaces `order`. */
  readonly pageKey?: readonly string[];
}

export interface KeysAnswer extends SodaAnswer {
  readonly mode: 'keys' | 'cover';
}

export const MAX_URL_BYTES = 6_000;

/** Values in groups whose encoded text fits the room, each group as long as possible. */
export function chunkByBytes(
  values: readonly string[],
  kind: LiteralKind,
  room: number,
): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let current: string[] = [];
  let used = 0;
  for (const value of values) {
    const bytes = encodedBytes(literal(value, kind)) + 1;
    if (current.length > 0 && used + bytes > room) {
      chunks.push(current);
      current = [];
      used = 0;
    }
    current.push(value);
    used += bytes;
  }
  return current.length > 0 ? [...chunks, current] : chunks;
}

/** Letters and digits travel as they are, so only their quotes grow. */
const PLAIN_LITERAL = /^'[\w-]*'$/;
const QUOTES_GROW = 4;

const encodedBytes = (written: string): number =>
  PLAIN_LITERAL.test(written) ? written.length + QUOTES_GROW : encodeParameter(written).length;

interface KeysPlan {
  readonly mode: KeysAnswer['mode'];
  readonly wheres: readonly string[];
}

/** `urlBytes` is what the address before the `?` takes. */
export function planKeys(
  query: KeysQuery,
  urlBytes: number,
  asked: ReadonlySet<string> = new Set(query.values),
): KeysPlan {
  const { column, kind = 'text', where, cover } = query;
  const values = [...asked];
  if (values.length === 0) throw new TypeError('a reading by keys needs keys');
  // One key never needs two addresses.
  if (values.length === 1)
    return { mode: 'keys', wheres: [and(where, isIn(column, values, kind)) ?? ''] };
  const empty = toQueryString({ ...toSoda(query), where: and(where, `${column} in ()`) ?? '' });
  const room = MAX_URL_BYTES - urlBytes - 1 - empty.length;
  // Nothing is encoded only to be counted where the bare text is already too long.
  if (cover !== undefined && bareLength(values) > room) {
    return { mode: 'cover', wheres: [and(where, cover) ?? cover] };
  }
  const chunks = chunkByBytes(values, kind, room);
  if (chunks.length > 1 && cover !== undefined) {
    return { mode: 'cover', wheres: [and(where, cover) ?? cover] };
  }
  return {
    mode: 'keys',
    wheres: chunks.map((chunk) => and(where, isIn(column, chunk, kind)) ?? ''),
  };
}

const bareLength = (values: readonly string[]): number => {
  let length = 0;
  for (const value of values) length += value.length + 1;
  return length;
};

const toSoda = ({ select, group, order, pageKey }: KeysQuery): SodaQuery => ({
  ...(select === undefined ? {} : { select }),
  ...(group === undefined ? {} : { group }),
  ...(pageKey === undefined ? (order === undefined ? {} : { order }) : { order: pageKey }),
});

async function readWhere(
  pager: Pager,
  dataset: string,
  query: KeysQuery,
  where: string,
  ctx: SourceContext,
): Promise<SodaAnswer> {
  const question = { ...toSoda(query), where };
  if (query.pageKey !== undefined) {
    const key = query.pageKey.map((column) => ({ column, sentido: 'asc' as const }));
    return readAll(pager, dataset, question, { key }, ctx);
  }
  const page = await pager.ask(dataset, question, ctx);
  // Without a total order nobody could say where the next page begins; a silent cut is worse than a refusal.
  if (page.rows.length >= PAGE_ROWS) throw new InsufficientCapabilityError(pager.sistema);
  return { rows: page.rows, version: page.version, calls: 1 };
}

/** All questions at once; the first that fails cancels its sisters, so that no slot works for nobody. */
export async function allOrNone<T>(
  works: readonly ((ctx: SourceContext) => Promise<T>)[],
  ctx: SourceContext,
): Promise<readonly T[]> {
  const [only] = works;
  if (works.length === 1 && only !== undefined) return [await only(ctx)];
  const controller = new AbortController();
  const signal = AbortSignal.any([ctx.signal, controller.signal]);
  setMaxListeners(0, signal);
  try {
    return await Promise.all(works.map((work) => work({ ...ctx, signal })));
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

export async function readByKeys(
  pager: Pager,
  dataset: string,
  query: KeysQuery,
  urlBytes: number,
  ctx: SourceContext,
): Promise<KeysAnswer> {
  const asked = new Set(query.values);
  const { mode, wheres } = planKeys(query, urlBytes, asked);
  const keyOf = query.keyOf ?? ((row: SodaRow) => textOf(row, query.column));
  // Rows come in the order of their keys: mostly the answer of the row before holds.
  let last: string | null = null;
  let isLastAsked = false;
  const isAsked = (row: SodaRow): boolean => {
    const key = keyOf(row);
    if (key !== last) {
      last = key;
      isLastAsked = key !== null && asked.has(key);
    }
    return isLastAsked;
  };
  return readOneVersion(pager.sistema, async () => {
    const answers = await allOrNone(
      wheres.map((where) => (inner) => readWhere(pager, dataset, query, where, inner)),
      ctx,
    );
    const version = commonVersion(answers);
    const [only] = answers;
    const rows = answers.length === 1 && only !== undefined ? only.rows : answers.flatMap(rowsOf);
    const calls = answers.reduce((sum, answer) => sum + answer.calls, 0);
    return { mode, version, calls, rows: mode === 'cover' ? rows.filter(isAsked) : rows };
  });
}

const rowsOf = ({ rows }: SodaAnswer): readonly SodaRow[] => rows;

function commonVersion(answers: readonly SodaAnswer[]): Version {
  const [first, ...others] = answers;
  if (first === undefined) throw new TypeError('a reading by keys needs keys');
  for (const { version } of others) requireSameVersion(first.version, version);
  return first.version;
}
