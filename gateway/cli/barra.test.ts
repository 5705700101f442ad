import { describe, expect, it } from '@jest/globals';
import { lineOf, toDuration } from './barra.js';

const avance = { paso: 'barrido', leidas: 50, total: 200, filasPorSegundo: 10, restanteS: 15 };

describe('the line of a bar', () => {
  it('shows share, numbers, step, rate and time left', () => {
    expect(lineOf(avance)).toBe(
      `${'█'.repeat(7)}${'░'.repeat(23)} 25 % 50/200 barrido, 10/s, faltan 15 s`,
    );
  });

  it('is never more than full, though the source grew', () => {
    expect(lineOf({ ...avance, leidas: 300, restanteS: 0 })).toContain('█'.repeat(30) + ' 100 %');
  });

  it('claims no share of what nobody counted', () => {
    expect(lineOf({ ...avance, total: null })).toBe('barrido: 50 leídas, 10/s, total por saber');
  });

  it.each([
    [59, '59 s'],
    [61, '2 min'],
    [3_600, '1 h 0 min'],
    [5_000, '1 h 24 min'],
  ])('tells %d seconds as %s', (seconds, text) => {
    expect(toDuration(seconds)).toBe(text);
  });
});
