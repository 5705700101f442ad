import { ADAPTERS, isRecordStore, type RegistrationTools } from '../adapters/index.js';
import type { Adapter } from '../adapters/contract.js';
import { importArchivos } from '../gateway/desmonte/importar-archivo.js';
import { loadTramos } from '../gateway/desmonte/store.js';
import { createRuteo, type Ruteo } from '../gateway/route/ruteo.js';
import { FASES } from '../gateway/route/tramo.js';

export interface AdapterWorld {
  readonly adapters: Map<string, Adapter>;
  readonly ruteo: Ruteo;
}

/**
 * The systems of these ids as they are installed, and the single store with what the archive of retired ones holds
 * (SUGIT_ARCHIVE_DIR): a test that asks registros through it does not know whether their system still has a folder.
 */
export async function openAdapterWorld(
  ids: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
  tools: RegistrationTools,
): Promise<AdapterWorld> {
  const wanted = ADAPTERS.filter(
    ({ id, isRecordStore: isStore }) => ids.includes(id) || isStore === true,
  );
  const adapters = new Map(wanted.map(({ id, create }) => [id, create(values, tools)]));
  const base = new Map(
    wanted
      .filter(({ isRecordStore: isStore }) => isStore !== true)
      .flatMap(({ id, registros }) => registros.map(({ nombre }) => [nombre, id] as const)),
  );
  return { adapters, ruteo: createRuteo(0, await archived(adapters, tools), base) };
}

async function archived(adapters: ReadonlyMap<string, Adapter>, { store, now }: RegistrationTools) {
  const dir = process.env['SUGIT_ARCHIVE_DIR'];
  const unico = [...adapters.values()].find(isRecordStore);
  if (dir === undefined || unico === undefined) return [];
  const { registros } = unico;
  const { signal } = new AbortController();
  const taken = await importArchivos({ store, unico, registros, dir, now, signal });
  const refused = taken.find(({ estado }) => estado === 'rechazado');
  if (refused !== undefined) throw new Error(`${refused.tramo}: ${refused.motivo ?? ''}`);
  return (await loadTramos(store, FASES)).map(({ tramo }) => tramo);
}
