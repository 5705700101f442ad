import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { SourceContext } from '../../contract.js';
import { AdapterError, BudgetExceededError, SourceContractError } from '../../errors.js';
import { bytesLeft, chargeBytes, chargeCall } from '../presupuesto.js';
import type { Limit, ResilienceEstado, ResilienceOptions } from '../resilience/resilience.js';
import {
  AttemptFailure,
  CancelledError,
  createResilience,
  TimeLimitError,
} from '../resilience/resilience.js';
import type { AdapterTools } from '../tools.js';
import type { Exchange } from './exchange.js';
import { BodyTooLargeError, exchange } from './exchange.js';
import type { ToRejected } from './failures.js';
import {
  HttpStatusError,
  toDecodeFailure,
  toStatusFailure,
  toTransportFailure,
} from './failures.js';
import type { JsonExact } from './json-exact.js';
import { parseJsonExact } from './json-exact.js';

export interface HttpSourceOptions {
  readonly sistema: string;
  readonly baseUrl: string;
  /** Sockets of this source's own pool. */
  readonly connections: number;
  /** Longest single attempt, connection and body included. */
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** After decompression. */
  readonly maxBodyBytes?: number;
  readonly resilience?: Partial<
    Omit<ResilienceOptions, 'sistema' | 'now' | 'timeoutMs' | 'maxConcurrent'>
  >;
  readonly tools: Pick<AdapterTools, 'now' | 'observer'>;
  /** Given by tests (MockAgent); whoever gives it closes it. */
  readonly dispatcher?: Dispatcher;
}

export interface HttpAnswer<T> {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
  /** When the answer was complete, ISO 8601. */
  readonly receivedAt: string;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** A finer error for a 4xx; the default is SourceRejectedError. Its cause is the HttpStatusError. */
  readonly toRejected?: ToRejected;
}

export interface HttpSource {
  readonly baseUrl: string;
  get(path: string, ctx: SourceContext, options?: GetOptions): Promise<HttpAnswer<string>>;
  getJson(path: string, ctx: SourceContext, options?: GetOptions): Promise<HttpAnswer<unknown>>;
  /** Numbers stay text, exactly as written. */
  getJsonExact(
    path: string,
    ctx: SourceContext,
    options?: GetOptions,
  ): Promise<HttpAnswer<JsonExact>>;
  /** `decode` runs inside the attempt: a body cut on the road is asked again. It throws SyntaxError or AdapterError. */
  getDecoded<T>(
    path: string,
    ctx: SourceContext,
    decode: (text: string) => T,
    options?: GetOptions,
  ): Promise<HttpAnswer<T>>;
  estado(): ResilienceEstado;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2_000;
const DEFAULT_MAX_BODY = 64 * 1024 * 1024;

/** What a path may not carry over the wire as it is: then it is written as URLs are. */
const NOT_PLAIN = /[^\x21-\x7e]|["'<>\\^`{|}#]|\/\./;

let lastInstant = { ms: Number.NaN, iso: '' };

/** The answers of one request come in the same few milliseconds. */
function toIso(ms: number): string {
  if (ms !== lastInstant.ms) lastInstant = { ms, iso: new Date(ms).toISOString() };
  return lastInstant.iso;
}

/** Whether a failure is one of the source's: a reader who left, or asked too much, says nothing about it. */
const isOfSource = (error: AdapterError): boolean =>
  !(error instanceof CancelledError) && !(error instanceof BudgetExceededError);

/** One GET per call, over the source's own pool; waiting, retrying and giving up lie in `resilience`. */
export function createHttpSource(options: HttpSourceOptions): HttpSource {
  const { sistema, connections, timeoutMs, tools } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY;
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const pool = options.dispatcher
    ? null
    : new Pool(origin, {
        connections,
        pipelining: 1,
        connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) },
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
  const dispatcher = options.dispatcher ?? (pool as Pool);
  const always = { accept: 'application/json', 'accept-encoding': 'gzip', ...options.headers };
  const resilience = createResilience({
    ...options.resilience,
    sistema,
    timeoutMs,
    maxConcurrent: options.maxConcurrent,
    now: tools.now,
  });

  function toWirePath(path: string): string {
    if (!NOT_PLAIN.test(path)) return path;
    const url = new URL(`${origin}${path}`);
    return `${url.pathname}${url.search}`;
  }

  /** One call, counted whatever becomes of it. */
  async function fetchOnce(
    path: string,
    headers: Readonly<Record<string, string>>,
    ctx: SourceContext,
    limit: Limit,
  ): Promise<Exchange> {
    chargeCall(sistema, ctx);
    const maxBytes = Math.min(maxBodyBytes, bytesLeft(ctx));
    const since = tools.now();
    try {
      const question = { origin, path, headers, maxBytes };
      const answer = await exchange(dispatcher, question, limit);
      chargeBytes(sistema, ctx, answer.bytes);
      return answer;
    } catch (cause) {
      if (cause instanceof TimeLimitError || cause instanceof BudgetExceededError) throw cause;
      if (cause instanceof BodyTooLargeError) {
        if (maxBytes < maxBodyBytes) chargeBytes(sistema, ctx, maxBytes + 1);
        const mensaje = `${sistema.toUpperCase()} envió una respuesta más grande que la permitida.`;
        throw new AttemptFailure(new SourceContractError(sistema, { mensaje, cause }));
      }
      throw toTransportFailure(sistema, cause);
    } finally {
      tools.observer.call(sistema, ctx.origen, (tools.now() - since) / 1_000);
    }
  }

  function decodeBody<T>(text: string, decode: (text: string) => T): T {
    try {
      return decode(text);
    } catch (error) {
      if (error instanceof AdapterError) throw new AttemptFailure(error);
      throw toDecodeFailure(sistema, text, error);
    }
  }

  async function getDecoded<T>(
    path: string,
    ctx: SourceContext,
    decode: (text: string) => T,
    { headers, toRejected }: GetOptions = {},
  ): Promise<HttpAnswer<T>> {
    const sent = headers === undefined ? always : { ...always, ...headers };
    const wirePath = toWirePath(`${prefix}${path}`);
    try {
      return await resilience.run(async (limit) => {
        const answer = await fetchOnce(wirePath, sent, ctx, limit);
        if (answer.status < 200 || answer.status > 299 || answer.status === 202) {
          const cause = new HttpStatusError(answer.status, answer.headers, answer.body);
          throw toStatusFailure(sistema, cause, tools.now(), toRejected);
        }
        return {
          status: answer.status,
          headers: answer.headers,
          body: decodeBody(answer.body, decode),
          receivedAt: toIso(tools.now()),
        };
      }, ctx);
    } catch (error) {
      if (error instanceof AdapterError && isOfSource(error)) {
        tools.observer.error(sistema, error.code);
      }
      throw error;
    }
  }

  return {
    baseUrl,
    get: (path, ctx, more) => getDecoded(path, ctx, (text) => text, more),
    getJson: (path, ctx, more) =>
      getDecoded(path, ctx, (text): unknown => JSON.parse(text) as unknown, more),
    getJsonExact: (path, ctx, more) => getDecoded(path, ctx, parseJsonExact, more),
    getDecoded,
    estado: resilience.estado,
    close: async () => {
      await pool?.close();
    },
  };
}
