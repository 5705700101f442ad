import type { SourceContext, Version } from '../../contract.js';
import { InsufficientCapabilityError, SourceContractError } from '../../errors.js';
import { chunkByBytes, MAX_URL_BYTES } from './by-keys.js';
import type { Bucket, DateWindow } from './date-windows.js';
import { planWindows, sumOf } from './date-windows.js';
import type { Pager } from './paging.js';
import { readAll, readOneVersion, requireSameVersion, withColumns } from './paging.js';
import type { LiteralKind, SodaOrder, SodaQuery } from './soql.js';
import {
  and,
  encodeParameter,
  inList,
  isIn,
  joinLiterals,
  keyset,
  orderBy,
  PAGE_ROWS,
  toQueryString,
} from './soql.js';
import type { SodaRow, SodaRows } from './wire.js';
import { textOf } from './wire.js';

/** Lists under lists: the first rows of each of many keys, in a bounded number of questions, never one per key. */

export interface TopQuery {
  readonly column: string;
  readonly kind?: LiteralKind;
  readonly values: readonly string[];
  readonly where?: string;
  readonly select?: readonly string[];
  /** Total: it ends in the columns of the business key. */
  readonly order: readonly SodaOrder[];
  readonly first: number;
  /** Order values of the last row seen; the lists go on after it. */
  readonly after?: readonly (string | null)[];
  /** Ask also for the number of all rows of each key. */
  readonly count?: boolean;
  /** A predicate that holds the rows of all keys, for counting when the keys need several addresses. */
  readonly cover?: string;
}

export interface TopOfKey {
  readonly rows: readonly SodaRow[];
  readonly hasNext: boolean;
  readonly total?: number;
}

export interface TopAnswer {
  /** Every key asked; a key without rows has an empty list. */
  readonly byKey: ReadonlyMap<string, TopOfKey>;
  readonly version: Version;
  readonly calls: number;
}

export interface TopPager extends Pager {
  /** The platform answers window functions in piped statements. */
  readonly windows: boolean;
  /** Bytes of the address before its question. */
  readonly urlBytes: number;
  readonly askStatement: (
    dataset: string,
    statement: string,
    ctx: SourceContext,
  ) => Promise<SodaRows>;
}

/** Emulation reads at most this much and asks at most this often; beyond it the question is refused. */
const MAX_ROWS_READ = 4 * PAGE_ROWS;
const MAX_CALLS = 12;
const GROUPS = 4;
/** Room that the position of a later page takes in the address. */
const POSITION_BYTES = 800;

/** Several questions that must all speak of one publication. */
interface Reading {
  readonly pager: TopPager;
  readonly dataset: string;
  readonly query: TopQuery;
  readonly ctx: SourceContext;
  readonly values: readonly string[];
  /** Checks the version of an answer and counts it. */
  note: <T extends { readonly version: Version; readonly calls?: number }>(answer: T) => T;
}

const keyOrder = ({ column, kind = 'text' }: TopQuery): SodaOrder => ({
  column,
  kind,
  sentido: 'asc',
});

const remaining = ({ where, order, after }: TopQuery): string | undefined =>
  and(where, after === undefined ? undefined : (keyset(order, after) ?? '1 = 0'));

const projection = ({ select, order, column }: TopQuery): Pick<SodaQuery, 'select'> => {
  const columns = withColumns(select, [column, ...order.map((part) => part.column)]);
  return columns === undefined ? {} : { select: columns };
};

/** The keys in as many predicates as addresses need, beside everything else that the question says. */
function keyPredicates(
  { pager, query }: Reading,
  values: readonly string[],
  beside: SodaQuery,
): readonly string[] {
  const { column, kind = 'text' } = query;
  const taken = pager.urlBytes + toQueryString(beside).length + encodeParameter(column).length;
  const room = Math.max(MAX_URL_BYTES - taken - POSITION_BYTES, 500);
  return chunkByBytes(values, kind, room).map((chunk) => inList(column, joinLiterals(chunk).plain));
}

/** How many rows each key has, by month where the list is ordered by a date. */
async function readHistogram(
  reading: Reading,
  where: string | undefined,
  month: string | null,
): Promise<ReadonlyMap<string, readonly Bucket[]>> {
  const { pager, dataset, query, ctx, values, note } = reading;
  const by = month === null ? [query.column] : [query.column, 'mes'];
  const question: SodaQuery = {
    select: [
      query.column,
      ...(month === null ? [] : [`date_trunc_ym(${month}) as mes`]),
      'count(*) as cuantos',
    ],
    group: by,
    ...(where === undefined ? {} : { where }),
  };
  const keys = keyPredicates(reading, values, question);
  const asked = new Set(values);
  const histogram = new Map<string, Bucket[]>();
  for (const predicate of keys.length > 1 && query.cover ? [query.cover] : keys) {
    // `mes` is an alias and cannot stand in a predicate, so the groups are paged by offset in their total order.
    const { rows } = note(
      await readAll(
        pager,
        dataset,
        { ...question, where: and(where, predicate) ?? predicate },
        { key: by.map((column) => ({ column, sentido: 'asc' })), paging: 'offset' },
        ctx,
      ),
    );
    for (const row of rows) {
      const key = textOf(row, query.column);
      if (key === null || !asked.has(key)) continue;
      const bucket = { month: textOf(row, 'mes'), count: Number(textOf(row, 'cuantos') ?? '0') };
      histogram.set(key, [...(histogram.get(key) ?? []), bucket]);
    }
  }
  return histogram;
}

