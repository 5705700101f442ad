import { describe, expect, it } from '@jest/globals';
import type { AnyOutcome } from '../rows/outcome.js';
import { failed, found } from '../rows/testing.js';
import {
  ctx,
  Notes,
  porEntidad,
  row,
  same,
  setUpSombras,
  shadowed,
  tramoOf,
  type Answer,
} from './sombra-testing.js';

setUpSombras();

describe('given a new side that breaks', () => {
  const never = new Promise<AnyOutcome>(() => undefined);
  const BROKEN: readonly (readonly [string, Answer])[] = [
    ['throws', () => Promise.reject(new Error('roto'))],
    ['hangs', () => never],
    ['gives rows without their clave', () => found([{ entidad: '05' }])],
    ['gives amounts that are none', (key) => found([row(key, { valor: 'NaN' })])],
  ];

  it.each(BROKEN)('I4, I5: serves the same answer when it %s', async (_how, nuevo) => {
    const healthy = shadowed({});
    const broken = shadowed({ nuevo });

    const expected = await healthy.read('05', '08');
    const served = await broken.read('05', '08');

    expect([...served]).toEqual([...expected]);
    expect(broken.old.calls).toEqual(['consulta 05,08']);
  });

  it.each(BROKEN)(
    'I4: has settled the answer before it is asked, so it cannot delay it, when it %s',
    async (_how, nuevo) => {
      const order: string[] = [];
      const told: Answer = (key, asked) => {
        order.push('comparación');
        return nuevo(key, asked);
      };
      const { ask, sombra } = shadowed({ nuevo: told });

      const settled = ask(porEntidad, ['05'], ctx).then(() => order.push('respuesta'));
      await settled;
      // The turn after, in which what waits in line begins.
      await new Promise((resolve) => setImmediate(resolve));

      expect(order).toEqual(['respuesta', 'comparación']);
      expect(sombra.estado().descartadas).toBe(0);
    },
  );

  it('counts rows that cannot be compared against it', async () => {
    const { notes, sombra, read } = shadowed({ nuevo: () => found([{ entidad: '05' }]) });

    await read('05');
    await sombra.idle();

    expect(notes.clases()).toEqual([]);
    expect(notes.fallas).toEqual(['new_error']);
    expect(notes.respondidas).toBe(0);
  });

  it('I5: serves the same answer when the ledger breaks', async () => {
    const ledger = new Notes();
    ledger.note = () => {
      throw new Error('roto');
    };
    const { sombra, read } = shadowed({}, tramoOf('shadow'), { bitacora: ledger });

    expect((await read('05')).get('05')?.at).toBe('found');
    await sombra.idle();

    expect(sombra.estado()).toMatchObject({ activas: 0, enCola: 0 });
    expect(sombra.estado().errores).toBeGreaterThan(0);
  });

  it('I6: has never more reads in flight nor in line than allowed, and counts what it drops', async () => {
    const { fresh, sombra, read } = shadowed({ nuevo: () => never });

    for (let i = 0; i < 300; i++) expect((await read(`e${i}`)).get(`e${i}`)?.at).toBe('found');
    await new Promise((resolve) => setImmediate(resolve));

    expect(fresh.mostFlying).toBe(4);
    const { activas, enCola, descartadas } = sombra.estado();
    expect(activas).toBe(4);
    expect(enCola).toBeLessThanOrEqual(200);
    expect(descartadas).toBeGreaterThanOrEqual(96);
    expect(activas + enCola + descartadas).toBe(300);
  });

  it('counts a read beyond its deadline against the new side', async () => {
    const nuevo: Answer = (_key, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(failed('nuevo'));
        });
      });
    const { notes, sombra, read } = shadowed({ nuevo }, tramoOf('shadow'), { deadlineMs: 1 });

    await read('05');
    await sombra.idle();

    expect(notes.fallas).toEqual(['timeout']);
  });
});

describe('given a new side that failed', () => {
  it('compares the same key whenever it is asked for again, until both sides answer', async () => {
    let isDown = true;
    const { fresh, notes, sombra, read } = shadowed(
      { nuevo: (key, asked) => (isDown ? failed('nuevo') : same(key, asked)) },
      tramoOf('shadow'),
      { repeatPpm: 0 },
    );
    const readOnce = async (): Promise<void> => {
      await read('05');
      await sombra.idle();
    };

    await readOnce();
    await readOnce();
    isDown = false;
    await readOnce();
    await readOnce();

    expect(fresh.calls).toHaveLength(3);
    expect([notes.fallas, notes.respondidas]).toEqual([['new_error', 'new_error'], 1]);
  });
});
