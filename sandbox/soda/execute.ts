import { childrenOf, printExpr, type Expr, type SelectItem, type Statement } from './ast.js';
import { aggregatesOf, compileAggregate, groupRows } from './aggregate.js';
import { compileExpr, slotKey, type Compiled, type Scope } from './compile.js';
import type { Cell, Row, SodaColumn, SodaType } from './dataset.js';
import { queryError } from './errors.js';
import { rowComparator, shuffleRows, sliceRows, sortRows, type SortKey } from './sort.js';

export const SYSTEM_COLUMNS: readonly SodaColumn[] = [
  { name: ':id', type: 'text' },
  { name: ':created_at', type: 'calendar_date' },
  { name: ':updated_at', type: 'calendar_date' },
  { name: ':version', type: 'text' },
];

/** A table between two stages. */
export interface Table {
  readonly columns: readonly SodaColumn[];
  readonly system: readonly SodaColumn[];
  /** True when the rows already come ascending by `:id`. */
  readonly ordered: boolean;
  rows(where: Expr | undefined, scope: Scope): Iterable<Row>;
}

export interface Result {
  readonly columns: readonly SodaColumn[];
  readonly rows: Iterable<Row>;
}

export interface ExecuteOptions {
  readonly windows: boolean;
  readonly random: () => number;
}

interface Output {
  readonly name: string;
  readonly expr: Expr;
}

function outputsOf(items: readonly SelectItem[], table: Table): Output[] {
  const outputs = items.flatMap((item): Output[] => {
    if ('star' in item) {
      const columns = item.star === '*' ? table.columns : table.system;
      return columns.map(({ name }) => ({ name, expr: { kind: 'column', name } }));
    }
    return [{ name: item.alias ?? printExpr(item.expr), expr: item.expr }];
  });
  const seen = new Set<string>();
  for (const { name } of outputs) {
    if (seen.has(name)) throw queryError('query.soql.duplicate-alias', `Duplicate alias: ${name}`);
    seen.add(name);
  }
  return outputs;
}

/** Replaces aliases by their expressions, but never inside an aggregate (there the column is meant). */
function resolve(expr: Expr, aliases: ReadonlyMap<string, Expr>): Expr {
  if (expr.kind === 'column') return aliases.get(expr.name) ?? expr;
  if (expr.kind === 'call' && aggregatesOf(expr).length > 0) return expr;
  const swap = (e: Expr): Expr => resolve(e, aliases);
  switch (expr.kind) {
    case 'call':
      return { ...expr, args: expr.args.map(swap) };
    case 'cast':
    case 'not':
    case 'isNull':
      return { ...expr, of: swap(expr.of) };
    case 'and':
    case 'or':
    case 'compare':
      return { ...expr, left: swap(expr.left), right: swap(expr.right) };
    case 'in':
      return { ...expr, of: swap(expr.of) };
    case 'between':
    case 'like':
      return { ...expr, of: swap(expr.of) };
    default:
      return expr;
  }
}

function windowsOf(expr: Expr): readonly Extract<Expr, { kind: 'window' }>[] {
  return expr.kind === 'window' ? [expr] : childrenOf(expr).flatMap(windowsOf);
}

function scopeOf(table: Table, slots: ReadonlyMap<string, SodaType> = new Map()): Scope {
  const types = new Map([...table.columns, ...table.system].map((c) => [c.name, c.type]));
  return {
    column: (name) => types.get(name),
    slot: (expr) => {
      if (slots.size === 0) return undefined;
      const key = slotKey(expr);
      const type = slots.get(key);
      return type === undefined ? undefined : { key, type };
    },
  };
}

function* filterRows(rows: Iterable<Row>, where: Compiled | undefined): Iterable<Row> {
  if (!where) {
    yield* rows;
    return;
  }
  for (const row of rows) if (where.eval(row) === true) yield row;
}

function searchFilter(search: string, columns: readonly SodaColumn[]): (row: Row) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const names = columns.filter((c) => c.type === 'text').map((c) => c.name);
  return (row) => {
    const text = names
      .map((n) => (typeof row[n] === 'string' ? row[n] : ''))
      .join(' ')
      .toLowerCase();
    return words.every((w) => text.includes(w));
  };
}

/** row_number() for every row of the stage, kept in the slot of its expression. */
function numberRows(rows: Row[], window: Extract<Expr, { kind: 'window' }>, scope: Scope): Row[] {
  const partition = window.partition.map((e) => compileExpr(e, scope));
  const order = window.order.map((o) => ({
    compiled: compileExpr(o.expr, scope),
    descending: o.descending,
    nulls: o.nulls,
  }));
  const key = slotKey(window);
  const counters = new Map<string, number>();
  return [...rows].sort(rowComparator(order)).map((row) => {
    const id = JSON.stringify(partition.map((p) => p.eval(row)));
    const n = (counters.get(id) ?? 0) + 1;
    counters.set(id, n);
    return { ...row, [key]: String(n) };
  });
}

interface Prepared {
  readonly rows: Iterable<Row>;
  readonly scope: Scope;
  readonly grouped: boolean;
}

