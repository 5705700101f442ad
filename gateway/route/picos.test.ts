import { describe, expect, it } from '@jest/globals';
import { countPicos, type HoraDeUso } from './picos.js';
import { POLITICA_COMPRIMIDA, POLITICA_ESTRICTA } from './politica.js';

/** A shadow of eight days that began on a Monday at seven in the morning of Bogotá. */
const PLAZO = { desde: '2026-03-02T12:00:00.000Z', ahora: '2026-03-10T12:00:00.000Z' };

const horaOf = (hora: string, preguntas: number, mas: Partial<HoraDeUso> = {}): HoraDeUso => ({
  hora,
  preguntas,
  comparadas: preguntas,
  descartadas: 0,
  ...mas,
});
const strict = (horas: readonly HoraDeUso[], plazo = PLAZO): number =>
  countPicos(horas, plazo, POLITICA_ESTRICTA.g2.pico);

describe('a full peak of use', () => {
  it('is the hour of most use, and any hour nearly as busy', () => {
    expect(strict([horaOf('2026-03-03T15', 100), horaOf('2026-03-03T08', 10)])).toBe(1);
    expect(strict([horaOf('2026-03-03T15', 100), horaOf('2026-03-04T15', 80)])).toBe(2);
    expect(strict([horaOf('2026-03-03T15', 100), horaOf('2026-03-04T15', 79)])).toBe(1);
  });

  it('is one however many busy hours the day had, and the day is that of Bogotá', () => {
    expect(strict([horaOf('2026-03-03T15', 100), horaOf('2026-03-03T16', 95)])).toBe(1);
    expect(strict([horaOf('2026-03-03T23', 100), horaOf('2026-03-04T02', 95)])).toBe(1);
    expect(strict([horaOf('2026-03-04T04', 100), horaOf('2026-03-04T05', 95)])).toBe(2);
  });

  it('is measured by what was asked before the shadow too: a quiet week has none', () => {
    const before = horaOf('2026-02-20T15', 1_000, { comparadas: 0 });

    expect(strict([before, horaOf('2026-03-03T15', 100)])).toBe(0);
    expect(strict([before, horaOf('2026-03-03T15', 900)])).toBe(1);
  });

  it('was lived whole: not one that had begun, nor one that is not over', () => {
    const hora = horaOf('2026-03-03T15', 100);

    expect(strict([hora], { ...PLAZO, desde: '2026-03-03T15:00:00.001Z' })).toBe(0);
    expect(strict([hora], { ...PLAZO, ahora: '2026-03-03T15:59:59.999Z' })).toBe(0);
    expect(
      strict([hora], { desde: '2026-03-03T15:00:00.000Z', ahora: '2026-03-03T16:00:00.000Z' }),
    ).toBe(1);
  });

  it('is none that the shadow did not compare, or mostly dropped', () => {
    const peak = (mas: Partial<HoraDeUso>) => strict([horaOf('2026-03-03T15', 100, mas)]);

    expect(peak({ comparadas: 0 })).toBe(0);
    expect(peak({ comparadas: 50, descartadas: 50 })).toBe(0);
    expect(peak({ comparadas: 51, descartadas: 50 })).toBe(1);
  });

  it('is not there where nobody asked', () => {
    expect(strict([])).toBe(0);
    expect(strict([horaOf('2026-03-03T15', 0)])).toBe(0);
  });

  it('is any use that was compared under the compressed policy, in the hour under way', () => {
    const plazo = { desde: '2026-03-03T15:10:00.000Z', ahora: '2026-03-03T15:12:00.000Z' };
    const { pico } = POLITICA_COMPRIMIDA.g2;

    expect(countPicos([horaOf('2026-03-03T15', 3)], plazo, pico)).toBe(1);
    expect(countPicos([horaOf('2026-03-03T15', 3, { comparadas: 0 })], plazo, pico)).toBe(0);
    expect(countPicos([], plazo, pico)).toBe(0);
  });
});
