import type { SqlSession } from '../almacen/port.js';
import type { Mala } from './tomar.js';

export interface Cuarentena {
  readonly claveDigest: string;
  readonly motivo: string;
  readonly primera: string;
  readonly ultima: string;
  readonly veces: number;
  /** Who answers for leaving it, and why; null while nobody does. */
  readonly exencion: string | null;
}

export async function saveCuarentena(
  session: SqlSession,
  tramo: string,
  malas: readonly Mala[],
  en: string,
): Promise<void> {
  const distinct = [...new Map(malas.map((mala) => [mala.claveDigest, mala])).values()];
  if (distinct.length === 0) return;
  await session.query(
    `insert into cuarentena as c (tramo, clave_digest, motivo, crudo_digest, primera, ultima, veces)
    select $1::text, k.clave, k.motivo, k.crudo, $5::text, $5::text, 1
      from unnest($2::text[], $3::text[], $4::text[]) as k(clave, motivo, crudo)
    on conflict (tramo, clave_digest) do update set motivo = excluded.motivo, crudo_digest = excluded.crudo_digest,
      ultima = excluded.ultima, veces = c.veces + 1,
      exencion = case when c.crudo_digest = excluded.crudo_digest then c.exencion end`,
    [
      tramo,
      distinct.map(({ claveDigest }) => claveDigest),
      distinct.map(({ motivo }) => motivo),
      distinct.map(({ crudoDigest }) => crudoDigest),
      en,
    ],
  );
}

/** After a complete walk: what it did not meet again was mended at the source. */
export async function pruneCuarentena(
  session: SqlSession,
  tramo: string,
  standing: readonly string[],
): Promise<void> {
  await session.query(
    'delete from cuarentena where tramo = $1 and not clave_digest = any($2::text[])',
    [tramo, standing],
  );
}

export async function loadCuarentena(
  session: SqlSession,
  tramo: string,
): Promise<readonly Cuarentena[]> {
  return session.query<Cuarentena>(
    `select clave_digest as "claveDigest", motivo, primera, ultima, veces, exencion
    from cuarentena where tramo = $1 order by primera, clave_digest`,
    [tramo],
  );
}

/** A person answers for a record that stays out. It holds as long as the record says the same. */
export async function exemptCuarentena(
  session: SqlSession,
  tramo: string,
  digest: string,
  exencion: string,
): Promise<boolean> {
  const rows = await session.query(
    'update cuarentena set exencion = $3 where tramo = $1 and clave_digest = $2 returning tramo',
    [tramo, digest, exencion],
  );
  return rows.length === 1;
}
