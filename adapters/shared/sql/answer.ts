/** What acopio and the single store share: one statement per question, and answers that fail for each key. */
import type { Acceso, Registro } from '../../../schema/registro.js';
import type { ByKey, Key, Origin, Outcome, SourceContext } from '../../contract.js';
import { AdapterError, toSourceError } from '../../errors.js';
import { CELLS, quote, type Cell, type Column, type Relation, type SqlRow } from './columns.js';
import type { Params } from './filter-sql.js';

/** Rows travel as JSON in blocks: on PGlite a fifth of the time of as many rows of the wire protocol. */
const ROWS_PER_BLOCK = 2_000;

/** A statement that selects the columns; `from` is all that follows them. */
export interface Select {
  readonly columns: readonly Column[];
  readonly from: string;
}

/** Writes the statement; `live` is the condition on `t` that only rows that answer meet. */
export type Build = (live: string, params: Params) => Select;

export interface Answered {
  readonly rows: readonly SqlRow[];
  /** Of the whole answer. */
  readonly origin: Origin;
  /** Of some of its rows; of none, where none is known that could have held them. */
  readonly originOf: (rows: readonly SqlRow[]) => Origin;
  /** The order of the rows under one key; where absent, the statement already gave it. */
  readonly compare?: (a: SqlRow, b: SqlRow) => number;
}

/** Somebody who keeps rows of one registro and answers statements over them. */
export interface Asker {
  readonly relation: Relation;
  readonly ask: (build: Build, ctx: SourceContext) => Promise<Answered>;
}

/** A value in JSON. Written by hand, for the functions of the engine cost more than reading the row. */
function jsonSql({ name, viaja }: Column): string {
  const value = `q.${quote(name)}`;
  if (viaja === 'suelto') return `coalesce(${value}::text, 'null')`;
  const escaped =
    viaja === 'limpio' ? value : `replace(replace(${value}, '\\', '\\\\'), '"', '\\"')`;
  return `coalesce('"' || ${escaped} || '"', 'null')`;
}

/** A function of the engine takes no more arguments than a hundred. */
const TEXTS_PER_CALL = 50;

/** Texts that are never null, with commas between them. In one call: each `||` would copy all that stands before it. */
function joinSql(texts: readonly string[]): string {
  const calls: string[] = [];
  for (let i = 0; i < texts.length; i += TEXTS_PER_CALL)
    calls.push(`concat_ws(',', ${texts.slice(i, i + TEXTS_PER_CALL).join(', ')})`);
  return calls.join(` || ',' || `);
}

/** The statement as numbered blocks of JSON, to be joined to one row that says what the answer is made of. */
export function blocksSql({ columns, from }: Select): string {
  const selected = columns.map(({ name, sql }) => `${sql} as ${quote(name)}`).join(', ');
  return `select b.n / ${ROWS_PER_BLOCK} as bloque, string_agg(b.j, ',' order by b.n) as filas
     from (select '[' || ${joinSql(columns.map(jsonSql))} || ']' as j, row_number() over () as n
       from (select ${selected} ${from}) as q) as b
    group by 1`;
}

export interface Block {
  readonly _filas: string | null;
}

export function toRows(blocks: readonly Block[], { columns }: Select): SqlRow[] {
  const names = columns.flatMap(({ name, isCampo }) => (isCampo === true ? [] : [name]));
  const hasCampos = names.length < columns.length;
  const rows: SqlRow[] = [];
  for (const { _filas } of blocks) {
    if (_filas === null) continue;
    for (const cells of JSON.parse(`[${escapeControls(_filas)}]`) as readonly (readonly Cell[])[]) {
      const row: Record<string, Cell> & { [CELLS]?: readonly Cell[] } = hasCampos
        ? { [CELLS]: cells }
        : {};
      for (let i = 0; i < names.length; i++) row[names[i] ?? ''] = cells[i] ?? null;
      rows.push(row);
    }
  }
  return rows;
}

const CONTROLS = /[\u0000-\u001f]/g;

/** Nothing that the statement writes is a control character: one that is there stands within a text, and JSON wants it escaped. */
const escapeControls = (text: string): string =>
  text.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A source that cannot answer fails for each key, and for nothing else. */
export async function orFailed<T>(
  keys: readonly Key[],
  work: () => Promise<ByKey<T>>,
): Promise<ByKey<T>> {
  if (keys.length === 0) return new Map();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const failed: Outcome<T> = { at: 'failed', error: toSourceError(error) };
    return new Map(keys.map((key) => [key, failed]));
  }
}

/** Rows by the place of their key. */
export function groupByPlace(rows: readonly SqlRow[]): ReadonlyMap<number, SqlRow[]> {
  const groups = new Map<number, SqlRow[]>();
  for (const row of rows) {
    const place = Number(row['_lugar']);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [row]);
    else group.push(row);
  }
  return groups;
}

export function accesoOf(registro: Registro, name: string): Acceso {
  const acceso = registro.accesos[name];
  if (acceso === undefined) throw new TypeError(`${registro.nombre} has no acceso ${name}`);
  return acceso;
}
