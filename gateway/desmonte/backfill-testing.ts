import { afterAll, beforeAll } from '@jest/globals';
import type { RecordStore, Row } from '../../adapters/contract.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { SqlStore } from '../almacen/port.js';
import type { Tramo } from '../route/tramo.js';
import { loadCuarentena, type Cuarentena } from './cuarentena.js';
import { loadEvidencia } from './store.js';
import { contextOf, type Tarea } from './tarea.js';
import { filasTo, openTarea, registroOf, tramoOf, Viejo } from './testing.js';

export const START = Date.UTC(2026, 8, 1);

export interface House {
  readonly registro: Registro;
  readonly viejo: Viejo;
  readonly unico: RecordStore;
  readonly tarea: Tarea;
}

type OpenHouse = (
  rows?: readonly Row[],
  estado?: Partial<Tramo>,
  mas?: Partial<Tarea>,
) => Promise<House>;

/** Tramos to load, each of a registro of its own, over one store for the file. What loads are taken into is handed in. */
export function setUpHouses(
  createUnico: (options: {
    readonly store: SqlStore;
    readonly now: () => number;
    readonly registros: readonly Registro[];
  }) => RecordStore,
): OpenHouse {
  let store: TestStore;
  let tables = 0;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  return async (rows = filasTo(100), estado = {}, mas = {}) => {
    const registro = registroOf(`Carga${++tables}`);
    const viejo = new Viejo(registro, rows);
    const now = mas.now ?? (() => START);
    const unico = createUnico({ store, now, registros: [registro] });
    const tramo = tramoOf(registro, estado);
    const tarea = await openTarea(store, registro, viejo, { ...mas, unico, tramo });
    return { registro, viejo, unico, tarea };
  };
}

export const countOf = async ({ unico, registro, tarea }: House): Promise<number> =>
  (await unico.bucketDigests(registro, {}, contextOf(tarea))).reduce((n, b) => n + b.filas, 0);

export const evidenceOf = async ({ tarea }: House, tipo: string): Promise<unknown> =>
  (await loadEvidencia(tarea.store, tarea.tramo.id)).find((one) => one.tipo === tipo)?.valor;

export const cuarentenaOf = ({ tarea }: House): Promise<readonly Cuarentena[]> =>
  loadCuarentena(tarea.store, tarea.tramo.id);
