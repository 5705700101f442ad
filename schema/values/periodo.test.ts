import { describe, expect, it } from '@jest/globals';
import {
  fechaCorte,
  parseChipPeriodo,
  parseCuipoPeriodo,
  parsePeriodoLabel,
  PERIODOS,
  toChipPeriodo,
  toCuipoPeriodo,
  toPeriodoLabel,
} from './periodo.js';

describe('a quarter', () => {
  it('ends on its last day', () => {
    expect(PERIODOS.map((periodo) => fechaCorte(2024, periodo))).toEqual([
      '2024-03-31',
      '2024-06-30',
      '2024-09-30',
      '2024-12-31',
    ]);
  });

  it('goes to every way of writing it and back', () => {
    for (const periodo of PERIODOS) {
      expect(parseCuipoPeriodo(toCuipoPeriodo(2025, periodo))).toEqual({ vigencia: 2025, periodo });
      expect(parsePeriodoLabel(toPeriodoLabel(2025, periodo))).toMatchObject({
        vigencia: 2025,
        periodo,
      });
      for (const forma of ['RANGO', 'MES', 'ANUAL'] as const) {
        expect(parseChipPeriodo(toChipPeriodo(periodo, forma))?.periodo).toBe(periodo);
      }
    }
  });
});

describe('the period codes of CHIP', () => {
  it.each([
    ['11012', { mesInicial: 10, mesFinal: 12, periodo: 'T4' }],
    ['11212', { mesInicial: 12, mesFinal: 12, periodo: 'T4' }],
    ['10112', { mesInicial: 1, mesFinal: 12, periodo: 'T4' }],
    ['10103', { mesInicial: 1, mesFinal: 3, periodo: 'T1' }],
    ['10505', { mesInicial: 5, mesFinal: 5, periodo: null }],
  ])('%s is read by its rule', (text, expected) => {
    expect(parseChipPeriodo(text)).toEqual(expected);
  });

  it.each(['1013', '11301', '11210', '20103', '10013', ''])('%p is no period', (text) => {
    expect(parseChipPeriodo(text)).toBeNull();
  });
});

describe('the labels of CHIP workbooks', () => {
  it.each([
    ['01-10-2019 al 31-12-2019', { vigencia: 2019, mesInicial: 10, mesFinal: 12, periodo: 'T4' }],
    ['01-12-2025 al 31-12-2025 ', { vigencia: 2025, mesInicial: 12, mesFinal: 12, periodo: 'T4' }],
    ['01-01-2025 al 31-12-2025', { vigencia: 2025, mesInicial: 1, mesFinal: 12, periodo: 'T4' }],
    ['OCT A DIC - 2019', { vigencia: 2019, mesInicial: 10, mesFinal: 12, periodo: 'T4' }],
  ])('%p is read', (text, expected) => {
    expect(parsePeriodoLabel(text)).toEqual(expected);
  });

  it.each(['', 'T4 2019', '01-10-2019 al 31-12-2020', 'XXX A DIC - 2019'])(
    '%p is no label',
    (text) => {
      expect(parsePeriodoLabel(text)).toBeNull();
    },
  );
});

describe('the periods of the open data of CUIPO', () => {
  it('end quarters only', () => {
    expect(parseCuipoPeriodo('20251201')).toEqual({ vigencia: 2025, periodo: 'T4' });
    for (const text of ['20250201', '20251231', '20251301', '2025', '']) {
      expect(parseCuipoPeriodo(text)).toBeNull();
    }
  });
});
