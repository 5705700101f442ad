import type { Expr, Statement } from './ast.js';
import type { SodaColumn } from './dataset.js';
import { gatewayError, noSuchColumn, queryError } from './errors.js';
import { parseClause, SoqlParser } from './parser.js';

const DEFAULT_LIMIT = 1000;
const CLAUSES = new Set([
  '$select',
  '$where',
  '$group',
  '$having',
  '$order',
  '$limit',
  '$offset',
  '$q',
  '$query',
  '$$app_token',
  '$$version',
  '$$exclude_system_fields',
]);
const OLD_LIMIT = 50_000;

function integerOf(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) {
    throw queryError('query.soql.invalid', `${name} must be a non-negative integer`);
  }
  return Number(text);
}

function simpleFilters(params: URLSearchParams, columns: readonly SodaColumn[]): Expr[] {
  return [...params].flatMap(([name, value]): Expr[] => {
    if (name.startsWith('$')) {
      if (!CLAUSES.has(name)) {
        throw queryError('query.soql.invalid', `Unrecognized arguments [${name}]`);
      }
      return [];
    }
    const column = columns.find((c) => c.name === name);
    if (!column) throw noSuchColumn(name);
    return [
      {
        kind: 'compare',
        op: '=',
        left: { kind: 'column', name },
        right: { kind: 'text', value },
      },
    ];
  });
}

function checkLimit(limit: number | undefined, params: URLSearchParams): void {
  if (params.get('$$version') === '2.0' && (limit ?? 0) > OLD_LIMIT) {
    throw gatewayError(400, 'req.row-limit-exceeded', 'Row limit exceeded: 50000');
  }
}

/** The statements that the query string asks for. */
export function statementsOf(
  params: URLSearchParams,
  columns: readonly SodaColumn[],
): readonly Statement[] {
  const filters = simpleFilters(params, columns);
  const whole = params.get('$query');
  if (whole !== null) {
    const statements = new SoqlParser(whole).statements();
    const last = statements.length - 1;
    return statements.map((s, i) => (i === last ? { ...s, limit: s.limit ?? DEFAULT_LIMIT } : s));
  }
  const clause = <T>(name: string, read: (parser: SoqlParser) => T): T | undefined => {
    const text = params.get(name);
    return text === null || text.trim() === '' ? undefined : parseClause(text, read);
  };
  const where = clause('$where', (p) => p.expr());
  const conditions = [...(where ? [where] : []), ...filters];
  const limit = integerOf(params, '$limit');
  checkLimit(limit, params);
  const statement: Statement = {
    select: clause('$select', (p) => p.selectList()),
    where: conditions.length === 0 ? undefined : conditions.reduce(and),
    group: clause('$group', (p) => p.exprList()) ?? [],
    having: clause('$having', (p) => p.expr()),
    order: clause('$order', (p) => p.orderList()) ?? [],
    limit: limit ?? DEFAULT_LIMIT,
    offset: integerOf(params, '$offset') ?? 0,
    search: params.get('$q') ?? undefined,
  };
  return [statement];
}

function and(left: Expr, right: Expr): Expr {
  return { kind: 'and', left, right };
}
