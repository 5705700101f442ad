import { keyOf, partsOf, type Key } from '../../schema/key.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';

/** Every key of the tramo that the new side holds; what only the old one has, the census finds. */
export async function rutasOf(tarea: Tarea, claves: readonly string[]): Promise<readonly Key[]> {
  const { registro, tramo, unico } = tarea;
  const places = claves.map((campo) => registro.clave.indexOf(campo));
  const keys = new Set<Key>();
  const scope = { filtro: toFiltro(registro, tramo.cohorte) };
  for await (const { clave } of unico.digests(registro, scope, contextOf(tarea))) {
    const parts = partsOf(clave);
    keys.add(keyOf(places.map((place) => parts[place] ?? '')));
  }
  return [...keys].sort();
}

/**
 * How many rutas each tramo has. Every gate asks, and counting reads the claves of all records: counted again only when
 * the single store moved.
 */
export class RutasContadas {
  readonly #known = new Map<string, { readonly token: string; readonly rutas: number }>();

  async of(tarea: Tarea): Promise<number> {
    const { registro, tramo, unico } = tarea;
    const { token } = await unico.version(registro, contextOf(tarea));
    const known = this.#known.get(tramo.id);
    if (known?.token === token) return known.rutas;
    const rutas = (await rutasOf(tarea, registro.ruta)).length;
    this.#known.set(tramo.id, { token, rutas });
    return rutas;
  }
}
