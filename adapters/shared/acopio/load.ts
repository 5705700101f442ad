/** Loading a part: into a new generation that nobody sees, then one transaction that makes it the one that answers. */
import type { Row, SourceContext, Version } from '../../contract.js';
import { AdapterError, SourceTimeoutError } from '../../errors.js';
import type { LoadedPart, Part } from './acopio.js';
import {
  bumpCambio,
  loadParts,
  type PartsMirror,
  type Quarantine,
  type StoredPart,
} from './parts.js';
import type { Prepare } from './prepare.js';
import type { CopyValue, SqlStore } from './store.js';
import {
  createIndexesSql,
  createRowEncoder,
  quote,
  RowError,
  tableOf,
  type Table,
} from './table.js';

/** Rows kept before they go to the store: what one COPY takes. */
const ROWS_PER_COPY = 50_000;
/** A share of new rows below which statistics and dead space are not worth a pass over the table. */
const NOTICEABLE_SHARE = 0.1;

export interface Loader {
  ensure(part: Part, ctx: SourceContext): Promise<LoadedPart | null>;
  forget(sistema: string, id: string): Promise<void>;
  /** Removes what a crash left behind: generations that no part points to. */
  clean(): Promise<void>;
}

interface Tools {
  readonly store: SqlStore;
  readonly mirror: PartsMirror;
  readonly prepare: Prepare;
  readonly now: () => number;
}

const lockName = (sistema: string, id: string): string => `acopio:${sistema}:${id}`;

async function openGeneration(store: SqlStore, sistema: string, id: string): Promise<number> {
  const rows = await store.query<{ generacion: number }>(
    'insert into acopio_generacion (sistema, id) values ($1::text, $2::text) returning generacion',
    [sistema, id],
  );
  const generation = rows[0]?.generacion;
  if (generation === undefined) throw new TypeError('a generation has a number');
  return generation;
}

async function estimatedRows(store: SqlStore, table: string): Promise<number> {
  const rows = await store.query<{ rows: number }>(
    'select greatest(reltuples, 0)::float8 as rows from pg_class where oid = to_regclass($1::text)',
    [quote(table)],
  );
  return rows[0]?.rows ?? 0;
}

async function dropGeneration(store: SqlStore, generation: number): Promise<void> {
  const found = await store.query<{ tablas: string[] }>(
    'select tablas from acopio_generacion where generacion = $1::integer',
    [generation],
  );
  for (const table of found[0]?.tablas ?? []) {
    const known = await store.query<{ known: boolean }>(
      'select to_regclass($1::text) is not null as known',
      [quote(table)],
    );
    if (known[0]?.known !== true) continue;
    const gone = await store.query<{ n: bigint }>(
      `with gone as (delete from ${quote(table)} where _parte = $1::integer returning 1)
       select count(*) as n from gone`,
      [generation],
    );
    // PGlite has no autovacuum: the space of an old version is given back here.
    const share = Number(gone[0]?.n ?? 0n) / Math.max(1, await estimatedRows(store, table));
    if (store.engine === 'pglite' && share >= NOTICEABLE_SHARE) {
      await store.query(`vacuum ${quote(table)}`);
    }
  }
  await store.query('delete from acopio_generacion where generacion = $1::integer', [generation]);
}

/** Streams the rows of a part into its generation; answers the rows per registro. */
class GenerationWriter {
  readonly counts = new Map<string, number>();
  readonly tables = new Map<string, Table>();
  readonly #store: SqlStore;
  readonly #generation: number;
  readonly #prepare: Prepare;
  readonly #pending = new Map<string, CopyValue[][]>();
  readonly #encoders = new Map<string, (row: Row) => CopyValue[]>();

  constructor(store: SqlStore, prepare: Prepare, generation: number) {
    this.#store = store;
    this.#generation = generation;
    this.#prepare = prepare;
  }