/** One key: a plain question for one row more than wanted. */
async function readOne({ pager, dataset, query, ctx, values, note }: Reading) {
  const where = and(remaining(query), isIn(query.column, values, query.kind)) ?? '';
  const order = orderBy(query.order);
  const question = { ...projection(query), where, order, limit: query.first + 1 };
  return note(await pager.ask(dataset, question, ctx)).rows;
}

/** The source numbers the rows of each key and sends only the first ones. */
async function readNative(reading: Reading): Promise<readonly SodaRow[]> {
  const { pager, dataset, query, ctx, values, note } = reading;
  const { column, first } = query;
  const select = projection(query).select ?? ['*'];
  const order = orderBy(query.order).join(',');
  const rank = `row_number() over (partition by ${column} order by ${order}) as puesto`;
  const position: readonly SodaOrder[] = [
    keyOrder(query),
    { column: 'puesto', kind: 'number', sentido: 'asc' },
  ];
  const rows: SodaRow[] = [];
  const beside = { select: [...select, rank, '*'], where: remaining(query) ?? '' };
  const chunks = keyPredicates(reading, values, beside);
  // Numbering the foreign keys of a cover costs the source little: of each only the first rows travel.
  for (const keys of chunks.length > 1 && query.cover ? [query.cover] : chunks) {
    const inner = and(remaining(query), keys) ?? keys;
    for (let after: string | undefined; ;) {
      const outer = and(`puesto <= ${first + 1}`, after) ?? '';
      const statement =
        `select ${[...select, rank].join(',')} where ${inner} |> ` +
        `select * where ${outer} order by ${column},puesto limit ${PAGE_ROWS}`;
      const page = note(await pager.askStatement(dataset, statement, ctx));
      rows.push(...page.rows);
      const last = page.rows.at(-1);
      if (last === undefined || page.rows.length < PAGE_ROWS) break;
      after = keyset(position, [textOf(last, column), textOf(last, 'puesto')]);
    }
  }
  return rows.map((row) => {
    const rest = { ...row };
    delete rest.puesto;
    return rest;
  });
}

interface Emulated {
  readonly rows: readonly SodaRow[];
  readonly histogram: ReadonlyMap<string, readonly Bucket[]>;
}

/** A histogram says how far back each key must be read; then few windows read them all. */
async function readWindows(reading: Reading): Promise<Emulated> {
  const { pager, dataset, query, ctx, note } = reading;
  const [lead] = query.order;
  const byMonth = lead?.kind === 'date' ? lead : null;
  const histogram = await readHistogram(reading, remaining(query), byMonth?.column ?? null);
  const all = sumOf([...histogram.values()].flat());
  const whole: DateWindow = { keys: [...histogram.keys()], where: undefined, rows: all };
  const windows =
    byMonth === null || all < PAGE_ROWS
      ? [whole]
      : planWindows(histogram, query.first + 1, byMonth, GROUPS);
  if (windows.reduce((sum, { rows }) => sum + rows, 0) > MAX_ROWS_READ) {
    throw new InsufficientCapabilityError(pager.sistema);
  }
  const key = [keyOrder(query), ...query.order.filter(({ column }) => column !== query.column)];
  const rows: SodaRow[] = [];
  for (const window of windows) {
    const where = and(remaining(query), window.where);
    const beside = {
      ...projection(query),
      ...(where === undefined ? {} : { where }),
      order: orderBy(key),
    };
    for (const keys of keyPredicates(reading, window.keys, beside)) {
      const question = { ...projection(query), where: and(where, keys) ?? keys };
      rows.push(...note(await readAll(pager, dataset, question, { key }, ctx)).rows);
    }
  }
  return { rows, histogram };
}

async function readTop(reading: Reading): Promise<ReadonlyMap<string, TopOfKey>> {
  const { pager, query, values } = reading;
  let rows: readonly SodaRow[];
  let totals: ReadonlyMap<string, readonly Bucket[]> | null = null;
  if (values.length === 1) rows = await readOne(reading);
  else if (pager.windows) rows = await readNative(reading);
  else {
    const emulated = await readWindows(reading);
    rows = emulated.rows;
    if (query.after === undefined) totals = emulated.histogram;
  }
  if (query.count === true) totals ??= await readHistogram(reading, query.where, null);
  const lists = new Map<string, SodaRow[]>(values.map((value) => [value, []]));
  for (const row of rows) lists.get(textOf(row, query.column) ?? '')?.push(row);
  const byKey = new Map<string, TopOfKey>();
  for (const [value, list] of lists) {
    byKey.set(value, {
      rows: list.slice(0, query.first),
      hasNext: list.length > query.first,
      ...(query.count === true ? { total: sumOf(totals?.get(value) ?? []) } : {}),
    });
  }
  return byKey;
}

export function topPerKey(
  pager: TopPager,
  dataset: string,
  query: TopQuery,
  ctx: SourceContext,
): Promise<TopAnswer> {
  const values = [...new Set(query.values)];
  if (values.length === 0) throw new TypeError('lists under keys need keys');
  return readOneVersion(pager.sistema, async () => {
    const seen: { version: Version | null } = { version: null };
    let calls = 0;
    const note: Reading['note'] = (answer) => {
      seen.version ??= answer.version;
      requireSameVersion(seen.version, answer.version);
      calls += answer.calls ?? 1;
      if (calls > MAX_CALLS) throw new InsufficientCapabilityError(pager.sistema);
      return answer;
    };
    const byKey = await readTop({ pager, dataset, query, ctx, values, note });
    if (seen.version === null) throw new SourceContractError(pager.sistema);
    return { byKey, version: seen.version, calls };
  });
}
