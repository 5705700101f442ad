/** Rows of a registro in and out of SQL: types, columns and indexes, all from its declaration. */
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

/** `GastoDeFut` as a table is called: `gasto_de_fut`. */
export const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (char, at: number) => (at === 0 ? '' : '_') + char.toLowerCase());

/** The clave and every acceso, without those that another index already begins with. */
export function indexColumns(registro: Registro): readonly (readonly string[])[] {
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

/** One column: the same order of text in both engines, and an index that serves prefixes. */
export function columnSql(registro: Registro, name: string): string {
  const type = SQL_TYPE[campoOf(registro, name).tipo];
  return `${quote(name)} ${type}${type === 'text' ? ' collate "C"' : ''}`;
}

/** A row that its registro does not allow: the file is not what it says, and none of it may answer. */
export class RowError extends Error {
  readonly mensaje: string;
  /** Its place among the rows given, from 1. */
  readonly fila: number;

  constructor(registro: string, campo: string, fila: number, problem: string) {
    const mensaje = `${registro}, registro ${fila}: el campo ${campo} ${problem}.`;
    super(mensaje);
    this.name = 'RowError';
    this.mensaje = mensaje;
    this.fila = fila;
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

type CheckCampos = (row: Row, fila: number) => void;

/** Throws a RowError for a row that its registro does not allow. `fila` is the place of the row, for the message. */
export function createCamposCheck(registro: Registro, campos: readonly string[]): CheckCampos {
  const inClave = new Set(registro.clave);
  const declared = campos.map((name) => {
    const { tipo } = campoOf(registro, name);
    return { name, tipo, matches: MATCHES[tipo], isClave: inClave.has(name) };
  });
  return (row, fila) => {
    for (const { name, tipo, matches, isClave } of declared) {
      const value = row[name];
      if (value === undefined || value === null) {
        if (!isClave) continue;
        throw new RowError(registro.nombre, name, fila, 'falta y hace parte de la clave');
      }
      if (!matches(value)) throw new RowError(registro.nombre, name, fila, `no es de tipo ${tipo}`);
    }
  };
}

/**
 * Writers of rows that were checked: appends the campos to `out` and answers which are absent, apart from those that are
 * null; null where none is.
 */
export const createCamposWriter =
  (campos: readonly string[]) =>
  (row: Row, out: CopyValue[]): string | null => {
    let absent = '';
    for (const name of campos) {
      const value = row[name];
      if (value === undefined) absent += `${absent === '' ? '' : ','}${name}`;
      out.push(value ?? null);
    }
    return absent === '' ? null : absent;
  };

/**
 * A column of an answer. `viaja` is how its values travel: `texto` is any text, `limpio` text that needs no escapes (digits,
 * an exact number as text: a JSON number would pass through a float), `suelto` a number or a boolean of JSON.
 */
export interface Column {
  readonly name: string;
  readonly sql: string;
  readonly viaja: 'texto' | 'limpio' | 'suelto';
  /** Of the registro; they come last in a row. */
  readonly isCampo?: true;
}

export const texto = (name: string, sql: string): Column => ({ name, sql, viaja: 'texto' });
export const limpio = (name: string, sql: string): Column => ({ name, sql, viaja: 'limpio' });
export const suelto = (name: string, sql: string): Column => ({ name, sql, viaja: 'suelto' });

/** All columns of a row. */
export function columnsOf({ registro, propias }: Relation, alias: string): Column[] {
  const own = [...propias, '_fila'].map((name) => suelto(name, `${alias}.${name}`));
  const campos = Object.keys(registro.campos).map((name) => {
    const column = `${alias}.${quote(name)}`;
    const type = SQL_TYPE[campoOf(registro, name).tipo];
    const one =
      type === 'numeric'
        ? limpio(name, `${column}::text`)
        : type === 'text'
          ? texto(name, column)
          : suelto(name, column);
    return { ...one, isCampo: true as const };
  });
  return [...own, texto('_ausente', `${alias}._ausente`), ...campos];
}

/** Where the rows of a registro lie: a table, or several as one. `_fila` numbers them, `_ausente` names absent campos. */
export interface Relation {
  readonly registro: Registro;
  /** Stands after `from`, before its alias. */
  readonly from: string;
  /** Further columns, of numbers, that the owner needs with every row. */
  readonly propias: readonly string[];
}

export type Cell = string | number | boolean | null;

/** Where a row has its cells. The last ones are its campos, which are named once: when the row is read. */
export const CELLS: unique symbol = Symbol('cells');

/** A row as SQL gives it: what is no campo by name. */
export type SqlRow = Readonly<Record<string, Cell>> & { readonly [CELLS]?: readonly Cell[] };

/** Readers of rows: the same Row that was loaded. */
export function createRowDecoder(registro: Registro): (row: SqlRow) => Row {
  const campos = Object.keys(registro.campos);
  return (row) => {
    const cells = row[CELLS];
    if (cells === undefined) throw new Error(`${registro.nombre}: a row without its campos`);
    const absent = typeof row['_ausente'] === 'string' ? row['_ausente'].split(',') : null;
    const out: Record<string, Valor> = {};
    let at = cells.length - campos.length;
    for (const name of campos) {
      const value = cells[at++] ?? null;
      if (value === null && absent?.includes(name) === true) continue;
      out[name] = value;
    }
    return out;
  };
}
