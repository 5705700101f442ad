import type { Key } from '../../schema/key.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';

/** Every key of the tramo that the new side holds; what only the old one has, the census finds. */
export async function rutasOf(tarea: Tarea, claves: readonly string[]): Promise<readonly Key[]> {
  const { registro, tramo, unico } = tarea;
  const filtro = toFiltro(registro, tramo.cohorte);
  const keys = await unico.distinctKeys(registro, claves, filtro, contextOf(tarea));
  return [...keys].sort();
}

/**
 * How many rutas each tramo has. Every gate asks, and counting looks at all records: counted again only when
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
