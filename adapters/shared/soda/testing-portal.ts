import type { MockAgent } from 'undici';
import { MOCK_ORIGIN } from '../http/testing.js';

/** A SODA dataset in memory that evaluates what the client asks: it orders only when told to, as the portal does. */

export type PortalRow = Readonly<Record<string, string | undefined>>;

type Predicate = (row: PortalRow) => boolean;

const TOKENS = /'(?:[^']|'')*'|>=|<=|[()=<>,]|-?\d+(?:\.\d+)?|[a-z_:][a-z0-9_]*/g;

const compareText = (one: string, other: string): number =>
  one < other ? -1 : one > other ? 1 : 0;

/** Numbers where the literal is bare, text otherwise. Comparing with a null is never true. */
const compare = (cell: string | undefined, symbol: string, token: string): boolean => {
  if (cell === undefined) return false;
  const order = token.startsWith("'")
    ? compareText(cell, token.slice(1, -1).replaceAll("''", "'"))
    : Number(cell) - Number(token);
  if (symbol === '=') return order === 0;
  if (symbol === '>=') return order >= 0;
  if (symbol === '<=') return order <= 0;
  return symbol === '>' ? order > 0 : order < 0;
};

export function parseWhere(text: string): Predicate {
  const tokens = text.match(TOKENS) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const list = (): string[] => {
    next();
    const items: string[] = [];
    while (tokens[at] !== ')') {
      const item = next();
      if (item !== ',') items.push(item);
    }
    next();
    return items;
  };
  const atom = (): Predicate => {
    const column = next();
    if (column === '(') {
      const inner = alternatives();
      next();
      return inner;
    }
    const word = next();
    if (word === 'in') {
      const items = list();
      return (row) => items.some((item) => compare(row[column], '=', item));
    }
    if (word === 'is') {
      const isNot = tokens[at] === 'not';
      if (isNot) next();
      next();
      return (row) => (row[column] === undefined) !== isNot;
    }
    const value = next();
    return (row) => compare(row[column], word, value);
  };
  const chain = (word: string, part: () => Predicate, join: 'every' | 'some') => (): Predicate => {
    const parts = [part()];
    while (tokens[at] === word) {
      next();
      parts.push(part());
    }
    return (row) => parts[join]((predicate) => predicate(row));
  };
  const alternatives = chain('or', chain('and', atom, 'every'), 'some');
  return alternatives();
}

function sortRows(rows: readonly PortalRow[], order: string): PortalRow[] {
  const parts = order.split(',').map((part) => part.trim().split(' '));
  return [...rows].sort((one, other) => {
    for (const [column = '', sentido, ...nulls] of parts) {
      const sign = sentido === 'desc' ? -1 : 1;
      const [a, b] = [one[column], other[column]];
      if (a === b) continue;
      if (nulls.length > 0 && (a === undefined || b === undefined)) return a === undefined ? 1 : -1;
      // Nulls last in ascending order, so first in descending where nothing else is said.
      return sign * (a === undefined ? 1 : b === undefined ? -1 : compareText(a, b));
    }
    return 0;
  });
}

function groupRows(rows: readonly PortalRow[], select: string, group: string): PortalRow[] {
  const month = /date_trunc_ym\((\w+)\) as mes/.exec(select)?.[1];
  const columns = group.split(',');
  const groups = new Map<string, { row: PortalRow; count: number }>();
  for (const row of rows) {
    const date = month === undefined ? undefined : row[month];
    const mes = date === undefined ? undefined : `${date.slice(0, 7)}-01T00:00:00.000`;
    const named = Object.fromEntries(
      columns.map((column) => [column, column === 'mes' ? mes : row[column]]),
    );
    const id = JSON.stringify(columns.map((column) => named[column] ?? null));
    groups.set(id, { row: named, count: (groups.get(id)?.count ?? 0) + 1 });
  }
  return [...groups.values()].map(({ row, count }) => ({ ...row, cuantos: String(count) }));
}

export interface Portal {
  readonly asked: URLSearchParams[];
  /** Publication date of the answer to the nth question. */
  published: (question: number) => string;
}

export function mockPortal(agent: MockAgent, dataset: string, data: readonly PortalRow[]): Portal {
  const portal: Portal = {
    asked: [],
    published: () => 'Mon, 16 Sep 2019 23:13:03 GMT',
  };
  agent
    .get(MOCK_ORIGIN)
    .intercept({ path: (path) => path.startsWith(`/resource/${dataset}.json`) })
    .reply(({ path }) => {
      const question = new URL(path, MOCK_ORIGIN).searchParams;
      portal.asked.push(question);
      const where = question.get('$where');
      const order = question.get('$order');
      const group = question.get('$group');
      let rows = where === null ? [...data] : data.filter(parseWhere(where));
      if (group !== null) rows = groupRows(rows, question.get('$select') ?? '', group);
      // Without an order every answer comes in another one.
      if (order === null) rows.reverse();
      else rows = sortRows(rows, order);
      const offset = Number(question.get('$offset') ?? '0');
      return {
        statusCode: 200,
        data: JSON.stringify(rows.slice(offset, offset + Number(question.get('$limit')))),
        responseOptions: {
          headers: { 'X-SODA2-Truth-Last-Modified': portal.published(portal.asked.length) },
        },
      };
    })
    .persist();
  return portal;
}
