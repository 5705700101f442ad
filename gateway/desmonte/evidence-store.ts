import type { SqlSession } from '../almacen/port.js';
import type { Evidencia, Exencion, TipoEvidencia } from '../route/evidencia.js';
import type { Expediente } from '../route/compuertas.js';
import type { Politica } from '../route/politica.js';
import type { Compuerta } from '../route/transiciones.js';
import type { Tramo } from '../route/tramo.js';

/** Keeps a piece of evidence, stamped with the versions and the epoch under which it was gathered. */
export async function saveEvidencia<T extends TipoEvidencia>(
  session: SqlSession,
  tramo: Tramo,
  evidencia: { readonly tipo: T; readonly valor: Extract<Evidencia, { tipo: T }>['valor'] },
  en: string,
): Promise<string> {
  const rows = await session.query<{ id: bigint }>(
    `insert into evidencia (tramo, tipo, mapping_version, comparator_version, epoca, en, valor)
    values ($1, $2, $3, $4, $5, $6, $7::jsonb) returning id`,
    [
      tramo.id,
      evidencia.tipo,
      tramo.mappingVersion,
      tramo.comparatorVersion,
      tramo.epoca,
      en,
      JSON.stringify(evidencia.valor),
    ],
  );
  return String(rows[0]?.id);
}

interface EvidenciaRaw {
  readonly id: bigint;
  readonly tipo: string;
  readonly mapping_version: number;
  readonly comparator_version: number;
  readonly epoca: number;
  readonly en: string;
  readonly valor: unknown;
}

/** The latest evidence of each kind, whatever its versions: the gate judges those. */
export async function loadEvidencia(
  session: SqlSession,
  tramo: string,
): Promise<readonly Evidencia[]> {
  const rows = await session.query<EvidenciaRaw>(
    `select distinct on (tipo) id, tipo, mapping_version, comparator_version, epoca, en, valor
    from evidencia where tramo = $1 order by tipo, id desc`,
    [tramo],
  );
  return rows.map(
    (raw) =>
      ({
        id: String(raw.id),
        tipo: raw.tipo,
        mappingVersion: raw.mapping_version,
        comparatorVersion: raw.comparator_version,
        epoca: raw.epoca,
        en: raw.en,
        valor: raw.valor,
      }) as Evidencia,
  );
}

export async function saveExencion(
  session: SqlSession,
  tramo: string,
  exencion: Exencion,
  en: string,
): Promise<void> {
  await session.query(
    `insert into exencion (tramo, requisito, persona, motivo, en, vence) values ($1, $2, $3, $4, $5, $6)
    on conflict (tramo, requisito, persona) do update set motivo = excluded.motivo, en = excluded.en, vence = excluded.vence`,
    [tramo, exencion.requisito, exencion.persona, exencion.motivo, en, exencion.vence],
  );
}

export const loadExenciones = (session: SqlSession, tramo: string): Promise<readonly Exencion[]> =>
  session.query<Exencion>(
    'select requisito, persona, motivo, vence from exencion where tramo = $1 order by requisito, persona',
    [tramo],
  );

/** All that a gate is judged by, as it stands in the store. */
export const loadExpediente = async (
  session: SqlSession,
  { tramo, faseDesde }: { readonly tramo: Tramo; readonly faseDesde: string },
  compuerta: Compuerta,
  politica: Politica,
  ahora: string,
): Promise<Expediente> => ({
  compuerta,
  tramo,
  faseDesde,
  ahora,
  politica,
  evidencias: await loadEvidencia(session, tramo.id),
  exenciones: await loadExenciones(session, tramo.id),
});
