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

export function indexesOf(registro: Registro): Index[] {
  const table = tableName(registro);
  const index = (name: string, columns: string, where: string, unique = ''): Index => ({
    name: `${table}_${name}`,
    sql: `create ${unique}index if not exists ${quote(`${table}_${name}`)} on ${quote(table)} (${columns}) where ${where}`,
  });
  return [
    index('clave', '_balde, _clave', '_reemplazada is null', 'unique '),
    index('historia', '_balde, _clave', '_reemplazada is not null'),
    ...indexColumns(registro).flatMap((columns) => {
      const list = columns.map(quote).join(', ');
      return [
        index(`ix_${suffixOf(columns)}`, list, '_vigente'),
        index(`hx_${suffixOf(columns)}`, list, 'not _vigente'),
      ];
    }),
  ];
}

/** The current records, or those of an instant: the two halves are told apart so that each has its own indexes. */
export function relationOf(registro: Registro, corte: number | null): Relation {
  const table = quote(tableName(registro));
  const from =
    corte === null
      ? table
      : `(select * from ${table} where _vigente union all select * from ${table} where not _vigente)`;
  return { registro, from, propias: [] };
}

/** The same halves for whoever walks by bucket and clave. */
export const walkRelationOf = (registro: Registro): Relation => {
  const table = quote(tableName(registro));
  return {
    registro,
    from: `(select * from ${table} where _reemplazada is null
      union all select * from ${table} where _reemplazada is not null)`,
    propias: [],
  };
};

/** The condition on `t` under which a version answers. */
export function liveSql(corte: number | null, params: Params): string {
  if (corte === null) return 't._vigente';
  const at = params.add(corte, 'bigint');
  return `t._registrada <= ${at} and (t._reemplazada is null or t._reemplazada > ${at}) and not t._lapida`;
}
