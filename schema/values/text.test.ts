import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ancestorsOf, compareCodigos, parentOf } from './codigo.js';
import { alphanumericsOf, isBlank, isPlaceholder, lettersOf, normalizeName } from './text.js';

describe('a name as a key', () => {
  it('loses accents, case and odd blanks', () => {
    expect(normalizeName('  San\u00a0José de   Cúcuta ')).toBe('SAN JOSE DE CUCUTA');
    expect(normalizeName('Nariño')).toBe('NARINO');
    expect(lettersOf('Bogotá, D.C.')).toBe('BOGOTADC');
    expect(alphanumericsOf('Vía terciaria mejorada2402041 ')).toBe('VIATERCIARIAMEJORADA2402041');
  });

  it('is blank for the no-break spaces of CHIP', () => {
    expect(isBlank('\u00a0 ')).toBe(true);
    expect(isBlank('0')).toBe(false);
  });
});

describe('a placeholder', () => {
  it('is one of the ways in which sources say nothing', () => {
    expect(
      ['No Definido', 'NO APLICA ', 'No Defenido', 'ND', 'N/A', '-', ''].every(isPlaceholder),
    ).toBe(true);
    expect(['0', 'Nada', '-1', 'RESERVAS'].some(isPlaceholder)).toBe(false);
  });
});

describe('codes with dots', () => {
  it('sort by their numbers and keep parents first', () => {
    const sorted = ['TI.A.9', 'TI.A.10', 'TI.A', '2.3.2.02', '2.3.10', '2.3', 'VAL', '2'].sort(
      compareCodigos,
    );

    expect(sorted).toEqual(['2', '2.3', '2.3.2.02', '2.3.10', 'TI.A', 'TI.A.9', 'TI.A.10', 'VAL']);
    expect(compareCodigos('TI.A.9', 'TI.A.10')).toBeLessThan(0);
  });

  it('have one total order', () => {
    const code = fc
      .array(
        fc.oneof(
          fc.constantFrom('01', '1', '001', '10', 'A', 'TI', ''),
          fc.stringMatching(/^\d{1,20}$/),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(code, code, code, (a, b, c) => {
        const [ab, bc, ac] = [compareCodigos(a, b), compareCodigos(b, c), compareCodigos(a, c)];
        expect(Math.sign(compareCodigos(b, a))).toBe(ab === 0 ? 0 : -Math.sign(ab));
        expect(ab === 0).toBe(a === b);
        expect(ab <= 0 && bc <= 0 && ac > 0).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('know their parents up to the root', () => {
    expect(parentOf('A.1.2')).toBe('A.1');
    expect(parentOf('A')).toBeNull();
    expect(ancestorsOf('2.3.2.02')).toEqual(['2.3.2', '2.3', '2']);
  });
});
