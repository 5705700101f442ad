import { describe, expect, it } from '@jest/globals';
import { codeOf, QUERY, setUpHttp, type Reply } from './casa-http.js';

const casa = setUpHttp();
const { cuipo, send } = casa;

/** Twenty-two levels, each twice the one below, over a field that does not exist. */
function bomb(): string {
  const levels = Array.from(
    { length: 21 },
    (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`,
  );
  const text = `{...F0}${levels.join('')}fragment F21 on Query{nada}`;
  return text.padEnd(783, ' ');
}

describe('what /graphql refuses', () => {
  it.each([
    ['a body that is no JSON', '{"query":', 400, 'PETICION_INVALIDA'],
    [
      'a body with __proto__',
      '{"query":"{ sistemas { id } }","__proto__":{"a":1}}',
      400,
      'PETICION_INVALIDA',
    ],
    ['a document that is no GraphQL', { query: '{ municipio(' }, 400, 'CONSULTA_MAL_ESCRITA'],
    ['brackets without end', { query: '{a'.repeat(3_000) }, 400, 'CONSULTA_EXCESIVA'],
    [
      'a cycle of fragments',
      {
        query:
          '{ ...F } fragment F on Query { municipio(codigo: "05091") { departamento { capital { ...G } } } } fragment G on Municipio { departamento { capital { ...G } } }',
      },
      400,
      'CONSULTA_MAL_ESCRITA',
    ],
    [
      'a prototype name as an alias',
      { query: '{ __proto__: sistemas { id } }' },
      400,
      'CLAVE_DE_RESPUESTA_INVALIDA',
    ],
    [
      'a field that does not exist',
      { query: '{ sistemas { clave } }' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a private merge entry point',
      { query: '{ _territorio_Municipio(claves: ["05091"]) { nombre } }' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a subscription', { query: 'subscription { borrar }' }, 400, 'OPERACION_NO_ADMITIDA'],
    [
      'a mutation that there is not',
      { query: 'mutation { borrar }' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['an array of operations', [{ query: '{ sistemas { id } }' }], 400, 'BAD_REQUEST'],
    ['a body without query', {}, 400, 'BAD_REQUEST'],
    [
      'two operations without a name',
      { query: 'query A { sistemas { id } } query B { sistemas { id } }' },
      400,
      'OPERACION_DESCONOCIDA',
    ],
    [
      'a hash in place of a text',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab' } } },
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
  ])('%s', async (_what, body, status, code) => {
    const reply = await send(body);

    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\bat [\w.]+ \(|call stack/);
  });

  it('a token that nobody has, and takes one that somebody has', async () => {
    const unknown = await send({ query: QUERY }, { authorization: 'Bearer otro-secreto' });
    const malformed = await send({ query: QUERY }, { authorization: 'Basic QTpC' });
    const known = await send({ query: QUERY }, { authorization: 'Bearer secreto-de-ana' });

    expect([unknown.status, codeOf(unknown)]).toEqual([401, 'NO_AUTENTICADO']);
    expect([malformed.status, codeOf(malformed)]).toEqual([401, 'NO_AUTENTICADO']);
    expect(known.status).toBe(200);
    expect(cuipo.calls.map(({ ctx }) => ctx.alcance)).toContain('control');
  });

  it('a body of more than 1 MB before reading it', async () => {
    const reply = await send({ query: QUERY, variables: { a: 'x'.repeat(1_100_000) } });

    expect([reply.status, codeOf(reply)]).toEqual([413, 'PETICION_EXCESIVA']);
  });

  it('another content type', async () => {
    const xml = await send('<query/>', { 'content-type': 'application/xml' });
    const text = await send(JSON.stringify({ query: QUERY }), { 'content-type': 'text/plain' });

    expect([xml.status, codeOf(xml)]).toEqual([415, 'TIPO_NO_ADMITIDO']);
    expect(text.status).toBe(400);
  });

  it('a GET that a foreign page could send, and takes one with the preflight header', async () => {
    const url = `${casa.url}/graphql?query=${encodeURIComponent('{ sistemas { id } }')}`;
    const simple = await fetch(url);
    const marked = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    const foreign = await fetch(url, {
      headers: { 'apollo-require-preflight': '1', origin: 'https://otra.example' },
    });

    expect([simple.status, marked.status]).toEqual([400, 200]);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('bombs sent by GET like those sent by POST', async () => {
    const url = `${casa.url}/graphql?query=${encodeURIComponent(bomb())}`;
    const reply = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });

    expect(((await reply.json()) as Reply).errors?.[0]?.extensions['code']).toBe(
      'CONSULTA_EXCESIVA',
    );
  });

  it('a list under a list that would multiply beyond measure', async () => {
    const nest = (below: string): string =>
      `municipios(first: 1200) { edges { node { codigo departamento { ${below} } } } }`;
    const query = `{ ${nest(nest(nest('nombre')))} }`;
    const reply = await send({ query });

    expect([reply.status, codeOf(reply)]).toEqual([400, 'CONSULTA_EXCESIVA']);
  });

  it('a fragment bomb of 783 bytes before validation, in less than 10 ms', async () => {
    const query = bomb();
    expect(Buffer.byteLength(query)).toBe(783);
    const times: number[] = [];
    for (let i = 0; i < 30; i++) {
      const since = performance.now();
      const reply = await send({ query });
      times.push(performance.now() - since);
      // Validation would speak of the unknown field instead.
      expect([reply.status, codeOf(reply)]).toEqual([400, 'CONSULTA_EXCESIVA']);
    }
    const median = times.slice(10).sort((a, b) => a - b)[10] ?? Infinity;

    expect(median).toBeLessThan(10);
  });
});
