import { LRUCache } from 'lru-cache';
import type { SourceContext, Version } from '../../contract.js';
import type { AdapterError } from '../../errors.js';
import { SourceContractError, SourceRejectedError, SourceWithdrawnError } from '../../errors.js';
import { HttpStatusError } from '../http/failures.js';
import type { HttpAnswer, HttpSource } from '../http/http-source.js';
import { parseJsonExact } from '../http/json-exact.js';
import type { LiteralKind } from './soql.js';

/** SODA 2.1 as it travels: rows without nulls, two bodies of error, a token that may be worse than none. */

export type SodaCell = string | boolean | Readonly<Record<string, unknown>> | readonly unknown[];
/** A null column is not there. Numbers are text. */
export type SodaRow = Readonly<Record<string, SodaCell | undefined>>;

export interface SodaRows {
  readonly rows: readonly SodaRow[];
  readonly version: Version;
  /** Literal kind of each column of the answer, as the headers declare it. */
  readonly kinds: Readonly<Record<string, LiteralKind>>;
}

export interface SodaWire {
  fetchRows(path: string, ctx: SourceContext): Promise<SodaRows>;
  tokenDropped(): boolean;
}

/** The text of a cell, null when absent. */
export const textOf = (row: SodaRow, column: string): string | null => {
  const cell = row[column];
  if (typeof cell === 'string') return cell;
  return typeof cell === 'boolean' ? String(cell) : null;
};

interface SodaErrorBody {
  readonly code: string;
  readonly message: string;
}

/** {message, errorCode, data} and {code, error, message}: both are in use. */
export function readErrorBody(body: string): SodaErrorBody {
  const none = { code: '', message: '' };
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return none;
    const { errorCode, code, message } = parsed as Readonly<Record<string, unknown>>;
    const name = typeof errorCode === 'string' ? errorCode : code;
    return {
      code: typeof name === 'string' ? name : '',
      message: typeof message === 'string' ? message : '',
    };
  } catch {
    return none;
  }
}

const hasNoSuchColumn = (body: string): boolean =>
  readErrorBody(body).code === 'query.soql.no-such-column' ||
  // A long statement is repeated in the body, which is cut for the log: then only its beginning can be read.
  body.includes('query.soql.no-such-column');

const toSodaError =
  (sistema: string) =>
  (cause: HttpStatusError): AdapterError | undefined => {
    if (cause.status === 404) return new SourceWithdrawnError(sistema, { cause });
    if (cause.status === 400 && hasNoSuchColumn(cause.body)) {
      const mensaje = `${sistema.toUpperCase()} cambió el esquema de este conjunto de datos.`;
      return new SourceContractError(sistema, { mensaje, cause });
    }
    return undefined;
  };

const isForbidden = (error: unknown): error is AdapterError =>
  error instanceof SourceRejectedError &&
  error.cause instanceof HttpStatusError &&
  error.cause.status === 403;

const BARE_NUMBER = /":\s*[-\d]/;

const hasNumber = (row: Readonly<Record<string, unknown>>): boolean => {
  for (const name in row) if (typeof row[name] === 'number') return true;
  return false;
};

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers come as text; should one come bare, the answer is read again without passing through a float. */
const readRows =
  (sistema: string) =>
  (text: string): readonly SodaRow[] => {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed) || !parsed.every(isRow)) throw new SourceContractError(sistema);
    // The text tells at once that no property is a number; a text that looks like one is looked at row by row.
    const exact = BARE_NUMBER.test(text) && parsed.some(hasNumber) ? parseJsonExact(text) : parsed;
    return exact as readonly SodaRow[];
  };

const DATE_HEADERS = ['x-soda2-truth-last-modified', 'last-modified'] as const;

/** A dataset says the same date in answer after answer. */
const instants = new LRUCache<string, { readonly iso: string | null }>({ max: 200 });

