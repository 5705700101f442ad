import { HeaderMap } from '@apollo/server';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { ANONYMOUS_LIMITS, parseWithin, TRUSTED_LIMITS } from '../access/limits.js';
import type { Reader } from '../access/tokens.js';
import type { GraphContext } from '../compose/stitched-field.js';
import type { Gateway } from '../gateway.js';

interface GraphQLBody {
  readonly query?: unknown;
}

/** Texts that passed the limits lately; anonymous and trusted readers have limits of their own. */
const PASSED_TEXTS = 2_000;
const PASSED_CHARS = 8 * 1024 * 1024;

export function mountGraphQL(
  app: FastifyInstance,
  gateway: Gateway,
  apollo: ApolloServer<GraphContext>,
): void {
  const passed = new LRUCache<string, true>({
    max: PASSED_TEXTS,
    maxSize: PASSED_CHARS,
    sizeCalculation: (_passed, text) => text.length,
  });
  const checkText = (text: unknown, reader: Reader): void => {
    if (typeof text !== 'string') return;
    const trusted = reader.persona !== null;
    const id = `${trusted ? 't' : 'a'}${text}`;
    if (passed.has(id)) return;
    parseWithin(text, trusted ? TRUSTED_LIMITS : ANONYMOUS_LIMITS);
    passed.set(id, true);
  };
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      const reader = gateway.tokens.identify(request.headers.authorization);
      if (reader === null) {
        refuse(reply, 401, unknownToken());
        return;
      }
      // Read from where Apollo reads it, so that nothing is checked in one form and run in another.
      const text =
        request.method === 'POST'
          ? (request.body as GraphQLBody | null | undefined)?.query
          : urlOf(request).searchParams.get('query');
      try {
        checkText(text, reader);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        refuse(reply, 400, error);
        return;
      }
      await run(request, reply, gateway, apollo, reader);
    },
  });
}

async function run(
  request: FastifyRequest,
  reply: FastifyReply,
  gateway: Gateway,
  apollo: ApolloServer<GraphContext>,
  reader: Reader,
): Promise<void> {
  const stop = new AbortController();
  const deadline = setTimeout(() => {
    stop.abort();
  }, gateway.settings.deadlineMs);
  // A reader who hangs up stops what only this reader waits for; the request itself ended with its body.
  const onClose = (): void => {
    if (!reply.raw.writableFinished) stop.abort();
  };
  reply.raw.once('close', onClose);
  try {
    const response = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersOf(request),
        search: searchOf(request),
        body: request.body,
      },
      context: () => Promise.resolve(gateway.newContext(reader, stop.signal)),
    });
    for (const [name, value] of response.headers) reply.header(name, value);
    // An answer may depend on the role of its reader: no shared cache may keep it.
    reply.header('cache-control', 'private, no-store').code(response.status ?? 200);
    if (response.body.kind === 'complete') {
      reply.send(response.body.string);
      return;
    }
    throw new Error('incremental delivery is not served');
  } finally {
    clearTimeout(deadline);
    reply.raw.off('close', onClose);
  }
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
