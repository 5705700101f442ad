/** The table of a registro, generated from its declaration: columns, indexes, and rows in and out. */
import { createHash } from 'node:crypto';
import type { Campo, Registro, TipoCampo, Valor } from '../../../schema/registro.js';
import { isDecimal } from '../../../schema/values/decimal.js';
import type { Row } from '../../contract.js';
import type { CopyValue } from './store.js';

/** Dates stay text: what the adapter wrote comes back byte for byte, and sorts the same. */
export const SQL_TYPE: Readonly<Record<TipoCampo, string>> = {
  texto: 'text',
  codigo: 'text',
  fecha: 'text',
  fechahora: 'text',
  entero: 'bigint',
  dinero: 'numeric',
  decimal: 'numeric',
  logico: 'boolean',
};

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The campo of a declaration; asking for another one is a programming error. */
export function campoOf(registro: Registro, name: string): Campo {
  const campo = registro.campos[name];
  if (campo === undefined) throw new TypeError(`${registro.nombre} has no campo ${name}`);
  return campo;
}

export interface Table {
  readonly registro: Registro;
  readonly name: string;
  /** Changes with everything that shapes the table: a table of another form is dropped and loaded again. */
  readonly signature: string;
  readonly campos: readonly string[];
  readonly columns: readonly string[];
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (char, at: number) => (at === 0 ? '' : '_') + char.toLowerCase());

const tables = new WeakMap<Registro, Table>();

export function tableOf(registro: Registro): Table {
  const known = tables.get(registro);
  if (known !== undefined) return known;
  const campos = Object.keys(registro.campos);
  const shape = {
    campos: campos.map((name) => [name, campoOf(registro, name).tipo]),
    indexes: indexColumns(registro),
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

/** The clave and every acceso, without those that another index already begins with. */
function indexColumns(registro: Registro): readonly (readonly string[])[] {
  const wanted = [registro.clave, ...Object.values(registro.accesos).map((a) => a.claves)];
  const begins = (long: readonly string[], short: readonly string[]): boolean =>
    long.length >= short.length && short.every((name, i) => long[i] === name);
  return wanted.filter(
    (columns, i) =>
      !wanted.some(
        (other, j) => j !== i && begins(other, columns) && (other.length > columns.length || j < i),
      ),
  );
}

export function createTableSql(table: Table): string {
  const columns = table.campos.map((name) => {
    const type = SQL_TYPE[campoOf(table.registro, name).tipo];
    // The same order of text in both engines, and an index that serves prefixes.
    return `${quote(name)} ${type}${type === 'text' ? ' collate "C"' : ''}`;
  });
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

/** A row that its registro does not allow: the file is not what it says, and none of it may answer. */
export class RowError extends Error {
  readonly mensaje: string;

  constructor(registro: string, campo: string, fila: number, problem: string) {
    const mensaje = `${registro}, registro ${fila}: el campo ${campo} ${problem}.`;
    super(mensaje);
    this.name = 'RowError';
    this.mensaje = mensaje;
  }
}

const MATCHES: Readonly<Record<TipoCampo, (value: Valor) => boolean>> = {
  texto: (v) => typeof v === 'string',
  codigo: (v) => typeof v === 'string',
  fecha: (v) => typeof v === 'string',
  fechahora: (v) => typeof v === 'string',
  entero: (v) => Number.isSafeInteger(v),
  dinero: (v) => typeof v === 'string' && isDecimal(v),
  decimal: (v) => typeof v === 'string' && isDecimal(v),
  logico: (v) => typeof v === 'boolean',
};

/** Writers of rows for one part; absent campos are remembered apart from null ones. */
export function createRowEncoder(table: Table, parte: number): (row: Row) => CopyValue[] {
  const { registro } = table;
  const campos = table.campos.map((name) => ({ name, ...campoOf(registro, name) }));
  const inClave = new Set(registro.clave);
  let fila = 0;
  return (row) => {
    fila++;
    const out: CopyValue[] = [parte, fila, null];
    let absent = '';
    for (let i = 0; i < campos.length; i++) {
      const campo = campos[i];
      if (campo === undefined) continue;
      const value = row[campo.name];
      if (value === undefined) absent += `${absent === '' ? '' : ','}${i}`;
      if (value === undefined || value === null) {
        if (inClave.has(campo.name)) {
          throw new RowError(registro.nombre, campo.name, fila, 'falta y hace parte de la clave');
        }
        out.push(null);
        continue;
      }
      if (!MATCHES[campo.tipo](value)) {
        throw new RowError(registro.nombre, campo.name, fila, `no es de tipo ${campo.tipo}`);
      }
      out.push(value);
    }
    if (absent !== '') out[2] = absent;
    return out;
  };
}

/** All columns of a row, exact numbers as text: a JSON number would pass through a float. */
export function columnsSql(table: Table, alias: string): string {
  const campos = table.campos.map((name) => {
    const column = `${alias}.${quote(name)}`;
    const exact = SQL_TYPE[campoOf(table.registro, name).tipo] === 'numeric';
    return exact ? `${column}::text as ${quote(name)}` : column;
  });
  return [`${alias}._parte`, `${alias}._fila`, `${alias}._ausente`, ...campos].join(', ');
}

/** A row as SQL gives it. */
export type SqlRow = Readonly<Record<string, string | number | boolean | null>>;

/** Readers of rows: the same Row that was loaded. */
export function createRowDecoder(table: Table): (row: SqlRow) => Row {
  return (row) => {
    const absent = typeof row['_ausente'] === 'string' ? row['_ausente'].split(',') : null;
    const out: Record<string, Valor> = {};
    for (let i = 0; i < table.campos.length; i++) {
      const name = table.campos[i] ?? '';
      const value = row[name] ?? null;
      if (value === null && absent !== null && absent.includes(String(i))) continue;
      out[name] = value;
    }
    return out;
  };
}
