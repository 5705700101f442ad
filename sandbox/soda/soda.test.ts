import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createControlServer } from '../control.js';
import { FaultBoard } from '../faults.js';
import { closeServer, listen } from '../http.js';
import type { Row, SodaDataset } from './dataset.js';
import { SystemServer } from './server.js';

const ROWS: readonly Row[] = [
  {
    codigo: '05001',
    nombre: 'Medellín',
    valor: '10.10',
    fecha: '2024-01-15T00:00:00.000',
    url: 'https://a',
  },
  {
    codigo: '05002',
    nombre: "L'Abejorral",
    valor: '900719925474099312',
    fecha: '2024-02-20T00:00:00.000',
  },
  { codigo: '08001', nombre: 'Barranquilla', valor: null, fecha: '2025-02-20T00:00:00.000' },
  { codigo: '08002', valor: '0.20', texto: '7' },
];
const seen: string[] = [];
const dataset: SodaDataset = {
  id: 'aaaa-bbbb',
  name: 'Prueba',
  columns: [
    { name: 'codigo', type: 'text' },
    { name: 'nombre', type: 'text' },
    { name: 'valor', type: 'number' },
    { name: 'fecha', type: 'calendar_date' },
    { name: 'url', type: 'url' },
    { name: 'texto', type: 'text' },
  ],
  index: ['codigo'],
  updatedAt: '2026-01-02T03:04:05.000Z',
  *rows(pushdown) {
    for (const row of ROWS) {
      if (!pushdown.accepts('codigo', row['codigo'])) continue;
      seen.push(String(row['codigo']));
      yield { ...row };
    }
  },
};
const many: SodaDataset = {
  ...dataset,
  id: 'mmmm-mmmm',
  columns: [{ name: 'n', type: 'number' }],
  index: [],
  ordered: true,
  *rows() {
    for (let n = 0; n < 2500; n++) yield { n, ':id': n };
  },
};

const board = new FaultBoard(true, ['bueno']);
const { server } = new SystemServer({ sistema: 's', datasets: [dataset, many], board, seed: 'x' });
const control = createControlServer(board);
let base = '';
let door = '';

beforeAll(async () => {
  base = await listen(server, 0);
  door = await listen(control, 0);
});

