import type { SourceContext, Version } from '../../contract.js';
import { SourceContractError } from '../../errors.js';
import type { LiteralKind, SodaOrder, SodaQuery } from './soql.js';
import { and, keyset, orderBy, PAGE_ROWS, plainOf } from './soql.js';
import type { SodaRow, SodaRows } from './wire.js';
import { isSameVersion, textOf } from './wire.js';

/** Reading every row without losing or doubling any, although the platform has no cursor and no stable row id. */

export interface SodaAnswer {
  readonly rows: readonly SodaRow[];
  readonly version: Version;
  /** Questions asked of the dataset; retries of one question are not counted here. */
  readonly calls: number;
}

export interface Pager {
  readonly sistema: string;
  ask(dataset: string, query: SodaQuery, ctx: SourceContext): Promise<SodaRows>;
  /** A question that is encoded already. */
  askText(dataset: string, queryString: string, ctx: SourceContext): Promise<SodaRows>;
}

export interface PagePlan {
  /** Column and direction of each part of the key; the kind comes from the answer's headers when it is not given. */
  readonly key: readonly (Omit<SodaOrder, 'kind'> & { readonly kind?: LiteralKind })[];
  /**
   * `keyset` (default) asks for what comes after the last key and stands repeats of a key up to a page. `offset` is for
   * keys without comparison (aliases of computed columns); the order must then be total.
   */
  readonly paging?: 'keyset' | 'offset';
  readonly pageRows?: number;
}

/** The dataset was published again between two questions. */
export class VersionMovedError extends Error {}

const MAX_RESTARTS = 2;

/** Repeats a reading of several questions until all of them speak of one publication. */
export async function readOneVersion<T>(sistema: string, read: () => Promise<T>): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof VersionMovedError)) throw error;
      if (restarts === MAX_RESTARTS) {
        const mensaje = `${sistema.toUpperCase()} se publicó de nuevo varias veces durante la lectura.`;
        throw new SourceContractError(sistema, { mensaje, cause: error });
      }
    }
  }
}

export function requireSameVersion(one: Version, other: Version): void {
  if (!isSameVersion(one, other)) throw new VersionMovedError(`${one.token} → ${other.token}`);
}

/** A projection must carry the key, or the next page cannot be asked for. */
export function withColumns(
  select: readonly string[] | undefined,
  columns: readonly string[],
): readonly string[] | undefined {
  if (select === undefined || select.length === 0 || select[0] === '*') return select;
  if (columns.every((column) => select.includes(column))) return select;
  const named = new Set(
    select.map((item) =>
      item
        .split(/\s+as\s+/i)
        .at(-1)
        ?.trim(),
    ),
  );
  return [...select, ...columns.filter((column) => !named.has(column))];
}

const sameKey = (one: readonly (string | null)[], other: readonly (string | null)[]): boolean =>
  one.every((value, index) => value === other[index]);

const limitOf = ({ pageRows }: PagePlan): number => pageRows ?? PAGE_ROWS;

const columnsOf = ({ key }: PagePlan): readonly string[] => key.map(({ column }) => column);

interface Position {
  readonly where?: string;
  readonly offset?: number;
}

function questionAt(query: SodaQuery, plan: PagePlan, position: Position): SodaQuery {
  const select = withColumns(query.select, columnsOf(plan));
  const where = and(plainOf(query.where), position.where);
  return {
    ...query,
    ...(select === undefined ? {} : { select }),
    ...(where === undefined ? {} : { where }),
    ...(position.offset === undefined ? {} : { offset: position.offset }),
    order: orderBy(plan.key.map((part) => ({ kind: 'text', ...part }))),
    limit: limitOf(plan),
  };
}

/** Pages of one question, in the order of the key. Throws VersionMovedError when the dataset moves. */
export async function* readPages(
  pager: Pager,
  dataset: string,
  query: SodaQuery,
  plan: PagePlan,
  ctx: SourceContext,
  given?: SodaRows,
): AsyncGenerator<SodaRows> {
  const limit = limitOf(plan);
  const columns = columnsOf(plan);
  const keyOf = (row: SodaRow): readonly (string | null)[] =>
    columns.map((column) => textOf(row, column));
  let first: Version | null = null;
  let position: Position = {};
  for (let offset = 0; ;) {
    const page: SodaRows =
      first === null && given !== undefined
        ? given
        : await pager.ask(dataset, questionAt(query, plan, position), ctx);
    first ??= page.version;
    requireSameVersion(first, page.version);
    const last = page.rows.at(-1);
    if (last === undefined || page.rows.length < limit) {
      yield page;
      return;
    }
    if (plan.paging === 'offset') {
      yield page;
      offset += page.rows.length;
      position = { offset };
      continue;
    }
    // Rows of the last key may go on over the edge: they are left to the next page, all together.
    const edge = keyOf(last);
    let end = page.rows.length - 1;
    while (end > 0 && sameKey(keyOf(page.rows[end - 1] ?? {}), edge)) end--;
    const kept = page.rows[end - 1];
    if (kept === undefined)
      throw new SourceContractError(pager.sistema, { cause: 'key too coarse' });
    yield { rows: page.rows.slice(0, end), version: page.version, kinds: page.kinds };
    const order = plan.key.map((part) => ({ kind: page.kinds[part.column] ?? 'text', ...part }));
    position = { where: keyset(order, keyOf(kept)) ?? '1 = 0' };
  }
}

/** Every row of one question. */
export async function readAll(
  pager: Pager,
  dataset: string,
  query: SodaQuery,
  plan: PagePlan,
  ctx: SourceContext,
): Promise<SodaAnswer> {
  // Most questions end on their first page.
  const first = await pager.ask(dataset, questionAt(query, plan, {}), ctx);
  if (first.rows.length < limitOf(plan)) {
    return { rows: first.rows, version: first.version, calls: 1 };
  }
  return readRest(pager, dataset, query, plan, ctx, first);
}

/** Every row of one question of which the first page is here. */
export async function readRest(
  pager: Pager,
  dataset: string,
  query: SodaQuery,
  plan: PagePlan,
  ctx: SourceContext,
  first: SodaRows,
): Promise<SodaAnswer> {
  let version: Version | null = null;
  let calls = 0;
  const pages: (readonly SodaRow[])[] = [];
  for await (const page of readPages(pager, dataset, query, plan, ctx, first)) {
    version = page.version;
    calls++;
    pages.push(page.rows);
  }
  if (version === null) throw new SourceContractError(pager.sistema);
  return { rows: pages.flat(), version, calls };
}
