import { describe, expect, it } from '@jest/globals';
import { bienioOf, parseBienio } from './bienio.js';

describe('the biennium of the royalties', () => {
  it.each([
    [2025, '2025-2026'],
    [2026, '2025-2026'],
    [2024, '2023-2024'],
  ])('of the vigencia %d is %s', (vigencia, bienio) => {
    expect(bienioOf(vigencia)).toBe(bienio);
  });

  it('is read with and without blanks', () => {
    expect(parseBienio('2025 - 2026')).toBe('2025-2026');
    expect(parseBienio(' 2025-2026 ')).toBe('2025-2026');
  });

  it.each(['2012', '2026-2027', '2025-2034', '2025/2026', ''])('is not %j', (text) => {
    expect(parseBienio(text)).toBeNull();
  });
});
