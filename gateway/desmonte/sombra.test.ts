import { describe, expect, it } from '@jest/globals';
import { byAcceso, byMedida } from '../../subgraphs/subgraph.js';
import type { AnyOutcome } from '../rows/outcome.js';
import { absent, Cifra, failed, found } from '../rows/testing.js';
import { ctx, reloj, row, setUpSombras, shadowed, tramoOf, type Answer } from './sombra-testing.js';

setUpSombras();

const total = byMedida(Cifra, 'total', []);

describe('a slice in shadow', () => {
  it('I6: compares what was served with no further call to the old system', async () => {
    const { old, fresh, notes, sombra, read } = shadowed({});

    await read('05', '08');
    expect(fresh.calls).toEqual([]);
    await sombra.idle();

    expect(old.calls).toEqual(['consulta 05,08']);
    expect(fresh.calls).toEqual(['fondo 05,08']);
    expect(notes.clases()).toEqual(['equal', 'equal']);
  });

  it('tells each kind of result from the others', async () => {
    const viejo: Answer = (key) => {
      if (key === 'caida') return failed('viejo');
      if (key === 'nadie') return absent('viejo');
      return found([row(key, { valor: '10' })]);
    };
    const nuevo: Answer = (key) => {
      if (key === 'error') return failed('nuevo');
      if (key === 'falta' || key === 'nadie') return absent('nuevo');
      return found([row(key, { valor: key === 'otra' ? '11' : '10.0' })]);
    };
    const { notes, sombra, read } = shadowed({ viejo, nuevo });

    await read('igual', 'otra', 'falta', 'nadie', 'error', 'caida');
    await sombra.idle();

    expect(notes.clases()).toEqual(['equal', 'mismatch', 'mismatch', 'equal']);
    expect(notes.fallas).toEqual(['new_error', 'legacy_error']);
    expect(notes.respondidas).toBe(4);
    expect(notes.notes[1]?.comparacion.campos.map(({ campo }) => campo)).toEqual(['valor']);
  });

  it('compares totals exactly', async () => {
    const group = (sum: string): AnyOutcome =>
      found([{ dims: {}, sums: { valor: sum }, count: 2 } as never]);
    const { notes, sombra, ask } = shadowed({
      viejo: () => group('10'),
      nuevo: (key) => group(key === '05' ? '10' : '10.01'),
    });

    await ask(total, ['05', '08'], ctx);
    await sombra.idle();

    expect(notes.clases()).toEqual(['equal', 'mismatch']);
  });

  it('leaves out the rows of other slices', async () => {
    const porContrato = byAcceso(Cifra, 'porContrato');
    const { notes, sombra, ask } = shadowed(
      {
        viejo: (contrato) => found([row('05', { contrato }), row('08', { contrato })]),
        nuevo: (contrato) => found([row('05', { contrato })]),
      },
      tramoOf('shadow', { cohorte: { entidad: { en: ['05'] } } }),
    );

    await ask(porContrato, ['C'], ctx);
    await sombra.idle();

    expect(notes.notes.map(({ ruta, comparacion }) => [ruta, comparacion.clase])).toEqual([
      ['05', 'equal'],
    ]);
  });

  it('takes a difference that is gone at the second look for a late one', async () => {
    let isLate = true;
    const { old, notes, sombra, read } = shadowed({
      nuevo: (key) => found([row(key, { valor: isLate ? '9' : '10' })]),
    });

    await read('05');
    await sombra.idle();
    isLate = false;
    reloj.now += 2_000;
    sombra.tick();
    await sombra.idle();

    expect(notes.clases()).toEqual(['mismatch', 'transient']);
    expect(old.calls).toHaveLength(1);
  });

  it('never notes a value, of a personal campo nor of any other', async () => {
    const { notes, sombra, read } = shadowed({
      viejo: (key) => found([row(key, { documento: '79123456', valor: '123456789' })]),
      nuevo: (key) => found([row(key, { documento: '79123457', valor: '987654321' })]),
    });

    await read('05');
    await sombra.idle();

    const told = JSON.stringify(notes.notes.map((note) => ({ ...note, tramo: null })));
    expect(notes.clases()).toEqual(['mismatch']);
    expect(told).not.toMatch(/7912345|123456789|987654321|id-05/);
  });
});

describe('a slice that the new side answers for', () => {
  it('I6: reads the old system for comparison only within its budget', async () => {
    const { old, fresh, sombra, read } = shadowed({}, tramoOf('primary'));

    for (let i = 0; i < 10; i++) await read(`e${i}`);
    await sombra.idle();

    expect(fresh.calls).toHaveLength(10);
    expect(old.calls).toEqual(['fondo e0', 'fondo e1']);
    expect(sombra.estado().descartadas).toBe(8);
  });

  it('lets the old system stand in for what could not be asked, never for what is not found', async () => {
    const { old, read, ventanas } = shadowed(
      { nuevo: (key) => (key === '05' ? failed('nuevo') : absent('nuevo')) },
      tramoOf('primary'),
      { legacyBudget: { take: () => false } },
    );

    const outcomes = await read('05', '08');

    expect(outcomes.get('05')).toMatchObject({ at: 'found', respaldo: true });
    expect(outcomes.get('08')).toMatchObject({ at: 'absent' });
    expect(old.calls).toEqual(['consulta 05']);
    expect(ventanas.of(tramoOf('primary')).nuevo).toMatchObject({ n: 2, fallas: 1 });
  });

  it('asks the old system nothing any more in draining and retired', async () => {
    for (const fase of ['draining', 'retired'] as const) {
      const { old, sombra, read } = shadowed({ nuevo: () => failed('nuevo') }, tramoOf(fase));

      expect((await read('05')).get('05')?.at).toBe('failed');
      await sombra.idle();

      expect(old.calls).toEqual([]);
    }
  });
});
