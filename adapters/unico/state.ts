/** What the single store remembers beside its records: its epoch per registro, and how far each tramo has come. */
import type { Registro } from '../../schema/registro.js';
import type { Checkpoint, SqlMigration, SqlSession, Version } from '../contract.js';

export const MIGRATIONS: readonly SqlMigration[] = [
  {
    name: '001-estado',
    statements: [
      'create table unico_tabla (tabla text primary key, forma text not null)',
      `create table unico_estado (
         registro text primary key, epoca bigint not null default 0,
         registrada bigint not null default 0, filas bigint not null default 0,
         fuente bigint, verificada bigint)`,
      `create table unico_punto (
         tramo text primary key, registro text not null, valor text not null, guardado bigint not null)`,
    ],
  },
];

export interface Estado {
  /** Grows with every transaction that changed what is answered. */
  readonly epoca: bigint;
  /** The last recorded time; it never goes back, whatever the clock does. */
  readonly registrada: bigint;
  readonly filas: bigint;
  readonly fuente: bigint | null;
  readonly verificada: bigint | null;
}

const NOTHING: Estado = { epoca: 0n, registrada: 0n, filas: 0n, fuente: null, verificada: null };

export async function loadEstado(session: SqlSession, registro: Registro): Promise<Estado> {
  const rows = await session.query<Estado>(
    `select epoca, registrada, filas, fuente, verificada from unico_estado where registro = $1::text`,
    [registro.nombre],
  );
  return rows[0] ?? NOTHING;
}

/** The instant of a version in the order of its source. */
export function sourceMs(version: Version): number {
  const ms = Date.parse(version.sourceTime ?? version.checkedAt);
  if (Number.isNaN(ms)) throw new TypeError('a version carries a time that is no ISO date');
  return ms;
}

/** Moves the epoch. Answers the recorded time of this transaction. */
export async function advance(
  session: SqlSession,
  registro: Registro,
  now: number,
  filas: number,
): Promise<number> {
  const rows = await session.query<{ registrada: bigint }>(
    `insert into unico_estado as e (registro, epoca, registrada, filas)
     values ($1::text, 1, $2::bigint, $3::bigint)
     on conflict (registro) do update set epoca = e.epoca + 1,
       registrada = greatest($2::bigint, e.registrada + 1), filas = e.filas + $3::bigint
     returning registrada`,
    [registro.nombre, now, filas],
  );
  return Number(rows[0]?.registrada ?? now);
}

/** Notes what was seen of the source, also when nothing had to be written. */
export async function noteSource(
  session: SqlSession,
  registro: Registro,
  seen: { readonly fuente: number | null; readonly verificada: number },
): Promise<void> {
  await session.query(
    `insert into unico_estado as e (registro, fuente, verificada)
     values ($1::text, $2::bigint, $3::bigint)
     on conflict (registro) do update set fuente = greatest(e.fuente, excluded.fuente),
       verificada = greatest(e.verificada, excluded.verificada)
     where e.fuente is distinct from greatest(e.fuente, excluded.fuente)
        or e.verificada is distinct from greatest(e.verificada, excluded.verificada)`,
    [registro.nombre, seen.fuente, seen.verificada],
  );
}

export async function saveCheckpoint(
  session: SqlSession,
  registro: Registro,
  { tramo, valor }: Checkpoint,
  now: number,
): Promise<void> {
  await session.query(
    `insert into unico_punto (tramo, registro, valor, guardado)
     values ($1::text, $2::text, $3::text, $4::bigint)
     on conflict (tramo) do update set registro = excluded.registro, valor = excluded.valor,
       guardado = excluded.guardado`,
    [tramo, registro.nombre, valor, now],
  );
}

export async function loadCheckpoint(session: SqlSession, tramo: string): Promise<string | null> {
  const rows = await session.query<{ valor: string }>(
    'select valor from unico_punto where tramo = $1::text',
    [tramo],
  );
  return rows[0]?.valor ?? null;
}

/** The version of what the store answers: of now, or of an instant that has passed. */
export function versionOf(estado: Estado, corte: number | null, now: number): Version {
  const past = corte !== null && BigInt(corte) < estado.registrada;
  return {
    token: past ? `c${corte}` : `u${estado.epoca}`,
    checkedAt: new Date(Number(estado.verificada ?? now)).toISOString(),
    ...(estado.fuente !== null && { sourceTime: new Date(Number(estado.fuente)).toISOString() }),
  };
}
