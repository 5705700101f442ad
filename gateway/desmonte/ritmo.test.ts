import { describe, expect, it } from '@jest/globals';
import { RITMO, Ritmo, type PoliticaRitmo } from './ritmo.js';

interface Case {
  readonly ritmo: Ritmo;
  readonly waits: number[];
  now: number;
  busy: number;
}

function open(politica: Partial<PoliticaRitmo> = {}): Case {
  const waits: number[] = [];
  const state = { waits, now: 0, busy: 0 };
  const ritmo = new Ritmo({
    politica: { ...RITMO, llamadasPorSegundo: 10, filasPorSegundo: 1_000, ...politica },
    now: () => state.now,
    sleep: (ms) => {
      waits.push(ms);
      state.now += ms;
      return Promise.resolve();
    },
    ocupado: () => state.busy-- > 0,
  });
  return Object.assign(state, { ritmo });
}

describe('the pace of a walk', () => {
  it('keeps to the calls per second', async () => {
    const one = open();

    for (let i = 0; i < 11; i++) {
      await one.ritmo.turn();
      one.ritmo.succeeded(0, 0);
    }

    expect(one.now).toBe(1_000);
  });

  it('keeps to the rows per second', async () => {
    const one = open();

    for (let i = 0; i < 5; i++) {
      await one.ritmo.turn();
      one.ritmo.succeeded(500, 0);
    }

    expect(one.now).toBe(2_000);
  });

  it('halves after a slow answer and comes back by steps', () => {
    const { ritmo } = open();

    ritmo.succeeded(1, RITMO.latenciaObjetivoMs + 1);
    const after = ritmo.factor;
    for (let i = 0; i < 10; i++) ritmo.succeeded(1, 0);

    expect(after).toBe(0.5);
    expect(ritmo.factor).toBeCloseTo(1);
  });

  it('waits longer after each failure in a row, and gives up at last', async () => {
    const one = open({ intentos: 4 });
    const goesOn: boolean[] = [];

    for (let i = 0; i < 4; i++) goesOn.push(await one.ritmo.failed());

    expect(one.waits).toEqual([500, 1_000, 2_000]);
    expect(goesOn).toEqual([true, true, true, false]);
  });

  it('gives way to people, and not for ever', async () => {
    const one = open();
    one.busy = 3;
    await one.ritmo.turn();
    const short = one.waits.splice(0);
    one.busy = Infinity;

    await one.ritmo.turn();

    expect(short).toEqual([50, 50, 50]);
    expect(one.now).toBe(150 + RITMO.cesionMaximaMs);
  });

  it('goes on when the clock stands still, and gives no more than a second for a jump', async () => {
    const one = open();
    for (let i = 0; i < 3; i++) {
      await one.ritmo.turn();
      one.now = 0;
    }
    one.now = 86_400_000;
    one.waits.length = 0;

    await one.ritmo.turn();
    one.ritmo.succeeded(2_000, 0);
    await one.ritmo.turn();

    expect(one.waits).toEqual([2_000]);
  });
});
