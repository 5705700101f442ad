import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SistemaEstado } from '../../subgraphs/subgraph.js';
import { renderEstado } from './estado.js';
import { mountGraphiQL } from './graphiql.js';
import { renderHome } from './home.js';
import { READY_QUERIES } from './ready-queries.js';

const FOLDER = fileURLToPath(new URL('./graphiql/', import.meta.url));
const MAX_BYTES = 8 * 1024 * 1024;
const OUTSIDE = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;

const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));
const read = (file: string): string => readFileSync(file, 'utf8');
const ofType = (...types: string[]): string[] =>
  files.filter((file) => types.includes(path.extname(file)));
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

/** What a browser would load by itself on meeting each kind of file. */
const loadedBy: Readonly<Record<string, (text: string) => string[]>> = {
  '.html': (text) => all(text, /\s(?:src|href|srcset|poster|data)\s*=\s*["']?([^"'\s>]+)/gi),
  '.css': (text) => [
    ...all(text, /url\(\s*["']?([^"')]+)/gi),
    ...all(text, /@import\s+["']([^"']+)/gi),
  ],
  '.js': (text) => [
    ...all(
      text,
      /\b(?:import|fetch|importScripts|Worker|EventSource|WebSocket)\(\s*["'`]([^"'`]+)/g,
    ),
    ...all(text, /\bfrom\s*["']([^"']+)["']/g),
    ...all(text, /\.(?:src|href)\s*=\s*["'`]([^"'`]+)/g),
  ],
};
const references = ofType('.html', '.css', '.js').flatMap((file) =>
  (loadedBy[path.extname(file)]?.(read(file)) ?? []).map((target) => ({ file, target })),
);

const sistema = (changes: Partial<SistemaEstado>): SistemaEstado => ({
  id: 'sigep',
  nombre: 'SIGEP',
  entidadResponsable: 'Función Pública',
  norma: null,
  estado: 'EN_LINEA',
  corte: null,
  verificado: null,
  mensaje: null,
  ...changes,
});

describe('the built GraphiQL page', () => {
  it('has a Spanish page with its title', () => {
    const page = read(path.join(FOLDER, 'index.html'));

    expect(page).toContain('<html lang="es">');
    expect(page).toContain('<title>SUGIT · GraphiQL</title>');
  });

  it('holds every file that its page, styles and scripts name', () => {
    // By their ending: a parser inside the bundle also writes `from "./module"` in a message.
    const local = references.filter(({ target }) =>
      /^(?:\/graphiql\/|\.\.?\/).*\.\w+$/.test(target),
    );
    const missing = local.filter(({ file, target }) => {
      const full = target.startsWith('/')
        ? path.join(FOLDER, target.slice('/graphiql/'.length))
        : path.join(path.dirname(file), target);
      return !files.includes(full);
    });

    expect(local.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  it('loads nothing from outside', () => {
    const outside = references.filter(({ target }) => OUTSIDE.test(target));

    expect(outside).toEqual([]);
  });

  it('names no network that serves libraries', () => {
    const guilty = ofType('.html', '.css', '.js').filter((file) =>
      /unpkg\.com|jsdelivr|esm\.sh|cdnjs|googleapis|gstatic/.test(read(file)),
    );

    expect(guilty).toEqual([]);
  });

  it('stays within eight megabytes', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);

    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('carries the licences of what it bundles', () => {
    const licences = read(path.join(FOLDER, 'licencias.md'));

    expect(licences).toMatch(/^## graphiql /m);
    expect(licences).toMatch(/^## monaco-editor /m);
  });
});

describe('the route of GraphiQL', () => {
  it.each(['/graphiql', '/graphiql/', '/graphiql?query=%7B__typename%7D'])(
    'answers %s with the page, held to its own origin and asked again each time',
    async (url) => {
      const app = fastify();
      mountGraphiQL(app);

      const { statusCode, headers, body } = await app.inject(url);
      await app.close();

      expect(statusCode).toBe(200);
      expect(body).toContain('SUGIT · GraphiQL');
      expect(headers['content-security-policy']).toContain("connect-src 'self'");
      expect(headers['cache-control']).toBe('no-cache');
    },
  );

  it('serves every kind of asset with its type, the policy and a long life', async () => {
    const app = fastify();
    mountGraphiQL(app);
    const names = ofType('.js', '.css', '.ttf').map((file) => path.relative(FOLDER, file));

    const answers = await Promise.all(names.map((name) => app.inject(`/graphiql/${name}`)));
    await app.close();

    expect(names.length).toBeGreaterThan(5);
    for (const { statusCode, headers } of answers) {
      expect(statusCode).toBe(200);
      expect(headers['content-type']).toMatch(/^(?:text\/javascript|text\/css|font\/ttf)/);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['cache-control']).toContain('immutable');
    }
  });

  it.each([
    '/graphiql/../html.ts',
    '/graphiql/..%2fhtml.ts',
    '/graphiql/assets',
    '/graphiql/no.js',
  ])('answers 404 to %s', async (url) => {
    const app = fastify();
    mountGraphiQL(app);

    const { statusCode } = await app.inject(url);
    await app.close();

    expect(statusCode).toBe(404);
  });
});

describe('the first page', () => {
  it('links each ready query to GraphiQL, whole', () => {
    const targets = all(renderHome([]), /href="(\/graphiql\?[^"]+)"/g);

    expect(
      targets.map((target) => new URL(target, 'http://localhost').searchParams.get('query')),
    ).toEqual(READY_QUERIES.map(({ query }) => query));
  });

  it('escapes what the catalog of systems says', () => {
    const html = renderHome([sistema({ nombre: '<script>alert("x")</script> & \'y\'' })]);

    expect(html).not.toContain('<script>');
    expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;y&#39;');
  });

  it('asks for nothing outside its own origin', () => {
    const loaded = loadedBy['.html']?.(renderHome([sistema({})])) ?? [];

    expect(loaded).toContain('/estado');
    expect(loaded.filter((target) => OUTSIDE.test(target))).toEqual([]);
  });
});

describe('the page of sources', () => {
  it('escapes the messages of the sources and of quarantined files', () => {
    const evil = '<img src=x onerror=alert(1)>';

    const html = renderEstado({
      sistemas: [sistema({ mensaje: evil })],
      detalles: [{ id: 'fut', avisos: [{ codigo: 'C', mensaje: evil, donde: evil }], partes: [] }],
      identidad: { [evil]: null },
      calentamiento: {
        activo: true,
        hechos: 1,
        total: 2,
        enCurso: evil,
        fallas: [{ titulo: evil, codigos: [evil] }],
        terminado: null,
      },
      tramos: [],
    });

    expect(html).not.toContain('<img');
    expect(html.split('&#60;img').length - 1).toBe(7);
  });
});
