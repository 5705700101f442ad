/** The table of a registro in the single store: every version of every record, and the ways to the current ones. */
import { createHash } from 'node:crypto';
import type { Registro } from '../../schema/registro.js';
import {
  campoOf,
  columnSql,
  indexColumns,
  quote,
  snake,
  type Relation,
} from '../shared/sql/columns.js';
import type { Params } from '../shared/sql/filter-sql.js';

export const tableName = (registro: Registro): string => `unico_${snake(registro.nombre)}`;

/** Columns that a new version brings, before its campos; the engine numbers it and leaves `_reemplazada` empty. */
export const VERSION_COLUMNS = [
  '_clave',
  '_balde',
  '_resumen',
  '_contenido',
  '_version',
  '_mapeo',
  '_valida',
  '_confirmada',
  '_registrada',
  '_vigente',
  '_lapida',
  '_ausente',
] as const;

/** Types of the campos and their comparators: what is stored depends on the first, the digests on both. */
export interface Forma {
  readonly tipos: Readonly<Record<string, string>>;
  readonly comparadores: Readonly<Record<string, string>>;
  readonly digestVersion: number;
}

export function formaOf(registro: Registro, digestVersion: number): Forma {
  const names = Object.keys(registro.campos).sort();
  const each = (value: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  return {
    tipos: each((name) => campoOf(registro, name).tipo),
    comparadores: each((name) => campoOf(registro, name).comparador),
    digestVersion,
  };
}

/**
 * Times are epoch milliseconds. `_valida`: since when the source says so; `_confirmada`: the newest version of the source
 * that said the same; `_registrada` and `_reemplazada`: when we knew it. A version without successor is the last one of
 * its clave; it is `_vigente` unless it is a tombstone.
 */
export function createTableSql(registro: Registro): string {
  const campos = Object.keys(registro.campos).map((name) => columnSql(registro, name));
  return `create table if not exists ${quote(tableName(registro))} (
    _fila bigint generated always as identity primary key,
    _clave text collate "C" not null, _balde smallint not null,
    _resumen bytea not null, _contenido bytea not null, _version text not null,
    _mapeo integer not null, _valida bigint not null, _confirmada bigint not null,
    _registrada bigint not null, _reemplazada bigint,
    _vigente boolean not null, _lapida boolean not null, _ausente text, ${campos.join(', ')})`;
}

/** Index names tell the columns apart, so that a changed declaration finds what it lacks. */
const suffixOf = (columns: readonly string[]): string =>
  createHash('sha256').update(columns.join(',')).digest('hex').slice(0, 8);

export interface Index {
  readonly name: string;
  readonly sql: string;
}

/**
 * Every index covers all versions, so that now and an instant of the past are answered by the same ones; the last column
 * tells the current versions apart without a look at the table. A clave has one version without successor.
 */
export function indexesOf(registro: Registro): Index[] {
  const table = tableName(registro);
  const on = quote(table);
  const clave = `${table}_clave`;
  return [
    {
      name: clave,
      sql: `create unique index ${quote(clave)} on ${on} (_balde, _clave, _reemplazada) nulls not distinct`,
    },
    ...indexColumns(registro).map((columns) => {
      const name = `${table}_ix_${suffixOf(columns)}`;
      const list = [...columns.map(quote), '_vigente'].join(', ');
      return { name, sql: `create index ${quote(name)} on ${on} (${list})` };
    }),
  ];
}

export const relationOf = (registro: Registro): Relation => ({
  registro,
  from: quote(tableName(registro)),
  propias: [],
});

/** The condition on `t` under which a version answers: of now, or of an instant. */
export function liveSql(corte: number | null, params: Params): string {
  if (corte === null) return 't._vigente';
  const at = params.add(corte, 'bigint');
  return `t._registrada <= ${at} and (t._reemplazada is null or t._reemplazada > ${at}) and not t._lapida`;
}
