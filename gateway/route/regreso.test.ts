import { describe, expect, it } from '@jest/globals';
import { POLITICA_ESTRICTA } from './politica.js';
import type { MemoriaRegreso, Ventana } from './regreso.js';
import { SIN_REGRESOS, decideRegreso } from './regreso.js';
import type { Fase } from './tramo.js';

const politica = POLITICA_ESTRICTA.regreso;
const NOW = 10_000_000_000;
const good: Ventana = {
  comparadas: 1_000,
  diferentes: 0,
  nuevo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 10 },
  viejo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 10 },
  rezagoS: 0,
};
const bad: Ventana = { ...good, diferentes: 10 };

const decide = (ventana: Ventana, memoria: MemoriaRegreso, at = NOW, fase: Fase = 'canary') =>
  decideRegreso({ fase }, ventana, memoria, politica, at);
/** One bad window before: the next one decides. */
const primed = (regresos: readonly number[] = []): MemoriaRegreso => ({ seguidas: 1, regresos });

describe('the automatic step back', () => {
  it('waits for a second bad window in a row', () => {
    const first = decide(bad, SIN_REGRESOS);
    const second = decide(bad, first.memoria);
    const forgiven = decide(bad, decide(good, first.memoria).memoria);

    expect(first.decision.que).toBe('seguir');
    expect(second.decision).toMatchObject({ que: 'regresar', hacia: 'shadow' });
    expect(forgiven.decision.que).toBe('seguir');
  });

  it.each<[string, Partial<Ventana>]>([
    ['differences', { diferentes: 10 }],
    ['errors', { nuevo: { n: 1_000, fallas: 6, medidas: 994, p95Ms: 10 } }],
    ['latency', { nuevo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 16 } }],
    ['lag', { rezagoS: politica.rezagoMaximoS * 2 + 1 }],
  ])('comes for %s beyond the policy', (_why, worse) => {
    expect(decide({ ...good, ...worse }, primed()).decision.que).toBe('regresar');
  });

  it.each<[string, Partial<Ventana>]>([
    [
      'few observations',
      {
        comparadas: 199,
        diferentes: 199,
        nuevo: { n: 199, fallas: 199, medidas: 0, p95Ms: 9_999 },
      },
    ],
    [
      'as many errors as the old side has',
      {
        nuevo: { n: 1_000, fallas: 50, medidas: 950, p95Ms: 10 },
        viejo: { n: 1_000, fallas: 50, medidas: 950, p95Ms: 10 },
      },
    ],
    [
      'the latency of a few calls, however many keys each answered',
      { nuevo: { n: 1_000, fallas: 0, medidas: 199, p95Ms: 9_999 } },
    ],
    [
      'a latency against an old side that only refuses, at once',
      {
        nuevo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 99 },
        viejo: { n: 1_000, fallas: 1_000, medidas: 0, p95Ms: 0 },
      },
    ],
    [
      'a latency that nothing is known to compare with',
      {
        nuevo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 99 },
        viejo: { n: 3, fallas: 0, medidas: 3, p95Ms: 1 },
      },
    ],
    [
      'many times a latency that nobody would notice',
      {
        nuevo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 4 },
        viejo: { n: 1_000, fallas: 0, medidas: 1_000, p95Ms: 0.02 },
      },
    ],
  ])('does not come for %s', (_why, ventana) => {
    expect(decide({ ...good, ...ventana }, primed()).decision.que).toBe('seguir');
  });

  it('comes only where the new side answers and the old one may', () => {
    for (const fase of ['legacy', 'backfill', 'shadow', 'draining', 'retired'] as const)
      expect(decide(bad, primed(), NOW, fase).decision.que).toBe('seguir');
    expect(decide(bad, primed(), NOW, 'primary').decision).toMatchObject({ hacia: 'shadow' });
  });

  it('pauses after a step, and freezes after two in a day', () => {
    const minute = 60_000;

    expect(decide(bad, primed([NOW - minute])).decision.que).toBe('seguir');
    expect(decide(bad, primed([NOW - 31 * minute])).decision.que).toBe('regresar');
    expect(decide(bad, primed([NOW - 90 * minute, NOW - 31 * minute])).decision.que).toBe(
      'congelar',
    );
    expect(decide(bad, primed([NOW - 25 * 60 * minute, NOW - 24 * 60 * minute])).decision.que).toBe(
      'regresar',
    );
  });

  it('forgets the steps that a clock set back has put into the future', () => {
    const result = decide(bad, primed([NOW + 1_000, NOW + 2_000]));

    expect(result.decision.que).toBe('regresar');
    expect(result.memoria.regresos).toEqual([NOW]);
  });
});
