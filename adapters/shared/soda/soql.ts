import type { Filtro, Orden, Valor } from '../../../schema/registro.js';

/** Building blocks of SoQL, the query language of SODA. Pure text, no I/O. */

export type LiteralKind = 'text' | 'number' | 'date';

export interface SodaColumn {
  readonly column: string;
  readonly kind: LiteralKind;
}

/** Which column answers for each campo of a Registro. */
export type ColumnByCampo = Readonly<Record<string, SodaColumn>>;

export interface SodaOrder extends SodaColumn {
  readonly sentido: 'asc' | 'desc';
  /** Nulls come last also in descending order; by itself the platform puts them first there. */
  readonly nulls?: 'last';
}

/** The pieces of one question; `$limit` is always sent. */
export interface SodaQuery {
  readonly select?: readonly string[];
  readonly where?: string | Written;
  readonly group?: readonly string[];
  readonly having?: string;
  readonly order?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
}

/** A value in a form that this question cannot carry; the caller decides what it means. */
export class LiteralError extends Error {}

export const quote = (text: string): string =>
  text.includes("'") ? `'${text.replaceAll("'", "''")}'` : `'${text}'`;

const NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?$/;

/** Numbers travel bare (a quoted one is a type mismatch); what is no number or date is refused, never pasted. */
export function literal(value: string | number | boolean, kind: LiteralKind): string {
  const text = String(value);
  if (typeof value === 'boolean') return text;
  if (kind === 'text') return quote(text);
  if (kind === 'number') {
    if (!NUMBER.test(text)) throw new LiteralError('not a number');
    return text;
  }
  if (!DATE.test(text)) throw new LiteralError('not a date');
  return quote(text.length === 10 ? `${text}T00:00:00` : text);
}

type Maybe = string | null | undefined;

const present = (parts: readonly Maybe[]): string[] =>
  parts.filter((part): part is string => part !== null && part !== undefined && part !== '');

const combine =
  (word: 'and' | 'or') =>
  (...parts: readonly Maybe[]): string | undefined => {
    const kept = present(parts);
    return kept.length < 2 ? kept[0] : kept.map((part) => `(${part})`).join(` ${word} `);
  };

export const and = combine('and');
export const or = combine('or');

/** Of literals that are written and joined already. */
export const inList = (column: string, literals: string): string => `${column} in (${literals})`;

export const isIn = (
  column: string,
  values: readonly (string | number)[],
  kind: LiteralKind = 'text',
): string => inList(column, values.map((value) => literal(value, kind)).join(','));

export const orderBy = (
  order: readonly Pick<SodaOrder, 'column' | 'sentido' | 'nulls'>[],
): string[] =>
  order.map((part) => {
    if (part.sentido === 'asc') return part.column;
    return `${part.column} desc${hasNullsLast(part) ? ' null last' : ''}`;
  });

/** Nulls stand last in ascending and first in descending order, as in the platform's PostgreSQL, unless told otherwise. */
export const hasNullsLast = ({ sentido, nulls }: Pick<SodaOrder, 'sentido' | 'nulls'>): boolean =>
  sentido === 'asc' || nulls === 'last';

const comesAfter = (part: SodaOrder, value: string | null): Maybe => {
  const { column, kind, sentido } = part;
  if (hasNullsLast(part)) {
    if (value === null) return null;
    return `${column} ${sentido === 'asc' ? '>' : '<'} ${literal(value, kind)} or ${column} is null`;
  }
  return value === null ? `${column} is not null` : `${column} < ${literal(value, kind)}`;
};

const isSame = ({ column, kind }: SodaOrder, value: string | null): string =>
  value === null ? `${column} is null` : `${column} = ${literal(value, kind)}`;

/**
 * What comes after a position: (a > 1) or (a = 1 and b < 2)… Undefined when nothing can come after it.
 */
export function keyset(
  order: readonly SodaOrder[],
  values: readonly (string | null)[],
): string | undefined {
  const alternatives = order.map((part, index) => {
    const further = comesAfter(part, values[index] ?? null);
    if (further === null || further === undefined) return undefined;
    const same = order.slice(0, index).map((earlier, at) => isSame(earlier, values[at] ?? null));
    return and(...same, further);
  });
  return or(...alternatives);
}

const columnOf = (columns: ColumnByCampo, campo: string): SodaColumn => {
  const found = columns[campo];
  if (!found) throw new LiteralError(`no column answers for campo ${campo}`);
  return found;
};

const equals = ({ column, kind }: SodaColumn, value: Valor): string =>
  value === null ? `${column} is null` : `${column} = ${literal(value, kind)}`;

