import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TestStore } from '../../tests/store.js';
import { openTestStore } from '../../tests/store.js';
import { evaluate } from '../route/compuertas.js';
import type { Evidencia } from '../route/evidencia.js';
import { POLITICA_COMPRIMIDA } from '../route/politica.js';
import type { Tramo } from '../route/tramo.js';
import type { Movimiento, Rechazo } from '../route/transiciones.js';
import { isRechazo } from '../route/transiciones.js';
import { Cifra } from '../rows/testing.js';
import type { KeeperOptions, TramosKeeper } from './keeper.js';
import { LATE_MS, openTramos } from './keeper.js';
import { gatherInstancias } from './reunir.js';
import { followEpoca } from './seguimiento.js';
import { loadTransiciones, saveEvidencia } from './store.js';

const START = Date.parse('2026-03-01T12:00:00.000Z');

let store: TestStore;
let now = START;
const keepers: TramosKeeper[] = [];

async function openKeeper(mas: Partial<KeeperOptions> = {}): Promise<TramosKeeper> {
  const keeper = await openTramos({
    store,
    registros: [Cifra],
    base: new Map([[Cifra.nombre, 'viejo']]),
    politica: POLITICA_COMPRIMIDA,
    now: () => now,
    log: () => undefined,
    pollMs: 0,
    ...mas,
  });
  keepers.push(keeper);
  return keeper;
}

beforeEach(async () => {
  now = START;
  store = await openTestStore();
});

afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.close()));
  await store.close();
});

function accepted(result: Tramo | Rechazo): Tramo {
  if (isRechazo(result)) throw new Error(result.mensaje);
  return result;
}

const ANA = ['ana'];
const DECLARED = {
  id: 'cifra-05',
  registro: Cifra.nombre,
  cohorte: { entidad: { prefijo: '05' } },
  viejo: 'viejo',
  nuevo: 'nuevo',
} as const;

const step = (tramo: Tramo, mas: Partial<Movimiento> & Pick<Movimiento, 'hacia'>): Movimiento => ({
  epoca: tramo.epoca,
  personas: ANA,
  motivo: 'prueba',
  ...mas,
});

async function openBackfill(keeper: TramosKeeper): Promise<Tramo> {
  const tramo = accepted(await keeper.create(DECLARED, 'ana', 'primer tramo'));
  return accepted(await keeper.transition(tramo.id, step(tramo, { hacia: 'backfill' })));
}

const GOOD_G1: readonly Pick<Evidencia, 'tipo' | 'valor'>[] = [
  {
    tipo: 'backfill',
    valor: { completo: true, leidas: 10, tomadas: 10, cuarentena: 0, paginasOmitidas: 0 },
  },
  { tipo: 'cuarentena', valor: { pendientes: 0, eximidas: 0 } },
  { tipo: 'rezago', valor: { segundos: 1 } },
  { tipo: 'mapeo', valor: { pruebas: 3, fallidas: 0 } },
];

async function prove(tramo: Tramo): Promise<void> {
  for (const evidencia of GOOD_G1)
    await saveEvidencia(store, tramo, evidencia as never, new Date(now).toISOString());
}

