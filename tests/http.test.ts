import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { codeOf, QUERY, RAICES, setUpHttp, type Reply } from './casa-http.js';

const casa = setUpHttp();
const { cuipo, logged, send } = casa;

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
    expect(await (await fetch(`${casa.url}/metrics`)).text()).not.toMatch(/plan_declined_total\{/);
  });
});

describe('a text that comes again', () => {
  /** Status, headers but the date, and the bytes. */
  async function raw(body: unknown) {
    const response = await fetch(`${casa.url}/graphql`, {
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
    const socket = connect(Number(new URL(casa.url).port), 'localhost');
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
    fetch(`${casa.url}${page}`, { headers: { accept } });

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
