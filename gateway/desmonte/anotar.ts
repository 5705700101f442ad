import type { Filtro } from '../../schema/registro.js';
import { saveTrozo, type Barrido } from './barrido.js';
import { leerTomadas, moved, oneAhead, type Leida } from './leer.js';
import type { Ritmo } from './ritmo.js';
import type { Tarea } from './tarea.js';

/** A chunk that its walk has noted, by its number in it. */
export interface Anotada extends Leida {
  readonly trozo: number;
  /** Instant of the source's version, epoch ms. */
  readonly tiempo: number;
}

export interface Lectura {
  readonly filtro: Filtro | null;
  /** Where the walk goes on, and how many chunks it noted before; null at its beginning. */
  readonly desde: { readonly trozo: number; readonly resume: string | null } | null;
  readonly ritmo: Ritmo;
}

async function* noted(tarea: Tarea, barrido: Barrido, lectura: Lectura): AsyncGenerator<Anotada> {
  const { filtro, desde, ritmo } = lectura;
  let trozo = desde?.trozo ?? 0;
  for await (const leida of leerTomadas('carga', tarea, filtro, desde?.resume ?? null, ritmo)) {
    const { version, tomada } = leida;
    if (version.token !== barrido.baja.token) throw moved();
    trozo += 1;
    const tiempo = Date.parse(version.sourceTime ?? version.checkedAt);
    await saveTrozo(tarea.store, barrido, trozo, tomada.hojas, tiempo);
    yield { ...leida, trozo, tiempo };
  }
}

/**
 * The walk over the old side, one chunk ahead of who takes it: the source answers, and the walk notes what it said, while
 * the store still takes the chunk before. What is noted and then not taken, whoever resumes takes back (`trimFrom`).
 */
export const leerAnotadas = (...args: Parameters<typeof noted>): AsyncGenerator<Anotada> =>
  oneAhead(noted(...args));
