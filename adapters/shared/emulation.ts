import type { Fila, Filtro, Orden, Registro, Valor } from '../../schema/registro.js';
import { keyOf, type Key } from '../../schema/key.js';
import { compareDecimal, sumDecimals } from '../../schema/values/decimal.js';
import type { Group, ListOptions, Row, Top, Version } from '../contract.js';
import { ExpiredCursorError } from '../errors.js';
import { groupBy } from '../../schema/group-by.js';

/**
 * Filter, order, cut and sum over rows already in memory, for operations that a source does not have. The meaning is
 * that of the contract: a null matches no comparison, and comes last in either direction.
 */

export function matches(registro: Registro, fila: Fila, filtro: Filtro | null): boolean {
  if (filtro === null) return true;
  switch (filtro.op) {
    case 'eq':
      return (fila[filtro.campo] ?? null) === filtro.valor;
    case 'in':
      return filtro.valores.includes(fila[filtro.campo] ?? null);
    case 'gte':
    case 'lte': {
      const value = fila[filtro.campo] ?? null;
      if (value === null || filtro.valor === null) return false;
      const order = compareValores(value, filtro.valor, isAmount(registro, filtro.campo));
      return filtro.op === 'gte' ? order >= 0 : order <= 0;
    }
    case 'prefix': {
      const value = fila[filtro.campo];
      return typeof value === 'string' && value.startsWith(filtro.valor);
    }
    case 'and':
      return filtro.de.every((part) => matches(registro, fila, part));
    case 'hoja':
      return fila.esHoja === true;
  }
}

const isAmount = (registro: Registro, campo: string): boolean => {
  const tipo = registro.campos[campo]?.tipo;
  return tipo === 'dinero' || tipo === 'decimal';
};

/** Numbers and exact decimals by size, everything else as text. */
function compareValores(a: Valor, b: Valor, isDecimal: boolean): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  if (isDecimal) return compareDecimal(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The order asked, made total by the clave: without it a cursor would lose or repeat rows. */
export function totalOrder(registro: Registro, orden: readonly Orden[]): readonly Orden[] {
  const asked = new Set(orden.map(({ campo }) => campo));
  const rest = registro.clave.filter((campo) => !asked.has(campo));
  return [...orden, ...rest.map((campo): Orden => ({ campo, sentido: 'asc' }))];
}

/** The rows of one list after the position given. */
export function topOf(
  registro: Registro,
  rows: readonly Row[],
  filtro: Filtro | null,
  orden: readonly Orden[],
  { first, after, count }: ListOptions,
  { sistema, version }: { readonly sistema: string; readonly version: Version },
): Top {
  if (after !== null && after.version !== version.token) throw new ExpiredCursorError(sistema);
  const order = totalOrder(registro, orden);
  const valuesOf = (row: Row): Valor[] => order.map(({ campo }) => row[campo] ?? null);
  const compare = comparatorOf(registro, order);
  const all = rows
    .filter((row) => matches(registro, row, filtro))
    .map((row) => ({ row, values: valuesOf(row) }))
    .sort((a, b) => compare(a.values, b.values));
  const rest = after === null ? all : all.filter((a) => compare(a.values, after.values) > 0);
  return {
    rows: rest.slice(0, first).map(({ row }) => row),
    hasNext: rest.length > first,
    ...(count ? { total: all.length } : {}),
  };
}

/** The order of a list over whole rows, made total by the clave; and the position of a row in it, as cursors hold it. */
export function listOrder(registro: Registro, orden: readonly Orden[]) {
  const order = totalOrder(registro, orden);
  const compare = comparatorOf(registro, order);
  const valuesOf = (row: Row): Valor[] => order.map(({ campo }) => row[campo] ?? null);
  const positionOf = (row: Row): (string | number | null)[] =>
    valuesOf(row).map((value) => (typeof value === 'boolean' ? String(value) : value));
  return { compare: (a: Row, b: Row) => compare(valuesOf(a), valuesOf(b)), positionOf };
}

const comparatorOf =
  (registro: Registro, order: readonly Orden[]) =>
  (a: readonly Valor[], b: readonly Valor[]): number => {
    for (const [index, { campo, sentido }] of order.entries()) {
      const left = a[index] ?? null;
      const right = b[index] ?? null;
      if (left === right) continue;
      if (left === null) return 1;
      if (right === null) return -1;
      const byValue = compareValores(left, right, isAmount(registro, campo));
      if (byValue !== 0) return sentido === 'asc' ? byValue : -byValue;
    }
    return 0;
  };

/**
 * Adds rows up by some of their campos. A sum over nothing reported is null; `count` says how many records stand behind.
 */
export function groupsOf(
  rows: readonly Row[],
  suma: readonly string[],
  dims: readonly string[],
  countOf: (row: Row) => number = () => 1,
): Group[] {
  const textOf = (value: Valor | undefined): string | null =>
    value === null || value === undefined ? null : String(value);
  const dimsOf = (row: Row) => dims.map((dim) => textOf(row[dim]));
  return [...groupBy(rows, (row) => JSON.stringify(dimsOf(row))).values()].map((same) => ({
    dims: Object.fromEntries(dims.map((dim) => [dim, textOf(same[0]?.[dim])])),
    sums: Object.fromEntries(suma.map((campo) => [campo, sumOf(same, campo)])),
    count: same.reduce((sum, row) => sum + countOf(row), 0),
  }));
}

function sumOf(rows: readonly Row[], campo: string): string | null {
  const known = rows.map((row) => row[campo]).filter((value) => typeof value === 'string');
  return known.length === 0 ? null : sumDecimals(known);
}

/** The filter without the conditions on other campos: what may be asked of a row of which only these are known. */
export function restrictTo(filtro: Filtro | null, campos: readonly string[]): Filtro | null {
  const kept = conjunctsOf(filtro).filter((part) => 'campo' in part && campos.includes(part.campo));
  return kept.length === 0 ? null : { op: 'and', de: kept };
}

/** The keys of an acceso that a filter pins down; null where it leaves one of them open. */
export function keysOfFiltro(filtro: Filtro | null, claves: readonly string[]): Key[] | null {
  let keys: Valor[][] = [[]];
  for (const clave of claves) {
    const values = conjunctsOf(filtro).flatMap((part) => pinned(part, clave));
    if (values.length === 0) return null;
    keys = keys.flatMap((key) => values.map((value) => [...key, value]));
  }
  return [...new Set(keys.map(keyOf))];
}

const conjunctsOf = (filtro: Filtro | null): readonly Filtro[] => {
  if (filtro === null) return [];
  return filtro.op === 'and' ? filtro.de.flatMap(conjunctsOf) : [filtro];
};

const pinned = (filtro: Filtro, campo: string): Valor[] => {
  if (filtro.op === 'eq' && filtro.campo === campo && filtro.valor !== null) return [filtro.valor];
  if (filtro.op !== 'in' || filtro.campo !== campo) return [];
  return filtro.valores.filter((valor) => valor !== null);
};
