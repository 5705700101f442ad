import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Adapter, Key, Row, SourceContext } from '../../adapters/contract.js';
import { byAcceso, byMedida } from '../../subgraphs/subgraph.js';
import type { SqlSession } from '../almacen/port.js';
import type { Clase } from '../route/comparadores.js';
import { createRuteo } from '../route/ruteo.js';
import type { Fase, Tramo } from '../route/tramo.js';
import { toSourceContext } from '../rows/context.js';
import type { AnyOutcome } from '../rows/outcome.js';
import { createAskSources } from '../rows/sources.js';
import { Cifra, absent, failed, found, operationOf } from '../rows/testing.js';
import { Bitacora } from './bitacora.js';
import type { Anotada } from './bitacora.js';
import { Sombra } from './sombra.js';
import { createTokenBucket } from './token-bucket.js';
import { Ventanas } from './ventanas.js';

const ctx: SourceContext = toSourceContext(operationOf());
const porEntidad = byAcceso(Cifra, 'porEntidad');
const total = byMedida(Cifra, 'total', []);

type Answer = (key: Key, ctx: SourceContext) => AnyOutcome | Promise<AnyOutcome>;

class Side {
  readonly calls: string[] = [];
  flying = 0;
  mostFlying = 0;
  readonly adapter: Adapter;

  constructor(id: string, answer: Answer) {
    const ask = async (keys: readonly Key[], asked: SourceContext) => {
      this.calls.push(`${asked.origen} ${keys.join(',')}`);
      this.flying += 1;
      this.mostFlying = Math.max(this.mostFlying, this.flying);
      try {
        return new Map(
          await Promise.all(
            keys.map(async (key): Promise<[Key, AnyOutcome]> => [key, await answer(key, asked)]),
          ),
        );
      } finally {
        this.flying -= 1;
      }
    };
    this.adapter = {
      id,
      capabilities: () => ({ maxKeys: 100_000 }),
      read: (_r: unknown, _a: unknown, keys: readonly Key[], asked: SourceContext) =>
        ask(keys, asked),
      measure: (
        _r: unknown,
        _m: unknown,
        keys: readonly Key[],
        _d: unknown,
        asked: SourceContext,
      ) => ask(keys, asked),
    } as unknown as Adapter;
  }
}

const tramoOf = (fase: Fase, mas: Partial<Tramo> = {}): Tramo => ({
  id: 't',
  registro: Cifra.nombre,
  cohorte: {},
  viejo: 'viejo',
  nuevo: 'nuevo',
  fase,
  canaryPpm: 0,
  canaryCohorte: null,
  salt: 's',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 1,
  ...mas,
});

const row = (entidad: string, mas: Row = {}): Row => ({ id: `id-${entidad}`, entidad, ...mas });
const same: Answer = (key) => found([row(key, { valor: '10' })]);

class Notes extends Bitacora {
  readonly notes: Anotada[] = [];

  override note(anotada: Anotada): void {
    this.notes.push(anotada);
  }

  clases(): Clase[] {
    return this.notes.map(({ comparacion }) => comparacion.clase);
  }
}

let now = 0;
const open: Sombra[] = [];

function shadowed(
  { viejo = same, nuevo = same }: { viejo?: Answer; nuevo?: Answer },
  tramo = tramoOf('shadow'),
  mas: Partial<ConstructorParameters<typeof Sombra>[0]> = {},
) {
  const old = new Side('viejo', viejo);
  const fresh = new Side('nuevo', nuevo);
  const adapters = new Map([
    ['viejo', old.adapter],
    ['nuevo', fresh.adapter],
  ]);
  const notes = new Notes();
  const ventanas = new Ventanas(() => now, 60_000);
  const sombra = new Sombra({
    adapters,
    bitacora: notes,
    ventanas,
    reglasOf: () => [],
    legacyBudget: createTokenBucket(0, 2, () => now),
    now: () => now,
    ...mas,
  });
  open.push(sombra);
  const ruteo = createRuteo(1, [tramo], new Map([[Cifra.nombre, 'viejo']]));
  const ask = createAskSources(
    adapters,
    () => ruteo,
    () => undefined,
    sombra,
  );
  const read = (...keys: string[]) => ask(porEntidad, keys, ctx);
  return { old, fresh, notes, ventanas, sombra, ask, read };
}

beforeEach(() => {
  now = Date.parse('2026-03-01T12:00:00Z');
});
afterEach(() => {
  for (const sombra of open.splice(0)) sombra.close();
});

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

    expect(notes.clases()).toEqual([
      'equal',
      'mismatch',
      'mismatch',
      'equal',
      'new_error',
      'legacy_error',
    ]);
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
    now += 2_000;
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

    expect(notes.clases()).toEqual(['new_error']);
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

    expect(notes.clases()).toEqual(['timeout']);
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

describe('the ledger', () => {
  it('keeps what it holds when the store refuses it', async () => {
    const bitacora = new Bitacora();
    const tramo = tramoOf('shadow');
    bitacora.note({
      tramo,
      claveDigest: 'd',
      ruta: '05',
      comparacion: { clase: 'equal', regla: null, campos: [] },
      rechequeo: 0,
    });
    const texts: string[] = [];
    const session = (isDown: boolean): SqlSession => ({
      query: (text) => {
        texts.push(text);
        return isDown ? Promise.reject(new Error('caído')) : Promise.resolve([]);
      },
    });

    await expect(bitacora.flush(session(true), 'hoy')).rejects.toThrow('caído');
    await bitacora.flush(session(false), 'hoy');
    await bitacora.flush(session(false), 'hoy');

    expect(texts).toHaveLength(2);
  });
});
