import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalizeBpin, parseBpin } from './bpin.js';
import { chipByRule, normalizeChip, parseChip } from './chip.js';
import { parseDivipola, parseDivipolaDepartamento } from './divipola.js';
import { checkDigitOf, normalizeNit, parseNit } from './nit.js';
import { unknownValue } from './problem.js';
import { parseVigencia } from './vigencia.js';

describe('a DIVIPOLA code', () => {
  it.each([
    ['05', { codigo: '05', nivel: 'departamento' }],
    ['05091', { codigo: '05091', nivel: 'municipio' }],
    [' 11001 ', { codigo: '11001', nivel: 'municipio' }],
    ['5001', { codigo: '05001', nivel: 'municipio', reparado: 'CERO_INICIAL' }],
    ['5.001', { codigo: '05001', nivel: 'municipio', reparado: 'SEPARADOR_DE_MILES' }],
    ['5,001', { codigo: '05001', nivel: 'municipio', reparado: 'SEPARADOR_DE_MILES' }],
    ['25.175', { codigo: '25175', nivel: 'municipio', reparado: 'SEPARADOR_DE_MILES' }],
    ['5001.0', { codigo: '05001', nivel: 'municipio', reparado: 'DECIMAL_SOBRANTE' }],
    ['11001.00', { codigo: '11001', nivel: 'municipio', reparado: 'DECIMAL_SOBRANTE' }],
    ['25000', { codigo: '25', nivel: 'departamento', reparado: 'TODO_EL_DEPARTAMENTO' }],
    ['5000', { codigo: '05', nivel: 'departamento', reparado: 'TODO_EL_DEPARTAMENTO' }],
    ['88000', { codigo: '88', nivel: 'departamento', reparado: 'TODO_EL_DEPARTAMENTO' }],
  ])('is read from %p', (text, expected) => {
    expect(parseDivipola(text)).toEqual(expected);
  });

  it.each([
    '5.03',
    '501',
    '5',
    '',
    '050011',
    '05001000',
    '00',
    '00001',
    '1234567',
    'Betania',
    '-5001',
  ])('is not guessed from %p', (text) => {
    expect(parseDivipola(text)).toMatchObject({ error: { codigo: 'DIVIPOLA_INVALIDO' } });
  });

  it('survives the quirks of spreadsheets for every municipality', () => {
    const code = fc
      .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 999 }))
      .map(([d, m]) => `${String(d).padStart(2, '0')}${String(m).padStart(3, '0')}`);
    fc.assert(
      fc.property(code, (codigo) => {
        const number = String(Number(codigo));
        const grouped = `${number.slice(0, -3)}.${number.slice(-3)}`;
        for (const text of [codigo, number, `${number}.0`, grouped, grouped.replace('.', ',')]) {
          expect(parseDivipola(text)).toMatchObject({ codigo, nivel: 'municipio' });
        }
      }),
    );
  });

  it('pads a lone digit only in a column of departments', () => {
    expect(parseDivipolaDepartamento('5')).toMatchObject({ codigo: '05' });
    expect(parseDivipolaDepartamento('11')).toEqual({ codigo: '11', nivel: 'departamento' });
    expect(parseDivipolaDepartamento('05001')).toHaveProperty('error');
  });

  it('tells the field, an example and the reason in Spanish when it is wrong', () => {
    const parsed = parseDivipola('050011', 'codigoMunicipio');

    expect(parsed).toEqual({
      error: {
        codigo: 'DIVIPOLA_INVALIDO',
        campo: 'codigoMunicipio',
        ejemplo: '05091',
        mensaje:
          '«050011» no es un código DIVIPOLA válido: se espera dos dígitos (departamento) o cinco (municipio), por ejemplo 05091.',
      },
    });
  });

  it('has another code when it is well formed and unknown', () => {
    expect(unknownValue('DIVIPOLA', '05999', 'codigo')).toMatchObject({
      codigo: 'DIVIPOLA_DESCONOCIDO',
      campo: 'codigo',
    });
  });

  it('does not repeat a long or unprintable input whole', () => {
    const parsed = parseDivipola(`\u202e${'9'.repeat(5000)}`);

    expect('error' in parsed && parsed.error.mensaje.length < 200).toBe(true);
    expect(JSON.stringify(parsed)).not.toContain('\u202e');
  });
});

