/**
 * The subgraphs that every federation gateway reads, in one process: graphql-jit over node:http, documents compiled once,
 * `_entities` of any number of keys in one upstream call. Quick on purpose: what is measured is the gateway.
 *
 * The same rows as plain REST under /rest, for gateways that compose REST sources.
 *
 *   node bench/peers/subgraphs.js <upstream>
 */
import './production.js';
import { createServer } from 'node:http';
import { buildSchema, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { RESUMENES } from '../../dist/bench/grain.js';
import { openDoor } from '../../dist/bench/side-door.js';
import { loadTerritorio } from '../../dist/schema/catalogos/territorio.js';
import { createRows } from './rows.js';
import { SUBGRAPHS } from './sdl.js';

const [upstream] = process.argv.slice(2);
const territorio = loadTerritorio();
const byCode = territorio.municipios.map(({ codigo }) => codigo).sort();

const FEDERATION = `
directive @key(fields: String!) repeatable on OBJECT
directive @external on FIELD_DEFINITION
scalar _Any
union _Entity = Municipio
type _Service { sdl: String! }
`;
const ENTRIES = '_service: _Service!\n _entities(representations: [_Any!]!): [_Entity]!';

function createSchema(sdl, resolvers) {
  const owned = sdl.includes('type Query {')
    ? sdl.replace('type Query {', `type Query {\n ${ENTRIES}`)
    : `${sdl.replace('extend type', 'type')}\ntype Query {\n ${ENTRIES}\n}`;
  const schema = buildSchema(FEDERATION + owned, { assumeValidSDL: true });
  schema.getType('_Entity').resolveType = () => 'Municipio';
  const all = { ...resolvers, Query: { ...resolvers.Query, _service: () => ({ sdl }) } };
  for (const [type, fields] of Object.entries(all)) {
    for (const [name, resolve] of Object.entries(fields)) {
      schema.getType(type).getFields()[name].resolve = resolve;
    }
  }
  return schema;
}

const nodeOf = (codigo) => ({ codigo, nombre: territorio.municipio(codigo)?.nombre });
const edgesOf = (codes) => ({ edges: codes.map((codigo) => ({ node: nodeOf(codigo) })) });

const places = createSchema(SUBGRAPHS.get('territorio'), {
  Query: {
    municipio: (_root, { codigo }) => nodeOf(codigo),
    municipios: (_root, { first }) => edgesOf(byCode.slice(0, first)),
    departamento: (_root, { codigo }) => territorio.departamento(codigo),
    _entities: (_root, { representations }) => representations.map(({ codigo }) => nodeOf(codigo)),
  },
  Departamento: { municipios: ({ municipios }, { first }) => edgesOf(municipios.slice(0, first)) },
});

const reads = new Map(RESUMENES.map((r) => [r.campo.toLowerCase(), createRows(r, upstream)]));

function createSystem(resumen) {
  const read = reads.get(resumen.campo.toLowerCase());
  return createSchema(SUBGRAPHS.get(resumen.campo.toLowerCase()), {
    Query: {
      _entities: async (_root, { representations }) => {
        const rows = await read(representations.map(({ codigo }) => codigo));
        return representations.map(({ codigo }) => ({
          codigo,
          [resumen.campo]: rows.get(codigo) ?? null,
        }));
      },
    },
  });
}

function createExecute(schema) {
  const compiled = new Map();
  return async ({ query, variables, operationName }) => {
    const key = `${operationName ?? ''}\n${query}`;
    let ready = compiled.get(key);
    if (ready === undefined) {
      ready = compileQuery(schema, parse(query), operationName ?? undefined, {
        disablingCapturingStackErrors: true,
      });
      if (!isCompiledQuery(ready)) return ready;
      compiled.set(key, ready);
    }
    return ready.query(undefined, undefined, variables ?? {});
  };
}

const executors = new Map([
  ['/territorio', createExecute(places)],
  ...RESUMENES.map((r) => [`/${r.campo.toLowerCase()}`, createExecute(createSystem(r))]),
]);

async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * /rest/municipios, /rest/municipio/05001, /rest/departamento/05, /rest/<system>?codigo=05001&codigo=05002 and the same
 * rows inside their municipio at /rest/<system>/municipios.
 */
async function answerRest(url) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, , collection, detail] = pathname.split('/');
  if (collection === 'municipios') return edgesOf(byCode.slice(0, searchParams.get('first')));
  if (collection === 'municipio') return nodeOf(detail);
  if (collection === 'departamento') {
    const { codigo, nombre, municipios } = territorio.departamento(detail);
    return { codigo, nombre, municipios: edgesOf(municipios) };
  }
  const codes = searchParams.getAll('codigo').flatMap((text) => text.split(','));
  const rows = await reads.get(collection)(codes);
  const { campo } = RESUMENES.find((resumen) => resumen.campo.toLowerCase() === collection);
  return [...rows].map(([codigo, row]) =>
    detail === 'municipios' ? { codigo, [campo]: row } : { codigo, ...row },
  );
}

async function answer(request) {
  if (request.url.startsWith('/rest/')) return answerRest(request.url);
  const execute = executors.get(request.url);
  const question = JSON.parse(await textOf(request));
  // Some gateways send several operations as a list.
  return Array.isArray(question) ? Promise.all(question.map(execute)) : execute(question);
}

/** A nation of keys in one address. */
const maxHeaderSize = 65_536;

const server = createServer({ maxHeaderSize }, (request, response) => {
  answer(request).then(
    (result) => {
      const body = Buffer.from(JSON.stringify(result));
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
      });
      response.end(body);
    },
    (error) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error?.stack ?? error));
    },
  );
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  openDoor(`http://127.0.0.1:${server.address().port}`);
});
