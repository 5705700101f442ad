import type { Expr } from './ast.js';
import { printExpr } from './ast.js';
import { compareDecimal, isDecimal, normaliseDecimal } from './decimal.js';
import type { Cell, Row, SodaType } from './dataset.js';
import { noSuchColumn, queryError, SodaError } from './errors.js';

/** A compiled expression. Numbers travel as decimal text, dates as ISO text. */
export interface Compiled {
  readonly type: SodaType | 'null';
  readonly literal: boolean;
  eval(row: Row): string | boolean | null;
}

/** How names resolve: columns of the input, or slots that a grouping prepared. */
export interface Scope {
  column(name: string): SodaType | undefined;
  /** A whole expression that is already computed (group key, aggregate, window, alias). */
  slot?(expr: Expr): { readonly type: SodaType; readonly key: string } | undefined;
}

export const AGGREGATES = new Set(['count', 'sum', 'min', 'max', 'avg']);

export function toValue(cell: Cell): string | boolean | null {
  if (cell === undefined || cell === null) return null;
  return typeof cell === 'number' ? String(cell) : cell;
}

function mismatch(a: string, b: string): SodaError {
  return queryError('query.soql.type-mismatch', `Type mismatch for op: ${a} with ${b}`);
}

/** Comparing a url column breaks the real platform with a 500, and so it does here. */
function refuseUrl(...sides: readonly Compiled[]): void {
  if (sides.some((s) => s.type === 'url')) {
    throw new SodaError(500, { code: 'internal_error', error: true, message: 'Internal error' });
  }
}

/** Brings a literal to the type of the other side, or refuses. */
function align(side: Compiled, type: SodaType | 'null'): Compiled {
  if (side.type === type || side.type === 'null' || type === 'null') return side;
  if (side.literal && side.type === 'text') {
    const value = side.eval({});
    const text = typeof value === 'string' ? value : '';
    if (type === 'number' && isDecimal(text)) {
      return { ...constant('number', normaliseDecimal(text)) };
    }
    if (type === 'calendar_date' && /^\d{4}-\d{2}-\d{2}/.test(text)) {
      return constant('calendar_date', normaliseDate(text));
    }
  }
  throw mismatch(type, side.type);
}

function normaliseDate(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
    ? `${text}T00:00:00.000`
    : text.replace(/T(\d{2}:\d{2}:\d{2})$/, 'T$1.000');
}

function constant(type: SodaType | 'null', value: string | boolean | null): Compiled {
  return { type, literal: true, eval: () => value };
}

export type Comparator = (a: string | boolean, b: string | boolean) => number;

export function comparatorOf(type: SodaType | 'null'): Comparator {
  if (type === 'number') return (a, b) => compareDecimal(String(a), String(b));
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

function pair(left: Compiled, right: Compiled): [Compiled, Compiled] {
  refuseUrl(left, right);
  if (left.literal && !right.literal) return [align(left, right.type), right];
  return [left, align(right, left.type)];
}

const TESTS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (o) => o === 0,
  '<>': (o) => o !== 0,
  '<': (o) => o < 0,
  '<=': (o) => o <= 0,
  '>': (o) => o > 0,
  '>=': (o) => o >= 0,
};

function logical(evaluate: (row: Row) => boolean | null): Compiled {
  return { type: 'checkbox', literal: false, eval: evaluate };
}

function likeRegExp(pattern: string): RegExp {
  const body = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '[\\s\\S]*')
    .replaceAll('_', '[\\s\\S]');
  return new RegExp(`^${body}$`);
}

export function compileExpr(expr: Expr, scope: Scope): Compiled {
  const slot = scope.slot?.(expr);
  if (slot) {
    const { key, type } = slot;
    return { type, literal: false, eval: (row) => toValue(row[key]) };
  }
  switch (expr.kind) {
    case 'column':
      return compileColumn(expr.name, scope);
    case 'text':
    case 'number':
      return constant(expr.kind, expr.value);
    case 'boolean':
      return constant('checkbox', expr.value);
    case 'null':
      return constant('null', null);
    case 'cast':
      return compileCast(compileExpr(expr.of, scope), expr.type);
    case 'call':
      return compileCall(expr, scope);
    case 'window':
      throw queryError('query.soql.bad-parse', 'Window functions are not allowed here');
    default:
      return compileLogical(expr, scope);
  }
}

function compileColumn(name: string, scope: Scope): Compiled {
  const type = scope.column(name);
  if (type === undefined) throw noSuchColumn(name);
  return { type, literal: false, eval: (row) => toValue(row[name]) };
}

function compileCast(of: Compiled, type: string): Compiled {
  if (type === 'text') {
    return { ...of, type: 'text' };
  }
  if (type !== 'number') throw queryError('query.soql.no-such-function', `No such type: ${type}`);
  return {
    type: 'number',
    literal: of.literal,
    eval: (row) => {
      const value = of.eval(row);
      return typeof value === 'string' && isDecimal(value) ? normaliseDecimal(value) : null;
    },
  };
}

type LogicalExpr = Exclude<
  Expr,
  { kind: 'column' | 'text' | 'number' | 'boolean' | 'null' | 'cast' | 'call' | 'window' }
>;

