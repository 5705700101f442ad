/** The table of a registro, generated from its declaration: columns, indexes, and rows in and out. */
import { createHash } from 'node:crypto';
import type { Registro } from '../../../schema/registro.js';
import type { Row } from '../../contract.js';
import {
  campoOf,
  columnSql,
  createCamposCheck,
  createCamposWriter,
  indexColumns,
  quote,
  snake,
  type Relation,
} from '../sql/columns.js';
import type { CopyValue } from '../sql/store.js';

export interface Table {
  readonly registro: Registro;
  readonly name: string;
  /** Changes with everything that shapes the table: a table of another form is dropped and loaded again. */
  readonly signature: string;
  readonly campos: readonly string[];
  readonly columns: readonly string[];
}

const tables = new WeakMap<Registro, Table>();

export function tableOf(registro: Registro): Table {
  const known = tables.get(registro);
  if (known !== undefined) return known;
  const campos = Object.keys(registro.campos);
  const shape = {
    campos: campos.map((name) => [name, campoOf(registro, name).tipo]),
    indexes: indexColumns(registro),
    ausente: 'nombres',
  };
  const table: Table = {
    registro,
    name: `acopio_${snake(registro.nombre)}`,
    signature: createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16),
    campos,
    columns: ['_parte', '_fila', '_ausente', ...campos],
  };
  tables.set(registro, table);
  return table;
}

export function createTableSql(table: Table): string {
  const columns = table.campos.map((name) => columnSql(table.registro, name));
  return `create table if not exists ${quote(table.name)} (
    _parte integer not null, _fila integer not null, _ausente text, ${columns.join(', ')})`;
}

/** Made after the first load, so that it fills a bare table. Rows of a part lie together: BRIN finds them. */
export function createIndexesSql(table: Table): string[] {
  const name = (suffix: string): string => quote(`${table.name}_${suffix}`);
  const on = quote(table.name);
  return [
    `create index if not exists ${name('parte')} on ${on} using brin (_parte)`,
    ...indexColumns(table.registro).map(
      (columns, i) =>
        `create index if not exists ${name(`ix${i}`)} on ${on} (${columns.map(quote).join(', ')})`,
    ),
  ];
}

/** Writers of rows for one part; absent campos are remembered apart from null ones. */
export function createRowEncoder(table: Table, parte: number): (row: Row) => CopyValue[] {
  const check = createCamposCheck(table.registro, table.campos);
  const write = createCamposWriter(table.campos);
  let fila = 0;
  return (row) => {
    fila++;
    check(row, fila);
    const out: CopyValue[] = [parte, fila, null];
    out[2] = write(row, out);
    return out;
  };
}

/** The table as the shared SQL reads it. */
export const relationOf = (registro: Registro): Relation => ({
  registro,
  from: quote(tableOf(registro).name),
  propias: ['_parte'],
});