  async add(table: Table, rows: readonly Row[]): Promise<void> {
    let encode = this.#encoders.get(table.name);
    if (encode === undefined) {
      await this.#open(table);
      encode = createRowEncoder(table, this.#generation);
      this.#encoders.set(table.name, encode);
    }
    const { nombre } = table.registro;
    this.counts.set(nombre, (this.counts.get(nombre) ?? 0) + rows.length);
    const pending = this.#pending.get(table.name) ?? [];
    for (const row of rows) pending.push(encode(row));
    this.#pending.set(table.name, pending);
    if (pending.length >= ROWS_PER_COPY) await this.#flush(table);
  }

  /** Writes the rest, then indexes, statistics and the proof that no clave repeats. */
  async finish(): Promise<void> {
    for (const table of this.tables.values()) {
      await this.#flush(table);
      for (const statement of createIndexesSql(table)) await this.#store.query(statement);
      const loaded = this.counts.get(table.registro.nombre) ?? 0;
      if (loaded >= NOTICEABLE_SHARE * (await estimatedRows(this.#store, table.name))) {
        await this.#store.query(`analyze ${quote(table.name)}`);
      }
      await this.#refuseRepeatedClaves(table);
    }
  }

  async #open(table: Table): Promise<void> {
    await this.#prepare(table);
    this.tables.set(table.name, table);
    await this.#store.query(
      `update acopio_generacion set tablas = array_append(tablas, $2::text)
        where generacion = $1::integer`,
      [this.#generation, table.name],
    );
  }

  async #flush(table: Table): Promise<void> {
    const rows = this.#pending.get(table.name) ?? [];
    if (rows.length === 0) return;
    this.#pending.set(table.name, []);
    await this.#store.copy(
      table.name,
      table.columns,
      (async function* () {
        yield await Promise.resolve(rows);
      })(),
    );
  }

  async #refuseRepeatedClaves(table: Table): Promise<void> {
    const clave = table.registro.clave.map(quote).join(', ');
    const repeated = await this.#store.query<{ fila: number }>(
      `select max(_fila) as fila from ${quote(table.name)} where _parte = $1::integer
        group by ${clave} having count(*) > 1 limit 1`,
      [this.#generation],
    );
    const fila = repeated[0]?.fila;
    if (fila === undefined) return;
    const names = table.registro.clave.join(', ');
    throw new RowError(table.registro.nombre, names, fila, 'repite la clave de otra fila');
  }
}

async function flip(
  store: SqlStore,
  part: Part,
  generation: number,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  await store.transaction(async (session) => {
    await session.query(
      `insert into acopio_parte (sistema, id, generacion, version, corte, filas, cuarentena)
       values ($1::text, $2::text, $3::integer, $4::text, $5::text, $6::text, null)
       on conflict (sistema, id) do update set generacion = excluded.generacion,
         version = excluded.version, corte = excluded.corte, filas = excluded.filas, cuarentena = null`,
      [
        part.sistema,
        part.id,
        generation,
        JSON.stringify(part.version),
        part.corte ?? null,
        JSON.stringify(Object.fromEntries(counts)),
      ],
    );
    await bumpCambio(session, part.sistema);
  });
}

function toQuarantine(part: Part, error: unknown, now: number): Quarantine {
  const raw = error as { mensaje?: unknown; linea?: unknown };
  return {
    version: part.version.token,
    motivo:
      typeof raw.mensaje === 'string' ? raw.mensaje : 'El archivo no se pudo leer por completo.',
    linea: typeof raw.linea === 'number' ? raw.linea : null,
    desde: new Date(now).toISOString(),
  };
}

async function saveQuarantine(store: SqlStore, part: Part, quarantine: Quarantine): Promise<void> {
  await store.transaction(async (session) => {
    await session.query(
      `insert into acopio_parte (sistema, id, cuarentena) values ($1::text, $2::text, $3::text)
       on conflict (sistema, id) do update set cuarentena = excluded.cuarentena`,
      [part.sistema, part.id, JSON.stringify(quarantine)],
    );
    await bumpCambio(session, part.sistema);
  });
}

const toLoaded = (part: StoredPart | undefined): LoadedPart | null =>
  part?.version == null ? null : { id: part.id, version: part.version, rows: part.rows };

/** Whether the same file would only fail the same way: a source that did not answer is not a broken file. */
const isBrokenFile = (error: unknown): boolean =>
  !(error instanceof AdapterError && error.retryable) &&
  !(error instanceof Error && error.name === 'AlmacenError') &&
  !(error instanceof Error && error.name === 'AbortError');

