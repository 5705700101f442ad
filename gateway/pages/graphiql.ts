import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** Built by the package console/graphiql and committed: no outside request at run time. */
const FOLDER = fileURLToPath(new URL('./graphiql/', import.meta.url));
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/**
 * The browser itself holds the page to its own origin: GraphiQL would fetch an image named in an answer to preview it, and
 * the JSON worker a `$schema`. A worker obeys the policy of its own file, so every file carries it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  // Monaco writes its styles at run time and carries its letters inside the style sheet.
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function mountGraphiQL(app: FastifyInstance): void {
  app.get('/graphiql', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers(headersOf(PAGE))
      .send(createReadStream(path.join(FOLDER, PAGE))),
  );
  app.get<{ Params: { '*': string } }>('/graphiql/*', async (request, reply) => {
    const name = request.params['*'] === '' ? PAGE : request.params['*'];
    const file = path.normalize(path.join(FOLDER, name));
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
      .headers(headersOf(path.relative(FOLDER, file)))
      .send(createReadStream(file));
  });
}

/** Only the names under assets/ carry a digest of their content; the page must be asked again after each build. */
const headersOf = (name: string): Record<string, string> => ({
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'cache-control': name.startsWith(`assets${path.sep}`)
    ? 'public, max-age=31536000, immutable'
    : 'no-cache',
});
