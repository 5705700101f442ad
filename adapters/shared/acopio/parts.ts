/** Which parts answer: kept in the store, mirrored in memory, and checked by a counter that travels with every answer. */
import { createHash } from 'node:crypto';
import type { Registro } from '../../../schema/registro.js';
import type { Origin, Version } from '../../contract.js';
import { SourceQuarantinedError, SourceUnavailableError, type AdapterError } from '../../errors.js';
import type { PartState, Question } from './acopio.js';
import type { SqlMigration, SqlSession, SqlStore } from '../sql/store.js';

export const MIGRATIONS: readonly SqlMigration[] = [
  {
    name: '001-partes',
    statements: [
      `create table acopio_tabla (tabla text primary key, firma text not null)`,
      `create table acopio_generacion (
         generacion integer generated always as identity primary key,
         sistema text not null, id text not null, tablas text[] not null default '{}')`,
      `create table acopio_parte (
         sistema text not null, id text not null, generacion integer, version text, corte text,
         filas text not null default '{}', cuarentena text, primary key (sistema, id))`,
      `create table acopio_cambio (sistema text primary key, cambio bigint not null)`,
    ],
  },
];

export type Quarantine = NonNullable<PartState['quarantine']>;

export interface StoredPart extends PartState {
  /** Rows of this generation answer; null while no version was ever good. */
  readonly generation: number | null;
  readonly corte: string | null;
  readonly rowsByRegistro: Readonly<Record<string, number>>;
}

export interface PartsSnapshot {
  readonly cambio: bigint;
  readonly parts: ReadonlyMap<string, StoredPart>;
}

interface PartSqlRow {
  readonly cambio: bigint;
  readonly id: string | null;
  readonly generacion: number | null;
  readonly version: string | null;
  readonly corte: string | null;
  readonly filas: string;
  readonly cuarentena: string | null;
}

function toPart(row: PartSqlRow & { readonly id: string }): StoredPart {
  const rowsByRegistro = JSON.parse(row.filas) as Record<string, number>;
  return {
    id: row.id,
    generation: row.generacion,
    version: row.version === null ? null : (JSON.parse(row.version) as Version),
    corte: row.corte,
    rowsByRegistro,
    rows: Object.values(rowsByRegistro).reduce((sum, rows) => sum + rows, 0),
    quarantine: row.cuarentena === null ? null : (JSON.parse(row.cuarentena) as Quarantine),
  };
}

/** The parts of a sistema as of one snapshot of the store. */
export async function loadParts(session: SqlSession, sistema: string): Promise<PartsSnapshot> {
  const rows = await session.query<PartSqlRow>(
    `select coalesce((select cambio from acopio_cambio where sistema = $1::text), 0) as cambio, p.*
       from (select 1) as one left join (select id, generacion, version, corte, filas, cuarentena
         from acopio_parte where sistema = $1::text) as p on true order by p.id`,
    [sistema],
  );
  const parts = rows.flatMap((row) => (row.id === null ? [] : [toPart({ ...row, id: row.id })]));
  return { cambio: rows[0]?.cambio ?? 0n, parts: new Map(parts.map((part) => [part.id, part])) };
}

/** Whatever changes which rows answer bumps the counter in the same transaction. */
export async function bumpCambio(session: SqlSession, sistema: string): Promise<void> {
  await session.query(
    `insert into acopio_cambio (sistema, cambio) values ($1::text, 1)
     on conflict (sistema) do update set cambio = acopio_cambio.cambio + 1`,
    [sistema],
  );
}

/** The mirror in memory. A reader that met another counter asks for a fresh one. */
export class PartsMirror {
  readonly #store: SqlStore;
  readonly #snapshots = new Map<string, Promise<PartsSnapshot>>();

  constructor(store: SqlStore) {
    this.#store = store;
  }

  get(sistema: string): Promise<PartsSnapshot> {
    const known = this.#snapshots.get(sistema);
    if (known !== undefined) return known;
    const fresh = loadParts(this.#store, sistema);
    this.#snapshots.set(sistema, fresh);
    fresh.catch(() => {
      if (this.#snapshots.get(sistema) === fresh) this.#snapshots.delete(sistema);
    });
    return fresh;
  }

  refresh(sistema: string): Promise<PartsSnapshot> {
    this.#snapshots.delete(sistema);
    return this.get(sistema);
  }
}

export interface LivePart extends StoredPart {
  readonly generation: number;
  readonly version: Version;
}

const isLive = (part: StoredPart): part is LivePart =>
  part.generation !== null && part.version !== null;

function nobodyAnswers(sistema: string, parts: Iterable<StoredPart | undefined>): AdapterError {
  for (const part of parts) {
    if (part?.quarantine != null) return new SourceQuarantinedError(sistema);
  }
  return new SourceUnavailableError(sistema);
}

/**
 * The parts that answer a question. A part asked by name and not loaded is no absence: nobody knows what it holds, so
 * the whole question fails.
 */
export function livePartsOf(
  question: Question,
  { parts }: PartsSnapshot,
): readonly LivePart[] | AdapterError {
  const { sistema, registro } = question;
  if (question.parts !== undefined) {
    const asked = [...new Set(question.parts)].map((id) => parts.get(id));
    const live = asked.filter((part) => part !== undefined).filter(isLive);
    return live.length === asked.length && live.length > 0 ? live : nobodyAnswers(sistema, asked);
  }
  const live = [...parts.values()]
    .filter(isLive)
    .filter((part) => registro.nombre in part.rowsByRegistro);
  return live.length > 0 ? live : nobodyAnswers(sistema, parts.values());
}

/** One version for several parts: its own where there is one, else a digest of all; as fresh as the oldest check. */
export function versionOf(parts: readonly LivePart[]): Version {
  const [first] = parts;
  if (first === undefined) throw new TypeError('a version needs a part');
  if (parts.length === 1) return first.version;
  const tokens = parts.map((part) => `${part.id}=${part.version.token}`).sort();
  const times = parts.flatMap((part) => part.version.sourceTime ?? []).sort();
  const latest = times.at(-1);
  return {
    token: createHash('sha256').update(tokens.join('\n')).digest('base64url').slice(0, 22),
    checkedAt: parts.map((part) => part.version.checkedAt).sort()[0] ?? first.version.checkedAt,
    ...(latest !== undefined && { sourceTime: latest }),
    ...(parts.some((part) => part.version.stale) && { stale: true }),
  };
}

export function originOf(
  question: Question,
  registro: Registro,
  parts: readonly LivePart[],
): Origin {
  const corte = parts
    .flatMap((part) => part.corte ?? [])
    .sort()
    .at(-1);
  return {
    sistema: question.sistema,
    registro: registro.nombre,
    modo: 'ACOPIO',
    version: versionOf(parts),
    servidoPor: question.servidoPor,
    ...(corte !== undefined && { corte }),
  };
}
