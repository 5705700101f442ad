import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordStore, Row } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { claveOf } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { sliceRoot } from '../route/merkle.js';
import { runBackfill, puntoKeyOf } from './backfill.js';
import { loadCuarentena } from './cuarentena.js';
import { readPunto } from './punto.js';
import { loadEvidencia } from './store.js';
import type { Progreso, Tarea } from './tarea.js';
import { contextOf } from './tarea.js';
import { filaAt, filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';

let store: TestStore;
let tables = 0;
const START = Date.UTC(2026, 8, 1);

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface House {
  readonly registro: Registro;
  readonly viejo: Viejo;
  readonly unico: RecordStore;
  readonly tarea: Tarea;
}

async function house(
  rows: readonly Row[] = filasTo(100),
  mas: Partial<Tarea> = {},
): Promise<House> {
  const registro = registroOf(`Carga${++tables}`);
  const viejo = new Viejo(registro, rows);
  const now = mas.now ?? (() => START);
  const unico = createUnico({ store, now, registros: [registro] });
  const tramo = tramoOf(registro, mas.tramo);
  const tarea = await openTarea(store, registro, viejo, { ...mas, unico, tramo });
  return { registro, viejo, unico, tarea };
}

const rootOf = async ({ unico, registro, tarea }: House): Promise<string> =>
  sliceRoot(await unico.bucketDigests(registro, {}, contextOf(tarea)));

const countOf = async ({ unico, registro, tarea }: House): Promise<number> =>
  (await unico.bucketDigests(registro, {}, contextOf(tarea))).reduce((n, b) => n + b.filas, 0);

describe('a load', () => {
  it('brings every record of the tramo, and only of the tramo', async () => {
    const cohorte = { vigencia: { desde: 2020, hasta: 2020 } };
    const one = await house(filasTo(101), {
      tramo: tramoOf(registroOf('x'), { cohorte, id: 'vigencia-2020' }),
    });

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 50, escritas: 50, cuarentena: 0 });
    expect(await countOf(one)).toBe(50);
    expect(done.marca).toEqual({ baja: versionAt(1), alta: versionAt(1) });
  });
});
