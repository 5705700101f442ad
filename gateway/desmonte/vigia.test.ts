import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Adapter, Key } from '../../adapters/contract.js';
import type { TestStore } from '../../tests/store.js';
import { openTestStore } from '../../tests/store.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import { POLITICA_COMPRIMIDA, POLITICA_ESTRICTA } from '../route/politica.js';
import type { Tramo } from '../route/tramo.js';
import { createAskSources } from '../rows/sources.js';
import { Cifra, failed, found, operationOf, toSourceContext } from '../rows/testing.js';
import { saveObservado } from './evidencias.js';
import type { TramosKeeper } from './keeper.js';
import { openTramos } from './keeper.js';
import { gatherComparacion, gatherInstancias, gatherRutasCubiertas } from './reunir.js';
import { loadEvidencia, loadTransiciones } from './store.js';
import type { Vigia } from './vigia.js';
import { createVigia } from './vigia.js';

const porEntidad = byAcceso(Cifra, 'porEntidad');
const side = (id: string, valor: () => string | null): Adapter =>
  ({
    id,
    capabilities: () => ({ maxKeys: 1_000 }),
    read: (_r: unknown, _a: unknown, keys: readonly Key[]) =>
      Promise.resolve(
        new Map(
          keys.map((key) => {
            const is = valor();
            const row = { id: key, entidad: key, valor: is };
            return [key, (is === null ? failed(id) : found([row], id)) as never];
          }),
        ),
      ),
  }) as unknown as Adapter;

let store: TestStore;
let keeper: TramosKeeper;
let vigia: Vigia;
let now = Date.parse('2026-03-01T12:00:00Z');
/** Null: it does not answer. */
let nuevo: string | null = '10';

beforeEach(async () => {
  nuevo = '10';
  now = Date.parse('2026-03-01T12:00:00Z');
  store = await openTestStore();
  keeper = await openTramos({
    store,
    registros: [Cifra],
    base: new Map([[Cifra.nombre, 'viejo']]),
    politica: POLITICA_COMPRIMIDA,
    now: () => now,
    log: () => undefined,
    pollMs: 0,
  });
});
afterEach(async () => {
  await vigia.close();
  await keeper.close();
  await store.close();
});

/** A tramo put into a phase by hand: the gates have tests of their own. */
async function openIn(fase: string, canaryPpm = 0): Promise<Tramo> {
  await keeper.create(
    { id: 't', registro: Cifra.nombre, cohorte: {}, viejo: 'viejo', nuevo: 'nuevo' },
    'ana',
    'x',
  );
  await store.query('update tramo set fase = $1, canary_ppm = $2, epoca = epoca + 1', [
    fase,
    canaryPpm,
  ]);
  await store.query('update ruteo_epoca set epoca = epoca + 1');
  await keeper.refresh();
  const tramo = keeper.row('t')?.tramo;
  if (tramo === undefined) throw new Error('no tramo');
  return tramo;
}

function openVigia(): (...keys: string[]) => Promise<unknown> {
  const adapters = new Map([
    ['viejo', side('viejo', () => '10')],
    ['nuevo', side('nuevo', () => nuevo)],
  ]);
  vigia = createVigia({
    tramos: keeper,
    adapters,
    store,
    now: () => now,
    log: () => undefined,
    lookMs: 0,
  });
  const ask = createAskSources(
    adapters,
    () => keeper.current,
    () => undefined,
    vigia.watch,
  );
  return (...keys) => ask(porEntidad, keys, toSourceContext(operationOf()));
}

const someKeys = Array.from({ length: 100 }, (_, i) => `e${i}`);

