import { randomUUID } from 'node:crypto';
import type { Version } from '../../adapters/contract.js';
import { copyBytes, copyText } from '../../adapters/index.js';
import type { SqlMigration, SqlSession, SqlStore } from '../almacen/port.js';
import type { Cubeta, Hoja } from '../route/merkle.js';
import type { MarcaAgua } from './tarea.js';

/**
 * A barrido is one walk over the old side: of each record only clave and digest stay, so that comparing again costs the
 * source nothing. Each has a table of its own, which goes away as a whole.
 */
export interface Barrido {
  readonly id: string;
  readonly tramo: string;
  readonly tipo: 'carga' | 'censo';
  readonly contrato: string;
  readonly estado: 'en curso' | 'completo' | 'descartado';
  readonly baja: Version;
  readonly alta: Version | null;
  readonly leidas: number;
  /** Records that could not be taken. */
  readonly cuarentena: number;
}

const BARRIDO_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: '001-barrido',
    statements: [
      `create table barrido (
        id text primary key, orden bigint generated always as identity, tramo text not null, tipo text not null,
        contrato text not null, estado text not null, baja jsonb not null, alta jsonb, leidas bigint not null,
        cuarentena integer not null, iniciado text not null, terminado text)`,
      `create index barrido_tramo on barrido (tramo, tipo, orden desc)`,
      `create table ausente (
        tramo text not null, clave text not null, barrido text not null, primary key (tramo, clave))`,
    ],
  },
];

/** Stores whose tables stand: every work asks for them, and looking costs the engine as much as a page of records. */
const prepared = new WeakMap<SqlStore, Promise<void>>();

export function prepareBarridos(store: SqlStore): Promise<void> {
  const known = prepared.get(store);
  if (known !== undefined) return known;
  const preparing = store
    .migrate('desmonte_barrido', BARRIDO_MIGRATIONS)
    .catch((error: unknown) => {
      prepared.delete(store);
      throw error;
    });
  prepared.set(store, preparing);
  return preparing;
}

/** Rows that have no place among the buckets: records without a digest, by the digest of what they are. */
export const SIN_BALDE = -1;

const tableOf = (id: string): string => `barrido_${id.replaceAll('-', '')}`;

/** Starts a walk and drops what unfinished ones of the same kind left. */
export async function openBarrido(
  store: SqlStore,
  nuevo: Pick<Barrido, 'tramo' | 'tipo' | 'contrato' | 'baja'>,
  en: string,
): Promise<Barrido> {
  const id = randomUUID();
  await store.transaction(async (session) => {
    await discardUnfinished(session, nuevo.tramo, nuevo.tipo);
    await session.query(
      `create table ${tableOf(id)} (trozo integer not null, balde smallint not null,
        clave text collate "C" not null, digest bytea not null, tiempo bigint not null)`,
    );
    await session.query(
      `insert into barrido (id, tramo, tipo, contrato, estado, baja, leidas, cuarentena, iniciado)
      values ($1, $2, $3, $4, 'en curso', $5::jsonb, 0, 0, $6)`,
      [id, nuevo.tramo, nuevo.tipo, nuevo.contrato, JSON.stringify(nuevo.baja), en],
    );
  });
  return { ...nuevo, id, estado: 'en curso', alta: null, leidas: 0, cuarentena: 0 };
}

async function discardUnfinished(session: SqlSession, tramo: string, tipo: string): Promise<void> {
  const old = await session.query<{ id: string }>(
    `update barrido set estado = 'descartado' where tramo = $1 and tipo = $2 and estado = 'en curso' returning id`,
    [tramo, tipo],
  );
  for (const { id } of old) await session.query(`drop table if exists ${tableOf(id)}`);
}

interface BarridoRaw extends Omit<Barrido, 'leidas'> {
  readonly leidas: bigint;
}

const SELECT =
  'select id, tramo, tipo, contrato, estado, baja, alta, leidas, cuarentena from barrido';

const toBarrido = (raw: BarridoRaw): Barrido => ({ ...raw, leidas: Number(raw.leidas) });

export async function loadBarrido(session: SqlSession, id: string): Promise<Barrido | null> {
  const rows = await session.query<BarridoRaw>(`${SELECT} where id = $1`, [id]);
  return rows[0] === undefined ? null : toBarrido(rows[0]);
}

/** The last complete walk of a tramo, of one kind or of any. */
export async function lastBarrido(
  session: SqlSession,
  tramo: string,
  tipo: Barrido['tipo'] | null,
): Promise<Barrido | null> {
  const rows = await session.query<BarridoRaw>(
    `${SELECT} where tramo = $1 and ($2::text is null or tipo = $2) and estado = 'completo'
    order by orden desc limit 1`,
    [tramo, tipo],
  );
  return rows[0] === undefined ? null : toBarrido(rows[0]);
}

