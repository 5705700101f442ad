import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Ruteo } from '../gateway/route/ruteo.js';
import { createRuteo } from '../gateway/route/ruteo.js';
import { byAcceso } from '../subgraphs/subgraph.js';
import { QUERY, RAICES, setUpHttp } from './casa-http.js';

const TTL_S = 2;
const casa = setUpHttp({ cacheTtlS: TTL_S });
const { cuipo, send } = casa;
const [RaizPrueba] = RAICES as [(typeof RAICES)[number]];
const OF_ANA = { authorization: 'Bearer secreto-de-ana' };

/** Answers given again without the graph, by the metrics that an operator sees. */
async function repeated(): Promise<number> {
  const text = await (await fetch(`${casa.url}/metrics`)).text();
  const found = /^sugit_request_seconds_count\{ejecucion="remembered"\} (\d+)$/m.exec(text);
  return Number(found?.[1] ?? 0);
}

/** Each test asks under an alias of its own: what another asked is not in its way. */
let aliases = 0;
let query = '';
let before = 0;
const repeatedHere = async (): Promise<number> => (await repeated()) - before;
const times = async (n: number, headers = {}): Promise<unknown[]> => {
  const bodies: unknown[] = [];
  for (let i = 0; i < n; i++) bodies.push((await send({ query }, headers)).body);
  return bodies;
};
beforeEach(async () => {
  aliases += 1;
  query = QUERY.replace('{ municipio', `{ m${aliases}: municipio`);
  before = await repeated();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a question that was answered', () => {
  it('is answered again with the same bytes while its rows are in the cache', async () => {
    const ask = async (): Promise<string> => {
      const sent = await fetch(`${casa.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return sent.text();
    };
    // The first is Apollo's to read, the second is computed and kept.
    const [first, second, third] = [await ask(), await ask(), await ask()];

    expect(await repeatedHere()).toBe(1);
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(first).toContain('"pagos":"100.5"');
  });

  it('counts as one more use of its fields, by the reader who asked', async () => {
    const note = jest.spyOn(casa.gateway.uso, 'note');
    await times(3, OF_ANA);

    expect(await repeatedHere()).toBe(1);
    expect(note.mock.calls.map(([, , , cliente]) => cliente)).toEqual(['Ana', 'Ana', 'Ana']);
    const firmas = note.mock.calls.map(([, , { firma }]) => firma);
    expect(new Set(firmas).size).toBe(1);
  });

  it('is computed for each access class', async () => {
    await times(3);
    await times(1, OF_ANA);

    expect(await repeatedHere()).toBe(1);
  });

  it('is computed for each value of its variables', async () => {
    const text = 'query($c: CodigoDivipola!) { municipio(codigo: $c) { codigo nombre } }';
    const ask = async (c: string): Promise<unknown> =>
      (await send({ query: text, variables: { c } })).body.data;
    for (let i = 0; i < 3; i++) {
      expect(await ask('05091')).toMatchObject({ municipio: { codigo: '05091' } });
      expect(await ask('05001')).toMatchObject({ municipio: { codigo: '05001' } });
    }
  });

  it('is computed again when the routes are others', async () => {
    await times(3);
    (casa.gateway.tramos as { current: Ruteo }).current = createRuteo(7, []);
    await times(1);

    expect(await repeatedHere()).toBe(1);
  });

  it('is asked of its source again when its rows are over', async () => {
    query = query.replace('2025', '2024');
    await times(3);
    const calls = cuipo.calls.length;
    await new Promise((resolve) => setTimeout(resolve, TTL_S * 1_000 + 50));
    await times(1);

    expect(await repeatedHere()).toBe(1);
    expect(cuipo.calls).toHaveLength(2 * calls);
  });

  it('does not live longer for being put together from rows that were there before', async () => {
    query = query.replace('2025', '2023');
    await times(2);
    await new Promise((resolve) => setTimeout(resolve, (TTL_S * 1_000) / 2));
    query = query.replace('{ nombre', '{ codigo nombre');
    await times(2);
    await new Promise((resolve) => setTimeout(resolve, (TTL_S * 1_000) / 2 + 50));
    const calls = cuipo.calls.length;
    await times(1);

    expect(await repeatedHere()).toBe(0);
    expect(cuipo.calls.length).toBeGreaterThan(calls);
  });
});

describe('an answer that is not given twice', () => {
  it('is one whose source failed', async () => {
    cuipo.dead = true;
    query = query.replace('05091', '05001');
    await times(3);
    cuipo.dead = false;

    expect(await repeatedHere()).toBe(0);
    expect((await send({ query })).body.errors).toBeUndefined();
  });

  it('is one with a source that failed, though its field made do without it', async () => {
    const { executor } = casa.gateway;
    const execute = executor.execute.bind(executor);
    jest.spyOn(executor, 'execute').mockImplementation(async (operation, context) => {
      cuipo.dead = true;
      await context.store.load([
        { bucket: byAcceso(RaizPrueba, 'porEntidadVigencia'), keys: ['x|2025'] },
      ]);
      cuipo.dead = false;
      return execute(operation, context);
    });
    await times(3);

    expect(await repeatedHere()).toBe(0);
  });

  it('is one in whose midst the routes became others', async () => {
    const { executor, tramos } = casa.gateway;
    const execute = executor.execute.bind(executor);
    let epoca = 100;
    jest.spyOn(executor, 'execute').mockImplementation(async (operation, context) => {
      const answer = await execute(operation, context);
      (tramos as { current: Ruteo }).current = createRuteo(epoca++, []);
      return answer;
    });
    await times(3);

    expect(await repeatedHere()).toBe(0);
  });

  it.each([
    ['the state of the systems', 'sistemas { id estado }'],
    ['the routes', 'tramos { id }'],
  ])('is one that tells %s', async (_what, field) => {
    query = `{ s${aliases}: ${field} }`;
    await times(3);

    expect(await repeatedHere()).toBe(0);
  });
});
