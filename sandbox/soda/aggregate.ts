import { childrenOf, type Expr } from './ast.js';
import {
  AGGREGATES,
  comparatorOf,
  compileExpr,
  slotKey,
  type Compiled,
  type Scope,
} from './compile.js';
import type { Row, SodaType } from './dataset.js';
import { DecimalSum, normaliseDecimal } from './decimal.js';
import { queryError } from './errors.js';

type Call = Extract<Expr, { kind: 'call' }>;

interface Accumulator {
  add(row: Row): void;
  result(): string | boolean | null;
}

interface Aggregate {
  readonly key: string;
  readonly type: SodaType;
  create(): Accumulator;
}

/** Aggregate calls inside an expression. */
export function aggregatesOf(expr: Expr): readonly Call[] {
  if (expr.kind === 'call' && AGGREGATES.has(expr.name)) return [expr];
  return childrenOf(expr).flatMap(aggregatesOf);
}

function countOf(argument: Compiled | undefined, distinct: boolean): Accumulator {
  let count = 0;
  const seen = new Set<string | boolean>();
  return {
    add: (row) => {
      const value = argument ? argument.eval(row) : true;
      if (value === null) return;
      if (distinct) {
        seen.add(argument?.type === 'number' ? normaliseDecimal(String(value)) : value);
      } else count++;
    },
    result: () => String(distinct ? seen.size : count),
  };
}

/** Sums and averages ignore nulls; without one value they are null, never 0. */
function sumOf(argument: Compiled, average: boolean): Accumulator {
  const sum = new DecimalSum();
  return {
    add: (row) => {
      const value = argument.eval(row);
      if (value !== null) sum.add(String(value));
    },
    result: () => (sum.count === 0 ? null : average ? sum.average() : sum.total()),
  };
}

function extremeOf(argument: Compiled, sign: number): Accumulator {
  const compare = comparatorOf(argument.type);
  let best: string | boolean | null = null;
  return {
    add: (row) => {
      const value = argument.eval(row);
      if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
    },
    result: () => best,
  };
}

export function compileAggregate(call: Call, scope: Scope): Aggregate {
  const key = slotKey(call);
  const [first] = call.args;
  const argument = first ? compileExpr(first, scope) : undefined;
  if (call.name === 'count' && (call.star || argument)) {
    return { key, type: 'number', create: () => countOf(argument, call.distinct) };
  }
  if (!argument || call.args.length !== 1) {
    throw queryError('query.soql.no-such-function', `No such function: ${call.name}`);
  }
  if (call.name === 'sum' || call.name === 'avg') {
    if (argument.type !== 'number') {
      throw queryError('query.soql.type-mismatch', `Type mismatch for ${call.name}`);
    }
    return { key, type: 'number', create: () => sumOf(argument, call.name === 'avg') };
  }
  const type = argument.type === 'null' ? 'text' : argument.type;
  return { key, type, create: () => extremeOf(argument, call.name === 'max' ? 1 : -1) };
}

/** Groups rows; each result row carries group keys and aggregates in their slots. */
export function groupRows(
  rows: Iterable<Row>,
  keys: readonly { readonly key: string; readonly compiled: Compiled }[],
  aggregates: readonly Aggregate[],
): Row[] {
  const groups = new Map<string, { row: Row; accumulators: Accumulator[] }>();
  const open = (row: Row): { row: Row; accumulators: Accumulator[] } => ({
    row,
    accumulators: aggregates.map((a) => a.create()),
  });
  if (keys.length === 0) groups.set('', open({}));
  for (const row of rows) {
    const values = keys.map((k) => k.compiled.eval(row));
    const id = keys.length === 0 ? '' : JSON.stringify(values);
    let group = groups.get(id);
    if (!group) {
      group = open(Object.fromEntries(keys.map((k, i) => [k.key, values[i]])));
      groups.set(id, group);
    }
    for (const accumulator of group.accumulators) accumulator.add(row);
  }
  return [...groups.values()].map(({ row, accumulators }) => {
    accumulators.forEach((a, i) => {
      row[aggregates[i]?.key ?? ''] = a.result();
    });
    return row;
  });
}
