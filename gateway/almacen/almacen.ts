/** The one store of the process: handed to acopio, unico and desmonte, opened and closed here. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from './engine.js';
import { lockDirectory } from './lock.js';
import { openPglite } from './pglite-engine.js';
import { openPostgres } from './postgres-engine.js';
import type { SqlStore } from './port.js';
import { createSqlStore } from './sql-store.js';

export interface Almacen extends SqlStore {
  close(): Promise<void>;
}

export type AlmacenOptions =
  | { readonly dataDir: string; readonly graceMs?: number }
  | { readonly databaseUrl: string; readonly maxConnections?: number };

/** Opens the store. A directory opens once: the second opener gets ALMACEN_OCUPADO, naming the process. */
export async function openAlmacen(options: AlmacenOptions): Promise<Almacen> {
  if ('databaseUrl' in options) {
    const engine = await openPostgres(options.databaseUrl, options.maxConnections);
    return { ...createSqlStore(engine), close: () => engine.close() };
  }
  await mkdir(options.dataDir, { recursive: true });
  const lock = await lockDirectory(path.join(options.dataDir, 'almacen.lock'));
  const { dataDir, ...rest } = options;
  let engine: Engine;
  try {
    engine = await openPglite({ ...rest, dataDir: path.join(dataDir, 'pglite') });
  } catch (error) {
    await lock.release();
    throw error;
  }
  return {
    ...createSqlStore(engine),
    async close() {
      await engine.close();
      await lock.release();
    },
  };
}
