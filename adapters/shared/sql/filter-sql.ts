/** Filtro and Orden as parameterised SQL: no value is ever written into a statement. */
import type { Filtro, Orden, Registro, TipoCampo } from '../../../schema/registro.js';
import { isDecimal } from '../../../schema/values/decimal.js';
import { partsOf, type Key } from '../../../schema/key.js';
import type { After } from '../../contract.js';
import type { SqlParam } from './store.js';
import { campoOf, quote, SQL_TYPE } from './columns.js';

/** Collects the parameters of one statement. */
export class Params {
  readonly values: SqlParam[] = [];

  add(value: SqlParam, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

const column = (name: string): string => `t.${quote(name)}`;

const typeOf = (registro: Registro, name: string): string => SQL_TYPE[campoOf(registro, name).tipo];

export function filterSql(registro: Registro, filtro: Filtro | null, params: Params): string {
  if (filtro === null) return 'true';
  const value = (name: string, valor: SqlParam, suffix = ''): string =>
    params.add(valor, typeOf(registro, name) + suffix);
  switch (filtro.op) {
    case 'eq':
      return filtro.valor === null
        ? `${column(filtro.campo)} is null`
        : `${column(filtro.campo)} = ${value(filtro.campo, filtro.valor)}`;
    case 'gte':
      return `${column(filtro.campo)} >= ${value(filtro.campo, filtro.valor)}`;
    case 'lte':
      return `${column(filtro.campo)} <= ${value(filtro.campo, filtro.valor)}`;
    case 'in': {
      const known = filtro.valores.filter((v) => v !== null);
      const among = `${column(filtro.campo)} = any(${value(filtro.campo, known, '[]')})`;
      return known.length < filtro.valores.length
        ? `(${among} or ${column(filtro.campo)} is null)`
        : among;
    }
    case 'prefix':
      return `${column(filtro.campo)} like ${value(filtro.campo, `${filtro.valor.replace(/[\\%_]/g, '\\$&')}%`)}`;
    case 'and':
      return filtro.de.length === 0
        ? 'true'
        : `(${filtro.de.map((part) => filterSql(registro, part, params)).join(' and ')})`;
    case 'hoja':
      if (campoOf(registro, 'esHoja').tipo !== 'logico') {
        throw new TypeError(`${registro.nombre}.esHoja must be logico`);
      }
      return column('esHoja');
  }
}

/** The asked order, made total by the clave. */
export function totalOrder(registro: Registro, orden: readonly Orden[]): readonly Orden[] {
  const asked = new Set(orden.map((o) => o.campo));
  const rest = registro.clave.filter((name) => !asked.has(name));
  return [...orden, ...rest.map((campo): Orden => ({ campo, sentido: 'asc' }))];
}

/** Unknown values come last in both directions: they are no small nor large amounts. */
export function orderSql(registro: Registro, orden: readonly Orden[], alias = 't'): string {
  const inClave = new Set(registro.clave);
  return orden
    .map(({ campo, sentido }) => {
      const nulls = sentido === 'desc' && !inClave.has(campo) && campoOf(registro, campo).nulo;
      return `${alias}.${quote(campo)} ${sentido}${nulls ? ' nulls last' : ''}`;
    })
    .join(', ');
}

/** What a position holds: the values of the order, made total. */
export function afterSql(
  registro: Registro,
  orden: readonly Orden[],
  values: After['values'],
  params: Params,
): string {
  if (values.length !== orden.length) {
    throw new TypeError('a position holds the order values and then the clave');
  }
  const refs = orden.map(({ campo }, i) =>
    values[i] === null || values[i] === undefined
      ? null
      : params.add(values[i], typeOf(registro, campo)),
  );
  const inClave = new Set(registro.clave);
  if (orden.every((o) => o.sentido === 'asc' && inClave.has(o.campo)) && !refs.includes(null)) {
    return `(${orden.map((o) => column(o.campo)).join(', ')}) > (${refs.join(', ')})`;
  }
  return orden.reduceRight((rest, { campo, sentido }, i) => {
    const ref = refs[i] ?? null;
    if (ref === null) return `(${column(campo)} is null and ${rest})`;
    const beyond = `${column(campo)} ${sentido === 'asc' ? '>' : '<'} ${ref}`;
    return `(${beyond} or ${column(campo)} is null or (${column(campo)} = ${ref} and ${rest}))`;
  }, 'false');
}

const FITS: Readonly<Record<TipoCampo, (part: string) => boolean>> = {
  texto: () => true,
  codigo: () => true,
  fecha: () => true,
  fechahora: () => true,
  entero: (part) => /^-?\d{1,18}$/.test(part),
  dinero: isDecimal,
  decimal: isDecimal,
  logico: (part) => part === 'true' || part === 'false',
};

/** The keys as a relation `k`: their place and one column per campo. Keys that cannot match any row are left out. */
export function keysSql(
  registro: Registro,
  campos: readonly string[],
  keys: readonly Key[],
  params: Params,
): { readonly from: string; readonly join: string } {
  const places: number[] = [];
  const columns: string[][] = campos.map(() => []);
  keys.forEach((key, place) => {
    const parts = partsOf(key);
    if (parts.length !== campos.length) throw new TypeError(`key ${key} has another length`);
    if (!campos.every((name, i) => FITS[campoOf(registro, name).tipo](parts[i] ?? ''))) return;
    places.push(place);
    parts.forEach((part, i) => columns[i]?.push(part));
  });
  const arrays = [
    params.add(places, 'integer[]'),
    ...campos.map((name, i) => params.add(columns[i] ?? [], `${typeOf(registro, name)}[]`)),
  ];
  return {
    from: `unnest(${arrays.join(', ')}) as k(place, ${campos.map((_, i) => `c${i}`).join(', ')})`,
    join: campos.map((name, i) => `${column(name)} = k.c${i}`).join(' and '),
  };
}
