import type { SqlSession } from '../almacen/port.js';
import type { Regla } from '../route/comparadores.js';
import { CLASES, isFailure, isSuccess } from '../route/comparadores.js';
import type { ValorDe } from '../route/evidencia.js';
import type { Ventana } from '../route/regreso.js';
import type { Tramo } from '../route/tramo.js';
import type { TipoUso } from './bitacora.js';
import { INSTANCIA_VIVA_MS } from './keeper.js';

/** Evidence that follows from what the store already holds. Whoever calls keeps it with `saveEvidencia`. */

const FALLAS = CLASES.filter(isFailure);
const CONTADAS = CLASES.filter((clase) => isFailure(clase) || isSuccess(clase));

export async function gatherComparacion(
  session: SqlSession,
  tramo: Tramo,
  descartadas = 0,
): Promise<ValorDe<'comparacion'>> {
  const versions = [tramo.id, tramo.mappingVersion, tramo.comparatorVersion] as const;
  // A clave of a ruta that was compared whole is one of those that the ruta counts; what failed stands beside it.
  const rows = await session.query<{ n: number; k: number; todas: number }>(
    `with entera as (select ruta, iguales from ruta_comparada
        where tramo = $1 and mapping_version = $2 and comparator_version = $3),
      -- A failure that both sides answered since is history, and counts like a difference that was only late.
      fallida as (select clave_digest, case when resuelta is null then clase else 'transient' end as clase from falla
        where tramo = $1 and mapping_version = $2 and comparator_version = $3),
      -- As a list and not as a join: without statistics the engine would look through all rutas for each clave.
      una as (select clase, ruta not in (select ruta from entera) as sola from comparado
          where tramo = $1 and mapping_version = $2 and comparator_version = $3
            and clave_digest not in (select clave_digest from fallida where clase = any($5::text[]))
        union all select clase, true from fallida),
      total as (select coalesce(sum(iguales), 0)::int as n from entera)
    select n + (count(*) filter (where sola and clase = any($4::text[])))::int as n,
      (count(*) filter (where clase = any($5::text[])))::int as k,
      n + (count(*) filter (where sola))::int as todas
    from total left join una on true group by total.n`,
    [...versions, CONTADAS, FALLAS],
  );
  const explicadas = await session.query<{ regla: string; n: number; maximoPpm: number }>(
    `select c.regla, count(*)::int as n, coalesce(r.maximo_ppm, 0) as "maximoPpm"
    from comparado c left join regla r on r.id = c.regla
    where c.tramo = $1 and c.mapping_version = $2 and c.comparator_version = $3 and c.clase = 'explained'
    group by c.regla, r.maximo_ppm order by c.regla`,
    [...versions],
  );
  const { n = 0, k = 0, todas = 0 } = rows[0] ?? {};
  return { n, k, excluidas: todas - n + descartadas, explicadas };
}

/** Distinct rutas that were compared well or badly; how many there are, the census knows. */
export async function gatherRutasCubiertas(session: SqlSession, tramo: Tramo): Promise<number> {
  const rows = await session.query<{ n: number }>(
    `select count(*)::int as n from (
      select ruta from comparado
      where tramo = $1 and mapping_version = $2 and comparator_version = $3 and ruta <> '' and clase = any($4::text[])
      union
      select ruta from ruta_comparada where tramo = $1 and mapping_version = $2 and comparator_version = $3) as r`,
    [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, CONTADAS],
  );
  return rows[0]?.n ?? 0;
}

export async function gatherCuarentena(
  session: SqlSession,
  tramo: Tramo,
): Promise<ValorDe<'cuarentena'>> {
  const rows = await session.query<{ pendientes: number; eximidas: number }>(
    `select count(*) filter (where exencion is null)::int as pendientes,
      count(*) filter (where exencion is not null)::int as eximidas from cuarentena where tramo = $1`,
    [tramo.id],
  );
  return rows[0] ?? { pendientes: 0, eximidas: 0 };
}

/** Uses of the old side as a stand-in since the phase began. */
export const gatherRespaldo = (
  session: SqlSession,
  tramo: Tramo,
  faseDesde: string,
): Promise<ValorDe<'respaldo'>> => gatherUsos(session, 'RESPALDO', tramo, faseDesde);

/** The same of one kind since an instant. */
export async function gatherUsos(
  session: SqlSession,
  tipo: TipoUso,
  { id }: Pick<Tramo, 'id'>,
  desde: string,
): Promise<ValorDe<'respaldo'>> {
  const rows = await session.query<{ usos: number; ultimo: string | null }>(
    `select coalesce(sum((detalle->>'usos')::int), 0)::int as usos, max(en) as ultimo
    from incidente where tramo = $1 and tipo = $2 and en >= $3`,
    [id, tipo, desde],
  );
  return rows[0] ?? { usos: 0, ultimo: null };
}

/** Living instances, and those that route by an epoch not older than the last movement of the tramo. */
export async function gatherInstancias(
  session: SqlSession,
  tramo: Tramo,
  nowMs: number,
): Promise<ValorDe<'instancias'>> {
  const alive = new Date(nowMs - INSTANCIA_VIVA_MS).toISOString();
  const rows = await session.query<{ vivas: number; reconocidas: number }>(
    `select count(*)::int as vivas, count(*) filter (where epoca >= (
      select coalesce(max(epoca_ruteo), 0) from transicion where tramo = $1))::int as reconocidas
    from instancia where latido >= $2`,
    [tramo.id, alive],
  );
  return rows[0] ?? { vivas: 0, reconocidas: 0 };
}

export const toLatencia = ({ viejo, nuevo }: Ventana): ValorDe<'latencia'> => ({
  n: Math.min(viejo.n, nuevo.n),
  p95ViejoMs: viejo.p95Ms,
  p95NuevoMs: nuevo.p95Ms,
});

export const toErrores = ({ viejo, nuevo }: Ventana): ValorDe<'errores'> => ({
  nuevoN: nuevo.n,
  nuevoK: nuevo.fallas,
  viejoN: viejo.n,
  viejoK: viejo.fallas,
});

/** The rules of a tramo, in force or not: the comparator judges by their date. */
export const loadReglas = (session: SqlSession, tramo: string): Promise<readonly Regla[]> =>
  session.query<Regla>(
    `select id, campo, efecto, responsable, motivo, vence, maximo_ppm as "maximoPpm" from regla where tramo = $1 order by id`,
    [tramo],
  );

export async function saveRegla(
  session: SqlSession,
  tramo: string,
  regla: Regla,
  en: string,
): Promise<void> {
  const { id, campo, efecto, responsable, motivo, vence, maximoPpm } = regla;
  await session.query(
    `insert into regla (id, tramo, campo, efecto, responsable, motivo, en, vence, maximo_ppm)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, tramo, campo, efecto, responsable, motivo, en, vence, maximoPpm],
  );
}
