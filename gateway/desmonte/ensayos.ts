import type { Adapter } from '../../adapters/contract.js';
import { recordDigest } from '../../schema/digest.js';
import type { Fila } from '../../schema/registro.js';
import type { ValorDe } from '../route/evidencia.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import { createRuteo } from '../route/ruteo.js';
import { isRechazo, decideTransition } from '../route/transiciones.js';
import type { Tramo } from '../route/tramo.js';
import type { TramosKeeper } from './keeper.js';
import { rutasOf } from './rutas.js';
import { followEpoca } from './seguimiento.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';

/** What is tried before a step, on the running systems. Whoever calls keeps the outcome as evidence. */

const MUESTRA = 500;

/** Records of the old side against what the registro declares: campos, nulls, and a digest that stands a round trip. */
export async function ensayoMapeo(tarea: Tarea): Promise<ValorDe<'mapeo'>> {
  const { registro, tramo, viejo } = tarea;
  let pruebas = 0;
  let fallidas = 0;
  const filtro = toFiltro(registro, tramo.cohorte);
  for await (const { rows } of viejo.scan(registro, filtro, null, contextOf(tarea))) {
    for (const row of rows.slice(0, MUESTRA - pruebas)) {
      pruebas += 1;
      if (!standsMapping(tarea, row)) fallidas += 1;
    }
    if (pruebas >= MUESTRA) break;
  }
  return { pruebas, fallidas };
}

function standsMapping({ registro }: Tarea, row: Fila): boolean {
  const known = Object.keys(row).every((campo) => campo in registro.campos);
  const filled = Object.entries(registro.campos).every(
    ([campo, { nulo }]) => nulo || (row[campo] !== null && row[campo] !== undefined),
  );
  try {
    const again = JSON.parse(JSON.stringify(row)) as Fila;
    return known && filled && recordDigest(registro, row) === recordDigest(registro, again);
  } catch {
    return false;
  }
}

/**
 * The way back, before it is needed: from a full canary every ruta is routed to the old side again, the old side answers for
 * a sample of them, and an epoch is really announced, to measure how soon every instance would follow the step.
 */
export async function ensayoRegreso(
  tarea: Tarea,
  tramos: Pick<TramosKeeper, 'announce'>,
): Promise<ValorDe<'ensayo-regreso'>> {
  const { registro, tramo, viejo, store, now, signal } = tarea;
  const claves = registro.ruta;
  const keys = await rutasOf(tarea, claves);
  const canary: Tramo = { ...tramo, fase: 'canary', canaryPpm: 1_000_000 };
  const move = { hacia: 'shadow' as const, epoca: canary.epoca, personas: [], motivo: 'ensayo' };
  const back = decideTransition(canary, move, null);
  if (isRechazo(back)) return { exito: false, segundos: 0 };
  const [going, gone] = [canary, back].map((one) => createRuteo(0, [one]));
  const routes = keys.every(
    (key) =>
      going?.ownersOfKey(registro, claves, key)[0] === tramo.nuevo &&
      gone?.ownersOfKey(registro, claves, key)[0] === tramo.viejo,
  );
  const answers = (await fallasDe(tarea, viejo, keys)) === 0;
  const { todas, segundos } = await followEpoca(store, await tramos.announce(), now, signal);
  return { exito: routes && answers && todas, segundos };
}

/** The new side answers for a sample of rutas while nobody may ask the old one: how many it could not. */
export async function ensayoOscuro(tarea: Tarea): Promise<number> {
  const keys = await rutasOf(tarea, tarea.registro.ruta);
  return fallasDe(tarea, tarea.unico, keys);
}

async function fallasDe(tarea: Tarea, adapter: Adapter, keys: readonly string[]): Promise<number> {
  const { registro } = tarea;
  const acceso = Object.entries(registro.accesos).find(
    ([, { claves }]) => claves.join() === registro.ruta.join(),
  )?.[0];
  if (acceso === undefined) return 0;
  const step = Math.max(1, Math.ceil(keys.length / MUESTRA));
  const sample = keys.filter((_key, at) => at % step === 0);
  const answer = await adapter.read(registro, acceso, sample, contextOf(tarea));
  return [...answer.values()].filter(({ at }) => at !== 'found').length;
}
