/** Taking records in: decided one by one, written as one transaction together with the checkpoint. */
import { bucketOf, claveOf, huellaOf, type Huella } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import type { Checkpoint, IngestChunk, Ingested, Key, Row, Version } from '../contract.js';
import { createCamposCheck, quote } from '../shared/sql/columns.js';
import type { SqlSession, SqlStore, SqlTransaction } from '../shared/sql/store.js';
import { copyColumns, copyLines } from './copy-lines.js';
import { compareStamps, decide, isConflict, type Decision, type Stamp } from './decide.js';
import { advance, noteSource, saveCheckpoint, sourceMs } from './state.js';
import { tableName } from './table.js';

/** A record, or a tombstone (`row` null), on its way in. */
export interface Incoming extends Stamp {
  readonly clave: Key;
  readonly bucket: number;
  readonly row: Row | null;
  /** `recordDigest`; empty for a tombstone. */
  readonly resumen: string;
  /** Version token of the source. */
  readonly version: string;
}

export interface Batch {
  readonly registro: Registro;
  readonly incoming: readonly Incoming[];
  readonly source: { readonly fuente: number | null; readonly verificada: number };
  readonly reparar: boolean;
  readonly checkpoint: Checkpoint | null;
}

/** Rows digested before other work of the main thread gets its turn. */
const ROWS_PER_TURN = 100;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Stamped {
  readonly version: string;
  readonly tiempo: number;
  readonly mapeo: number;
}

export function createToIncoming(registro: Registro) {
  const check = createCamposCheck(registro, Object.keys(registro.campos));
  let fila = 0;
  return (row: Row, { version, tiempo, mapeo }: Stamped, known?: Huella): Incoming => {
    fila++;
    check(row, fila);
    const { clave, bucket, resumen, contenido } = known ?? huellaOf(registro, row);
    // Property by property: a spread costs more than all the rest of it.
    return { clave, bucket, row, resumen, contenido, version, tiempo, mapeo };
  };
}

export const toTombstone = (clave: Key, stamped: Stamped): Incoming => ({
  ...stamped,
  clave,
  bucket: bucketOf(clave),
  row: null,
  resumen: '',
  contenido: '',
});

export const sourceOf = (version: Version): Batch['source'] => ({
  fuente: version.sourceTime === undefined ? null : Date.parse(version.sourceTime),
  verificada: Date.parse(version.checkedAt),
});

export async function toBatch(
  registro: Registro,
  chunk: IngestChunk,
  checkpoint: Checkpoint | null,
): Promise<Batch> {
  const { version, rows, huellas, mapeo = 0, reparar = false } = chunk;
  const stamped = { version: version.token, tiempo: sourceMs(version), mapeo };
  const toIncoming = createToIncoming(registro);
  const incoming: Incoming[] = [];
  for (const [place, row] of rows.entries()) {
    const huella = huellas?.[place];
    if (huellas !== undefined && huella?.clave !== claveOf(registro, row))
      throw new TypeError(`${registro.nombre}: a huella is not that of its row`);
    incoming.push(toIncoming(row, stamped, huella));
    if (incoming.length % ROWS_PER_TURN === 0) await nextTurn();
  }
  return { registro, incoming, source: sourceOf(version), reparar, checkpoint };
}

/** One newcomer per clave, and what the repetitions were. */
function withoutRepeated(incoming: readonly Incoming[]) {
  const byClave = new Map<Key, Incoming>();
  const counts = { iguales: 0, obsoletas: 0, conflictos: 0 };
  for (const next of incoming) {
    const other = byClave.get(next.clave);
    if (other === undefined) {
      byClave.set(next.clave, next);
      continue;
    }
    if (other.contenido === next.contenido) counts.iguales++;
    else counts.obsoletas++;
    if (isConflict(other, next)) counts.conflictos++;
    if (compareStamps(next, other) > 0) byClave.set(next.clave, next);
  }
  return { news: [...byClave.values()], counts };
}

interface Last extends Stamp {
  readonly fila: number;
}

/**
 * `limit` holds the engine to one look in the index for each clave. Left to choose, it reads the whole table for every
 * chunk as long as that table fits in memory, and a load slows down as it goes on.
 */
export const lastSql = (registro: Registro): string =>
  `select string_agg('[' || k.place || ',' || t._fila || ',' || t._confirmada || ',' || t._mapeo
       || ',"' || encode(t._contenido, 'hex') || '"]', ',') as filas
     from unnest($1::smallint[], $2::text[]) with ordinality as k(balde, clave, place)
     cross join lateral (
       select _fila, _confirmada, _mapeo, _contenido from ${quote(tableName(registro))}
        where _balde = k.balde and _clave = k.clave and _reemplazada is null limit 1) as t`;

