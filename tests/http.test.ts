import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { Row } from '../adapters/contract.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import {
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../schema/registros/cuipo.js';
import { partsOf } from '../schema/key.js';
import { FakeAdapter } from './fake-adapter.js';
import { createStoreDirectory } from './store.js';

const RAICES = [
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
];
const AMOUNTS = [
  ...['presupuestoInicial', 'presupuestoDefinitivo', 'recaudo', 'apropiacionInicial'],
  ...['apropiacionDefinitiva', 'compromisos', 'obligaciones', 'pagos'],
];

function rootRows(key: string): readonly Row[] | null {
  const [codigoChip, vigencia] = partsOf(key);
  if (codigoChip !== '219105091') return null;
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, '100.5']));
  return [
    { codigoChip, vigencia: Number(vigencia), periodo: 'T4', vigenciaGasto: '1', ...amounts },
  ];
}

const QUERY =
  '{ municipio(codigo: "05091") { nombre presupuesto(vigencia: 2025) { gastos { pagos } } } }';

interface Reply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Record<string, unknown>;
  }[];
  readonly extensions?: {
    readonly fuentes: readonly Record<string, unknown>[];
    readonly avisos?: readonly Record<string, unknown>[];
  };
}

let folder: string;
let gateway: Gateway;
let server: Server;
let cuipo: FakeAdapter;
const logged: string[] = [];

beforeAll(async () => {
  folder = await createStoreDirectory();
  const dataDir = path.join(folder, 'estado');
  const tokensFile = path.join(folder, 'tokens.json');
  const tokens = [{ token: 'secreto-de-ana', persona: 'Ana', rol: 'control' }];
  await writeFile(tokensFile, JSON.stringify({ tokens }));
  const env = {
    PORT: '0',
    SUGIT_DATA_DIR: dataDir,
    SUGIT_TOKENS_FILE: tokensFile,
    SUGIT_CACHE_TTL_S: '0',
    SUGIT_SANDBOX: 'false',
  };
  cuipo = new FakeAdapter({
    id: 'cuipo',
    registros: RAICES,
    rowsOf: (_registro, _acceso, key) => rootRows(key),
    version: { stale: true },
  });
  gateway = await openGateway({
    settings: readSettings(env, []),
    registrations: [
      {
        id: 'cuipo',
        settings: [],
        registros: RAICES,
        create: (_values, { observer, now }) => {
          const read = cuipo.read.bind(cuipo);
          cuipo.read = async (...args) => {
            const since = now();
            const answer = await read(...args);
            observer.call('cuipo', args[3].origen, (now() - since) / 1_000);
            if (cuipo.dead) observer.error('cuipo', 'SOURCE_UNAVAILABLE');
            return answer;
          };
          return cuipo;
        },
      },
    ],
    log: (message, error) => logged.push(`${message} ${String(error)}`),
  });
  server = await startServer(gateway, null);
});
afterAll(async () => {
  await server.close();
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  cuipo.dead = false;
  cuipo.before = () => Promise.resolve();
  cuipo.calls.length = 0;
});

async function send(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Reply,
  };
}
const codeOf = ({ body }: { body: Reply }): unknown => body.errors?.[0]?.extensions['code'];

