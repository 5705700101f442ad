import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MockedSource } from '../http/testing.js';
import { MOCK_ORIGIN, mockContext, mockSource } from '../http/testing.js';
import type { SodaClient } from './soda-client.js';
import { createSodaClient } from './soda-client.js';
import type { SodaOrder } from './soql.js';
import type { PortalRow } from './testing-portal.js';
import { mockPortal } from './testing-portal.js';
import { textOf } from './wire.js';

const DATASET = 'abcd-1234';

/** Contracts of places of very different size, some without date; place 0 alone has a third of them. */
function contracts(places: number, most: number): PortalRow[] {
  const rows: PortalRow[] = [];
  for (let place = 0; place < places; place++) {
    const count = Math.ceil(most / (place + 1));
    for (let i = 0; i < count; i++) {
      const day = new Date(Date.UTC(2024, 11, 31) - Math.floor((i * 3_000) / count) * 86_400_000);
      rows.push({
        lugar: String(10_000 + place),
        ...(i % 97 === 5 ? {} : { firma: `${day.toISOString().slice(0, 10)}T00:00:00.000` }),
        id: `C${place}-${String(i).padStart(6, '0')}`,
      });
    }
  }
  return rows;
}

const newestFirst: readonly SodaOrder[] = [
  { column: 'firma', kind: 'date', sentido: 'desc' },
  { column: 'id', kind: 'text', sentido: 'asc' },
];

/** The same answer, computed without windows. */
function expected(data: readonly PortalRow[], place: string, n: number): string[] {
  const rank = (row: PortalRow): string => row.firma ?? '~';
  return data
    .filter((row) => row.lugar === place)
    .sort((one, other) =>
      rank(one) === rank(other)
        ? (one.id ?? '') < (other.id ?? '')
          ? -1
          : 1
        : rank(one) > rank(other)
          ? -1
          : 1,
    )
    .slice(0, n)
    .map((row) => row.id ?? '');
}

