import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordStore, Row } from '../../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../../adapters/errors.js';
import { createUnico } from '../../adapters/unico/index.js';
import { contextAt } from '../../adapters/unico/testing.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { keyOf } from '../../schema/key.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import { Bitacora } from './bitacora.js';
import { runCotejo, type Cotejo } from './cotejo.js';
import { loadDemanda } from './demanda.js';
import { preguntaOf } from './fallas.js';
import { gatherComparacion, gatherRutasCubiertas } from './reunir.js';
import type { Tarea } from './tarea.js';
import { filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';
import { Ventanas } from './ventanas.js';

const EN = '2026-09-01T00:00:00.000Z';
/** Fifty rutas of four records each. */
const FILAS = filasTo(200);

interface House {
  readonly tarea: Tarea;
  readonly compare: (mas?: Partial<Tarea>) => Promise<Cotejo>;
  readonly put: (rows: readonly Row[], version: number) => Promise<void>;
  readonly lines: (table: 'comparado' | 'ruta_comparada') => Promise<number>;
}

let store: TestStore;
let houses = 0;

async function house(rows: readonly Row[]): Promise<House> {
  const registro: Registro = registroOf(`Cotejado${++houses}`);
  const unico: RecordStore = createUnico({
    store,
    now: () => Date.parse(EN),
    registros: [registro],
  });
  const viejo = new Viejo(registro, FILAS);
  const tramo = tramoOf(registro, { fase: 'shadow' });
  const tarea = await openTarea(store, registro, viejo, { unico, tramo });
  const put = async (some: readonly Row[], version: number): Promise<void> => {
    await unico.ingest(registro, { rows: some, version: versionAt(version) }, null, contextAt());
  };
  await put(rows, 1);
  const bitacora = new Bitacora();
  return {
    tarea,
    put,
    compare: (mas) =>
      runCotejo(
        { ...tarea, ...mas },
        {
          bitacora,
          ventanas: new Ventanas(() => Date.parse(EN), 60_000),
          flush: () => bitacora.flush(store, EN),
        },
      ),
    lines: async (table) => {
      const found = await store.query<{ n: number }>(
        `select count(*)::int as n from ${table} where tramo = $1`,
        [tramo.id],
      );
      return found[0]?.n ?? 0;
    },
  };
}

const wrong = (at: number): Row[] =>
  FILAS.map((fila, n) => (n === at ? { ...fila, pagos: '0.07' } : fila));

describe('the comparison of all rutas', () => {
  beforeAll(async () => (store = await openTestStore()));
  afterAll(() => store.close());

  it('counts every record of a ruta that is alike, in one line of it', async () => {
    const { tarea, compare, lines } = await house(FILAS);

    expect(await compare()).toEqual({ rutas: 50, registros: 200, distintas: 0 });
    await compare();

    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({
      n: 200,
      k: 0,
      excluidas: 0,
    });
    expect(await gatherRutasCubiertas(store, tarea.tramo)).toBe(50);
    expect([await lines('ruta_comparada'), await lines('comparado')]).toEqual([50, 0]);
  });

  it('writes the records of a ruta one by one where one of them differs', async () => {
    const { tarea, compare, lines } = await house(wrong(7));

    expect(await compare()).toEqual({ rutas: 50, registros: 200, distintas: 1 });

    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({ n: 200, k: 1 });
    expect(await gatherRutasCubiertas(store, tarea.tramo)).toBe(50);
    expect([await lines('ruta_comparada'), await lines('comparado')]).toEqual([49, 4]);
  });

  it('counts no record twice, and keeps a difference although its ruta compares well later', async () => {
    const { tarea, compare, put } = await house(wrong(7));
    await compare();
    await put(FILAS, 2);

    await compare();

    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({ n: 200, k: 1 });
  });

  it('counts a side that failed until the key compares well', async () => {
    const { tarea, compare } = await house(FILAS);
    const { unico } = tarea;
    const failing: RecordStore = {
      ...unico,
      read: async (...args) => {
        const answer = new Map(await unico.read(...args));
        const [key = ''] = answer.keys();
        const error = toSourceError(new SourceUnavailableError('unico'));
        return answer.set(key, { at: 'failed', error });
      },
    };

    const { distintas } = await compare({ unico: failing });
    expect(distintas).toBe(0);
    const { k } = await gatherComparacion(store, tarea.tramo);
    expect(k).toBeGreaterThan(0);
    await compare();

    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({ n: 200, k: 0 });
    const kept = await store.query('select resuelta from falla where tramo = $1', [tarea.tramo.id]);
    expect(kept).not.toHaveLength(0);
  });

  it('settles what the shadow found failing of the same look-up and key', async () => {
    const { tarea, compare } = await house(FILAS);
    const sombra = new Bitacora();
    const { id } = byAcceso(tarea.registro, 'porEntidadVigencia');
    const key = keyOf([FILAS[0]?.['entidad'] ?? '', FILAS[0]?.['vigencia'] ?? '']);
    sombra.noteFalla(preguntaOf(tarea.tramo, id, key, EN), 'timeout');
    await sombra.flush(store, EN);
    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({ n: 1, k: 1 });

    await compare();

    expect(await gatherComparacion(store, tarea.tramo)).toMatchObject({
      n: 200,
      k: 0,
      excluidas: 1,
    });
  });

  it('is no use of readers', async () => {
    const { tarea, compare } = await house(FILAS);

    await compare();

    expect(await loadDemanda(store, tarea.tramo, Date.parse(EN))).toEqual([]);
  });

  it('says nothing for other versions of mapping or comparators', async () => {
    const { tarea, compare } = await house(FILAS);
    await compare();

    for (const other of [{ mappingVersion: 2 }, { comparatorVersion: 2 }])
      expect(await gatherComparacion(store, { ...tarea.tramo, ...other })).toMatchObject({
        n: 0,
        k: 0,
      });
  });
});