describe('the routes of the store', () => {
  it('give back a tramo as it was written, also after a restart', async () => {
    const keeper = await openKeeper();
    const tramo = await openBackfill(keeper);

    store = await store.reopen();
    const again = await openKeeper();

    expect(again.row(tramo.id)?.tramo).toEqual(tramo);
    expect(again.current.epoca).toBe(2);
  });

  it('reach another instance with its next poll, under one epoch', async () => {
    const here = await openKeeper();
    const there = await openKeeper();
    const before = there.current;
    const tramo = await openBackfill(here);

    expect(there.current).toBe(before);
    await there.refresh();

    expect(there.row(tramo.id)?.tramo.fase).toBe('backfill');
    expect(there.current.epoca).toBe(here.current.epoca);
    expect(before.tramos).toEqual([]);
  });

  it('refuse two tramos over the same records', async () => {
    const keeper = await openKeeper();
    await openBackfill(keeper);

    const crossing = await keeper.create(
      { ...DECLARED, id: 'otro', cohorte: { entidad: { en: ['05001'] } } },
      'ana',
      'cruzado',
    );
    const apart = await keeper.create(
      { ...DECLARED, id: 'aparte', cohorte: { entidad: { en: ['08001'] } } },
      'ana',
      'aparte',
    );

    expect(crossing).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
    expect(isRechazo(apart)).toBe(false);
  });

  it('refuse a cohort over campos that are no part of the ruta', async () => {
    const keeper = await openKeeper();

    const refused = await keeper.create(
      { ...DECLARED, cohorte: { contrato: { en: ['1'] } } },
      'ana',
      'no',
    );

    expect(refused).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
  });

  it('I3: refuse another salt for a tramo that exists', async () => {
    const keeper = await openKeeper();
    const tramo = await openBackfill(keeper);

    const change = store.query('update tramo set salt = $2, epoca = epoca + 1 where id = $1', [
      tramo.id,
      'otra',
    ]);

    await expect(change).rejects.toThrow('TRAMO_INMUTABLE');
  });
});

describe('a movement', () => {
  it('I13: is refused without its gate, and can be judged again from what was stored', async () => {
    const keeper = await openKeeper();
    const tramo = await openBackfill(keeper);

    const early = await keeper.transition(tramo.id, step(tramo, { hacia: 'shadow' }));
    await prove(tramo);
    const moved = accepted(await keeper.transition(tramo.id, step(tramo, { hacia: 'shadow' })));

    const trail = await loadTransiciones(store, tramo.id);
    const expediente = trail.at(-1)?.expediente;
    expect(early).toMatchObject({ code: 'GATE_NOT_SATISFIED' });
    expect(moved.fase).toBe('shadow');
    expect(expediente?.evidencias).toHaveLength(GOOD_G1.length);
    expect(expediente && evaluate(expediente)).toEqual({
      compuerta: 'G1',
      cumplida: true,
      faltas: [],
    });
  });

  it('I14: wins once when two instances try it at the same time', async () => {
    const here = await openKeeper();
    const tramo = accepted(await here.create(DECLARED, 'ana', 'primero'));
    const there = await openKeeper();

    const results = await Promise.all(
      [here, there, here, there].map((keeper) =>
        keeper.transition(tramo.id, step(tramo, { hacia: 'backfill' })),
      ),
    );

    expect(results.filter((result) => !isRechazo(result))).toHaveLength(1);
    expect(results.filter(isRechazo).map(({ code }) => code)).toEqual(Array(3).fill('STALE_EPOCH'));
    expect(await loadTransiciones(store, tramo.id)).toHaveLength(2);
  });

  it('I17: needs new evidence once the mapping changed', async () => {
    const keeper = await openKeeper();
    const tramo = await openBackfill(keeper);
    await prove(tramo);
    const changed = accepted(
      await keeper.bumpVersion(tramo.id, tramo.epoca, 'mapping', 'ana', 'corregido'),
    );

    const refused = await keeper.transition(tramo.id, step(changed, { hacia: 'shadow' }));
    await prove(changed);
    const moved = await keeper.transition(tramo.id, step(changed, { hacia: 'shadow' }));

    expect(refused).toMatchObject({ code: 'GATE_NOT_SATISFIED' });
    expect(isRechazo(moved)).toBe(false);
  });

  it('counts a stored approval only for the epoch that its person saw', async () => {
    const keeper = await openKeeper();
    const tramo = await openBackfill(keeper);

    const stale = await keeper.approve(tramo.id, { hacia: 'shadow', epoca: 1 }, 'beto', 'sí');
    const good = await keeper.approve(
      tramo.id,
      { hacia: 'shadow', epoca: tramo.epoca },
      'beto',
      'sí',
    );
    await prove(tramo);
    accepted(await keeper.transition(tramo.id, step(tramo, { hacia: 'shadow', personas: [] })));

    expect(stale).toMatchObject({ code: 'STALE_EPOCH' });
    expect(good).toBeNull();
    expect((await loadTransiciones(store, tramo.id)).at(-1)?.personas).toEqual(['beto']);
  });

  it('is refused from a phase of a newer program, whose tramo keeps its last known state', async () => {
    const newer = await openKeeper();
    const tramo = await openBackfill(newer);
    await prove(tramo);
    const shadow = accepted(await newer.transition(tramo.id, step(tramo, { hacia: 'shadow' })));
    const older = await openKeeper({ fases: ['legacy', 'backfill'] });
    await store.query(`update tramo set fase = 'quantum', epoca = epoca + 1 where id = $1`, [
      tramo.id,
    ]);
    await store.query('update ruteo_epoca set epoca = epoca + 1');
    await Promise.all([newer.refresh(), older.refresh()]);

    const refused = await newer.transition(
      tramo.id,
      step({ ...shadow, epoca: shadow.epoca + 1 }, { hacia: 'backfill' }),
    );

    expect(newer.row(tramo.id)?.tramo.fase).toBe('shadow');
    expect(older.row(tramo.id)?.tramo.fase).toBe('backfill');
    expect(newer.salud).toBe('DEGRADADA');
    expect(refused).toMatchObject({ code: 'UNKNOWN_PHASE' });
  });
});

