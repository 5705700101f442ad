import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bucket } from './date-windows.js';
import { planWindows } from './date-windows.js';
import type { PortalRow } from './testing-portal.js';
import { parseWhere } from './testing-portal.js';

const months = ['2023-11', '2023-12', '2024-01', '2024-02'].map((m) => `${m}-01T00:00:00.000`);
const bucket: fc.Arbitrary<Bucket> = fc.record({
  month: fc.option(fc.constantFrom(...months)),
  count: fc.integer({ min: 1, max: 9 }),
});
const histogram = fc.dictionary(
  fc.stringMatching(/^[a-z]{2}$/),
  fc.uniqueArray(bucket, { selector: ({ month }) => month, minLength: 1 }),
);

describe('windows over the months of many keys', () => {
  it('hold the first rows of every key, and say how many rows they bring', () => {
    fc.assert(
      fc.property(
        histogram,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.constantFrom({}, { nulls: 'last' as const }),
        (counts, wanted, sentido, nulls) => {
          const order = { column: 'f', kind: 'date' as const, sentido, ...nulls };

          const windows = planWindows(new Map(Object.entries(counts)), wanted, order, 3);

          expect(windows.flatMap(({ keys }) => keys).sort()).toEqual(Object.keys(counts).sort());
          expect(windows.length).toBeLessThanOrEqual(3);
          for (const { keys, where, rows } of windows) {
            const isWithin = ({ month }: Bucket): boolean => {
              const row: PortalRow = month === null ? {} : { f: month };
              return where === undefined || parseWhere(where)(row);
            };
            let brought = 0;
            for (const key of keys) {
              const buckets = counts[key] ?? [];
              const total = buckets.reduce((sum, { count }) => sum + count, 0);
              const inside = buckets.filter(isWithin).reduce((sum, { count }) => sum + count, 0);
              expect(inside).toBeGreaterThanOrEqual(Math.min(wanted, total));
              brought += inside;
            }
            expect(rows).toBe(brought);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