describe('the first rows of many keys', () => {
  let mock: MockedSource;
  beforeEach(() => {
    mock = mockSource();
  });
  afterEach(async () => {
    await mock.close();
  });
  const client = (windows = false): SodaClient =>
    createSodaClient({
      sistema: 'prueba',
      source: mock.source,
      windows,
      tools: { now: Date.now, observer: { call: () => undefined, error: () => undefined } },
    });

  it('asks one key with a single plain question for one row more', async () => {
    const data = contracts(3, 20);
    const portal = mockPortal(mock.agent, DATASET, data);

    const { byKey, calls } = await client().topPerKey(
      DATASET,
      { column: 'lugar', values: ['10000'], order: newestFirst, first: 4 },
      mockContext(),
    );

    expect(calls).toBe(1);
    expect(portal.asked[0]?.get('$limit')).toBe('5');
    const top = byKey.get('10000');
    expect(top?.rows.map((row) => row.id)).toEqual(expected(data, '10000', 4));
    expect(top?.hasNext).toBe(true);
  });

  it('goes on after a position, and counts the whole list', async () => {
    const data = contracts(1, 20);
    mockPortal(mock.agent, DATASET, data);
    const question = { column: 'lugar', values: ['10000'], order: newestFirst, first: 6 };

    const start = (await client().topPerKey(DATASET, question, mockContext())).byKey.get('10000');
    const last = start?.rows.at(-1);
    const after = [textOf(last ?? {}, 'firma'), textOf(last ?? {}, 'id')];
    const { byKey } = await client().topPerKey(
      DATASET,
      { ...question, after, count: true },
      mockContext(),
    );

    const ids = [...(start?.rows ?? []), ...(byKey.get('10000')?.rows ?? [])].map((row) => row.id);
    expect(ids).toEqual(expected(data, '10000', 12));
    expect(byKey.get('10000')?.total).toBe(20);
  });

  it('puts the dateless last where the order says so, on the first page and after it', async () => {
    const data = contracts(3, 400);
    mockPortal(mock.agent, DATASET, data);
    const [firma, id] = newestFirst;
    if (firma === undefined || id === undefined) throw new Error('no order');
    const order: readonly SodaOrder[] = [{ ...firma, nulls: 'last' }, id];
    const question = { column: 'lugar', values: ['10000', '10001'], order, first: 397 };
    const dated = expected(data, '10000', 400).slice(-395);
    const dateless = expected(data, '10000', 400).slice(0, 5);

    const start = (await client().topPerKey(DATASET, question, mockContext())).byKey.get('10000');
    const last = start?.rows.at(-1);
    const after = [textOf(last ?? {}, 'firma'), textOf(last ?? {}, 'id')];
    const { byKey } = await client().topPerKey(DATASET, { ...question, after }, mockContext());

    expect(start?.rows.map((row) => row.id)).toEqual([...dated, ...dateless.slice(0, 2)]);
    expect(byKey.get('10000')?.rows.map((row) => row.id)).toEqual(dateless.slice(2));
  });

  it('reads the newest of 1,122 unequal places in few questions, the dateless first', async () => {
    const data = contracts(1_122, 12_000);
    const portal = mockPortal(mock.agent, DATASET, data);
    const values = Array.from({ length: 1_122 }, (_, place) => String(10_000 + place));

    const { byKey, calls } = await client().topPerKey(
      DATASET,
      {
        column: 'lugar',
        values: [...values, '99999'],
        order: newestFirst,
        first: 5,
        count: true,
        cover: "lugar > '0'",
      },
      mockContext(),
    );

    for (const place of ['10000', '10001', '10050', '10700', '11121']) {
      const top = byKey.get(place);
      expect(top?.rows.map((row) => row.id)).toEqual(expected(data, place, 5));
      expect(top?.total).toBe(data.filter((row) => row.lugar === place).length);
    }
    expect(byKey.get('99999')).toEqual({ rows: [], hasNext: false, total: 0 });
    expect(byKey.size).toBe(1_123);
    expect(calls).toBe(portal.asked.length);

    expect(calls).toBeLessThanOrEqual(8);
  });

  it('refuses lists that it could only read whole', async () => {
    mock.agent
      .get(MOCK_ORIGIN)
      .intercept({ path: () => true })
      .reply(200, [
        { lugar: 'a', cuantos: '150000' },
        { lugar: 'b', cuantos: '90000' },
      ]);

    const error: unknown = await client()
      .topPerKey(
        DATASET,
        {
          column: 'lugar',
          values: ['a', 'b'],
          order: [{ column: 'valor', kind: 'number', sentido: 'desc' }],
          first: 5,
        },
        mockContext(),
      )
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'CAPACIDAD_INSUFICIENTE' });
    expect(mock.calls).toHaveLength(1);
  });

  it('lets the source number the rows where it can', async () => {
    let statement = '';
    mock.agent
      .get(MOCK_ORIGIN)
      .intercept({ path: () => true })
      .reply(({ path }) => {
        statement = new URL(path, MOCK_ORIGIN).searchParams.get('$query') ?? '';
        const rows = [
          { lugar: 'a', id: '1', puesto: '1' },
          { lugar: 'a', id: '2', puesto: '2' },
          { lugar: 'b', id: '3', puesto: '1' },
        ];
        return { statusCode: 200, data: JSON.stringify(rows) };
      });

    const { byKey, calls } = await client(true).topPerKey(
      DATASET,
      { column: 'lugar', values: ['a', 'b'], order: newestFirst, first: 1, where: "tipo = 'X'" },
      mockContext(),
    );

    expect(statement).toBe(
      'select *,row_number() over (partition by lugar order by firma desc,id) as puesto ' +
        "where (tipo = 'X') and (lugar in ('a','b')) |> " +
        'select * where puesto <= 2 order by lugar,puesto limit 50000',
    );
    expect(byKey.get('a')).toEqual({ rows: [{ lugar: 'a', id: '1' }], hasNext: true });
    expect(byKey.get('b')).toEqual({ rows: [{ lugar: 'b', id: '3' }], hasNext: false });
    expect(calls).toBe(1);
  });
});
