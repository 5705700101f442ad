import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDecimal,
  compareDecimal,
  decimalFromNumber,
  divideDecimal,
  isDecimal,
  negateDecimal,
  parseDecimal,
  parseDecimalComma,
  parseEsThousands,
  parseUsCommas,
  scaleDecimal,
  subtractDecimal,
  sumDecimals,
} from './decimal.js';

const SCALE = 6;
const UNIT = 10n ** BigInt(SCALE);

/** An independent writer: millionths to plain text, never canonical on purpose. */
function plainOf(millionths: bigint): string {
  const digits = (millionths < 0n ? -millionths : millionths).toString().padStart(SCALE + 1, '0');
  return `${millionths < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}
const canonicalOf = (millionths: bigint): string => {
  const text = parseDecimal(plainOf(millionths));
  if (text === null) throw new Error('the test wrote no decimal');
  return text;
};

/** Mixes small amounts, whole pesos and amounts of up to 24 digits, so both arithmetic paths and their seam are met. */
const amount = fc.oneof(
  fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((pesos) => pesos * UNIT),
  fc.bigInt({ min: -1000n, max: 1000n }).map((pesos) => pesos * UNIT),
  fc.bigInt({ min: -2000n, max: 2000n }),
);

describe('the canonical form', () => {
  it.each([
    ['-12.30', '-12.3'],
    ['0.00', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['007', '7'],
    ['100', '100'],
    [' 5.0 ', '5'],
    ['49626977002.73000000', '49626977002.73'],
    ['123456789012345678901', '123456789012345678901'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseDecimal(text)).toBe(expected);
  });

  it.each(['', ' ', '+1', '1e3', '1.', '.5', '1,5', '--1', 'NaN', '0x10', '1 000', 'No Aplica'])(
    'rejects %p',
    (text) => {
      expect(parseDecimal(text)).toBeNull();
    },
  );

  it('knows its own form and no other', () => {
    expect(['0', '-1', '10.01'].every(isDecimal)).toBe(true);
    expect(['-0', '1.0', '01', '+1', '1e3', '', '1.', '-0.0'].some(isDecimal)).toBe(false);
  });

  it('is reached by every operation', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [x, y] = [canonicalOf(a), canonicalOf(b)];
        expect(isDecimal(x)).toBe(true);
        expect(isDecimal(addDecimal(x, y))).toBe(true);
        expect(isDecimal(subtractDecimal(x, y))).toBe(true);
        expect(isDecimal(scaleDecimal(x, -3))).toBe(true);
        expect(isDecimal(divideDecimal(x, y, 4) ?? '0')).toBe(true);
      }),
    );
  });
});

describe('arithmetic on amounts of any length', () => {
  it('adds, subtracts, negates and compares as exact integers do', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [x, y] = [canonicalOf(a), canonicalOf(b)];
        expect(addDecimal(x, y)).toBe(canonicalOf(a + b));
        expect(subtractDecimal(x, y)).toBe(canonicalOf(a - b));
        expect(negateDecimal(x)).toBe(canonicalOf(-a));
        expect(Math.sign(compareDecimal(x, y))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  it('sums in any order to the same text', () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 40 }), (amounts) => {
        const texts = amounts.map(canonicalOf);
        const expected = canonicalOf(amounts.reduce((sum, next) => sum + next, 0n));
        expect(sumDecimals(texts)).toBe(expected);
        expect(sumDecimals(texts.toReversed())).toBe(expected);
      }),
    );
  });

  it('keeps every peso where integers of fifteen digits pass the limit of a double', () => {
    const values = Array.from({ length: 100 }, () => '999999999999999');

    expect(sumDecimals(values)).toBe('99999999999999900');
    expect(addDecimal('999999999999999999', '1')).toBe('1000000000000000000');
  });

  it('divides to the nearest, halves away from zero, and not by zero', () => {
    expect(divideDecimal('2', '3', 4)).toBe('0.6667');
    expect(divideDecimal('1', '8', 2)).toBe('0.13');
    expect(divideDecimal('-1', '8', 2)).toBe('-0.13');
    expect(divideDecimal('1', '-3', 0)).toBe('0');
    expect(divideDecimal('0.3', '0.1', 0)).toBe('3');
    expect(divideDecimal('5', '0', 2)).toBeNull();
  });

  it('never strays from the true quotient by more than half of the last decimal', () => {
    fc.assert(
      fc.property(amount, amount, fc.nat(8), (a, b, scale) => {
        fc.pre(b !== 0n);
        const quotient = divideDecimal(canonicalOf(a), canonicalOf(b), scale) ?? 'none';
        const scaled = BigInt(scaleDecimal(quotient, scale));
        const error = a * 10n ** BigInt(scale) - scaled * b;
        expect(2n * (error < 0n ? -error : error) <= (b < 0n ? -b : b)).toBe(true);
      }),
    );
  });

  it('scales by powers of ten without losing a digit', () => {
    expect(scaleDecimal('1234.5', 3)).toBe('1234500');
    expect(scaleDecimal('-7', -2)).toBe('-0.07');
    fc.assert(
      fc.property(amount, fc.integer({ min: -12, max: 12 }), (a, power) => {
        const x = canonicalOf(a);
        expect(scaleDecimal(scaleDecimal(x, power), -power)).toBe(x);
      }),
    );
  });

  it('refuses what is no decimal instead of inventing a sum', () => {
    expect(() => addDecimal('1', '')).toThrow(TypeError);
    expect(() => sumDecimals(['1', '1e3'])).toThrow(TypeError);
    expect(() => compareDecimal('a', '1')).toThrow(TypeError);
  });
});

describe('the number formats of the sources', () => {
  it('reads decimal commas with the trailing blank of CHIP', () => {
    expect(parseDecimalComma('15740902170,00 ')).toBe('15740902170');
    expect(parseDecimalComma('-0,50\u00a0')).toBe('-0.5');
    expect(parseDecimalComma('1.234,5')).toBeNull();
    expect(parseDecimalComma('1,2,3')).toBeNull();
  });

  it('reads thousands with commas only in complete groups', () => {
    expect(parseUsCommas('1,234.00')).toBe('1234');
    expect(parseUsCommas('-12,345,678.90')).toBe('-12345678.9');
    expect(parseUsCommas('1234.5')).toBe('1234.5');
    expect(parseUsCommas('12,34.00')).toBeNull();
    expect(parseUsCommas('1.234,00')).toBeNull();
  });

  it('reads thousands with points only in complete groups', () => {
    expect(parseEsThousands('1.500.000,5')).toBe('1500000.5');
    expect(parseEsThousands('1500000')).toBe('1500000');
    expect(parseEsThousands('1.50')).toBeNull();
    expect(parseEsThousands('1,500.00')).toBeNull();
  });

  it('agrees with the plain reader on every amount, however it is written', () => {
    fc.assert(
      fc.property(amount, (a) => {
        const plain = plainOf(a);
        const [whole = '', fraction = ''] = plain.split('.');
        const grouped = (mark: string) => whole.replace(/\B(?=(\d{3})+$)/g, mark);
        expect(parseDecimalComma(`${whole},${fraction} `)).toBe(canonicalOf(a));
        expect(parseUsCommas(`${grouped(',')}.${fraction}`)).toBe(canonicalOf(a));
        expect(parseEsThousands(`${grouped('.')},${fraction}`)).toBe(canonicalOf(a));
      }),
    );
  });

  it('takes a number from JSON only while it cannot have lost digits', () => {
    expect(decimalFromNumber(1234.5)).toBe('1234.5');
    expect(decimalFromNumber(-0)).toBe('0');
    expect(decimalFromNumber(9007199254740991)).toBe('9007199254740991');
    expect(decimalFromNumber(0.000001)).toBe('0.000001');
    expect(decimalFromNumber(9007199254740993)).toBeNull();
    expect(decimalFromNumber(0.1 + 0.2)).toBeNull();
    expect(decimalFromNumber(1e21)).toBeNull();
    expect(decimalFromNumber(NaN)).toBeNull();
  });
});
