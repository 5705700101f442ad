import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultBoard, Verdict } from '../faults.js';
import { createRandom, hash53 } from '../hash.js';
import { jsonReply, sendReply, type Reply } from '../http.js';
import { buildPushdown } from './pushdown.js';
import type { Cell, Row, SodaColumn, SodaDataset, SodaType } from './dataset.js';
import { gatewayError, SodaError } from './errors.js';
import { executeAll, SYSTEM_COLUMNS, type Result, type Table } from './execute.js';
import { statementsOf } from './request.js';

const DAY_MS = 86_400_000;
const PIECE_CHARS = 64_000;

const WIRE_TYPES: Readonly<Record<SodaType, string>> = {
  text: 'text',
  number: 'number',
  calendar_date: 'floating_timestamp',
  checkbox: 'boolean',
  url: 'url',
};

/** One published state of a dataset, with the schema drift that a fault asks for. */
interface Publication {
  readonly dataset: SodaDataset;
  readonly columns: readonly SodaColumn[];
  readonly renames: ReadonlyMap<string, string>;
  readonly modified: Date;
  readonly mark: string;
}

function publish(dataset: SodaDataset, swaps: number, verdict: Verdict): Publication {
  const columns = dataset.columns
    .filter((c) => !verdict.drop.has(c.name))
    .map((c) => ({ ...c, name: verdict.rename.get(c.name) ?? c.name }));
  return {
    dataset,
    columns,
    renames: verdict.rename,
    modified: new Date(Date.parse(dataset.updatedAt) + swaps * DAY_MS),
    mark: hash53(`${dataset.id}|${swaps}`).toString(36).padStart(4, '0').slice(-4),
  };
}

/** `row-mmmm~iiii_iiii`: the mark of the publication and a sortable row index. */
function rowId(mark: string, index: number): string {
  const text = index.toString(36).padStart(8, '0');
  return `row-${mark}~${text.slice(0, 4)}_${text.slice(4)}`;
}

function indexOfId(mark: string, id: string): number | undefined {
  const match = /^row-(\w{4})~(\w{4})_(\w{4})$/.exec(id);
  return match?.[1] === mark ? Number.parseInt(`${match[2]}${match[3]}`, 36) : undefined;
}

function* withSystemColumns(rows: Iterable<Row>, publication: Publication): Iterable<Row> {
  const { dataset, mark, modified } = publication;
  const instant = modified.toISOString();
  const seen = new Map<number, number>();
  for (const row of rows) {
    let index = row[':id'];
    if (typeof index !== 'number') {
      const base = hash53(JSON.stringify(row)) % 36 ** 6;
      const repeats = seen.get(base) ?? 0;
      seen.set(base, repeats + 1);
      index = base * 36 + Math.min(repeats, 35);
    }
    const id = rowId(mark, index);
    yield {
      ...row,
      ':id': id,
      ':created_at': instant,
      ':updated_at': instant,
      ':version': `rv-${dataset.id}-${mark}`,
    };
  }
}

function* renameColumns(rows: Iterable<Row>, renames: ReadonlyMap<string, string>): Iterable<Row> {
  for (const row of rows) {
    yield Object.fromEntries(Object.entries(row).map(([k, v]) => [renames.get(k) ?? k, v]));
  }
}

