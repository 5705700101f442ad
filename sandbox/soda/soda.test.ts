import { describe, expect, it } from '@jest/globals';
import { setUpSoda } from './testing.js';

const casa = setUpSoda();
const { ask, errorOf } = casa;

async function tell(method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(casa.door + path, init)).json();
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
      `${casa.base}/resource/aaaa-bbbb.csv?$select=codigo,nombre&codigo=05002`,
    );

    expect(await response.text()).toBe('"codigo","nombre"\n"05002","L\'Abejorral"\n');
  });

  it('describes its columns at /api/views', async () => {
    const response = await fetch(`${casa.base}/api/views/aaaa-bbbb.json`);
    const view = (await response.json()) as {
      rowsUpdatedAt: number;
      columns: { fieldName: string }[];
    };

    expect(view.rowsUpdatedAt).toBe(Date.parse('2026-01-02T03:04:05Z') / 1000);
    expect(view.columns.map((c) => c.fieldName)).toContain('fecha');
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
