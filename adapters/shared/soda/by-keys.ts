import { setMaxListeners } from 'node:events';
import type { SourceContext, Version } from '../../contract.js';
import { InsufficientCapabilityError } from '../../errors.js';
import type { Pager, SodaAnswer } from './paging.js';
import { readOneVersion, readRest, requireSameVersion } from './paging.js';
import type { LiteralKind, Written } from './soql.js';
import {
  and,
  encodeParameter,
  joinLiterals,
  PAGE_ROWS,
  toQueryString,
  writeIn,
  writeLiteral,
} from './soql.js';
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
  values: Iterable<string>,
  kind: LiteralKind,
  room: number,
): readonly (readonly Written[])[] {
  const chunks: Written[][] = [];
  let current: Written[] = [];
  let used = 0;
  for (const value of values) {
    const written = writeLiteral(value, kind);
    const bytes = written.encoded.length + 1;
    if (current.length > 0 && used + bytes > room) {
      chunks.push(current);
      current = [];
      used = 0;
    }
    current.push(written);
    used += bytes;
  }
  return current.length > 0 ? [...chunks, current] : chunks;
}

/** Keys as they travel, while a list of them fits one address. */
interface WrittenKeys {
  readonly values: readonly string[];
  readonly kind: LiteralKind;
  readonly joined: Written;
}

/** One query asks about the same places in system after system: what was written last is mostly what is written next. */
let lastWritten: WrittenKeys = { values: [], kind: 'text', joined: { plain: '', encoded: '' } };

function writeKeys(asked: ReadonlySet<string>, kind: LiteralKind): Written {
  const { values, kind: lastKind, joined } = lastWritten;
  let place = 0;
  if (kind === lastKind && values.length === asked.size)
    for (const value of asked) {
      if (values[place] !== value) break;
      place += 1;
    }
  if (place > 0 && place === asked.size) return joined;
  const own = [...asked];
  lastWritten = {
    values: own,
    kind,
    joined: joinLiterals(own.map((value) => writeLiteral(value, kind))),
  };
  return lastWritten.joined;
}

/** What the questions of one shape share, encoded once: adapters ask the same columns of a dataset again and again. */
class Frame {
  readonly before: string;
  readonly after: string;
  /** `column in (`. */
  readonly opening: string;
  readonly #shape: KeysQuery;

  constructor(query: KeysQuery) {
    const { select, group, order, pageKey = order } = query;
    this.#shape = query;
    this.before = select === undefined ? '$where=' : `${toQueryString({ select }, null)}&$where=`;
    const rest = { ...(group && { group }), ...(pageKey && { order: pageKey }) };
    this.after = `&${toQueryString(rest)}`;
    this.opening = encodeParameter(`${query.column} in (`);
  }

  fits({ column, select, group, order, pageKey }: KeysQuery): boolean {
    const own = this.#shape;
    return (
      own.column === column &&
      isSameList(own.select, select) &&
      isSameList(own.group, group) &&
      isSameList(own.order, order) &&
      isSameList(own.pageKey, pageKey)
    );
  }

  toQueryString(where: string | Written): string {
    const encoded = typeof where === 'string' ? encodeParameter(where) : where.encoded;
    return this.before + encoded + this.after;
  }
}

