import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../gateway.js';
import { createApollo } from './apollo.js';
import { mountGraphQL } from './graphql-route.js';
import { KnownOperations } from './known-operations.js';
import { mountPages } from './pages.js';
import type { SandboxHandle } from './sandbox-process.js';

/** Bodies larger than this are refused before anything reads them. */
const BODY_LIMIT = 1024 * 1024;
const READER_TIMEOUT_MS = 30_000;

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a gateway. Closing lets the requests under way end first. */
export async function startServer(
  gateway: Gateway,
  sandbox: SandboxHandle | null,
): Promise<Server> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: READER_TIMEOUT_MS,
    forceCloseConnections: 'idle',
  });
  const known = new KnownOperations();
  const apollo = await createApollo(gateway, known);
  setErrorShape(app);
  mountGraphQL(app, gateway, apollo, known);
  mountPages(app, gateway, sandbox);
  const { host, port } = gateway.settings;
  const url = await app.listen({ host, port });
  return {
    url: url.replace('127.0.0.1', 'localhost'),
    close: async () => {
      await app.close();
      await apollo.stop();
    },
  };
}

/** Refusals of the server itself speak like the rest: a code, Spanish, nothing of the inside. */
function setErrorShape(app: FastifyInstance): void {
  const CODES: Record<number, [string, string]> = {
    400: ['PETICION_INVALIDA', 'El cuerpo de la petición no es JSON válido.'],
    413: ['PETICION_EXCESIVA', 'El cuerpo de la petición pasa de 1 MB.'],
    415: ['TIPO_NO_ADMITIDO', 'Se espera Content-Type: application/json.'],
  };
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const [code, message] = CODES[status] ?? ['ERROR_INTERNO', 'Error interno del servicio.'];
    return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .send({ errors: [{ message: 'No existe esa página.', extensions: { code: 'NO_EXISTE' } }] }),
  );
}
