import { describe, expect, it } from '@jest/globals';
import type { Fase } from '../route/tramo.js';
import { failed } from '../rows/testing.js';
import { ctx, porEntidad, same, setUpSombras, shadowed, tramoOf } from './sombra-testing.js';

setUpSombras();

describe('how much is asked of a slice', () => {
  it.each<[Fase, object]>([
    ['legacy', { preguntas: 2, comparadas: 0, descartadas: 0 }],
    ['backfill', { preguntas: 2, comparadas: 0, descartadas: 0 }],
    ['shadow', { preguntas: 2, comparadas: 3, descartadas: 0 }],
    // Both sides answer in canary: a question would count twice.
    ['canary', { preguntas: 0, comparadas: 3, descartadas: 0 }],
  ])('is counted in %s by question of a reader, what is compared by key', async (fase, counted) => {
    const { notes, sombra, read } = shadowed({}, tramoOf(fase));

    await read('05', '08');
    await read('11');
    await sombra.idle();

    expect(notes.demanda).toEqual(counted);
  });

  it('counts no comparison that failed, and what found no room apart', async () => {
    const { notes, sombra, read } = shadowed(
      { nuevo: (key, asked) => (key === '05' ? failed('nuevo') : same(key, asked)) },
      tramoOf('shadow'),
      { queue: 1 },
    );

    await Promise.all(['05', '08', '11'].map((key) => read(key)));
    await sombra.idle();

    const { preguntas, comparadas, descartadas } = notes.demanda;
    expect(preguntas).toBe(3);
    expect(descartadas).toBe(sombra.estado().descartadas);
    expect(descartadas).toBeGreaterThan(0);
    expect(notes.fallas.length + comparadas + descartadas).toBe(3);
  });

  it('is not what background work asks', async () => {
    const { notes, ask, sombra } = shadowed({});

    await ask(porEntidad, ['05'], { ...ctx, origen: 'fondo' });
    await sombra.idle();

    expect(notes.demanda).toEqual({ preguntas: 0, comparadas: 0, descartadas: 0 });
  });
});
