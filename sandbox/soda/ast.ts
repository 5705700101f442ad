/** Syntax tree of the SoQL subset. */

export type Expr =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly distinct: boolean;
      readonly star: boolean;
    }
  | {
      readonly kind: 'window';
      readonly partition: readonly Expr[];
      readonly order: readonly OrderItem[];
    }
  | { readonly kind: 'cast'; readonly of: Expr; readonly type: string }
  | { readonly kind: 'not'; readonly of: Expr }
  | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | {
      readonly kind: 'compare';
      readonly op: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly left: Expr;
      readonly right: Expr;
    }
  | {
      readonly kind: 'in';
      readonly of: Expr;
      readonly items: readonly Expr[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'between';
      readonly of: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly of: Expr;
      readonly pattern: Expr;
      readonly negated: boolean;
    }
  | { readonly kind: 'isNull'; readonly of: Expr; readonly negated: boolean };

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
  /** Where nulls stand; by default they come last when ascending and first when descending. */
  readonly nulls?: 'first' | 'last';
}

export type SelectItem =
  { readonly star: '*' | ':*' } | { readonly expr: Expr; readonly alias: string | undefined };

/** One statement; `|>` chains several. */
export interface Statement {
  readonly select: readonly SelectItem[] | undefined;
  readonly where: Expr | undefined;
  readonly group: readonly Expr[];
  readonly having: Expr | undefined;
  readonly order: readonly OrderItem[];
  readonly limit: number | undefined;
  readonly offset: number;
  readonly search: string | undefined;
}

/** Canonical text of an expression: equal expressions print equal (group-by matching, names of unaliased columns). */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.name;
    case 'call':
      return expr.star
        ? expr.name
        : [expr.name, ...(expr.distinct ? ['distinct'] : []), ...expr.args.map(printExpr)].join(
            '_',
          );
    case 'cast':
      return `${printExpr(expr.of)}_${expr.type}`;
    case 'text':
    case 'number':
      return expr.value.replace(/[^A-Za-z0-9_]+/g, '_');
    default:
      return JSON.stringify(expr);
  }
}

/** The columns an expression names. */
export function columnsOf(expr: Expr, into = new Set<string>()): Set<string> {
  if (expr.kind === 'column') into.add(expr.name);
  for (const child of childrenOf(expr)) columnsOf(child, into);
  return into;
}

export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return expr.args;
    case 'window':
      return [...expr.partition, ...expr.order.map((o) => o.expr)];
    case 'cast':
    case 'not':
    case 'isNull':
      return [expr.of];
    case 'and':
    case 'or':
    case 'compare':
      return [expr.left, expr.right];
    case 'in':
      return [expr.of, ...expr.items];
    case 'between':
      return [expr.of, expr.low, expr.high];
    case 'like':
      return [expr.of, expr.pattern];
    default:
      return [];
  }
}