export function createLoader({ store, mirror, prepare, now }: Tools): Loader {
  const flights = new Map<string, Promise<LoadedPart | null>>();
  /** Versions that this process found broken. A restart tries them once more: its parsers may be newer. */
  const broken = new Set<string>();

  const load = async (part: Part, previous: StoredPart | undefined): Promise<void> => {
    const generation = await openGeneration(store, part.sistema, part.id);
    try {
      const writer = new GenerationWriter(store, prepare, generation);
      for await (const { registro, rows } of part.load()) {
        await writer.add(tableOf(registro), rows);
      }
      await writer.finish();
      await flip(store, part, generation, writer.counts);
    } catch (error) {
      await dropGeneration(store, generation);
      throw error;
    }
    await mirror.refresh(part.sistema);
    if (previous?.generation != null) await dropGeneration(store, previous.generation);
  };

  const saveVersion = async (part: Part, version: Version): Promise<void> => {
    await store.query(
      'update acopio_parte set version = $3::text where sistema = $1::text and id = $2::text',
      [part.sistema, part.id, JSON.stringify(version)],
    );
    await mirror.refresh(part.sistema);
  };

  /** Holds the name of the part: no other process loads it meanwhile. */
  const loadOnce = async (part: Part, flight: string): Promise<LoadedPart | null> => {
    // Another process may have loaded it while we waited for the name.
    const { parts } = await loadParts(store, part.sistema);
    const previous = parts.get(part.id);
    if (previous?.version?.token !== part.version.token) {
      try {
        await load(part, previous);
      } catch (error) {
        if (!isBrokenFile(error)) {
          if (previous?.version == null || !(error instanceof AdapterError)) throw error;
          await saveVersion(part, { ...previous.version, stale: true });
        } else {
          broken.add(flight);
          await saveQuarantine(store, part, toQuarantine(part, error, now()));
        }
      }
    }
    return toLoaded((await mirror.refresh(part.sistema)).parts.get(part.id));
  };

  const waitFor = async <T>(work: Promise<T>, sistema: string, signal: AbortSignal): Promise<T> => {
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        reject(new SourceTimeoutError(sistema, { cause: signal.reason }));
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    }
  };

  return {
    async ensure(part, ctx) {
      for (const registro of part.registros ?? []) await prepare(tableOf(registro));
      const flight = `${lockName(part.sistema, part.id)}:${part.version.token}`;
      let work = flights.get(flight);
      if (work === undefined) {
        const current = (await mirror.get(part.sistema)).parts.get(part.id);
        if (current?.version?.token === part.version.token) {
          if (JSON.stringify(current.version) !== JSON.stringify(part.version)) {
            await saveVersion(part, part.version);
          }
          return toLoaded((await mirror.get(part.sistema)).parts.get(part.id));
        }
        if (broken.has(flight)) return toLoaded(current);
        // The mirror answered later: somebody may have begun in between.
        work = flights.get(flight);
      }
      if (work === undefined) {
        const started = store
          .exclusively(lockName(part.sistema, part.id), () => loadOnce(part, flight))
          .then((loaded) => loaded ?? null);
        work = started.finally(() => flights.delete(flight));
        // Who started it may have left; the others still wait for it.
        work.catch(() => undefined);
        flights.set(flight, work);
      }
      return waitFor(work, part.sistema, ctx.signal);
    },

    async forget(sistema, id) {
      await store.exclusively(lockName(sistema, id), async () => {
        const gone = await store.transaction(async (session) => {
          const rows = await session.query<{ generacion: number | null }>(
            'delete from acopio_parte where sistema = $1::text and id = $2::text returning generacion',
            [sistema, id],
          );
          await bumpCambio(session, sistema);
          return rows[0]?.generacion ?? null;
        });
        await mirror.refresh(sistema);
        if (gone !== null) await dropGeneration(store, gone);
      });
      for (const flight of broken) {
        if (flight.startsWith(`${lockName(sistema, id)}:`)) broken.delete(flight);
      }
    },

    async clean() {
      const orphans = await store.query<{ generacion: number; sistema: string; id: string }>(
        `select generacion, sistema, id from acopio_generacion as g where not exists
           (select 1 from acopio_parte as p where p.generacion = g.generacion)`,
      );
      for (const { generacion, sistema, id } of orphans) {
        // Held: another process is loading it right now, it is no orphan.
        await store.exclusively(lockName(sistema, id), () => dropOrphan(store, generacion), {
          wait: false,
        });
      }
    },
  };
}

/** Looks again under the lock: the load may have ended well in between. */
async function dropOrphan(store: SqlStore, generation: number): Promise<void> {
  const live = await store.query<{ n: bigint }>(
    'select count(*) as n from acopio_parte where generacion = $1::integer',
    [generation],
  );
  if (live[0]?.n === 0n) await dropGeneration(store, generation);
}