const HOJA_COLUMNS = ['trozo', 'balde', 'clave', 'digest', 'tiempo'];

function* copyHojas(trozo: number, hojas: readonly Hoja[], tiempo: number): Generator<string> {
  for (const { bucket, clave, digest } of hojas)
    yield `${trozo}\t${bucket}\t${copyText(clave)}\t${copyBytes(digest)}\t${tiempo}`;
}

/** One chunk, as a whole or not at all. */
export async function saveTrozo(
  store: SqlStore,
  { id }: Barrido,
  trozo: number,
  hojas: readonly Hoja[],
  tiempo: number,
): Promise<void> {
  if (hojas.length === 0) return;
  // Lost in a crash, it is lost together with the checkpoint that would follow it.
  await store.transaction(
    (session) => session.copy(tableOf(id), HOJA_COLUMNS, copyHojas(trozo, hojas, tiempo)),
    { repeatable: true },
  );
}

/** Takes back the chunks that were noted and then not taken in. */
export async function trimFrom(store: SqlStore, { id }: Barrido, trozo: number): Promise<void> {
  await store.query(`delete from ${tableOf(id)} where trozo >= $1`, [trozo]);
}

/** Ends a walk. Of the earlier ones of its kind only the fact stays. */
export async function completeBarrido(
  store: SqlStore,
  barrido: Barrido,
  done: { readonly marca: MarcaAgua; readonly leidas: number; readonly cuarentena: number },
  en: string,
): Promise<Barrido> {
  const { id, tramo, tipo } = barrido;
  await store.transaction(async (session) => {
    await session.query(
      `update barrido set estado = 'completo', alta = $2::jsonb, leidas = $3, cuarentena = $4, terminado = $5
      where id = $1`,
      [id, JSON.stringify(done.marca.alta), done.leidas, done.cuarentena, en],
    );
    const old = await session.query<{ id: string }>(
      `select id from barrido where tramo = $1 and tipo = $2 and id <> $3`,
      [tramo, tipo, id],
    );
    for (const one of old) await session.query(`drop table if exists ${tableOf(one.id)}`);
  });
  const { marca, leidas, cuarentena } = done;
  return { ...barrido, estado: 'completo', alta: marca.alta, leidas, cuarentena };
}

/** Reduced to buckets as the single store reduces its own. */
export async function cubetasOf(session: SqlSession, { id }: Barrido): Promise<readonly Cubeta[]> {
  const rows = await session.query<{ balde: number; n: bigint; digest: string }>(
    `select balde, count(*) as n,
      encode(sha256(string_agg(digest, ''::bytea order by clave, digest) || int8send(count(*))), 'hex') as digest
    from ${tableOf(id)} where balde >= 0 group by balde order by balde`,
  );
  return rows.map(({ balde, n, digest }) => ({ bucket: balde, filas: Number(n), digest }));
}

/** The records of some buckets, in the order of bucket and clave. */
export async function hojasOf(
  session: SqlSession,
  { id }: Barrido,
  buckets: readonly number[],
): Promise<readonly Hoja[]> {
  const rows = await session.query<{ balde: number; clave: string; digest: string }>(
    `select balde, clave, encode(digest, 'hex') as digest from ${tableOf(id)}
    where balde = any($1::smallint[]) order by balde, clave, digest`,
    [buckets],
  );
  return rows.map(({ balde, clave, digest }) => ({ bucket: balde, clave, digest }));
}

/** What a clave says when it is read again replaces what the walk saw of it. */
export async function replaceHojas(
  store: SqlStore,
  { id }: Barrido,
  claves: readonly { readonly bucket: number; readonly clave: string }[],
  hojas: readonly Hoja[],
  tiempo: number,
): Promise<void> {
  await store.transaction(async (session) => {
    await session.query(
      `delete from ${tableOf(id)} as b using unnest($1::smallint[], $2::text[]) as k(balde, clave)
      where b.balde = k.balde and b.clave = k.clave`,
      [claves.map(({ bucket }) => bucket), claves.map(({ clave }) => clave)],
    );
    await session.copy(tableOf(id), HOJA_COLUMNS, copyHojas(0, hojas, tiempo));
  });
}

export async function loadSinBalde(session: SqlSession, { id }: Barrido): Promise<string[]> {
  const rows = await session.query<{ clave: string }>(
    `select distinct clave from ${tableOf(id)} where balde = ${SIN_BALDE}`,
  );
  return rows.map(({ clave }) => clave);
}