/** The last version of each clave, by its place. */
async function loadLast(
  session: SqlSession,
  registro: Registro,
  news: readonly Incoming[],
): Promise<ReadonlyMap<number, Last>> {
  const rows = await session.query<{ filas: string | null }>(lastSql(registro), [
    news.map(({ bucket }) => bucket),
    news.map(({ clave }) => clave),
  ]);
  const found = JSON.parse(`[${rows[0]?.filas ?? ''}]`) as readonly [
    number,
    number,
    number,
    number,
    string,
  ][];
  return new Map(
    found.map(([place, fila, tiempo, mapeo, contenido]) => [
      place - 1,
      { fila, tiempo, mapeo, contenido },
    ]),
  );
}

interface Plan {
  readonly write: readonly Incoming[];
  readonly supersede: readonly number[];
  readonly confirm: readonly { readonly fila: number; readonly next: Incoming }[];
  readonly conflictos: number;
  /** How many current records there are more afterwards. */
  readonly growth: number;
  readonly tally: Readonly<Record<Decision, number>>;
}

function planOf(
  news: readonly Incoming[],
  last: ReadonlyMap<number, Last>,
  reparar: boolean,
): Plan {
  const write: Incoming[] = [];
  const supersede: number[] = [];
  const confirm: { fila: number; next: Incoming }[] = [];
  const tally = { nueva: 0, reemplaza: 0, confirma: 0, igual: 0, obsoleta: 0 };
  let conflictos = 0;
  let growth = 0;
  news.forEach((next, place) => {
    const old = last.get(place);
    const decision = decide(old, next, reparar);
    tally[decision]++;
    if (old !== undefined && isConflict(old, next)) conflictos++;
    if (decision === 'confirma' && old !== undefined) confirm.push({ fila: old.fila, next });
    if (decision !== 'nueva' && decision !== 'reemplaza') return;
    write.push(next);
    if (old !== undefined) supersede.push(old.fila);
    const before = old === undefined || old.contenido === '' ? 0 : 1;
    growth += (next.row === null ? 0 : 1) - before;
  });
  return { write, supersede, confirm, conflictos, growth, tally };
}

async function apply(
  session: SqlTransaction,
  registro: Registro,
  plan: Plan,
  now: number,
): Promise<void> {
  const table = tableName(registro);
  if (plan.confirm.length > 0) {
    await session.query(
      `update ${quote(table)} as t set _confirmada = k.tiempo, _mapeo = k.mapeo
         from unnest($1::bigint[], $2::bigint[], $3::integer[]) as k(fila, tiempo, mapeo)
        where t._fila = k.fila`,
      [
        plan.confirm.map(({ fila }) => fila),
        plan.confirm.map(({ next }) => next.tiempo),
        plan.confirm.map(({ next }) => next.mapeo),
      ],
    );
  }
  if (plan.write.length === 0) return;
  const registrada = await advance(session, registro, now, plan.growth);
  if (plan.supersede.length > 0) {
    await session.query(
      `update ${quote(table)} as t set _reemplazada = $2::bigint, _vigente = false
         from unnest($1::bigint[]) as k(fila) where t._fila = k.fila`,
      [plan.supersede, registrada],
    );
  }
  await session.copy(table, copyColumns(registro), copyLines(registro, plan.write, registrada));
}

/** Writes a batch whole or not at all. Writers of one registro take turns; readers never wait for a lock. */
export function writeBatch(store: SqlStore, batch: Batch, now: () => number): Promise<Ingested> {
  const { registro, incoming, source, reparar, checkpoint } = batch;
  const { news, counts } = withoutRepeated(incoming);
  const work = async (session: SqlTransaction): Promise<Ingested> => {
    await session.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [
      tableName(registro),
    ]);
    const last = news.length === 0 ? new Map() : await loadLast(session, registro, news);
    const plan = planOf(news, last, reparar);
    await apply(session, registro, plan, now());
    if (news.length > 0) await noteSource(session, registro, source);
    if (checkpoint !== null) await saveCheckpoint(session, registro, checkpoint, now());
    return {
      escritas: plan.write.length,
      reemplazadas: plan.tally.reemplaza,
      iguales: counts.iguales + plan.tally.igual + plan.tally.confirma,
      obsoletas: counts.obsoletas + plan.tally.obsoleta,
      conflictos: counts.conflictos + plan.conflictos,
    };
  };
  // What was acknowledged is on the disk: whoever loads goes on from there, and says so to others (I12).
  return store.transaction(work);
}
