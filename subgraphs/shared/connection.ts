import type { Outcome, Top } from '../../adapters/contract.js';
import { InputProblem } from '../subgraph.js';
import type { FieldEnv, Node } from '../subgraph.js';
import { textOf } from './arguments.js';

/** Most elements that one page may ask for; the municipios of the nation fit one page. */
export const MAX_FIRST = 1_000;
export const MAX_FIRST_MUNICIPIOS = 1_200;

/** Checks `first` before anything is read. */
export function checkFirst(first: unknown, max = MAX_FIRST): number {
  if (typeof first === 'number' && Number.isInteger(first) && first >= 0 && first <= max)
    return first;
  throw new InputProblem({
    codigo: 'PAGINA_INVALIDA',
    mensaje: `first debe ser un entero entre 0 y ${max}.`,
    campo: 'first',
    ejemplo: '20',
  });
}

/**
 * A cursor holds the order values and business key of its element and the version of the data it was given for. It is
 * opaque to readers, but no secret.
 */
export interface Cursor {
  readonly values: readonly (string | number | null)[];
  readonly version: string;
}

export const encodeCursor = ({ values, version }: Cursor): string =>
  Buffer.from(JSON.stringify([version, ...values])).toString('base64url');

export function decodeCursor(text: unknown): Cursor | null {
  if (text === undefined || text === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(textOf(text), 'base64url').toString('utf8'));
    if (
      Array.isArray(parsed) &&
      typeof parsed[0] === 'string' &&
      parsed.slice(1).every(isCursorValue)
    ) {
      return { version: parsed[0], values: parsed.slice(1) as (string | number | null)[] };
    }
  } catch {
    // Falls through: whatever is not a cursor of ours is refused alike.
  }
  throw new InputProblem({
    codigo: 'CURSOR_INVALIDO',
    mensaje: 'El cursor no es uno que haya dado este servicio.',
    campo: 'after',
    ejemplo: 'el endCursor de la página anterior',
  });
}

const isCursorValue = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number';

export const expiredCursor = (): InputProblem =>
  new InputProblem({
    codigo: 'CURSOR_VENCIDO',
    mensaje: 'El cursor es de una versión anterior de los datos; vuelva a pedir la primera página.',
    campo: 'after',
    ejemplo: 'pida de nuevo sin after',
  });

export interface ConnectionPage<T> {
  readonly items: readonly T[];
  readonly hasNextPage: boolean;
  readonly totalCount: number | null;
}

/**
 * How many elements a list of a source has, where that was asked. Two systems that share a list while it moves from one to the
 * other each count rows of the other: then nobody knows it, and the reader is told why.
 */
export function totalOf(
  top: Top,
  outcome: Pick<Outcome<unknown>, 'at'>,
  count: boolean,
  env: Pick<FieldEnv, 'warn'>,
): number | null {
  if (!count) return null;
  if (top.total !== undefined) return top.total;
  if (outcome.at === 'absent') return 0;
  if (top.cursorVersion !== undefined) env.warn(TOTAL_COMPARTIDO);
  return null;
}

const TOTAL_COMPARTIDO = {
  codigo: 'TOTAL_NO_DISPONIBLE',
  mensaje:
    'La lista la responden dos sistemas mientras el registro se traslada; su total no se conoce sin recorrerla entera.',
} as const;

/** A Relay connection over nodes, with a cursor for each. */
export function toConnection<T>(
  page: ConnectionPage<T>,
  nodeOf: (item: T) => Node,
  cursorOf: (item: T) => Cursor,
): Node {
  const edges = page.items.map((item) => new Edge(item, nodeOf(item), cursorOf));
  return {
    edges,
    pageInfo: new PageInfo(page.hasNextPage, edges.at(-1)),
    totalCount: page.totalCount,
  };
}

/** Cursors are written for those who select them: most do not, and a nation has a thousand. */
class Edge<T> {
  readonly node: Node;
  readonly #item: T;
  readonly #cursorOf: (item: T) => Cursor;

  constructor(item: T, node: Node, cursorOf: (item: T) => Cursor) {
    this.node = node;
    this.#item = item;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return encodeCursor(this.#cursorOf(this.#item));
  }
}

class PageInfo {
  readonly hasNextPage: boolean;
  readonly #last: { readonly cursor: string } | undefined;

  constructor(hasNextPage: boolean, last: { readonly cursor: string } | undefined) {
    this.hasNextPage = hasNextPage;
    this.#last = last;
  }

  get endCursor(): string | null {
    return this.#last?.cursor ?? null;
  }
}

/** A page of a list that is whole in memory, in a total order given by `keyOf`; the cursor names the last element. */
export function pageOf<T>(
  items: readonly T[],
  { first, after, version }: { first: number; after: Cursor | null; version: string },
  keyOf: (item: T) => string,
): ConnectionPage<T> {
  let start = 0;
  if (after !== null) {
    if (after.version !== version) throw expiredCursor();
    const at = items.findIndex((item) => keyOf(item) === after.values[0]);
    if (at === -1) throw expiredCursor();
    start = at + 1;
  }
  return {
    items: items.slice(start, start + first),
    hasNextPage: start + first < items.length,
    totalCount: items.length,
  };
}
