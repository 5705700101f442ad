/**
 * The narrow port to the one store, on the side of its readers: acopio and unico know this file, never the gateway that
 * opens the connection. Both engines give the same types: int8 → bigint, numeric, date and timestamp → text.
 */
export type SqlParam =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly (string | number | bigint | boolean | null)[];

export interface SqlSession {
  /** Runs one statement. An aborted signal rejects at once and frees the engine. */
  query<T extends object>(
    text: string,
    params?: readonly SqlParam[],
    signal?: AbortSignal,
  ): Promise<T[]>;
}

export type CopyValue = string | number | bigint | boolean | null;

/** The values of a row, or the row as a line in the text format of COPY (copy-text.ts). */
export type CopyRow = readonly CopyValue[] | string;

/** What may be done inside of a transaction: also a bulk load that commits with the rest of it. */
export interface SqlTransaction extends SqlSession {
  copy(table: string, columns: readonly string[], rows: Iterable<CopyRow>): Promise<number>;
}

export interface SqlMigration {
  /** `001-what-it-does`; migrations run once, in the order of their names. */
  readonly name: string;
  readonly statements: readonly string[];
}

export interface TransactionOptions {
  /** Reads only, all as of one instant. */
  readonly snapshot?: boolean;
  /**
   * Commits without waiting for the disk: the last moments before a crash of the engine may be lost, always from the end
   * and never a part of a transaction. For work that notes how far it came in the same transaction and goes on from there.
   */
  readonly repeatable?: boolean;
}

export interface SqlStore extends SqlSession {
  readonly engine: 'pglite' | 'postgres';
  /** Commits when the work ends, rolls back when it throws. Inside, only the session given may be used. */
  transaction<T>(
    work: (session: SqlTransaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Bulk load in bounded chunks, each its own transaction. Answers the number of rows. */
  copy(
    table: string,
    columns: readonly string[],
    rows: AsyncIterable<readonly CopyRow[]>,
  ): Promise<number>;
  /**
   * Does a long work that no other process may do at the same time. Unlike a transaction it leaves the store free for
   * others. With `wait: false` answers undefined when somebody else holds the name.
   */
  exclusively<T>(
    name: string,
    work: () => Promise<T>,
    options?: { readonly wait?: boolean },
  ): Promise<T | undefined>;
  /** Brings the tables of one owner up to date. */
  migrate(owner: string, migrations: readonly SqlMigration[]): Promise<void>;
}
