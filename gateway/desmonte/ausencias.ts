import type { Filtro } from '../../schema/registro.js';
import type { Barrido } from './barrido.js';
import { compareBarrido } from './comparar.js';
import type { Tarea } from './tarea.js';
import { contextOf, Detenida } from './tarea.js';

/** Records that the new side has and the old one does not. */
export interface Ausencias {
  /** Absent from one complete walk: another must say so too. */
  readonly pendientes: number;
  readonly borradas: number;
  /** Absent, and yet not older here than the version that lacks them. */
  readonly noBorradas: number;
}

interface Reglas {
  readonly filtro: Filtro | null;
  readonly limite: number;
  readonly reparar: boolean;
  readonly sinClave: number;
  readonly borradas: number;
}

/**
 * After a complete walk: what is absent from it and was absent from an earlier complete one gets a tombstone. Too many
 * absences at once are a cut answer of the source: nothing is deleted and a person has to look.
 */
export async function settleAusencias(
  tarea: Tarea,
  barrido: Barrido,
  reglas: Reglas,
): Promise<Ausencias> {
  const { tramo, store } = tarea;
  const { soloNuevo, nuevo, claves } = await compareBarrido(tarea, barrido, reglas.filtro);
  const limit = Math.floor(nuevo * reglas.limite);
  if (soloNuevo > limit) {
    throw new Detenida(
      'DELETE_LIMIT',
      `Faltan en la fuente ${soloNuevo} de ${nuevo} registros y el tope es ${limit}: no se borra ninguno.`,
    );
  }
  // One of the records that nobody can name may be the one that seems absent.
  if (soloNuevo > 0 && reglas.sinClave > 0)
    return { pendientes: 0, borradas: reglas.borradas, noBorradas: soloNuevo };
  const known = await store.query<{ clave: string }>(
    'select clave from ausente where tramo = $1 and barrido <> $2 and clave = any($3::text[])',
    [tramo.id, barrido.id, claves.soloNuevo],
  );
  const confirmed = known.map(({ clave }) => clave);
  const gone = await bury(tarea, barrido, confirmed, reglas.reparar);
  const sure = new Set(confirmed);
  const news = claves.soloNuevo.filter((clave) => !sure.has(clave));
  await remember(tarea, barrido, news);
  return {
    pendientes: news.length,
    borradas: reglas.borradas + gone,
    noBorradas: confirmed.length - gone,
  };
}

async function bury(
  tarea: Tarea,
  { baja }: Barrido,
  claves: readonly string[],
  reparar: boolean,
): Promise<number> {
  if (claves.length === 0) return 0;
  const { unico, registro, tramo } = tarea;
  const options = { mapeo: tramo.mappingVersion, reparar };
  return unico.tombstone(registro, claves, baja, contextOf(tarea), options);
}

/** Only what is absent now: what came back was never gone. */
async function remember(
  { store, tramo }: Tarea,
  { id }: Barrido,
  claves: readonly string[],
): Promise<void> {
  await store.transaction(async (session) => {
    await session.query('delete from ausente where tramo = $1', [tramo.id]);
    await session.query(
      'insert into ausente (tramo, clave, barrido) select $1::text, k, $2::text from unnest($3::text[]) as k',
      [tramo.id, id, claves],
    );
  });
}