function compileLogical(expr: LogicalExpr, scope: Scope): Compiled {
  switch (expr.kind) {
    case 'not': {
      const of = compileExpr(expr.of, scope);
      return logical((row) => {
        const value = of.eval(row);
        return value === null ? null : value !== true;
      });
    }
    case 'and':
    case 'or':
      return compileJunction(expr, scope);
    case 'compare':
      return compileCompare(expr, scope);
    case 'in':
      return compileIn(expr, scope);
    case 'between':
      return compileBetween(expr, scope);
    case 'like':
      return compileLike(expr, scope);
    case 'isNull': {
      const of = compileExpr(expr.of, scope);
      const { negated } = expr;
      return logical((row) => (of.eval(row) === null) !== negated);
    }
  }
}

/** SQL three-valued logic: false and null is false, true or null is true. */
function compileJunction(expr: Extract<Expr, { kind: 'and' | 'or' }>, scope: Scope): Compiled {
  const left = compileExpr(expr.left, scope);
  const right = compileExpr(expr.right, scope);
  const decisive = expr.kind === 'or';
  return logical((row) => {
    const a = left.eval(row);
    if (a === decisive) return decisive;
    const b = right.eval(row);
    if (b === decisive) return decisive;
    return a === null || b === null ? null : !decisive;
  });
}

function compileCompare(expr: Extract<Expr, { kind: 'compare' }>, scope: Scope): Compiled {
  const [left, right] = pair(compileExpr(expr.left, scope), compileExpr(expr.right, scope));
  const compare = comparatorOf(left.type === 'null' ? right.type : left.type);
  const test = TESTS[expr.op] ?? ((): boolean => false);
  return logical((row) => {
    const a = left.eval(row);
    const b = right.eval(row);
    return a === null || b === null ? null : test(compare(a, b));
  });
}

function compileIn(expr: Extract<Expr, { kind: 'in' }>, scope: Scope): Compiled {
  const of = compileExpr(expr.of, scope);
  refuseUrl(of);
  const accepted = new Set<string | boolean>();
  for (const item of expr.items) {
    const value = align(compileExpr(item, scope), of.type).eval({});
    if (value !== null)
      accepted.add(of.type === 'number' ? normaliseDecimal(String(value)) : value);
  }
  const numeric = of.type === 'number';
  const { negated } = expr;
  return logical((row) => {
    const value = of.eval(row);
    if (value === null) return null;
    return accepted.has(numeric ? normaliseDecimal(String(value)) : value) !== negated;
  });
}

function compileBetween(expr: Extract<Expr, { kind: 'between' }>, scope: Scope): Compiled {
  const of = compileExpr(expr.of, scope);
  const [, low] = pair(of, compileExpr(expr.low, scope));
  const [, high] = pair(of, compileExpr(expr.high, scope));
  const compare = comparatorOf(of.type);
  const { negated } = expr;
  return logical((row) => {
    const value = of.eval(row);
    const from = low.eval(row);
    const to = high.eval(row);
    if (value === null || from === null || to === null) return null;
    return (compare(value, from) >= 0 && compare(value, to) <= 0) !== negated;
  });
}

function compileLike(expr: Extract<Expr, { kind: 'like' }>, scope: Scope): Compiled {
  const of = compileExpr(expr.of, scope);
  const pattern = compileExpr(expr.pattern, scope);
  refuseUrl(of);
  if (of.type !== 'text') throw mismatch('like', of.type);
  const regExp = likeRegExp(String(pattern.eval({})));
  const { negated } = expr;
  return logical((row) => {
    const value = of.eval(row);
    return value === null ? null : regExp.test(String(value)) !== negated;
  });
}

const TEXT_FUNCTIONS: Readonly<Record<string, (text: string) => string>> = {
  upper: (t) => t.toUpperCase(),
  lower: (t) => t.toLowerCase(),
  length: (t) => String(Array.from(t).length),
  date_trunc_y: (t) => `${t.slice(0, 4)}-01-01T00:00:00.000`,
  date_trunc_ym: (t) => `${t.slice(0, 7)}-01T00:00:00.000`,
};

function compileCall(expr: Extract<Expr, { kind: 'call' }>, scope: Scope): Compiled {
  if (AGGREGATES.has(expr.name)) {
    throw queryError(
      'query.soql.aggregate-in-ungrouped-context',
      `Cannot use aggregate function ${expr.name} here`,
    );
  }
  const args = expr.args.map((a) => compileExpr(a, scope));
  const [first, second] = args;
  if (expr.name === 'starts_with' && first && second && args.length === 2) {
    if (first.type !== 'text') throw mismatch('starts_with', first.type);
    return logical((row) => {
      const value = first.eval(row);
      const prefix = second.eval(row);
      return value === null || prefix === null ? null : String(value).startsWith(String(prefix));
    });
  }
  const map = TEXT_FUNCTIONS[expr.name];
  if (!map || !first || args.length !== 1) {
    throw queryError('query.soql.no-such-function', `No such function: ${expr.name}`, {
      function: expr.name,
    });
  }
  const dates = expr.name.startsWith('date_trunc');
  if (first.type !== 'null' && first.type !== (dates ? 'calendar_date' : 'text')) {
    throw mismatch(expr.name, first.type);
  }
  return {
    type: dates ? 'calendar_date' : expr.name === 'length' ? 'number' : 'text',
    literal: first.literal,
    eval: (row) => {
      const value = first.eval(row);
      return value === null ? null : map(String(value));
    },
  };
}

/** Slot key of a computed expression. */
export function slotKey(expr: Expr): string {
  return `\u0000${JSON.stringify(expr)}|${printExpr(expr)}`;
}