function prepareGroups(
  rows: Iterable<Row>,
  base: Scope,
  statement: Statement,
  outputs: readonly Output[],
  aliases: ReadonlyMap<string, Expr>,
): Prepared {
  const keys = statement.group.map((e) => resolve(e, aliases));
  const having = statement.having && resolve(statement.having, aliases);
  const order = statement.order.map((o) => resolve(o.expr, aliases));
  const calls = [...outputs.map((o) => o.expr), ...(having ? [having] : []), ...order];
  const aggregates = new Map(
    calls.flatMap(aggregatesOf).map((call) => [slotKey(call), compileAggregate(call, base)]),
  );
  const compiledKeys = keys.map((e) => ({ key: slotKey(e), compiled: compileExpr(e, base) }));
  const slots = new Map<string, SodaType>();
  for (const { key, compiled } of compiledKeys) {
    slots.set(key, compiled.type === 'null' ? 'text' : compiled.type);
  }
  for (const { key, type } of aggregates.values()) slots.set(key, type);
  const scope: Scope = {
    column: (name) => {
      if (base.column(name) === undefined) return undefined;
      throw queryError('query.soql.column-not-in-group-bys', `Column not in group bys: ${name}`, {
        column: name,
      });
    },
    slot: (expr) => {
      const key = slotKey(expr);
      const type = slots.get(key);
      return type === undefined ? undefined : { key, type };
    },
  };
  const grouped = groupRows(rows, compiledKeys, [...aggregates.values()]);
  const test = having ? compileExpr(having, scope) : undefined;
  return { rows: filterRows(grouped, test), scope, grouped: true };
}

function prepareRows(
  statement: Statement,
  table: Table,
  outputs: readonly Output[],
  options: ExecuteOptions,
): Prepared {
  const base = scopeOf(table);
  const aliases = new Map(outputs.map((o) => [o.name, o.expr]));
  const onlyAliases = new Map([...aliases].filter(([name]) => base.column(name) === undefined));
  const where = statement.where && resolve(statement.where, onlyAliases);
  const compiledWhere = where ? compileExpr(where, base) : undefined;
  let rows = filterRows(table.rows(where, base), compiledWhere);
  if (statement.search !== undefined) {
    const matches = searchFilter(statement.search, table.columns);
    rows = [...rows].filter(matches);
  }
  const windows = outputs.flatMap((o) => windowsOf(o.expr));
  if (windows.length > 0) {
    if (!options.windows) {
      throw queryError('query.soql.bad-parse', 'Window functions are not supported');
    }
    const slots = new Map(windows.map((w): [string, SodaType] => [slotKey(w), 'number']));
    const numbered = windows.reduce((all, w) => numberRows(all, w, base), [...rows]);
    return { rows: numbered, scope: scopeOf(table, slots), grouped: false };
  }
  const grouped =
    statement.group.length > 0 ||
    statement.having !== undefined ||
    outputs.some((o) => aggregatesOf(o.expr).length > 0);
  if (!grouped) return { rows, scope: base, grouped };
  return prepareGroups(rows, base, statement, outputs, aliases);
}

function orderRows(
  prepared: Prepared,
  statement: Statement,
  table: Table,
  outputs: readonly Output[],
  options: ExecuteOptions,
): Iterable<Row> {
  const aliases = new Map(outputs.map((o) => [o.name, o.expr]));
  const [first] = statement.order;
  if (!first) return shuffleRows(prepared.rows, options.random);
  const byId = first.expr.kind === 'column' && first.expr.name === ':id' && !first.descending;
  if (byId && table.ordered && !prepared.grouped) return prepared.rows;
  const keys = statement.order.map((o): SortKey => ({
    compiled: compileExpr(resolve(o.expr, aliases), prepared.scope),
    descending: o.descending,
    nulls: o.nulls,
  }));
  const needed = statement.limit === undefined ? undefined : statement.limit + statement.offset;
  return sortRows(prepared.rows, keys, needed);
}

function* projectRows(
  rows: Iterable<Row>,
  columns: readonly { readonly name: string; readonly compiled: Compiled }[],
): Iterable<Row> {
  for (const row of rows) {
    const out: Record<string, Cell> = {};
    for (const { name, compiled } of columns) out[name] = compiled.eval(row);
    yield out;
  }
}

/** Runs one statement over a table. Everything that can fail for a bad query fails before the first row. */
export function execute(statement: Statement, table: Table, options: ExecuteOptions): Result {
  const items = statement.select ?? [{ star: '*' } as const];
  const outputs = outputsOf(items, table);
  const prepared = prepareRows(statement, table, outputs, options);
  const compiled = outputs.map((o) => ({
    name: o.name,
    compiled: compileExpr(o.expr, prepared.scope),
  }));
  const ordered = orderRows(prepared, statement, table, outputs, options);
  const sliced = sliceRows(ordered, statement.offset, statement.limit);
  const columns = compiled.map(({ name, compiled: c }) => ({
    name,
    type: c.type === 'null' ? ('text' as const) : c.type,
  }));
  const plain = outputs.every((o) => o.expr.kind === 'column' && o.expr.name === o.name);
  return { columns, rows: plain && !prepared.grouped ? sliced : projectRows(sliced, compiled) };
}

/** Runs the statements of a `|>` chain. */
export function executeAll(
  statements: readonly Statement[],
  table: Table,
  options: ExecuteOptions,
): Result {
  const [first, ...rest] = statements;
  if (!first) throw queryError('query.soql.unexpected-eof', 'Empty query');
  if (rest.length > 0 && !options.windows) {
    throw queryError('query.soql.bad-parse', 'Chained queries are not supported');
  }
  let result = execute(first, table, options);
  for (const statement of rest) {
    const { columns, rows } = result;
    result = execute(statement, { columns, system: [], ordered: false, rows: () => rows }, options);
  }
  return result;
}
