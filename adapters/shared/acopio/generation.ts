/** A generation: the rows of one load of one part, seen by nobody until its part points to it. */
import type { Row } from '../../contract.js';
import type { Prepare } from './prepare.js';
import { quote, RowError } from '../sql/columns.js';
import { analyzeGrown } from '../sql/statistics.js';
import type { CopyValue, SqlStore } from '../sql/store.js';
import { createIndexesSql, createRowEncoder, type Table } from './table.js';

/** Rows kept before they go to the store: what one COPY takes. */
const ROWS_PER_COPY = 50_000;
/** A share of dead rows below which their space is not worth a pass over the table. */
const NOTICEABLE_SHARE = 0.1;

export async function openGeneration(
  store: SqlStore,
  sistema: string,
  id: string,
): Promise<number> {
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

export async function dropGeneration(store: SqlStore, generation: number): Promise<void> {
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
export class GenerationWriter {
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
      await analyzeGrown(this.#store, table.name);
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
