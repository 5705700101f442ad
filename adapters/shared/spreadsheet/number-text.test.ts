import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toNumberText } from './number-text.js';

describe('toNumberText', () => {
  it.each([
    [30.2, '30.199999999999999', '30.2'],
    [12345678901234567.89, '12345678901234567.89', '12345678901234567.89'],
    [123456789012345678901, '123456789012345678901', '123456789012345678901'],
    [1.5e20, '1.5E+20', '150000000000000000000'],
    [1e-7, '1E-7', '0.0000001'],
    [15740902170, '15740902170', '15740902170'],
    [-0, '-0', '0'],
  ])('prints %d, stored as %s, as %s', (value, stored, text) => {
    expect(toNumberText(value, stored)).toBe(text);
  });

  it('ignores a stored text that is of another number', () => {
    expect(toNumberText(5, '12345678901234567.89')).toBe('5');
  });

  it('never writes an exponent and loses nothing of a double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = toNumberText(value);

        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(Object.is(value, -0) ? 0 : value);
      }),
    );
  });
});