afterAll(async () => {
  await closeServer(server);
  await closeServer(control);
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function ask(
  params: Record<string, string>,
  id = 'aaaa-bbbb',
  init?: RequestInit,
): Promise<Answer> {
  const response = await fetch(
    `${base}/resource/${id}.json?${new URLSearchParams(params).toString()}`,
    init,
  );
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

async function codes($where: string): Promise<string[]> {
  const { body } = await ask({ $where, $select: 'codigo', $order: 'codigo' });
  return (body as { codigo: string }[]).map((r) => r.codigo);
}

async function tell(method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(door + path, init)).json();
}

async function errorOf(params: Record<string, string>): Promise<unknown> {
  const { status, body } = await ask(params);
  return [status, (body as { errorCode?: string }).errorCode];
}

describe('the wire of a SODA dataset', () => {
  it('writes numbers as text, urls as objects and omits nulls', async () => {
    const { body } = await ask({ codigo: '05001' });

    expect(body).toEqual([
      {
        codigo: '05001',
        nombre: 'Medellín',
        valor: '10.10',
        fecha: '2024-01-15T00:00:00.000',
        url: { url: 'https://a' },
      },
    ]);
  });

  it('sends the fields, types and publication date in its headers', async () => {
    const { headers } = await ask({ $select: 'codigo,fecha,valor' });

    expect(headers.get('X-SODA2-Fields')).toBe('["codigo","fecha","valor"]');
    expect(headers.get('X-SODA2-Types')).toBe('["text","floating_timestamp","number"]');
    expect(headers.get('Last-Modified')).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
    expect(headers.get('X-SODA2-Truth-Last-Modified')).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
  });

  it('answers 304 to the ETag of the same query and 200 to that of another', async () => {
    const first = await ask({ $limit: '1' });
    const headers = { 'If-None-Match': first.headers.get('ETag') ?? '' };

    expect((await ask({ $limit: '1' }, 'aaaa-bbbb', { headers })).status).toBe(304);
    expect((await ask({ $limit: '2' }, 'aaaa-bbbb', { headers })).status).toBe(200);
  });

  it('gives at most a thousand rows unless a limit is named', async () => {
    expect((await ask({}, 'mmmm-mmmm')).body).toHaveLength(1000);
    expect((await ask({ $limit: '60000' }, 'mmmm-mmmm')).body).toHaveLength(2500);
  });

  it('has no order of its own: two requests without $order disagree', async () => {
    const [a, b] = [await ask({}, 'mmmm-mmmm'), await ask({}, 'mmmm-mmmm')];

    expect(a.body).not.toEqual(b.body);
  });

  it('walks every row once by keyset over :id', async () => {
    const found: string[] = [];
    let last = '';
    for (;;) {
      const where: Record<string, string> = last === '' ? {} : { $where: `:id > '${last}'` };
      const { body } = await ask(
        { $select: '*,:id', $order: ':id', $limit: '700', ...where },
        'mmmm-mmmm',
      );
      const page = body as { n: string; ':id': string }[];
      found.push(...page.map((r) => r.n));
      last = page.at(-1)?.[':id'] ?? '';
      if (page.length < 700) break;
    }

    expect(found).toEqual(Array.from({ length: 2500 }, (_, n) => String(n)));
  });

  it('writes CSV with the field names as header', async () => {
    const response = await fetch(
      `${base}/resource/aaaa-bbbb.csv?$select=codigo,nombre&codigo=05002`,
    );

    expect(await response.text()).toBe('"codigo","nombre"\n"05002","L\'Abejorral"\n');
  });

  it('describes its columns at /api/views', async () => {
    const response = await fetch(`${base}/api/views/aaaa-bbbb.json`);
    const view = (await response.json()) as {
      rowsUpdatedAt: number;
      columns: { fieldName: string }[];
    };

    expect(view.rowsUpdatedAt).toBe(Date.parse('2026-01-02T03:04:05Z') / 1000);
    expect(view.columns.map((c) => c.fieldName)).toContain('fecha');
  });
});

describe('SoQL', () => {
  it.each([
    ["codigo in ('05001','08002')", ['05001', '08002']],
    ["codigo not in ('05001','08002')", ['05002', '08001']],
    ["nombre = 'L''Abejorral'", ['05002']],
    ["starts_with(codigo,'08') and valor is null", ['08001']],
    ["nombre like 'M%n'", ['05001']],
    ["not (nombre like 'M%')", ['05002', '08001']],
    ['valor between 0.1 and 10.1', ['05001', '08002']],
    ['valor > 900719925474099311', ['05002']],
    ["fecha >= '2024-02-01' and fecha < '2025-01-01T00:00:00'", ['05002']],
    ["upper(nombre) = 'BARRANQUILLA' or codigo = '05001'", ['05001', '08001']],
    ['length(nombre) = 8', ['05001']],
    ['texto::number = 7.0', ['08002']],
    ["nombre <> 'Medellín'", ['05002', '08001']],
  ])('filters by %s', async (where, expected) => {
    expect(await codes(where)).toEqual(expected);
  });

  it('sums exactly and ignores nulls', async () => {
    const { body } = await ask({
      $select: 'sum(valor),count(valor),count(*),avg(valor) as m,min(valor)',
    });

    expect(body).toEqual([
      {
        sum_valor: '900719925474099322.3',
        count_valor: '3',
        count: '4',
        m: '300239975158033107.4333333333333333',
        min_valor: '0.20',
      },
    ]);
  });

  it.each([
    ['valor desc', ['08001', '05002', '05001', '08002']],
    ['valor desc null last', ['05002', '05001', '08002', '08001']],
    ['valor null first', ['08001', '08002', '05001', '05002']],
  ])('puts nulls where $order says: %s', async ($order, expected) => {
    const { body } = await ask({ $select: 'codigo', $order });

    expect(body).toEqual(expected.map((codigo) => ({ codigo })));
  });

  it('groups by an alias and leaves the key of the null group out', async () => {
    const { body } = await ask({
      $select: 'date_trunc_y(fecha) as anio, count(distinct codigo) as n',
      $group: 'anio',
      $order: 'n desc, anio',
    });

    expect(body).toEqual([
      { anio: '2024-01-01T00:00:00.000', n: '2' },
      { anio: '2025-01-01T00:00:00.000', n: '1' },
      { n: '1' },
    ]);
  });

  it('keeps the groups that $having names, after aggregating', async () => {
    const { body } = await ask({
      $select: 'date_trunc_ym(fecha) as mes, count(*) as n',
      $where: 'fecha is not null',
      $group: 'mes',
      $having: 'n > 1',
    });

    expect(body).toEqual([]);
  });

  it('numbers rows of a partition and filters them after |>', async () => {
    const { body } = await ask({
      $query:
        'select codigo, row_number() over (partition by date_trunc_y(fecha) order by codigo desc) as rn ' +
        'where fecha is not null |> select codigo where rn <= 1 order by codigo',
    });

    expect(body).toEqual([{ codigo: '05002' }, { codigo: '08001' }]);
  });

  it('hands predicates over index columns to the dataset', async () => {
    seen.length = 0;

    await codes("codigo in ('05001','05002') and starts_with(codigo,'05001') and valor > 1");

    expect(seen).toEqual(['05001']);
  });

  it.each([
    [{ $where: 'nope = 1' }, 'query.soql.no-such-column'],
    [{ nope: '1' }, 'query.soql.no-such-column'],
    [{ $nope: '1' }, 'query.soql.invalid'],
    [{ $select: ':id,*' }, 'query.compiler.malformed'],
    [{ $where: "valor = 'CO1.BDOS'" }, 'query.soql.type-mismatch'],
    [{ $where: 'codigo = 5' }, 'query.soql.type-mismatch'],
    [{ $select: 'codigo, count(*)' }, 'query.soql.column-not-in-group-bys'],
    [{ $where: 'count(*) > 1' }, 'query.soql.aggregate-in-ungrouped-context'],
    [{ $select: 'codigo, nombre as codigo' }, 'query.soql.duplicate-alias'],
    [{ $where: "nombre = 'x" }, 'query.soql.unterminated-string'],
    [{ $where: 'nombre =' }, 'query.soql.unexpected-eof'],
    [{ $where: 'nombre = ;' }, 'query.soql.unexpected-character'],
    [{ $where: 'codigo nombre' }, 'query.soql.bad-parse'],
    [{ $select: 'nada(codigo)' }, 'query.soql.no-such-function'],
  ])('refuses %j with its error code', async (params, code) => {
    expect(await errorOf(params as Record<string, string>)).toEqual([400, code]);
  });

  it('breaks with a 500 when a url column is compared', async () => {
    expect((await ask({ $where: "url = 'https://a'" })).status).toBe(500);
  });
});

describe('the control door', () => {
  it('counts calls by system, dataset and path', async () => {
    await tell('DELETE', '/counts');
    await ask({});
    await ask({});

    expect(await tell('GET', '/counts')).toEqual({
      total: 2,
      calls: [{ sistema: 's', dataset: 'aaaa-bbbb', path: '/resource/aaaa-bbbb.json', count: 2 }],
    });
  });

  it('refuses an unknown token and takes a known one', async () => {
    const bad = await ask({}, 'aaaa-bbbb', { headers: { 'X-App-Token': 'malo' } });
    const good = await ask({}, 'aaaa-bbbb', { headers: { 'X-App-Token': 'bueno' } });

    expect(bad.status).toBe(403);
    expect(bad.body).toEqual({
      code: 'permission_denied',
      error: true,
      message: 'Invalid app_token specified',
    });
    expect(good.status).toBe(200);
  });

  it('withdraws one dataset and leaves the others', async () => {
    await tell('POST', '/faults', {
      sistema: 's',
      dataset: 'aaaa-bbbb',
      fault: { withdraw: true },
    });

    const [withdrawn, other] = [await ask({}), await ask({ $limit: '1' }, 'mmmm-mmmm')];
    await tell('DELETE', '/faults');

    expect([withdrawn.status, other.status]).toEqual([403, 200]);
  });

  it('gives a status the number of times asked, with Retry-After', async () => {
    const status = { code: 503, times: 2, retryAfter: 1 };
    await tell('POST', '/faults', { sistema: 's', fault: { status } });

    const answers = [await ask({}), await ask({}), await ask({})];

    expect(answers.map((a) => a.status)).toEqual([503, 503, 200]);
    expect(answers[0]?.headers.get('Retry-After')).toBe('1');
    await tell('DELETE', '/faults');
  });

  it('throttles calls without a token over the budget', async () => {
    await tell('POST', '/budget', { sistema: 's', budget: { calls: 1, windowMs: 60_000 } });

    const free = [await ask({}), await ask({})];
    const known = await ask({}, 'aaaa-bbbb', { headers: { 'X-App-Token': 'bueno' } });
    await tell('DELETE', '/faults');

    expect(free.map((a) => a.status)).toEqual([200, 429]);
    expect(Number(free[1]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(known.status).toBe(200);
  });

  it('cuts one body in the middle and garbles the next', async () => {
    await tell('POST', '/faults', { sistema: 's', fault: { cut: 1 } });
    await expect(ask({})).rejects.toThrow();

    await tell('POST', '/faults', { sistema: 's', fault: { cut: 0, garble: 1 } });
    await expect(ask({})).rejects.toThrow(SyntaxError);

    expect((await ask({})).status).toBe(200);
    await tell('DELETE', '/faults');
  });

  it('drops and renames columns', async () => {
    const fault = { drop: ['nombre'], rename: { valor: 'valor_total' } };
    await tell('POST', '/faults', { sistema: 's', dataset: 'aaaa-bbbb', fault });

    const gone = await errorOf({ $where: "nombre = 'x'" });
    const renamed = await ask({ $select: 'valor_total', codigo: '05001' });
    await tell('DELETE', '/faults');

    expect(gone).toEqual([400, 'query.soql.no-such-column']);
    expect(renamed.body).toEqual([{ valor_total: '10.10' }]);
  });

  it('publishes anew between two pages: other ids, other Last-Modified', async () => {
    const params = { $select: ':id', $order: ':id', $limit: '1' };
    const before = await ask(params, 'mmmm-mmmm');
    await tell('POST', '/faults', { sistema: 's', dataset: 'mmmm-mmmm', fault: { swap: 2 } });

    const [first, second] = [await ask(params, 'mmmm-mmmm'), await ask(params, 'mmmm-mmmm')];
    await tell('DELETE', '/faults');

    expect(first.body).toEqual(before.body);
    expect(second.body).not.toEqual(before.body);
    expect(second.headers.get('Last-Modified')).not.toBe(before.headers.get('Last-Modified'));
  });

  it('turns windows and |> off', async () => {
    await tell('POST', '/windows', { on: false });
    const chained = await errorOf({ $query: 'select codigo |> select codigo' });
    const numbered = await errorOf({
      $select: 'codigo, row_number() over (order by codigo) as rn',
    });
    await tell('POST', '/windows', { on: true });

    expect([chained, numbered]).toEqual([
      [400, 'query.soql.bad-parse'],
      [400, 'query.soql.bad-parse'],
    ]);
  });
});
