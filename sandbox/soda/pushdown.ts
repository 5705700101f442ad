import { columnsOf, type Expr } from './ast.js';
import { compileExpr, type Scope } from './compile.js';
import type { Cell, Pushdown } from './dataset.js';

function conjuncts(expr: Expr | undefined): readonly Expr[] {
  if (expr === undefined) return [];
  return expr.kind === 'and' ? [...conjuncts(expr.left), ...conjuncts(expr.right)] : [expr];
}

/** Values listed by `=` and `in` (also joined by `or`) over one column. */
function listedValues(expr: Expr): readonly string[] | undefined {
  if (expr.kind === 'or') {
    const left = listedValues(expr.left);
    const right = listedValues(expr.right);
    return left && right ? [...left, ...right] : undefined;
  }
  if (expr.kind === 'compare' && expr.op === '=' && expr.left.kind === 'column') {
    return literals([expr.right]);
  }
  return expr.kind === 'in' && !expr.negated && expr.of.kind === 'column'
    ? literals(expr.items)
    : undefined;
}

function literals(items: readonly Expr[]): readonly string[] | undefined {
  const values = items.map((i) => (i.kind === 'text' || i.kind === 'number' ? i.value : undefined));
  return values.every((v) => v !== undefined) ? values : undefined;
}

/**
 * The part of a filter that speaks of one index column alone, handed to rows(). The whole filter is evaluated again on
 * what rows() yields, so a module may ignore any of it.
 */
export function buildPushdown(
  where: Expr | undefined,
  index: readonly string[],
  scope: Scope,
  ids: { readonly wantsId: boolean; indexOf(id: string): number | undefined },
): Pushdown {
  const tests = new Map<string, ((value: Cell) => boolean)[]>();
  const lists = new Map<string, ReadonlySet<string>>();
  let afterIndex: number | undefined;
  for (const expr of conjuncts(where)) {
    const [column, ...others] = columnsOf(expr);
    if (column === undefined || others.length > 0) continue;
    if (column === ':id') {
      if (expr.kind === 'compare' && expr.op === '>' && expr.right.kind === 'text') {
        afterIndex = ids.indexOf(expr.right.value);
      }
      continue;
    }
    if (!index.includes(column)) continue;
    const compiled = compileExpr(expr, scope);
    const list = tests.get(column) ?? [];
    list.push((value) => compiled.eval({ [column]: value }) === true);
    tests.set(column, list);
    const values = listedValues(expr);
    if (values) {
      const known = lists.get(column);
      lists.set(column, new Set(known ? values.filter((v) => known.has(v)) : values));
    }
  }
  return {
    wantsId: ids.wantsId,
    ...(afterIndex === undefined ? {} : { afterIndex }),
    accepts: (column, value) => (tests.get(column) ?? []).every((test) => test(value)),
    values: (column) => lists.get(column),
  };
}
