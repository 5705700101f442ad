/** What a system module gives the SODA server: a typed column catalogue and rows computed when asked. */

export type SodaType = 'text' | 'number' | 'calendar_date' | 'checkbox' | 'url';

export interface SodaColumn {
  readonly name: string;
  readonly type: SodaType;
}

/** Numbers are decimal text or safe integers, dates `YYYY-MM-DDTHH:MM:SS.000`, urls plain text; null and absent are omitted. */
export type Cell = string | number | boolean | null | undefined;

export type Row = Record<string, Cell>;

/** What the query says about index columns alone, so that a keyed query computes only the rows it needs. */
export interface Pushdown {
  /** May a row with this value in this column still match? */
  accepts(column: string, value: Cell): boolean;
  /** The only values that can match, where the query lists them. */
  values(column: string): ReadonlySet<string> | undefined;
  /** Lower bound (exclusive) of the row index of a keyset walk over `:id`. */
  readonly afterIndex?: number;
  /** Whether the query looks at `:id`. */
  readonly wantsId: boolean;
}

export interface SodaDataset {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly SodaColumn[];
  /** Columns whose predicates are handed to rows(). */
  readonly index: readonly string[];
  /** ISO instant of the last publication. */
  readonly updatedAt: string;
  /**
   * True when rows() yields `:id` as an ascending row index (number) that does not depend on the pushdown: a keyset
   * walk then streams. Else the server derives ids from the content and sorts.
   */
  readonly ordered?: boolean;
  rows(pushdown: Pushdown): Iterable<Row>;
}
