import path from 'node:path';
import { ADAPTERS, createAcopio, isRecordStore } from '../../../adapters/index.js';
import type { Key, RecordStore, Row, SourceContext, Version } from '../../../adapters/contract.js';
import { claveOf } from '../../../schema/digest.js';
import { TODOS } from '../../../schema/registros/index.js';
import { openAlmacen } from '../../almacen/almacen.js';

/** Spoils what the single store holds, while no gateway runs over it: the defects that a census must find. */
export interface Plantado {
  readonly cambiadas: number;
  readonly quitadas: number;
  readonly agregadas: number;
}

export interface PlantarOptions {
  readonly dataDir: string;
  readonly registro: string;
  /** Amount that is changed in so many records. */
  readonly campo: string;
  readonly cambiadas: number;
  readonly quitadas: number;
  readonly agregadas: number;
}

const ALREADY = { call: () => undefined, error: () => undefined };

export async function plantar(options: PlantarOptions): Promise<Plantado> {
  const store = await openAlmacen({ dataDir: path.join(options.dataDir, 'almacen') });
  try {
    const registration = ADAPTERS.find(({ isRecordStore: isStore }) => isStore === true);
    const tools = {
      now: Date.now,
      observer: ALREADY,
      acopio: createAcopio(store, { now: Date.now }),
      store,
    };
    const unico = registration?.create({}, tools);
    if (unico === undefined || !isRecordStore(unico)) throw new Error('no hay almacén único');
    return await spoil(unico, options);
  } finally {
    await store.close();
  }
}

async function spoil(unico: RecordStore, options: PlantarOptions): Promise<Plantado> {
  const registro = TODOS.find(({ nombre }) => nombre === options.registro);
  if (registro === undefined) throw new Error(`no existe ${options.registro}`);
  const { campo, cambiadas, quitadas, agregadas } = options;
  const ctx: SourceContext = {
    signal: AbortSignal.timeout(60_000),
    deadline: Date.now() + 60_000,
    alcance: 'control',
    corte: null,
    epoca: 0,
    origen: 'fondo',
  };
  const rows = new Map<Key, Row>();
  let version: Version | null = null;
  // Under the version that the records carry: a defect of the load itself, not news of the source.
  for await (const change of unico.changes(registro, null, ctx)) {
    if (change.row === null) rows.delete(change.clave);
    else if (typeof change.row[campo] === 'string') {
      version ??= change.version;
      if (version.token === change.version.token) rows.set(change.clave, change.row);
    }
  }
  if (version === null) throw new Error(`${registro.nombre} está vacío`);
  const stamped = { version, mapeo: 1, reparar: true };
  const all = [...rows.values()];
  const changed = all
    .slice(0, cambiadas)
    .map((row) => ({ ...row, [campo]: spoilt(String(row[campo])) }));
  const gone = all.slice(cambiadas, cambiadas + quitadas);
  const extra = all
    .slice(cambiadas + quitadas, cambiadas + quitadas + agregadas)
    .map((row) => ({ ...row, periodo: 'T9' }));
  await unico.ingest(registro, { rows: [...changed, ...extra], ...stamped }, null, ctx);
  const claves = gone.map((row) => claveOf(registro, row));
  await unico.tombstone(registro, claves, version, ctx, { mapeo: 1, reparar: true });
  return { cambiadas: changed.length, quitadas: gone.length, agregadas: extra.length };
}

/** Another amount in the same canonical form. */
const spoilt = (amount: string): string => (amount === '0' ? '7' : `${amount}7`);
