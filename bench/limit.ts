/**
 * The limit: the same bytes by hand, without GraphQL. Fewest calls, pools like ours, one pass over the rows.
 *
 *   node dist/bench/limit.js <upstream>
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { Campo } from '../schema/registro.js';
import { codesOf, COPY_COLUMN, KEY_COLUMN, RESUMENES } from './grain.js';
import type { Resumen } from './grain.js';
import { createRealNation } from './limit-real.js';
import { openDoor } from './side-door.js';

const [upstream = ''] = process.argv.slice(2);
const territorio = loadTerritorio();
const codesByName = territorio.municipios.map(({ codigo }) => codigo).sort();

type WireRow = Readonly<Record<string, string>>;
type Value = string | number | null;

interface Source {
  readonly resumen: Resumen;
  readonly pool: Pool;
  readonly path: string;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: 'number' | 'date' | 'text' | 'hidden';
  }[];
}

const sources: readonly Source[] = RESUMENES.map((resumen) => ({
  resumen,
  pool: new Pool(upstream, { connections: 8, pipelining: 1 }),
  path: `/resource/${resumen.dataset}.json?$select=${KEY_COLUMN},${resumen.columnas.join(',')}&$where=`,
  columns: resumen.columnas.map((name) => {
    const { tipo, clase } = resumen.registro.campos[name] as Campo;
    const kind =
      clase === 'personal'
        ? 'hidden'
        : tipo === 'entero'
          ? 'number'
          : tipo === 'fecha'
            ? 'date'
            : 'text';
    return { name, kind };
  }),
}));

async function fetchText(pool: Pool, path: string): Promise<string> {
  const { body } = await pool.request({ method: 'GET', path });
  return body.text();
}

const where = (codes: readonly string[]): string =>
  encodeURIComponent(`${KEY_COLUMN} in (${codes.map((code) => `'${code}'`).join(',')})`).replaceAll(
    "'",
    '%27',
  );

const cover = (copies: number): string => encodeURIComponent(`${COPY_COLUMN} < ${copies}`);

type Rows = ReadonlyMap<string, WireRow>;

const readAll = (condition: string): Promise<readonly Rows[]> =>
  Promise.all(
    sources.map(async ({ pool, path }) => {
      const rows = JSON.parse(
        await fetchText(pool, `${path}${condition}&$order=${KEY_COLUMN}&$limit=50000`),
      ) as readonly WireRow[];
      return new Map(rows.map((row) => [row[KEY_COLUMN] as string, row]));
    }),
  );

function toMunicipio(code: string, rows: readonly Rows[], named = true): Record<string, unknown> {
  const node: Record<string, unknown> = { codigo: code };
  if (named) node['nombre'] = territorio.municipio(code)?.nombre;
  sources.forEach(({ resumen, columns }, at) => {
    const row = rows[at]?.get(code);
    if (row === undefined) {
      node[resumen.campo] = null;
      return;
    }
    const values: Record<string, Value> = {};
    for (const { name, kind } of columns) {
      const text = row[name];
      values[name] =
        text === undefined || kind === 'hidden'
          ? null
          : kind === 'number'
            ? Number(text)
            : kind === 'date'
              ? text.slice(0, 10)
              : text;
    }
    node[resumen.campo] = values;
  });
  return node;
}

const point = async (code: string): Promise<unknown> => ({
  municipio: toMunicipio(code, await readAll(where([code]))),
});

const known = new Map<string, readonly Rows[]>();
async function hot(code: string): Promise<unknown> {
  let rows = known.get(code);
  if (rows === undefined) {
    rows = await readAll(where([code]));
    known.set(code, rows);
  }
  return { municipio: toMunicipio(code, rows) };
}

async function department(codigo: string): Promise<unknown> {
  const { nombre, municipios = [] } = territorio.departamento(codigo) ?? {};
  const rows = await readAll(where(municipios));
  const edges = municipios.map((code) => ({ node: toMunicipio(code, rows) }));
  return { departamento: { codigo, nombre, municipios: { edges } } };
}

async function nation(): Promise<unknown> {
  const rows = await readAll(cover(1));
  return { municipios: { edges: codesByName.map((code) => ({ node: toMunicipio(code, rows) })) } };
}

async function copies(count: string): Promise<unknown> {
  const rows = await readAll(cover(Number(count)));
  const codes = Array.from({ length: Number(count) }, (_, copy) => codesOf(copy)).flat();
  return { copias: codes.map((code) => toMunicipio(code, rows, false)) };
}

const routes: Readonly<Record<string, (argument: string) => Promise<unknown>>> = {
  '/point': point,
  '/hot': hot,
  '/department': department,
  '/nation': nation,
  '/copies': copies,
  '/real-nation': createRealNation(upstream),
};

const server = createServer((request, response) => {
  const [path = '', argument = ''] = (request.url ?? '').split('?');
  const route = routes[path];
  if (route === undefined) {
    response.writeHead(404).end();
    return;
  }
  route(argument).then(
    (data) => {
      const body = Buffer.from(JSON.stringify({ data }));
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
      });
      response.end(body);
    },
    (error: unknown) => {
      response.writeHead(500).end(String(error));
    },
  );
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  openDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
