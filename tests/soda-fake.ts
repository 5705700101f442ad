import { MockAgent } from 'undici';
import type { Conducta } from './adapter-conformance.js';

/**
 * datos.gov.co at the outer edge of a test: recorded rows, and enough of SoQL to answer keyed questions and sums. The whole
 * language is in the sandbox.
 */

export const BASE_URL = 'https://datos.example';
export const PUBLICADO = 'Mon, 04 May 2026 15:12:09 GMT';

export type SodaFixture = Readonly<Record<string, unknown>>;

export interface SodaFake {
  readonly agent: MockAgent;
  conducta: Conducta;
  /** Queries seen, decoded. */
  readonly asked: { readonly dataset: string; readonly params: URLSearchParams }[];
  /** Replaces the rows of a dataset. */
  readonly rows: Map<string, readonly SodaFixture[]>;
}

/** `nulables` are the columns that CORTA leaves out. */
export function createSodaFake(rows: SodaFake['rows'], nulables: RegExp): SodaFake {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const fake: SodaFake = {
    agent,
    conducta: 'NORMAL',
    asked: [],
    rows: new Map(rows),
  };
  agent
    .get(BASE_URL)
    .intercept({ path: (path) => path.startsWith('/resource/'), method: 'GET' })
    .reply(({ path }) => {
      const url = new URL(path, BASE_URL);
      const dataset = /resource\/(.+)\.json/.exec(url.pathname)?.[1] ?? '';
      fake.asked.push({ dataset, params: url.searchParams });
      if (fake.conducta === 'MUERTA') return { statusCode: 503, data: 'down' };
      const found = answer(fake.rows.get(dataset) ?? [], url.searchParams);
      return {
        statusCode: 200,
        data: JSON.stringify(behave(fake.conducta, found, nulables)),
        responseOptions: {
          headers: { 'content-type': 'application/json', 'last-modified': PUBLICADO },
        },
      };
    })
    .persist();
  return fake;
}

function answer(rows: readonly SodaFixture[], params: URLSearchParams): SodaFixture[] {
  const conditions = conditionsOf(params.get('$where') ?? '');
  const found = rows.filter((row) => conditions.every((accepts) => accepts(row)));
  const group = params.get('$group')?.split(',');
  const select = params.get('$select') ?? '';
  const sums = [...select.matchAll(/sum\((\w+)\)/g)].map(([, name = '']) => name);
  const counts = [...select.matchAll(/count\(\*\) as (\w+)/g)].map(([, name = '']) => name);
  const result = group === undefined ? found : grouped(found, group, sums, counts);
  const limit = Number(params.get('$limit') ?? 1000);
  return result.slice(0, limit);
}

/** `a in ('x','y')`, `a = 'x'` and `a != 'x'`, numbers bare, all joined by `and`; parentheses are decoration. */
function conditionsOf(where: string): ((row: SodaFixture) => boolean)[] {
  const matches = where.matchAll(/([:\w]+)\s*(=|!=|in)\s*(\([^)]*\)|'(?:[^']|'')*')/g);
  return [...matches].map(([, column = '', op, list = '']) => {
    const values = [...list.matchAll(/'((?:[^']|'')*)'|(-?\d[\d.]*)/g)].map(
      ([, quoted, bare = '']) => quoted?.replaceAll("''", "'") ?? bare,
    );
    return (row) => {
      const value = textOf(row[column]);
      return op === '!='
        ? value !== null && !values.includes(value)
        : value !== null && values.includes(value);
    };
  });
}

function grouped(
  rows: readonly SodaFixture[],
  group: readonly string[],
  sums: readonly string[],
  counts: readonly string[],
): SodaFixture[] {
  const groups = new Map<string, SodaFixture[]>();
  for (const row of rows) {
    const key = JSON.stringify(group.map((name) => row[name] ?? null));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((same) => ({
    ...Object.fromEntries(group.map((name) => [name, same[0]?.[name]])),
    ...Object.fromEntries(
      sums.map((name) => [
        name,
        String(same.reduce((sum, row) => sum + BigInt(textOf(row[name]) ?? '0'), 0n)),
      ]),
    ),
    ...Object.fromEntries(counts.map((name) => [name, String(same.length)])),
  }));
}

function behave(
  conducta: Conducta,
  rows: readonly SodaFixture[],
  nulables: RegExp,
): readonly SodaFixture[] {
  if (conducta === 'BARAJADA') return [...rows].reverse();
  if (conducta === 'DOBLE') return rows.flatMap((row) => [row, row]);
  if (conducta !== 'CORTA') return rows;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !nulables.test(name))),
  );
}

const textOf = (cell: unknown): string | null => (typeof cell === 'string' ? cell : null);