function tableOf(publication: Publication, usesSystemColumns: boolean): Table {
  const { dataset, columns, renames, mark } = publication;
  return {
    columns,
    system: SYSTEM_COLUMNS,
    ordered: dataset.ordered === true,
    rows: (where, scope) => {
      const index = dataset.index.filter((name) => !renames.has(name));
      const pushdown = buildPushdown(where, index, scope, {
        wantsId: usesSystemColumns,
        indexOf: (id) => indexOfId(mark, id),
      });
      let rows = dataset.rows(pushdown);
      if (renames.size > 0) rows = renameColumns(rows, renames);
      return usesSystemColumns ? withSystemColumns(rows, publication) : rows;
    },
  };
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function jsonCell(value: Exclude<Cell, null | undefined>, type: SodaType): string {
  if (type === 'url') return `{"url":${JSON.stringify(value)}}`;
  if (type === 'checkbox') return String(value);
  if (typeof value !== 'string') return `"${String(value)}"`;
  return NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** Socrata's JSON: one object per line, numbers as strings, nulls omitted. */
function* jsonBody(result: Result): Iterable<string> {
  const columns = result.columns.map((c) => ({ ...c, prefix: `${JSON.stringify(c.name)}:` }));
  let piece = '[';
  let first = true;
  for (const row of result.rows) {
    let line = '';
    for (const { name, type, prefix } of columns) {
      const value = row[name];
      if (value === null || value === undefined) continue;
      line += `${line === '' ? '' : ','}${prefix}${jsonCell(value, type)}`;
    }
    piece += first ? `{${line}}` : `\n,{${line}}`;
    first = false;
    if (piece.length > PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]\n`;
}

function csvCell(value: Cell): string {
  return value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`;
}

function* csvBody(result: Result): Iterable<string> {
  yield `${result.columns.map((c) => csvCell(c.name)).join(',')}\n`;
  for (const row of result.rows) {
    yield `${result.columns.map((c) => csvCell(row[c.name])).join(',')}\n`;
  }
}

/** The headers of a SODA 2.1 answer. */
function sodaHeaders(
  publication: Publication,
  query: string,
  gzip: boolean,
): Record<string, string> {
  const { dataset, modified } = publication;
  const tag = hash53(`${dataset.id}|${modified.toISOString()}|${query}`).toString(36);
  const instant = modified.toUTCString();
  return {
    ETag: `"${Buffer.from(tag).toString('base64url')}---gzi${gzip ? '--gzip--gzip' : ''}"`,
    'Last-Modified': instant,
    'X-SODA2-Data-Out-Of-Date': 'false',
    'X-SODA2-Truth-Last-Modified': instant,
    'X-SODA2-Secondary-Last-Modified': instant,
    'Access-Control-Allow-Origin': '*',
    Vary: 'Accept-Encoding',
    Age: '0',
    'X-Socrata-Region': 'sandbox',
    'X-Socrata-RequestId': hash53(`${Date.now()}|${query}`).toString(16),
  };
}

function isUnchanged(request: IncomingMessage, headers: Record<string, string>): boolean {
  const match = request.headers['if-none-match'];
  if (match !== undefined) return match.replace(/^W\//, '') === headers['ETag'];
  const since = request.headers['if-modified-since'];
  if (since === undefined) return false;
  return Date.parse(since) >= Date.parse(headers['Last-Modified'] ?? '');
}

function metadata(publication: Publication): Reply {
  const { dataset, columns, modified } = publication;
  const seconds = Math.floor(modified.getTime() / 1000);
  return jsonReply(200, {
    id: dataset.id,
    name: dataset.name,
    assetType: 'dataset',
    createdAt: seconds,
    rowsUpdatedAt: seconds,
    viewLastModified: seconds,
    columns: columns.map((c, i) => ({
      id: i + 1,
      name: c.name,
      fieldName: c.name,
      dataTypeName: c.type,
      description: '',
      position: i + 1,
    })),
  });
}

/** Any route besides the SODA ones: undefined when it isn't the module's. */
export type RestHandler = (url: URL, request: IncomingMessage) => Reply | undefined;

export interface SystemServerOptions {
  readonly sistema: string;
  readonly datasets: readonly SodaDataset[];
  readonly rest?: RestHandler | undefined;
  readonly board: FaultBoard;
  readonly seed: string;
}

const RESOURCE = /^\/resource\/([a-z0-9]{4}-[a-z0-9]{4})\.(json|csv)$/;
const VIEW = /^\/api\/views\/([a-z0-9]{4}-[a-z0-9]{4})(\.json)?$/;

/** One HTTP server for one legacy system: its datasets by SODA, its other routes by its own handler. */
export class SystemServer {
  readonly server: Server;
  readonly #options: SystemServerOptions;
  readonly #datasets: ReadonlyMap<string, SodaDataset>;
  #requests = 0;

  constructor(options: SystemServerOptions) {
    this.#options = options;
    this.#datasets = new Map(options.datasets.map((d) => [d.id, d]));
    this.server = createServer((request, response) => {
      this.#handle(request)
        .then(async ({ reply, verdict }) => {
          if (!response.destroyed) await sendReply(request, response, reply, verdict);
        })
        .catch(() => response.destroy());
    });
  }

  async #handle(request: IncomingMessage): Promise<{ reply: Reply; verdict: Verdict }> {
    const { sistema, board } = this.#options;
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const id = (RESOURCE.exec(url.pathname) ?? VIEW.exec(url.pathname))?.[1] ?? '';
    board.record(sistema, id, url.pathname, request.url ?? '/');
    const verdict = board.judge(sistema, id);
    if (verdict.delayMs > 0) await sleep(verdict.delayMs);
    try {
      return { reply: this.#route(url, request, verdict), verdict };
    } catch (error) {
      if (!(error instanceof SodaError)) throw error;
      return { reply: jsonReply(error.status, error.body, error.headers), verdict };
    }
  }

  #route(url: URL, request: IncomingMessage, verdict: Verdict): Reply {
    this.#refuse(url, request, verdict);
    const view = VIEW.exec(url.pathname);
    if (view) return metadata(this.#publication(view[1] ?? '', verdict));
    const resource = RESOURCE.exec(url.pathname);
    if (resource) {
      const publication = this.#publication(resource[1] ?? '', verdict);
      return this.#query(publication, resource[2] === 'csv', url, request);
    }
    const reply = this.#options.rest?.(url, request);
    if (reply) return reply;
    throw gatewayError(404, 'not_found', 'Not found');
  }

  /** Everything that answers before the query is even read. */
  #refuse(url: URL, request: IncomingMessage, verdict: Verdict): void {
    const { sistema, board } = this.#options;
    if (verdict.withdraw) {
      throw gatewayError(403, 'permission_denied', 'You do not have permission to view this asset');
    }
    const { status } = verdict;
    if (status) {
      const after = status.retryAfter === undefined ? undefined : String(status.retryAfter);
      const code = status.code === 503 ? 'query.datasource.unavailable' : 'sandbox_fault';
      const headers = after === undefined ? undefined : { 'Retry-After': after };
      throw gatewayError(status.code, code, `Status ${status.code}`, headers);
    }
    const header = request.headers['x-app-token'];
    const token = typeof header === 'string' ? header : url.searchParams.get('$$app_token');
    if (token !== null) {
      if (board.tokens.has(token)) return;
      throw gatewayError(403, 'permission_denied', 'Invalid app_token specified');
    }
    const wait = board.throttled(sistema);
    if (wait !== undefined) {
      throw gatewayError(429, 'too_many_requests', 'Too many requests', {
        'Retry-After': String(wait),
      });
    }
  }

  #publication(id: string, verdict: Verdict): Publication {
    const { sistema, board } = this.#options;
    const dataset = this.#datasets.get(id);
    if (!dataset) throw gatewayError(404, 'dataset.missing', 'Not found');
    return publish(dataset, board.publications(sistema, id), verdict);
  }

  #query(publication: Publication, csv: boolean, url: URL, request: IncomingMessage): Reply {
    const gzip = (request.headers['accept-encoding'] ?? '').includes('gzip');
    const headers = sodaHeaders(publication, url.search + String(csv), gzip);
    if (isUnchanged(request, headers)) return { status: 304, headers, body: [] };
    const params = url.searchParams;
    const statements = statementsOf(params, publication.columns);
    // `:id`, and not the `::` of a cast.
    const usesSystemColumns = [...params.values()].some((v) => /(?<!:):(?!:)/.test(v));
    const result = executeAll(statements, tableOf(publication, usesSystemColumns), {
      windows: this.#options.board.windows,
      random: createRandom(`${this.#options.seed}|${this.#requests++}`),
    });
    return {
      status: 200,
      headers: {
        'Content-Type': csv ? 'text/csv;charset=utf-8' : 'application/json;charset=utf-8',
        'X-SODA2-Fields': JSON.stringify(result.columns.map((c) => c.name)),
        'X-SODA2-Types': JSON.stringify(result.columns.map((c) => WIRE_TYPES[c.type])),
        ...headers,
      },
      body: csv ? csvBody(result) : jsonBody(result),
    };
  }
}
