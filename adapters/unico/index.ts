import { TODOS } from '../../schema/registros/index.js';
import type { Registro } from '../../schema/registro.js';
import type { Capabilities, Ingested, RecordStore } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import type { AdapterRegistration } from '../shared/registration.js';
import type { Select } from '../shared/sql/answer.js';
import { suelto } from '../shared/sql/columns.js';
import { pageOf, scanAll, topByKey } from '../shared/sql/lists.js';
import { measureByKey } from '../shared/sql/measure.js';
import { readByKey } from '../shared/sql/read.js';
import { askerOf, asSource, corteOf, gather, ID, type AskTools } from './asker.js';
import { changesOf } from './changes.js';
import { exportTo } from './export-archive.js';
import { checkArchive, importFrom } from './import-archive.js';
import { sourceOf, toBatch, toTombstone, writeBatch, type Batch } from './ingest.js';
import { createPrepare } from './prepare.js';
import { loadCheckpoint, MIGRATIONS, sourceMs, versionOf } from './state.js';
import { analyzeGrown } from '../shared/sql/statistics.js';
import type { SqlStore } from '../shared/sql/store.js';
import { tableName } from './table.js';
import { bucketDigestsOf, digestsOf, distinctKeysOf } from './walk.js';

/** Keys travel as arrays of one statement. */
const MAX_KEYS = 20_000;

const capabilitiesOf = (registro: Registro): Capabilities => ({
  read: 'native',
  page: 'native',
  measure: Object.keys(registro.medidas).length > 0 ? 'native' : 'none',
  topPerKey: 'native',
  scan: 'native',
  accesos: Object.keys(registro.accesos),
  maxKeys: MAX_KEYS,
});

export interface UnicoOptions {
  readonly store: SqlStore;
  readonly now: () => number;
  readonly registros: readonly Registro[];
}

/** Its tables are brought up to date once, by whoever asks first; a store that did not open is tried again. */
function createTools({ store, now }: UnicoOptions): AskTools {
  const prepareTable = createPrepare(store);
  let opening: Promise<void> | null = null;
  const open = (): Promise<void> =>
    (opening ??= store.migrate(ID, MIGRATIONS).catch((error: unknown) => {
      opening = null;
      throw error;
    }));
  return { store, now, prepare: (registro) => open().then(() => prepareTable(registro)) };
}

const NO_ROWS: Select = { columns: [suelto('_fila', '1')], from: 'where false' };

/** The single store: the system of record into which the others are retired, behind the contract of all of them. */
export function createUnico(options: UnicoOptions): RecordStore {
  const { store, now, registros } = options;
  const tools = createTools(options);

  const write: RecordWriter = async (batch, ctx) =>
    asSource(batch.registro, ctx, async () => {
      await tools.prepare(batch.registro);
      const ingested = await writeBatch(store, batch, now);
      if (ingested.escritas > 0) await analyzeGrown(store, tableName(batch.registro));
      return ingested;
    });

  return {
    id: ID,
    registros,
    capabilities: capabilitiesOf,
    async version(registro, ctx) {
      const { estado } = await gather(tools, registro, null, () => NO_ROWS, ctx);
      return versionOf(estado, corteOf(ctx), now());
    },
    // The order of the file is not kept; the clave's is the same on every instance.
    read: (registro, acceso, keys, ctx) =>
      readByKey(askerOf(tools, registro, ctx), acceso, keys, ctx, 'clave'),
    async page(registro, filtro, orden, list, ctx) {
      try {
        const asker = askerOf(tools, registro, ctx);
        const { origin, ...top } = await pageOf(asker, filtro, orden, list, ctx);
        return { at: 'found', rows: [top], origin };
      } catch (error) {
        if (!(error instanceof AdapterError)) throw error;
        return { at: 'failed', error: toSourceError(error) };
      }
    },
    measure: (registro, medida, keys, dims, ctx) =>
      measureByKey(askerOf(tools, registro, ctx), medida, keys, dims, ctx),
    topPerKey: (registro, acceso, keys, filtro, orden, list, ctx) =>
      topByKey(askerOf(tools, registro, ctx), acceso, keys, filtro, orden, list, ctx),
    scan: (registro, filtro, resume, ctx) =>
      scanAll(askerOf(tools, registro, ctx), filtro, resume, ctx),
    async ingest(registro, chunk, checkpoint, ctx) {
      return write(await toBatch(registro, chunk, checkpoint), ctx);
    },
    async checkpoint(tramo) {
      await store.migrate(ID, MIGRATIONS);
      return loadCheckpoint(store, tramo);
    },
    async tombstone(registro, claves, version, ctx, { mapeo = 0, reparar = false } = {}) {
      const stamped = { version: version.token, tiempo: sourceMs(version), mapeo };
      const incoming = claves.map((clave) => toTombstone(clave, stamped));
      const source = sourceOf(version);
      return (await write({ registro, incoming, source, reparar, checkpoint: null }, ctx)).escritas;
    },
    digests: (registro, scope, ctx) => digestsOf(tools, registro, scope, ctx),
    bucketDigests: (registro, scope, ctx) => bucketDigestsOf(tools, registro, scope, ctx),
    distinctKeys: (registro, campos, filtro, ctx) =>
      distinctKeysOf(tools, registro, campos, filtro, ctx),
    changes: (registro, since, ctx) => changesOf(tools, registro, since, ctx),
    exportArchive: (registro, filtro, dir, { certificado = null }, ctx) =>
      exportTo(tools, { registro, filtro, dir, certificado }, ctx),
    checkArchive: async (dir, ctx) => (await checkArchive({ registros, dir }, ctx)).manifest,
    importArchive: (dir, ctx) => importFrom({ registros, write, dir }, ctx),
    estado: () => ({ avisos: [] }),
    close: () => Promise.resolve(),
  };
}

export type RecordWriter = (
  batch: Batch,
  ctx: Parameters<RecordStore['ingest']>[3],
) => Promise<Ingested>;

export const unico: AdapterRegistration = {
  id: ID,
  settings: [],
  registros: TODOS,
  isRecordStore: true,
  create: (_values, { store, now }) => createUnico({ store, now, registros: TODOS }),
};