/** By content: adapters write their columns where they ask. */
const isSameList = (
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean =>
  one === other ||
  (one !== undefined &&
    other?.length === one.length &&
    one.every((column, at) => column === other[at]));

const NO_KEYS: Written = { plain: '', encoded: '' };

interface KeysPlan {
  readonly mode: KeysAnswer['mode'];
  readonly wheres: readonly (string | Written)[];
}

/** `urlBytes` is what the address before the `?` takes. */
function planKeys(
  { column, kind = 'text', where, cover }: KeysQuery,
  asked: ReadonlySet<string>,
  frame: Frame,
  urlBytes: number,
): KeysPlan {
  const [first, second] = asked;
  if (first === undefined) throw new TypeError('a reading by keys needs keys');
  const list = { column, opening: frame.opening };
  // One key never needs two addresses.
  if (second === undefined)
    return { mode: 'keys', wheres: [writeIn(list, writeLiteral(first, kind), where)] };
  const room =
    MAX_URL_BYTES - urlBytes - 1 - frame.toQueryString(writeIn(list, NO_KEYS, where)).length;
  // Nothing is encoded only to be counted where the bare text is already too long.
  const isLong = bareLength(asked) > room;
  const keys = isLong ? null : writeKeys(asked, kind);
  if (keys !== null && keys.encoded.length < room)
    return { mode: 'keys', wheres: [writeIn(list, keys, where)] };
  if (cover !== undefined) return { mode: 'cover', wheres: [and(where, cover) ?? cover] };
  const chunks = chunkByBytes(asked, kind, room);
  return { mode: 'keys', wheres: chunks.map((chunk) => writeIn(list, joinLiterals(chunk), where)) };
}

const bareLength = (values: Iterable<string>): number => {
  let length = 0;
  for (const value of values) length += value.length + 1;
  return length;
};

/** All questions at once; the first that fails cancels its sisters, so that no slot works for nobody. */
export async function allOrNone<T>(
  works: readonly ((ctx: SourceContext) => Promise<T>)[],
  ctx: SourceContext,
): Promise<readonly T[]> {
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

export type KeysReader = (
  dataset: string,
  query: KeysQuery,
  ctx: SourceContext,
) => Promise<KeysAnswer>;

export function createKeysReader(
  pager: Pager,
  urlBytesOf: (dataset: string) => number,
): KeysReader {
  const frames = new Map<string, Frame>();
  const frameOf = (dataset: string, query: KeysQuery): Frame => {
    let frame = frames.get(dataset);
    if (frame?.fits(query) !== true) {
      frame = new Frame(query);
      frames.set(dataset, frame);
    }
    return frame;
  };
  return async (dataset, query, ctx) => {
    const asked = new Set(query.values);
    const frame = frameOf(dataset, query);
    const { mode, wheres } = planKeys(query, asked, frame, urlBytesOf(dataset));
    const readOne = (where: string | Written, inner: SourceContext): Promise<SodaAnswer> =>
      readQuestion(pager, dataset, query, where, frame, inner);
    const [only] = wheres;
    const { rows, version, calls } = await readOneVersion(pager.sistema, () =>
      wheres.length === 1 && only !== undefined
        ? readOne(only, ctx)
        : allOrNone(
            wheres.map((where) => (inner) => readOne(where, inner)),
            ctx,
          ).then(joinAnswers),
    );
    const kept = mode === 'cover' ? rows.filter(isAsked(query, asked)) : rows;
    return { mode, version, calls, rows: kept };
  };
}

async function readQuestion(
  pager: Pager,
  dataset: string,
  query: KeysQuery,
  where: string | Written,
  frame: Frame,
  ctx: SourceContext,
): Promise<SodaAnswer> {
  const first = await pager.askText(dataset, frame.toQueryString(where), ctx);
  if (first.rows.length < PAGE_ROWS) return { rows: first.rows, version: first.version, calls: 1 };
  const { select, group, pageKey } = query;
  // Without a total order nobody could say where the next page begins; a silent cut is worse than a refusal.
  if (pageKey === undefined) throw new InsufficientCapabilityError(pager.sistema);
  const question = { ...(select && { select }), ...(group && { group }), where };
  const key = pageKey.map((column) => ({ column, sentido: 'asc' as const }));
  return readRest(pager, dataset, question, { key }, ctx, first);
}

/** Rows come in the order of their keys: mostly the answer of the row before holds. */
function isAsked(query: KeysQuery, asked: ReadonlySet<string>): (row: SodaRow) => boolean {
  const keyOf = query.keyOf ?? ((row: SodaRow) => textOf(row, query.column));
  let last: string | null = null;
  let isLastAsked = false;
  return (row) => {
    const key = keyOf(row);
    if (key !== last) {
      last = key;
      isLastAsked = key !== null && asked.has(key);
    }
    return isLastAsked;
  };
}

const joinAnswers = (answers: readonly SodaAnswer[]): SodaAnswer => ({
  rows: answers.flatMap(({ rows }) => rows),
  version: commonVersion(answers),
  calls: answers.reduce((sum, { calls }) => sum + calls, 0),
});

function commonVersion(answers: readonly SodaAnswer[]): Version {
  const [first, ...others] = answers;
  if (first === undefined) throw new TypeError('a reading by keys needs keys');
  for (const { version } of others) requireSameVersion(first.version, version);
  return first.version;
}
