import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MockedSource } from '../http/testing.js';
import { mockContext, mockSource } from '../http/testing.js';
import type { SodaClient } from './soda-client.js';
import { createSodaClient } from './soda-client.js';
import type { PortalRow } from './testing-portal.js';
import { mockPortal } from './testing-portal.js';

const DATASET = 'abcd-1234';
const MONDAY = 'Mon, 16 Sep 2019 23:13:03 GMT';
const TUESDAY = 'Tue, 17 Sep 2019 23:13:03 GMT';

const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
const code = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('reading every row of a dataset', () => {
  let mock: MockedSource;
  let soda: SodaClient;
  beforeEach(() => {
    mock = mockSource();
    soda = createSodaClient({
      sistema: 'prueba',
      source: mock.source,
      tools: { now: Date.now, observer: { call: () => undefined, error: () => undefined } },
    });
  });
  afterEach(async () => {
    await mock.close();
  });

  const data: readonly PortalRow[] = Array.from({ length: 23 }, (_, i) => ({
    entidad: String(i % 5),
    cuenta: `2.${String(i).padStart(2, '0')}`,
  }));

  it('walks by the key, never by offset nor by the row id', async () => {
    const portal = mockPortal(mock.agent, DATASET, data);

    const { rows } = await soda.queryAll(
      DATASET,
      { key: ['entidad', 'cuenta'], pageRows: 7 },
      mockContext(),
    );

    expect(sorted(rows)).toEqual(sorted(data));
    expect(portal.asked.map((question) => question.get('$offset'))).not.toContain('0');
    expect(portal.asked.every((q) => q.get('$order') === 'entidad,cuenta')).toBe(true);
    expect(portal.asked.some((q) => q.get('$where')?.includes(':id'))).toBe(false);
  });

  it('asks once more when the last page is exactly full', async () => {
    const portal = mockPortal(mock.agent, DATASET, data.slice(0, 4));

    const { rows, calls } = await soda.queryAll(
      DATASET,
      { key: ['cuenta'], pageRows: 4 },
      mockContext(),
    );

    expect(rows).toHaveLength(4);
    expect(calls).toBe(2);
    expect(portal.asked).toHaveLength(2);
  });

  it('loses and doubles nothing for any rows, nulls and repeated keys included', async () => {
    const cell = fc.option(fc.constantFrom('a', 'b', "c'c", 'd'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 30 }),
        fc.integer({ min: 8, max: 12 }),
        async (pairs, pageRows) => {
          const rows = pairs.map(([a, b], i) => ({ a, b, n: String(i % 4) }));
          const own = mockSource();
          mockPortal(own.agent, DATASET, rows);
          const client = createSodaClient({
            sistema: 'prueba',
            source: own.source,
            tools: { now: Date.now, observer: { call: () => undefined, error: () => undefined } },
          });
          const key = ['a', 'b', 'n'];
          const repeats = new Map<string, number>();
          for (const row of sorted(rows)) repeats.set(row, (repeats.get(row) ?? 0) + 1);
          fc.pre(Math.max(0, ...repeats.values()) < pageRows);

          const all = await client.queryAll(DATASET, { key, pageRows }, mockContext());

          expect(sorted(all.rows)).toEqual(sorted(rows));
          await own.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a key so coarse that a page holds a single one', async () => {
    mockPortal(
      mock.agent,
      DATASET,
      Array.from({ length: 9 }, () => ({ a: '1' })),
    );

    const error = await soda
      .queryAll(DATASET, { key: ['a'], pageRows: 4 }, mockContext())
      .catch(code);

    expect(error).toBe('SOURCE_CONTRACT');
  });

  it('adds the key to the projection, for the next page needs it', async () => {
    const portal = mockPortal(mock.agent, DATASET, data);

    await soda.queryAll(DATASET, { select: ['entidad'], key: ['cuenta'] }, mockContext());

    expect(portal.asked[0]?.get('$select')).toBe('entidad,cuenta');
  });

  it('pages computed columns by offset in a total order', async () => {
    mockPortal(mock.agent, DATASET, data);

    const { rows, calls } = await soda.queryAll(
      DATASET,
      { key: ['entidad', 'cuenta'], pageRows: 10, paging: 'offset' },
      mockContext(),
    );

    expect(sorted(rows)).toEqual(sorted(data));
    expect(calls).toBe(3);
  });

  it('starts again when the dataset is published between two pages', async () => {
    const portal = mockPortal(mock.agent, DATASET, data);
    portal.published = (question) => (question < 3 ? MONDAY : TUESDAY);

    const { rows, version } = await soda.queryAll(
      DATASET,
      { key: ['cuenta'], pageRows: 10 },
      mockContext(),
    );

    expect(version.token).toBe('2019-09-17T23:13:03.000Z');
    expect(sorted(rows)).toEqual(sorted(data));
  });

  it('gives up when it is published again and again', async () => {
    const portal = mockPortal(mock.agent, DATASET, data);
    portal.published = (question) => (question % 2 === 0 ? MONDAY : TUESDAY);

    const error = await soda
      .queryAll(DATASET, { key: ['cuenta'], pageRows: 10 }, mockContext())
      .catch(code);

    expect(error).toBe('SOURCE_CONTRACT');
    expect(portal.asked).toHaveLength(6);
  });

  it('reads the pages of a reading by keys to their end', async () => {
    const many = Array.from({ length: 50_001 }, (_, i) => ({
      k: '1',
      n: String(i).padStart(6, '0'),
    }));
    mockPortal(mock.agent, DATASET, many);

    const { rows, calls } = await soda.readByKeys(
      DATASET,
      { column: 'k', values: ['1'], pageKey: ['n'] },
      mockContext(),
    );

    expect(new Set(rows.map((row) => row.n)).size).toBe(50_001);
    expect(calls).toBe(2);
  });
});