describe('a slice in shadow', () => {
  it('gathers distinct keys as evidence, under its versions only', async () => {
    const tramo = await openIn('shadow');
    const read = openVigia();

    await read(...someKeys);
    await read(...someKeys);
    await vigia.sombra.idle();
    await vigia.flush();

    expect(await gatherComparacion(store, tramo)).toMatchObject({ n: 100, k: 0 });
    expect(await gatherRutasCubiertas(store, tramo)).toBe(100);
    expect(await gatherComparacion(store, { ...tramo, mappingVersion: 2 })).toMatchObject({ n: 0 });
    expect(await gatherInstancias(store, tramo, now)).toEqual({ vivas: 1, reconocidas: 1 });
  });

  it('keeps a difference in the evidence although the key compares well later', async () => {
    const tramo = await openIn('shadow');
    const read = openVigia();
    nuevo = '11';
    await read('e1');
    await vigia.sombra.idle();
    await vigia.flush();
    nuevo = '10';
    await read('e1');
    await vigia.sombra.idle();
    await vigia.flush();

    expect(await gatherComparacion(store, tramo)).toMatchObject({ n: 1, k: 1 });
  });

  it('counts a key that the new side failed to answer until a reader asks for it again', async () => {
    const tramo = await openIn('shadow');
    const read = openVigia();
    nuevo = null;
    await read('e1', 'e2');
    await vigia.sombra.idle();
    await vigia.flush();
    expect(await gatherComparacion(store, tramo)).toMatchObject({ n: 2, k: 2 });

    // A difference is an answer: the failure before it is settled, the difference counts.
    nuevo = '11';
    await read('e1');
    await vigia.sombra.idle();
    nuevo = '10';
    await read('e2');
    await vigia.sombra.idle();
    await vigia.flush();

    expect(await gatherComparacion(store, tramo)).toMatchObject({ n: 2, k: 1, excluidas: 2 });
  });

  it('has seen a peak once the hour of it is over, and another one as busy', async () => {
    await openIn('shadow');
    const read = openVigia();
    const seen = async (): Promise<unknown> => {
      await vigia.sombra.idle();
      await vigia.flush();
      const row = keeper.row('t');
      if (row === undefined) throw new Error('no tramo');
      const { ventanas } = vigia;
      const { pico } = POLITICA_ESTRICTA.g2;
      const rutas = () => Promise.resolve(1);
      await saveObservado({ store, ventanas, row, nowMs: now, pico, descartadas: 0, rutas });
      const evidencias = await loadEvidencia(store, 't');
      return evidencias.find(({ tipo }) => tipo === 'picos')?.valor;
    };
    for (const key of ['e1', 'e2', 'e3']) await read(key);
    expect(await seen()).toEqual({ vistos: 0 });

    now += 3_600_000;
    expect(await seen()).toEqual({ vistos: 1 });

    now += 24 * 3_600_000;
    await read('e1');
    await vigia.sombra.idle();
    now += 3_600_000;
    expect(await seen()).toEqual({ vistos: 1 });
    now += 23 * 3_600_000;
    for (const key of ['e1', 'e2', 'e3']) await read(key);
    await vigia.sombra.idle();
    now += 3_600_000;
    expect(await seen()).toEqual({ vistos: 2 });
  });

  it('asks the store nothing for a question or its comparison', async () => {
    await openIn('shadow');
    const read = openVigia();
    const query = jest.spyOn(store, 'query');

    for (const valor of [null, '10']) {
      nuevo = valor;
      await read(...someKeys);
      await vigia.sombra.idle();
    }

    expect(vigia.sombra.estado().descartadas).toBe(0);
    expect(query).not.toHaveBeenCalled();
  });
});

describe('a slice in canary whose new side answers wrongly', () => {
  it('I15: is back in shadow at the next look, with the incident and its keys on record', async () => {
    const tramo = await openIn('canary', 500_000);
    const read = openVigia();
    nuevo = '11';

    await read(...someKeys);
    await vigia.sombra.idle();
    await vigia.look();

    const trail = await loadTransiciones(store, tramo.id);
    const incidents = await store.query<{ tipo: string; detalle: { diferencias: unknown[] } }>(
      'select tipo, detalle from incidente',
    );
    expect(keeper.row('t')?.tramo.fase).toBe('shadow');
    expect(keeper.current.ownersOf(Cifra)).toEqual(['viejo']);
    expect(trail.at(-1)).toMatchObject({
      automatica: true,
      desde: 'canary',
      hacia: 'shadow',
      personas: [],
    });
    expect(incidents.map(({ tipo }) => tipo)).toEqual(['REGRESO_AUTOMATICO']);
    expect(incidents[0]?.detalle.diferencias).toHaveLength(50);
  });

  it('stays while both sides agree', async () => {
    await openIn('canary', 500_000);
    const read = openVigia();

    await read(...someKeys);
    await vigia.sombra.idle();
    await vigia.look();

    expect(keeper.row('t')?.tramo.fase).toBe('canary');
  });
});
