import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** Built by the package console/graphiql and committed: no outside request at run time. */
const FOLDER = fileURLToPath(new URL('./graphiql/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

export function mountGraphiQL(app: FastifyInstance): void {
  app.get('/graphiql', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(createReadStream(path.join(FOLDER, 'index.html'))),
  );
  app.get<{ Params: { '*': string } }>('/graphiql/*', async (request, reply) => {
    const file = path.normalize(path.join(FOLDER, request.params['*']));
    const type = TYPES[path.extname(file)];
    const found =
      file.startsWith(FOLDER) &&
      type !== undefined &&
      (await stat(file).catch(() => null))?.isFile() === true;
    if (!found) {
      reply.callNotFound();
      return reply;
    }
    return reply
      .type(type)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(createReadStream(file));
  });
}
