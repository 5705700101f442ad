import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalizeBpin } from '../../schema/values/bpin.js';
import { parseWhere } from '../shared/soda/testing-portal.js';
import { canonicalBpin, coverOf, spellingsOf } from './bpin.js';

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((list) => list.join(''));
const code = fc
  .oneof(
    digits(13),
    digits(14),
    digits(15),
    digits(5).map((end) => `20250000${end}`),
    digits(5).map((end) => `2025000000${end}`),
  )
  .filter((text) => normalizeBpin(text) !== null);

describe('the spellings of a code', () => {
  it('are its two forms where PIIP codes lose two zeros', () => {
    expect(spellingsOf('202500000002256')).toEqual(['202500000002256', '2025000002256']);
  });

  it.each(['2024251750062', '20217023000046', '202512345678901', '202500000100000'])(
    'are the code alone for %s',
    (bpin) => {
      expect(spellingsOf(bpin)).toEqual([bpin]);
    },
  );

  it('all mean that code, and hold every written text of digits that does', () => {
    fc.assert(
      fc.property(code, (written) => {
        const bpin = canonicalBpin(written) ?? '';

        expect(spellingsOf(bpin)).toContain(written);
        expect(spellingsOf(bpin).map(canonicalBpin)).toEqual(spellingsOf(bpin).map(() => bpin));
      }),
    );
  });
});

describe('the cover of many codes', () => {
  it('holds each of them and fits one address', () => {
    fc.assert(
      fc.property(fc.array(code, { minLength: 1, maxLength: 300 }), (codes) => {
        const cover = coverOf('bpin', codes);
        const holds = parseWhere(cover);

        expect(codes.filter((bpin) => !holds({ bpin }))).toEqual([]);
        expect(encodeURIComponent(cover).length).toBeLessThan(5_500);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves out what lies in the wide gaps between neighbours', () => {
    const codes = ['05091', '05400', '25175'].flatMap((place) =>
      Array.from({ length: 100 }, (_, at) => `2024${place}${String(at).padStart(4, '0')}`),
    );
    const holds = parseWhere(coverOf('bpin', codes));

    expect(holds({ bpin: '2024110010001' })).toBe(false);
    expect(holds({ bpin: '2024251750099' })).toBe(true);
  });
});