describe('a BPIN', () => {
  it.each([
    ['2024251750062', '2024251750062'],
    ['202400000002842', '202400000002842'],
    ['2025000002256', '202500000002256'],
    ["'2025000002256", '202500000002256'],
    ['2022011000074.0', '2022011000074'],
    [' 2021702300046 ', '2021702300046'],
    ['02022156860013', '02022156860013'],
  ])('is normalised from %p to %s', (text, bpin) => {
    expect(normalizeBpin(text)).toEqual({ bpin, original: text });
  });

  it.each([
    'NO DEFINIDO',
    'No Aplica',
    '0',
    'ND',
    '-',
    '',
    '2.02216E+12',
    '2,02216E+12',
    '2023-25175-0001',
    '202425175006',
    '2024251750062.',
    '2024251750062_1',
    '2024251750062-1',
    '2025000002256000',
    '0000000000000',
  ])('is not made from %p', (text) => {
    expect(normalizeBpin(text)).toBeNull();
  });

  it('normalises twice to the same', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^20\d{2}(0000)?\d{9,11}$/), (text) => {
        const once = normalizeBpin(text)?.bpin ?? text;
        expect(normalizeBpin(once)?.bpin ?? once).toBe(once);
      }),
    );
  });

  it('gives a reason for what a person typed', () => {
    expect(parseBpin('2.02216E+12')).toMatchObject({ error: { codigo: 'BPIN_INVALIDO' } });
  });
});

describe('a NIT', () => {
  it.each([
    ['890905211', '1'],
    ['890000464', '3'],
    ['800113672', '7'],
  ])('%s has the check digit %s', (nit, digit) => {
    expect(checkDigitOf(nit)).toBe(digit);
  });

  it.each([
    ['890.905.211-1', '890905211'],
    ['890905211 - 1', '890905211'],
    ['8001136727', '800113672'],
    ['800113672', '800113672'],
    ['890905211.0', '890905211'],
    ['1020304050', '1020304050'],
  ])('is normalised from %p to %s', (text, nit) => {
    expect(normalizeNit(text)).toBe(nit);
  });

  it.each(['No Definido', '0', '', '000000000', '12345', '12345678901', '8909A5211'])(
    'is not made from %p',
    (text) => {
      expect(normalizeNit(text)).toBeNull();
    },
  );

  it('loses a glued check digit whatever the number is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 800_000_000, max: 999_999_999 }), (number) => {
        const nit = String(number);
        expect(normalizeNit(nit + checkDigitOf(nit))).toBe(nit);
        expect(normalizeNit(`${nit}-${checkDigitOf(nit)}`)).toBe(nit);
      }),
    );
  });

  it('keeps all ten digits of a cédula', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000_000, max: 1_299_999_999 }), (number) => {
        expect(normalizeNit(String(number))).toBe(String(number));
      }),
    );
  });

  it('is refused from a person who wrote another check digit', () => {
    expect(parseNit('890905211-1')).toEqual({ nit: '890905211', digitoVerificacion: '1' });
    expect(parseNit('890905211-2')).toMatchObject({ error: { codigo: 'NIT_INVALIDO' } });
  });
});

describe('a CHIP code', () => {
  it('has nine digits, eight for Coveñas and where it ends in three zeros', () => {
    expect(normalizeChip('219105091 ')).toBe('219105091');
    expect(normalizeChip('89970221')).toBe('89970221');
    expect(normalizeChip('27700000')).toBe('27700000');
    expect(parseChip('21910509')).toMatchObject({ error: { codigo: 'CHIP_INVALIDO' } });
    expect(parseChip('019105091')).toMatchObject({ error: { codigo: 'CHIP_INVALIDO' } });
  });

  it('follows from the DIVIPOLA code by rule', () => {
    expect(chipByRule('05091')).toBe('219105091');
    expect(chipByRule('11001')).toBe('210111001');
    expect(chipByRule('05')).toBe('110505000');
  });
});

describe('a vigencia', () => {
  it('is a year from 2000 to 2100', () => {
    expect(parseVigencia(2025)).toEqual({ vigencia: 2025 });
    expect(parseVigencia('2019.0')).toEqual({ vigencia: 2019 });
    for (const wrong of [1999, 2101, 20.5, '25', 'dos mil', NaN, '2025-01']) {
      expect(parseVigencia(wrong)).toMatchObject({ error: { codigo: 'VIGENCIA_INVALIDA' } });
    }
  });
});