function toInstant(written: string): string | null {
  let known = instants.get(written);
  if (known === undefined) {
    const instant = Date.parse(written);
    known = { iso: Number.isNaN(instant) ? null : new Date(instant).toISOString() };
    instants.set(written, known);
  }
  return known.iso;
}

/** The instant of publication; an ETag differs per question and so proves nothing between two of them. */
function readVersion({ headers, receivedAt }: HttpAnswer<unknown>): Version {
  for (const name of DATE_HEADERS) {
    const written = headers[name];
    const sourceTime = written === undefined ? null : toInstant(written);
    if (sourceTime !== null) return { token: sourceTime, sourceTime, checkedAt: receivedAt };
  }
  const etag = headers.etag;
  return etag === undefined
    ? { token: `sin-version:${receivedAt}`, checkedAt: receivedAt, stale: true }
    : { token: `etag:${etag}`, checkedAt: receivedAt };
}

/** Two answers of one publication. Without a declared date nothing says that they are not. */
export const isSameVersion = (one: Version, other: Version): boolean =>
  one.sourceTime === undefined || other.sourceTime === undefined || one.token === other.token;

const toKind = (type: string): LiteralKind =>
  type === 'number' ? 'number' : type.endsWith('timestamp') ? 'date' : 'text';

const readList = (json: string | undefined): readonly unknown[] => {
  try {
    const parsed: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
};

function readKinds(headers: Readonly<Record<string, string>>): Record<string, LiteralKind> {
  const types = readList(headers['x-soda2-types']);
  const kinds: Record<string, LiteralKind> = {};
  readList(headers['x-soda2-fields']).forEach((field, index) => {
    const type = types[index];
    if (typeof field === 'string' && typeof type === 'string') kinds[field] = toKind(type);
  });
  return kinds;
}

export function createSodaWire(
  sistema: string,
  source: HttpSource,
  appToken: string | undefined,
): SodaWire {
  let token = appToken;
  const toRejected = toSodaError(sistema);
  const decode = readRows(sistema);

  const openly = { toRejected };
  const fetchWith = (path: string, ctx: SourceContext, sent: string | undefined) =>
    source.getDecoded(
      path,
      ctx,
      decode,
      sent === undefined ? openly : { toRejected, headers: { 'x-app-token': sent } },
    );

  /** A dataset that stays closed without the token was withdrawn; one that opens had a bad token. */
  const refusedWithoutToken = (error: unknown): never => {
    if (isForbidden(error)) throw new SourceWithdrawnError(sistema, { cause: error.cause });
    throw error;
  };

  async function fetchWithoutToken(path: string, ctx: SourceContext): Promise<SodaRows> {
    const rows = await fetchWith(path, ctx, undefined).then(toRows, refusedWithoutToken);
    token = undefined;
    return rows;
  }

  return {
    fetchRows: (path, ctx) => {
      const sent = token;
      const answer = fetchWith(path, ctx, sent);
      if (sent === undefined) return answer.then(toRows, refusedWithoutToken);
      return answer.then(toRows, (error: unknown) => {
        if (!isForbidden(error)) throw error;
        return fetchWithoutToken(path, ctx);
      });
    },
    tokenDropped: () => appToken !== undefined && token === undefined,
  };
}

/** A class and no literal: a getter in a literal makes it anew for each answer. */
class Rows implements SodaRows {
  readonly rows: readonly SodaRow[];
  readonly version: Version;
  readonly #headers: HttpAnswer<unknown>['headers'];

  constructor(answer: HttpAnswer<readonly SodaRow[]>) {
    this.rows = answer.body;
    this.version = readVersion(answer);
    this.#headers = answer.headers;
  }

  /** Only what is read page by page needs them. */
  get kinds(): Readonly<Record<string, LiteralKind>> {
    return readKinds(this.#headers);
  }
}

const toRows = (answer: HttpAnswer<readonly SodaRow[]>): SodaRows => new Rows(answer);