function isOneOf(target: SodaColumn, values: readonly Valor[]): string {
  const given = values.filter(
    (value): value is string | number => typeof value !== 'boolean' && value !== null,
  );
  const rest = values.filter((value) => typeof value === 'boolean' || value === null);
  const some = or(
    given.length > 0 ? isIn(target.column, given, target.kind) : undefined,
    ...rest.map((value) => equals(target, value)),
  );
  // An empty list holds nothing; SoQL has no word for false.
  return some ?? '1 = 0';
}

/**
 * A Filtro of the contract as `$where`. `hoja` is a property of the whole report, so the adapter says how its source
 * expresses it, or that it cannot.
 */
export function toWhere(
  filtro: Filtro | null,
  columns: ColumnByCampo,
  hoja?: string,
): string | undefined {
  if (filtro === null) return undefined;
  switch (filtro.op) {
    case 'eq':
      return equals(columnOf(columns, filtro.campo), filtro.valor);
    case 'gte':
    case 'lte': {
      const { column, kind } = columnOf(columns, filtro.campo);
      if (filtro.valor === null) return '1 = 0';
      return `${column} ${filtro.op === 'gte' ? '>=' : '<='} ${literal(filtro.valor, kind)}`;
    }
    case 'in':
      return isOneOf(columnOf(columns, filtro.campo), filtro.valores);
    case 'prefix':
      return `starts_with(${columnOf(columns, filtro.campo).column}, ${quote(filtro.valor)})`;
    case 'and':
      return and(...filtro.de.map((part) => toWhere(part, columns, hoja)));
    case 'hoja':
      if (hoja === undefined) throw new LiteralError('this source has no expression for hoja');
      return hoja;
  }
}

/** `Orden` of the contract as columns. */
export const toOrder = (orden: readonly Orden[], columns: ColumnByCampo): SodaOrder[] =>
  orden.map(({ campo, sentido }) => ({ ...columnOf(columns, campo), sentido }));

/**
 * Percent-encoding as the wire carries it: the quote is escaped because URL parsers would escape it anyway and bytes
 * are counted here; comma and colon may stand.
 */
export const encodeParameter = (text: string): string =>
  encodeURIComponent(text).replaceAll("'", '%27').replaceAll('%2C', ',').replaceAll('%3A', ':');

/** A condition beside the text of it that travels: a list of keys is long, so it is encoded key by key, and once. */
export interface Written {
  readonly plain: string;
  readonly encoded: string;
}

export const plainOf = (where: string | Written | undefined): string | undefined =>
  typeof where === 'object' ? where.plain : where;

/** Letters and digits travel as they are: only their quotes change. */
const PLAIN_VALUE = /^[\w-]*$/;

export function writeLiteral(value: string, kind: LiteralKind): Written {
  const plain = literal(value, kind);
  const encoded =
    kind === 'text' && PLAIN_VALUE.test(value) ? `%27${value}%27` : encodeParameter(plain);
  return { plain, encoded };
}

/** A list of keys: its column, and `column in (` as it travels. */
interface KeyList {
  readonly column: string;
  readonly opening: string;
}

/** What stands between the brackets of a list. */
export const joinLiterals = (literals: readonly Written[]): Written => ({
  plain: literals.map(({ plain }) => plain).join(','),
  encoded: literals.map(({ encoded }) => encoded).join(','),
});

/** `isIn` of literals that are written and joined already, and what else must hold. */
export function writeIn({ column, opening }: KeyList, literals: Written, where?: string): Written {
  const plain = inList(column, literals.plain);
  const encoded = `${opening}${literals.encoded})`;
  if (where === undefined || where === '') return { plain, encoded };
  return {
    plain: and(where, plain) ?? plain,
    encoded: `${encodeParameter(`(${where}) and (`)}${encoded})`,
  };
}

/** Default 1 000 of the platform is never relied on. */
export const PAGE_ROWS = 50_000;

/** `limit` null: the beginning of a question that goes on. */
export function toQueryString(query: SodaQuery, limit: number | null = PAGE_ROWS): string {
  const { select, where, group, having, order, offset } = query;
  const parameters: readonly (readonly [string, string | undefined])[] = [
    ['$select', list(select)],
    ['$where', plainOf(where)],
    ['$group', list(group)],
    ['$having', having],
    ['$order', list(order)],
    ['$limit', limit === null ? undefined : String(query.limit ?? limit)],
    ['$offset', offset === undefined ? undefined : String(offset)],
  ];
  return parameters
    .filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '')
    .map(([name, value]) => `${name}=${encodeParameter(value)}`)
    .join('&');
}

const list = (parts: readonly string[] | undefined): string | undefined =>
  parts === undefined || parts.length === 0 ? undefined : parts.join(',');