describe('given a store that stopped answering', () => {
  it('I20: keeps the last known routes, moves nothing and says that it is degraded', async () => {
    let isDown = false;
    const query: typeof store.query = (...args) =>
      isDown ? Promise.reject(new Error('caído')) : store.query(...args);
    const transaction: typeof store.transaction = (...args) =>
      isDown ? Promise.reject(new Error('caído')) : store.transaction(...args);
    const keeper = await openKeeper({ store: { ...store, query, transaction } });
    const tramo = await openBackfill(keeper);
    const before = keeper.current;

    isDown = true;
    await keeper.refresh();
    const refused = await keeper.transition(tramo.id, step(tramo, { hacia: 'legacy' }));
    const degraded = keeper.salud;
    isDown = false;
    await keeper.refresh();

    expect(refused).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(degraded).toBe('DEGRADADA');
    expect(keeper.current).toBe(before);
    expect(keeper.salud).toBe('SANA');
    expect(await loadTransiciones(store, tramo.id)).toHaveLength(2);
  });

  it('I20: says that it is degraded also when the store neither answers nor refuses', async () => {
    let release = (): void => undefined;
    let hangs: Promise<void> | null = null;
    const query: typeof store.query = async (...args) => {
      await hangs;
      return store.query(...args);
    };
    const keeper = await openKeeper({ store: { ...store, query } });
    const before = keeper.current;
    hangs = new Promise((resolve) => (release = resolve));

    jest.useFakeTimers();
    const refreshed = keeper.refresh();
    jest.advanceTimersByTime(LATE_MS);
    jest.useRealTimers();
    const [late, routes] = [keeper.salud, keeper.current];
    release();
    await refreshed;

    expect(late).toBe('DEGRADADA');
    expect(routes).toBe(before);
    expect(keeper.salud).toBe('SANA');
  });
});

describe('an instance that ends', () => {
  it('is waited for by nobody once it was closed, although its heartbeat is fresh', async () => {
    const [here, there] = [await openKeeper(), await openKeeper()];
    const tramo = await openBackfill(here);
    await there.refresh();
    expect(await gatherInstancias(store, tramo, now)).toEqual({ vivas: 2, reconocidas: 2 });

    await there.close();
    const epoca = await here.announce();

    const { todas } = await followEpoca(store, epoca, () => now, AbortSignal.abort());
    expect(todas).toBe(true);
    expect(await gatherInstancias(store, tramo, now)).toEqual({ vivas: 1, reconocidas: 1 });
  });
});