describe('the answer of /graphql', () => {
  it('carries data, and for each source how fresh it is and who served it', async () => {
    const { status, body, headers } = await send({ query: QUERY });

    expect(status).toBe(200);
    expect(body.data).toEqual({
      municipio: {
        nombre: expect.stringMatching(/betania/i),
        presupuesto: { gastos: { pagos: '100.5' } },
      },
    });
    expect(body.extensions?.fuentes).toContainEqual({
      sistema: 'cuipo',
      registro: 'RaizEjecucionGasto',
      estado: 'DESACTUALIZADO',
      modo: 'FILAS',
      corte: null,
      publicado: null,
      verificado: '2026-01-01T00:00:00.000Z',
      version: 'v1',
      servidoPor: 'cuipo',
      cobertura: { pedidas: 1, encontradas: 1 },
    });
    expect(headers.get('cache-control')).toContain('private');
  });

  it('loses only the fields of a dead source, and says which', async () => {
    cuipo.dead = true;
    const { status, body } = await send({ query: QUERY });

    expect(status).toBe(200);
    expect(body.data).toEqual({
      municipio: { nombre: expect.stringMatching(/betania/i), presupuesto: null },
    });
    expect(body.errors).toHaveLength(1);
    expect(body.errors?.[0]).toMatchObject({
      path: ['municipio', 'presupuesto'],
      extensions: { code: 'SOURCE_UNAVAILABLE', sistema: 'cuipo', total: 1 },
    });
    expect(body.extensions?.fuentes.map(({ estado }) => estado)).toEqual(
      RAICES.map(() => 'FALLIDA'),
    );
  });

  it('gives the reason of a null that is no failure as an aviso, not as an error', async () => {
    const { body } = await send({
      query: '{ municipio(codigo: "05001") { presupuesto(vigencia: 2025) { periodo } } }',
    });

    expect(body.errors).toBeUndefined();
    expect(body.extensions?.avisos).toMatchObject([
      { codigo: 'SIN_REPORTE', sistema: 'cuipo', path: ['municipio', 'presupuesto'], total: 1 },
    ]);
  });

  it('says in Spanish, with a code and an example, what is wrong with an argument', async () => {
    const { body } = await send({ query: '{ municipio(codigo: "5091") { nombre } }' });

    expect(body.errors?.[0]).toMatchObject({
      path: ['municipio'],
      extensions: {
        campo: 'codigo',
        ejemplo: expect.any(String),
        code: expect.stringMatching(/^DIVIPOLA/),
      },
    });
  });

  it('applies the defaults of variables and refuses those of another type', async () => {
    const query =
      'query ($v: Int = 2025) { municipio(codigo: "05091") { presupuesto(vigencia: $v) { vigencia } } }';
    const good = await send({ query });
    const bad = await send({ query, variables: { v: 'dos mil' } });

    expect(good.body.data).toEqual({ municipio: { presupuesto: { vigencia: 2025 } } });
    expect(codeOf(bad)).toBe('VARIABLES_INVALIDAS');
    expect(bad.body.data).toBeUndefined();
  });

  it('answers the schema about itself beside data without leaving the plan', async () => {
    const query = '{ __schema { queryType { name } } municipio(codigo: "05091") { codigo } }';
    const { body } = await send({ query });

    expect(body.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
      municipio: { codigo: '05091' },
    });
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toMatch(
      /plan_declined_total\{/,
    );
  });
});

