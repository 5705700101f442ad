import type { Key } from '../../schema/key.js';
import type { SqlParam, SqlSession } from '../almacen/port.js';
import type { Clase } from '../route/comparadores.js';
import type { Tramo } from '../route/tramo.js';
import { claveDigest } from './clave-digest.js';
import { flushParts, MAX_PENDING } from './flush-parts.js';

/** A look-up of a tramo with one key, put to both sides. */
export interface Pregunta {
  readonly tramo: Tramo;
  /** Stands for all that the key would have brought, under the salt of the tramo. */
  readonly digest: string;
  /** ISO 8601: when both sides had answered it, or one had failed to. */
  readonly en: string;
}

/** The same for whoever compares, so that one settles what another found failing. */
export const preguntaOf = (tramo: Tramo, bucketId: string, key: Key, en: string): Pregunta => ({
  tramo,
  digest: claveDigest(tramo, `@${bucketId}|${key}`),
  en,
});

interface Fallida extends Pregunta {
  readonly clase: Clase;
  readonly primera: string;
  readonly veces: number;
}

/** Longer than another instance takes to write a failure that came before an answer given here. */
const RETENCION_MS = 30_000;

/**
 * Questions that a side failed to answer. Each counts until both sides answer it, here or on another instance, whatever
 * they say; settled, it stays as history. Which came later is told by the instants of both, never by who wrote first.
 */
export class Fallas {
  /** Failures that found no room. */
  perdidas = 0;
  readonly #failed = new Map<string, Fallida>();
  /** The oldest first. One that finds no room settles nothing: the failure goes on counting. */
  readonly #answered = new Map<string, Pregunta>();

  failed(pregunta: Pregunta, clase: Clase): void {
    const id = idOf(pregunta);
    this.#answered.delete(id);
    const known = this.#failed.get(id);
    if (known === undefined && this.#failed.size >= MAX_PENDING) {
      this.perdidas += 1;
      return;
    }
    const { primera = pregunta.en, veces = 0 } = known ?? {};
    this.#failed.set(id, { ...pregunta, clase, primera, veces: veces + 1 });
  }

  answered(pregunta: Pregunta): void {
    const id = idOf(pregunta);
    this.#answered.delete(id);
    const [oldest] = this.#answered.keys();
    if (oldest !== undefined && this.#answered.size >= MAX_PENDING) this.#answered.delete(oldest);
    this.#answered.set(id, pregunta);
  }

  async flush(session: SqlSession, en: string): Promise<void> {
    await flushParts(this.#failed, (part) => writeFallidas(session, part));
    if (this.#answered.size === 0) return;
    const answered = new Map(this.#answered);
    if (await someOpen(session)) await flushParts(answered, (part) => settle(session, part));
    const past = new Date(Date.parse(en) - RETENCION_MS).toISOString();
    for (const [id, pregunta] of this.#answered) if (pregunta.en < past) this.#answered.delete(id);
  }
}

const idOf = ({ tramo, digest }: Pregunta): string =>
  [tramo.id, tramo.mappingVersion, tramo.comparatorVersion, digest].join('|');

const keysOf = (rows: readonly Pregunta[]): readonly SqlParam[] => [
  rows.map(({ tramo }) => tramo.id),
  rows.map(({ tramo }) => tramo.mappingVersion),
  rows.map(({ tramo }) => tramo.comparatorVersion),
  rows.map(({ digest }) => digest),
  rows.map(({ en }) => en),
];

async function writeFallidas(session: SqlSession, rows: readonly Fallida[]): Promise<void> {
  await session.query(
    `insert into falla (tramo, mapping_version, comparator_version, clave_digest, ultima, clase, primera, veces)
    select * from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[])
    on conflict (tramo, mapping_version, comparator_version, clave_digest) do update set
      clase = case when excluded.ultima >= falla.ultima then excluded.clase else falla.clase end,
      primera = least(falla.primera, excluded.primera), ultima = greatest(falla.ultima, excluded.ultima),
      veces = falla.veces + excluded.veces,
      resuelta = case when excluded.ultima >= falla.resuelta then null else falla.resuelta end`,
    [
      ...keysOf(rows),
      rows.map(({ clase }) => clase),
      rows.map(({ primera }) => primera),
      rows.map(({ veces }) => veces),
    ],
  );
}

async function someOpen(session: SqlSession): Promise<boolean> {
  const rows = await session.query('select 1 from falla where resuelta is null limit 1');
  return rows.length > 0;
}

/** An answer from before the last failure settles nothing. */
async function settle(session: SqlSession, rows: readonly Pregunta[]): Promise<void> {
  await session.query(
    `update falla set resuelta = x.en
    from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::text[]) as x(t, m, c, k, en)
    where tramo = x.t and mapping_version = x.m and comparator_version = x.c and clave_digest = x.k
      and resuelta is null and ultima <= x.en`,
    keysOf(rows),
  );
}
