/** The situations of stitching-defects.test.ts that are about whom a request asks, how often, and in whose name. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Key } from '../adapters/contract.js';
import type { FakeAdapter } from './fake-adapter.js';
import { house, Monto, newContext, Nombre, renewHouse, run } from './stitching-house.js';

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const callsOf = (adapter: FakeAdapter): readonly (readonly Key[])[] =>
  adapter.calls.map(({ keys }) => [...keys].sort());

beforeEach(renewHouse);

describe('what stitching does wrong without saying so', () => {
  it('6: a second request asks the source again: nothing is shared between contexts', async () => {
    await run('{ lugar(codigo: "1") { monto } }');
    house.rowOf = (code) => ({ codigo: code, monto: '7' });
    const { data } = await run('{ lugar(codigo: "1") { monto } }');

    expect(data).toEqual({ lugar: { monto: '7' } });
    expect(house.sources.montos.calls).toHaveLength(4);
  });

  it('7: the AbortSignal of the request reaches the source', async () => {
    const stops: AbortController[] = [];
    house.sources.montos.before = ({ ctx }) =>
      new Promise((resolve) => {
        ctx.signal.addEventListener('abort', () => {
          resolve();
        });
        // After this turn, when every source of the stage has been asked.
        setImmediate(() => stops.at(-1)?.abort());
      });
    const { data, errors } = await run('{ lugar(codigo: "1") { nombre monto } }', () => {
      const stop = new AbortController();
      stops.push(stop);
      return newContext({ signal: stop.signal });
    });

    expect(data).toEqual({ lugar: { nombre: 'Lugar 1', monto: null } });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['SOURCE_TIMEOUT']);
    expect(house.sources.montos.calls.map(({ ctx }) => ctx.signal.aborted)).toEqual([true, true]);
  });

  it('10: a null merge key is an error and asks nobody for the key «null»', async () => {
    house.codes = ['1', null, '3'];
    const { errors } = await run('{ lugares { monto } }');

    expect(errors).not.toEqual([]);
    expect(house.sources.montos.keysOf(Monto)).not.toContain('null');
    expect(house.sources.montos.keysOf(Monto)).not.toContain('undefined');
  });

  it('11: chunks are cut below the batcher: the adapter gets all keys at once, and no more than it takes', async () => {
    house.codes = Array.from({ length: 2_000 }, (_, i) => String(i));
    await run('{ lugares { monto } }');

    expect(house.sources.montos.calls.map(({ keys }) => keys.length)).toEqual([2_000, 2_000]);

    house.codes = Array.from({ length: 6_000 }, (_, i) => String(i));
    const { errors } = await run('{ lugares { monto } }');

    expect(errors).toMatchObject([
      { extensions: { code: 'CAPACIDAD_INSUFICIENTE', total: 6_000 } },
    ]);
    expect(house.sources.montos.calls).toHaveLength(2);
  });

  it('12: two root fields of one source are one call', async () => {
    await run('{ a: lugar(codigo: "1") { monto } b: lugar(codigo: "2") { personas } }');

    expect(callsOf(house.sources.montos)).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it('13: one entity by two paths with different selections is asked once', async () => {
    await run(
      '{ a: lugar(codigo: "1") { monto } b: lugar(codigo: "1") { personas vecino { codigo } } }',
    );

    expect(callsOf(house.sources.montos)).toEqual([['1'], ['1']]);
  });

  it('14: going from A to B and back to A asks no key twice', async () => {
    const query = '{ lugar(codigo: "1") { nombre vecino { nombre vecino { nombre monto } } } }';
    const { data } = await run(query);

    expect(data).toEqual({
      lugar: {
        nombre: 'Lugar 1',
        vecino: { nombre: 'Lugar 2', vecino: { nombre: 'Lugar 1', monto: '100' } },
      },
    });
    for (const source of [house.sources.nombres, house.sources.montos]) {
      expect(callsOf(source)).toEqual([['1'], ['2'], ['1'], ['2']]);
    }
  });

  it('15: the route is that of the epoch in which the request began, whatever moves meanwhile', async () => {
    let moved = 0;
    house.ownerOf = (epoca) => (epoca >= moved ? 'nuevo' : 'montos');
    const { data, usage } = await run(
      '{ a: lugar(codigo: "1") { monto vecino { monto } } }',
      () => {
        moved = 1;
        return newContext({ epoca: 0 });
      },
    );

    expect(data).toEqual({ a: { monto: '100', vecino: { monto: '200' } } });
    for (const used of usage) expect(used).toHaveLength(1);
    expect(house.sources.montos.calls.map(({ ctx }) => ctx.epoca)).toEqual([0, 0, 0, 0]);
  });

  it('17: two root lists of different sources that need the same keys ask them once', async () => {
    await run('{ lugares { monto } otros { codigo monto } }');

    expect(callsOf(house.sources.montos)).toEqual([
      ['1', '2', '3'],
      ['1', '2', '3'],
    ]);
  });

  it('18: uneven timing splits no stage of the plan and asks no key twice in either execution', async () => {
    house.sources.listas.before = () => turns(7);
    house.sources.nombres.before = () => turns(3);
    const query = '{ lugares { nombre monto vecino { nombre } } otros { monto nombre } }';
    const document = await run(query);

    expect(document.errors).toEqual([]);
    const [planned, ...stitched] = callsOf(house.sources.montos);
    expect(planned).toEqual(['1', '2', '3']);
    expect(stitched.flat().sort()).toEqual(['1', '2', '3']);
    expect(house.sources.nombres.keysOf(Nombre).sort()).toEqual(['1', '1', '2', '2', '3', '3']);
  });
});