describe('a text that comes again', () => {
  /** Status, headers but the date, and the bytes. */
  async function raw(body: unknown) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const headers = [...response.headers].filter(([name]) => name !== 'date').sort();
    // What was asked when is the one thing that may differ.
    const text = (await response.text()).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'instante');
    return { status: response.status, headers, text };
  }
  const PRESUPUESTO = `query Presupuesto($codigo: CodigoDivipola!) {
    municipio(codigo: $codigo) { nombre presupuesto(vigencia: 2025) { gastos { pagos } } }
  }`;
  const NADA = { query: `# nuevo\n${PRESUPUESTO}`, variables: { codigo: '05091' } };

  it.each([
    ['an answer', { variables: { codigo: '05091' } }],
    ['an aviso', { variables: { codigo: '94343' } }],
    ['an error of the argument', { variables: { codigo: '5' } }],
    ['a variable of another type', { variables: { codigo: 5 } }],
    ['no variables', {}],
    ['a name that it has not', { variables: { codigo: '05091' }, operationName: 'Otra' }],
  ])('is answered like the first time: %s', async (_case, rest) => {
    // A comment makes a text of its own, which nobody sent before.
    const query = `# ${JSON.stringify(rest)}\n${PRESUPUESTO}`;
    const learn = { query, variables: { codigo: '05001' } };

    const first = await raw({ query, ...rest });
    await raw(learn);
    const again = await raw({ query, ...rest });

    expect(again).toEqual(first);
  });

  it('loses only the fields of a source that died meanwhile', async () => {
    await raw(NADA);
    const first = await raw(NADA);
    cuipo.dead = true;
    const again = await raw(NADA);

    expect(first.text).toContain('"pagos":"100.5"');
    expect(again.status).toBe(200);
    expect(again.text).toContain('"code":"SOURCE_UNAVAILABLE"');
  });
});

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
    const url = `${server.url}/graphql?query=${encodeURIComponent('{ sistemas { id } }')}`;
    const simple = await fetch(url);
    const marked = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    const foreign = await fetch(url, {
      headers: { 'apollo-require-preflight': '1', origin: 'https://otra.example' },
    });

    expect([simple.status, marked.status]).toEqual([400, 200]);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('bombs sent by GET like those sent by POST', async () => {
    const url = `${server.url}/graphql?query=${encodeURIComponent(bomb())}`;
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

/** Twenty-two levels, each twice the one below, over a field that does not exist. */
function bomb(): string {
  const levels = Array.from(
    { length: 21 },
    (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`,
  );
  const text = `{...F0}${levels.join('')}fragment F21 on Query{nada}`;
  return text.padEnd(783, ' ');
}

describe('a reader who hangs up', () => {
  it('stops the source that only this reader waits for', async () => {
    const reached = new Promise<AbortSignal>((resolve) => {
      cuipo.before = ({ ctx }) => {
        resolve(ctx.signal);
        return new Promise((done) => {
          ctx.signal.addEventListener('abort', () => {
            done();
          });
        });
      };
    });
    const body = JSON.stringify({ query: QUERY });
    const socket = connect(Number(new URL(server.url).port), 'localhost');
    await once(socket, 'connect');
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const signal = await reached;
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    socket.destroy();
    await aborted;

    expect(signal.aborted).toBe(true);
  });
});

describe('pages and probes', () => {
  const get = (page: string, accept = '*/*') =>
    fetch(`${server.url}${page}`, { headers: { accept } });

  it('says that it lives and is ready, without a token', async () => {
    expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([200, 200]);
  });

  it('shows the first page with three queries', async () => {
    const html = await (await get('/')).text();

    expect(html.match(/<h3>/g)).toHaveLength(3);
    expect(html).not.toMatch(/(src|href)="https?:/);
  });

  it('counts calls and errors of sources under their names', async () => {
    await send({ query: QUERY });
    cuipo.dead = true;
    await send({ query: QUERY });
    const text = await (await get('/metrics')).text();

    expect(text).toMatch(/sugit_source_requests_total\{sistema="cuipo",origen="consulta"\} \d+/);
    expect(text).toMatch(
      /sugit_source_errors_total\{sistema="cuipo",code="SOURCE_UNAVAILABLE"\} \d+/,
    );
    expect(text).toMatch(/sugit_source_seconds_bucket\{/);
    expect(text).toMatch(/sugit_request_seconds_bucket\{/);
  });

  it('shows a source that fails as down, to people and to machines', async () => {
    cuipo.dead = true;
    await send({ query: QUERY });
    const json = (await (await get('/estado')).json()) as {
      sistemas: { id: string; estado: string }[];
    };
    const html = await (await get('/estado', 'text/html')).text();

    expect(json.sistemas.find(({ id }) => id === 'cuipo')?.estado).toBe('CAIDO');
    expect(html).toContain('CAIDO');
  });

  it('answers an unknown page with a code', async () => {
    const reply = await get('/nada');

    expect([reply.status, ((await reply.json()) as Reply).errors?.[0]?.extensions['code']]).toEqual(
      [404, 'NO_EXISTE'],
    );
  });

  it('serves nothing outside the folder of GraphiQL', async () => {
    expect((await get('/graphiql/..%2f..%2fgateway.ts')).status).toBe(404);
  });

  it('logged nothing unexpected in all this', () => {
    expect(logged).toEqual([]);
  });
});
