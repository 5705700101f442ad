import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordStore } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { RutasContadas, rutasOf } from './rutas.js';
import { contextOf, type Tarea } from './tarea.js';
import { filaAt, filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';

let store: TestStore;
let tarea: Tarea;
let walks = 0;

beforeAll(async () => {
  store = await openTestStore();
  const registro = registroOf('Contada');
  const unico = createUnico({ store, now: () => 0, registros: [registro] });
  const cohorte = { vigencia: { desde: 2020, hasta: 2020 } };
  const counted: RecordStore = {
    ...unico,
    distinctKeys: (...args) => {
      walks += 1;
      return unico.distinctKeys(...args);
    },
  };
  tarea = await openTarea(store, registro, new Viejo(registro, []), {
    unico: counted,
    tramo: tramoOf(registro, { cohorte }),
  });
  await take(filasTo(200));
});
afterAll(() => store.close());

const take = (rows: readonly ReturnType<typeof filaAt>[]) =>
  tarea.unico.ingest(tarea.registro, { rows, version: versionAt(1) }, null, contextOf(tarea));

describe('the rutas of a tramo', () => {
  it('are those of its cohort, once each', async () => {
    const rutas = await rutasOf(tarea, ['entidad', 'vigencia']);

    // Of fifty entities, those with an odd number report the second year.
    expect(rutas).toHaveLength(25);
    expect(rutas.slice(0, 2)).toEqual(['05001|2020', '05003|2020']);
  });

  it('are counted again only when the single store moved', async () => {
    const rutas = new RutasContadas();
    walks = 0;

    expect([await rutas.of(tarea), await rutas.of(tarea), walks]).toEqual([25, 25, 1]);

    await take([filaAt(201, { entidad: '05900' })]);

    expect([await rutas.of(tarea), walks]).toEqual([26, 2]);
  });
});
