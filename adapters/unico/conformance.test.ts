import { afterAll, beforeAll } from '@jest/globals';
import { AlmacenError } from '../../gateway/almacen/errors.js';
import { adapterConformance, type Conducta } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { defineRegistro } from '../../schema/registro.js';
import { keyOf } from '../../schema/key.js';
import type { RecordStore, Row, SqlStore } from '../contract.js';
import { createUnico } from './index.js';
import { contextAt, Gasto, gasto, versionAt } from './testing.js';

const ROWS: readonly Row[] = ['05001', '05002', '05003'].flatMap((entidad) =>
  ['1', '2'].map((cuenta) => gasto(entidad, cuenta)),
);

const withoutNulls = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => Gasto.campos[name]?.nulo === false));

/** What an ingestion would bring while a source behaves so; the store itself knows no such moods. */
const INCOMING: Readonly<Record<Exclude<Conducta, 'MUERTA'>, readonly Row[]>> = {
  NORMAL: ROWS,
  BARAJADA: [...ROWS].reverse(),
  DOBLE: [...ROWS, ...ROWS],
  CORTA: ROWS.map(withoutNulls),
};

let store: TestStore;
let tables = 0;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

adapterConformance('unico', async () => {
  const registro = defineRegistro({ ...Gasto, nombre: `Conforme${++tables}` });
  let calls = 0;
  let isDead = false;
  const counted: SqlStore = {
    ...store,
    query: (...args) => {
      calls++;
      if (isDead) return Promise.reject(new AlmacenError('ALMACEN_CERRADO', 'cerrado'));
      return store.query(...args);
    },
  };
  const unico = createUnico({ store: counted, now: Date.now, registros: [registro] });
  let version = 0;
  const take = (rows: readonly Row[]) =>
    unico.ingest(registro, { rows, version: versionAt(++version) }, null, contextAt());
  await take(ROWS);
  let settled: Promise<unknown> = Promise.resolve();
  const adapter: RecordStore = {
    ...unico,
    read: async (...args) => {
      await settled;
      return unico.read(...args);
    },
  };
  return {
    adapter,
    registro,
    acceso: 'porEntidadPeriodo',
    keys: ['05001', '05002', '05003'].map((entidad) => keyOf([entidad, 202012])),
    unknown: keyOf(['99999', 202012]),
    conduct: (conducta) => {
      if (conducta === 'MUERTA') isDead = true;
      else settled = settled.then(() => take(INCOMING[conducta]));
    },
    calls: () => calls,
    dispose: () => Promise.resolve(),
  };
});
