import { expect } from '@jest/globals';
import type { Part } from './acopio.js';
import { createAcopio } from './create-acopio.js';
import {
  ask,
  context,
  fila,
  K1,
  K2,
  part,
  rowsOf,
  tableName,
  version,
  type Case,
} from './testing.js';

/** How a version comes in: once, whole, and without standing in the way of whoever asks. */
export const LOADS: readonly Case[] = [
  [
    'loads a version once for all who ask, and not again for who asks later',
    async (acopio, registro) => {
      let loads = 0;
      const once = part(registro, { rows: [fila('05001', '1')], onLoad: () => loads++ });

      const answers = await Promise.all([1, 2, 3].map(() => acopio.ensure(once, context())));
      await acopio.ensure(once, context());

      expect(loads).toBe(1);
      expect(answers[2]).toEqual({ id: 'p', version: version('v1'), rows: 1 });
    },
  ],
  [
    'replaces a version whole, and leaves no row of the old one',
    async (acopio, registro, store) => {
      await acopio.ensure(
        part(registro, { rows: [fila('05001', '1'), fila('05002', '1')] }),
        context(),
      );

      await acopio.ensure(part(registro, { token: 'v2', rows: [fila('05001', '2')] }), context());

      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1, K2], context());
      expect(rowsOf(answer, K1)).toEqual([fila('05001', '2')]);
      expect(rowsOf(answer, K2)).toBe('absent');
      expect(await store.query(`select count(*) as n from ${tableName(registro)}`)).toEqual([
        { n: 1n },
      ]);
    },
  ],
  [
    'charges one call to who begins a load, and puts nothing in quarantine when it cannot pay',
    async (acopio, registro) => {
      const saldo = { llamadas: 1, bytes: 1 };
      const paying = { ...context(), pagadores: [{ saldo, parte: 1, impago: false }] };
      const rows = [fila('05001', '1')];
      const loads: string[] = [];
      const load = (id: string): Part => part(registro, { id, rows, onLoad: () => loads.push(id) });

      await acopio.ensure(load('p'), paying);
      await acopio.ensure(load('p'), paying);
      await expect(acopio.ensure(load('q'), paying)).rejects.toMatchObject({
        code: 'CONSULTA_EXCESIVA',
      });

      expect([saldo.llamadas, loads]).toEqual([0, ['p']]);
      expect((await acopio.parts(registro.sistema)).map(({ quarantine }) => quarantine)).toEqual([
        null,
      ]);
    },
  ],
  [
    'lets people go first while nobody waits for a load, and stops doing so once somebody does',
    async (_acopio, registro, store) => {
      let asked = 0;
      let wanted: Promise<unknown> = Promise.resolve();
      const polite = createAcopio(store, {
        now: Date.now,
        giveWay: async () => {
          asked += 1;
          if (asked === 2) wanted = polite.ensure(slow, context());
          await Promise.resolve();
        },
      });
      const slow: Part = {
        ...part(registro, {}),
        async *load() {
          for (let i = 0; i < 5; i++) {
            // By the third batch a request has joined.
            if (i === 2) await new Promise((resolve) => setImmediate(resolve));
            yield await Promise.resolve({ registro, rows: [fila('05001', String(i))] });
          }
        },
      };

      await polite.ensure(slow, { ...context(), origen: 'fondo' });
      await wanted;

      expect(asked).toBeGreaterThanOrEqual(2);
      expect(asked).toBeLessThan(5);
    },
  ],
  [
    'gives the main thread back between the batches of a load that takes its time, whoever waits',
    async (_acopio, registro, store) => {
      let clock = 0;
      let turns = 0;
      let next: NodeJS.Immediate;
      const count = (): void => {
        turns += 1;
        next = setImmediate(count);
      };
      const busy = createAcopio(store, { now: () => clock });
      const seen: number[] = [];
      const long: Part = {
        ...part(registro, {}),
        async *load() {
          for (let i = 0; i < 6; i++) {
            clock += 10;
            seen.push(turns);
            yield await Promise.resolve({ registro, rows: [fila('05001', String(i))] });
          }
        },
      };

      next = setImmediate(count);
      await busy.ensure(long, context());
      clearImmediate(next);

      expect(new Set(seen).size).toBe(6);
    },
  ],
  [
    'stops waiting when the reader leaves, and still finishes the load for the others',
    async (acopio, registro) => {
      let go: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (go = resolve));
      const slow: Part = {
        ...part(registro, {}),
        async *load() {
          await gate;
          yield { registro, rows: [fila('05001', '1')] };
        },
      };
      const leaving = new AbortController();
      const left = acopio.ensure(slow, context(leaving.signal));
      const stays = acopio.ensure(slow, context());
      leaving.abort();

      await expect(left).rejects.toMatchObject({ code: 'SOURCE_TIMEOUT' });
      go();

      expect(await stays).toMatchObject({ rows: 1 });
    },
  ],
];
