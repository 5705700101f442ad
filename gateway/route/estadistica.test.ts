import { describe, expect, it } from '@jest/globals';
import { failureLowerBound, keysNeeded, lowerBound, proves } from './estadistica.js';

/** Exact binomial counts: parity claimed, confidence, failures seen, distinct keys that prove it. */
const TABLE = [
  [0.99, 0.95, [299, 473, 628, 773], 1_049],
  [0.999, 0.95, [2_995, 4_742, 6_294, 7_752], 10_511],
  [0.9999, 0.95, [29_956, 47_437, 62_956, 77_535], 105_128],
  [0.99999, 0.95, [299_572, 474_385, 629_578, 775_364], 1_051_301],
] as const;

describe('the keys that a claim needs', () => {
  it.each(TABLE)('are those of the exact table for %s at %s', (claim, confidence, upTo3, five) => {
    expect([0, 1, 2, 3].map((k) => keysNeeded(k, claim, confidence))).toEqual(upTo3);
    expect(keysNeeded(5, claim, confidence)).toBe(five);
  });

  it.each([
    [0.99, 0.99, 459],
    [0.99, 0.999, 688],
    [0.999, 0.99, 4_603],
    [0.999, 0.999, 6_905],
    [0.9999, 0.99, 46_050],
    [0.9999, 0.999, 69_075],
    [0.9999, 0.995, 52_981],
    [0.99999, 0.99, 460_515],
    [0.99999, 0.999, 690_773],
  ])('for %s at a confidence of %s without failures are %s', (claim, confidence, keys) => {
    expect(keysNeeded(0, claim, confidence)).toBe(keys);
    expect(proves(keys - 1, 0, claim, confidence)).toBe(false);
    expect(proves(keys, 0, claim, confidence)).toBe(true);
  });
});

describe('the lower bound', () => {
  it('agrees with what it claims to prove', () => {
    const bound = lowerBound(29_956, 0, 0.95);

    expect(bound).toBeGreaterThanOrEqual(0.9999);
    expect(lowerBound(29_955, 0, 0.95)).toBeLessThan(0.9999);
    expect(bound).toBeCloseTo(0.05 ** (1 / 29_956), 12);
  });

  it('is 0 where nothing was seen or everything failed', () => {
    expect(lowerBound(0, 0, 0.95)).toBe(0);
    expect(lowerBound(10, 10, 0.95)).toBe(0);
    expect(failureLowerBound(200, 0, 0.95)).toBe(0);
  });

  it('blames a side only for more failures than chance explains', () => {
    expect(failureLowerBound(200, 20, 0.95)).toBeGreaterThan(0.06);
    expect(failureLowerBound(200, 20, 0.95)).toBeLessThan(0.1);
  });
});

describe('nonsense counts', () => {
  it('prove nothing', () => {
    expect(proves(0, 0, 0.99, 0.95)).toBe(false);
    expect(proves(5, 6, 0.99, 0.95)).toBe(false);
    expect(proves(1_000_000, -1, 0.99, 0.95)).toBe(false);
    expect(proves(Number.NaN, 0, 0.99, 0.95)).toBe(false);
  });
});
