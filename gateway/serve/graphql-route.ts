import { HeaderMap } from '@apollo/server';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { Stop } from '../../adapters/index.js';
import type { Ending } from '../../adapters/index.js';
import { ANONYMOUS_LIMITS, parseWithin, TRUSTED_LIMITS } from '../access/limits.js';
import type { Reader } from '../access/tokens.js';
import type { Gateway } from '../gateway.js';
import type { Operation } from '../plan/operation.js';
import type { KnownOperations } from './known-operations.js';
import { isPlainRequest, toPlainBody } from './known-operations.js';
import type { Body } from './remembered.js';
import { RememberedAnswers } from './remembered.js';
import type { ServeContext } from './run-operation.js';
import { runOperation } from './run-operation.js';

interface GraphQLBody {
  readonly query?: unknown;
}

/** Texts that passed the limits lately; anonymous and trusted readers have limits of their own. */
const PASSED_TEXTS = 2_000;
const PASSED_CHARS = 8 * 1024 * 1024;

/** What every request is served with. */
interface Serving {
  readonly gateway: Gateway;
  readonly apollo: ApolloServer<ServeContext>;
  readonly remembered: RememberedAnswers;
}

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly reader: Reader;
}

export function mountGraphQL(
  app: FastifyInstance,
  gateway: Gateway,
  apollo: ApolloServer<ServeContext>,
  known: KnownOperations,
): void {
  const checkText = createTextCheck();
  const serving: Serving = { gateway, apollo, remembered: new RememberedAnswers(gateway) };
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      const reader = gateway.tokens.identify(request.headers.authorization);
      if (reader === null) {
        refuse(reply, 401, unknownToken());
        return;
      }
      try {
        checkText(textOf(request), reader);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        refuse(reply, 400, error);
        return;
      }
      const isPlain = isPlainRequest(request.method, request.headers);
      const operation = isPlain ? known.find(request.body) : null;
      const asked = { request, reply, reader };
      await (operation === null
        ? answerAny(serving, asked)
        : answerKnown(serving, asked, operation));
    },
  });
}

/** Read from where Apollo reads it, so that nothing is checked in one form and run in another. */
const textOf = (request: FastifyRequest): unknown =>
  request.method === 'POST'
    ? (request.body as GraphQLBody | null | undefined)?.query
    : urlOf(request).searchParams.get('query');

const answerAny = (
  { gateway, apollo }: Serving,
  { request, reply, reader }: Asked,
): Promise<void> =>
  withStop(reply, gateway, (ending) =>
    runApollo(request, reply, apollo, gateway.newContext(reader, ending)),
  );

/** Once more as before where nothing changed, else computed; an answer with errors is Apollo's to word. */
async function answerKnown(
  { gateway, apollo, remembered }: Serving,
  { request, reply, reader }: Asked,
  operation: Operation,
): Promise<void> {
  const again = remembered.again(operation, reader);
  if (again !== null) {
    sendAnswer(reply, again);
    return;
  }
  await withStop(reply, gateway, async (ending) => {
    const moment = gateway.momentNow();
    const context = gateway.newContext(reader, ending);
    const running = runOperation(gateway, operation, context);
    const served = await running.catch(() => null);
    const text = served === null ? null : toPlainBody(served);
    if (served === null || text === null) {
      await runApollo(request, reply, apollo, { ...context, served: running });
      return;
    }
    const body = toBody(text);
    sendAnswer(reply, body);
    const { until } = context.operation.lifetime ?? NO_TIME;
    remembered.keep(operation, reader, { body, moment, until, lectura: served.lectura });
  });
}

/** Of an operation that does not say how long it holds. */
const NO_TIME = { until: 0 };

/** Anonymous and trusted readers have limits of their own; a text that passed lately passes again. */
function createTextCheck(): (text: unknown, reader: Reader) => void {
  const newPassed = (): LRUCache<string, true> =>
    new LRUCache({
      max: PASSED_TEXTS,
      maxSize: PASSED_CHARS,
      sizeCalculation: (_passed, text) => text.length,
    });
  const ofAnonymous = { passed: newPassed(), limits: ANONYMOUS_LIMITS };
  const ofTrusted = { passed: newPassed(), limits: TRUSTED_LIMITS };
  return (text, { persona }) => {
    if (typeof text !== 'string') return;
    const { passed, limits } = persona === null ? ofAnonymous : ofTrusted;
    if (passed.has(text)) return;
    parseWithin(text, limits);
    passed.set(text, true);
  };
}

/** Work that ends at the deadline, and with the reader who hangs up. */
async function withStop(
  reply: FastifyReply,
  { settings }: Gateway,
  work: (ending: Ending) => Promise<void>,
): Promise<void> {
  const stop = new Stop();
  const deadline = setTimeout(() => {
    stop.abort();
  }, settings.deadlineMs);
  // A reader who hangs up stops what only this reader waits for; the request itself ended with its body.
  const onClose = (): void => {
    if (!reply.raw.writableFinished) stop.abort();
  };
  reply.raw.once('close', onClose);
  try {
    await work(stop);
  } finally {
    clearTimeout(deadline);
    reply.raw.off('close', onClose);
  }
}

/** An answer may depend on the role of its reader: no shared cache may keep it. */
const NOT_SHARED = 'private, no-store';
const JSON_TYPE = 'application/json; charset=utf-8';
const SHORT_BODY = 16_384;

/** A short text leaves together with its headers; a long one as bytes, for it would be walked once more to learn its length. */
const toBody = (text: string): Body => (text.length < SHORT_BODY ? text : Buffer.from(text));

function sendAnswer(reply: FastifyReply, body: Body): void {
  reply.header('content-type', JSON_TYPE).header('cache-control', NOT_SHARED);
  reply.send(body);
}

async function runApollo(
  request: FastifyRequest,
  reply: FastifyReply,
  apollo: ApolloServer<ServeContext>,
  context: ServeContext,
): Promise<void> {
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: headersOf(request),
      search: searchOf(request),
      body: request.body,
    },
    context: () => Promise.resolve(context),
  });
  for (const [name, value] of response.headers) reply.header(name, value);
  reply.header('cache-control', NOT_SHARED).code(response.status ?? 200);
  if (response.body.kind !== 'complete') throw new Error('incremental delivery is not served');
  reply.send(response.body.string);
}

/** The text after the path, as URLs are read, without reading a URL for it. */
function searchOf({ url }: FastifyRequest): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at);
}

const urlOf = (request: FastifyRequest): URL => new URL(request.url, 'http://localhost');

function headersOf(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

const unknownToken = (): GraphQLError =>
  new GraphQLError('El token no es de ninguna persona conocida.', {
    extensions: { code: 'NO_AUTENTICADO' },
  });

function refuse(reply: FastifyReply, status: number, error: GraphQLError): void {
  const extensions = Object.fromEntries(
    Object.entries(error.extensions).filter(([name]) => name !== 'http'),
  );
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [{ message: error.message, extensions }] }));
}
