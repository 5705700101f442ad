import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../gateway.js';
import type { TramoEstado } from '../pages/estado.js';
import { renderEstado } from '../pages/estado.js';
import { renderHome } from '../pages/home.js';
import { mountGraphiQL } from '../pages/graphiql.js';
import type { SandboxHandle } from './sandbox-process.js';

/** Pages for people and probes for machines. `/metrics` and `/readyz` need no token. */
export function mountPages(
  app: FastifyInstance,
  gateway: Gateway,
  sandbox: SandboxHandle | null,
): void {
  const html = 'text/html; charset=utf-8';
  app.get('/', (_request, reply) => reply.type(html).send(renderHome(gateway.sistemas())));
  app.get('/livez', () => ({ estado: 'vivo' }));
  app.get('/readyz', async (_request, reply) => {
    const almacen = await gateway.isReady();
    const sources = sandbox === null ? true : await sandbox.isAlive();
    const listo = almacen && sources;
    return reply.code(listo ? 200 : 503).send({
      listo,
      almacen,
      tramos: gateway.tramos.salud,
      sandbox: sandbox === null ? null : sources,
    });
  });
  app.get('/metrics', async (_request, reply) => {
    const { registry } = gateway.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
  app.get('/estado', async (request, reply) => {
    const estado = {
      sistemas: gateway.sistemas(),
      detalles: await gateway.detalles(),
      identidad: gateway.identidad.current.corte,
      calentamiento: gateway.calentamiento.estado(),
      tramos: tramosOf(gateway),
    };
    if (!(request.headers.accept ?? '').includes('text/html')) return reply.send(estado);
    return reply.type(html).send(renderEstado(estado));
  });
  mountGraphiQL(app);
}

/** Where each tramo is, and how far its work has come. */
const tramosOf = ({ tramos, mesa }: Gateway): readonly TramoEstado[] =>
  tramos.rows.map(({ tramo: { id, registro, fase, epoca, canaryPpm } }) => {
    const base = { id, registro, fase, epoca, canaryPpm };
    return { ...base, tarea: mesa.tareaDe(id) };
  });
