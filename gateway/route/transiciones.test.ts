import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Expediente } from './compuertas.js';
import { evaluate, requisitosDe } from './compuertas.js';
import type { Evidencia, TipoEvidencia, ValorDe } from './evidencia.js';
import { POLITICA_COMPRIMIDA, POLITICA_ESTRICTA } from './politica.js';
import { tramoOf } from './testing.js';
import type { Fase, Tramo } from './tramo.js';
import { FASES, sideOf } from './tramo.js';
import type { Compuerta, Evaluada, Movimiento } from './transiciones.js';
import { COMPUERTA, decideTransition, isRechazo } from './transiciones.js';

const HOY = '2026-06-01T00:00:00.000Z';
const CENSO: ValorDe<'censo'> = {
  id: 'c1',
  completo: true,
  paginasOmitidas: 0,
  viejo: 100,
  nuevo: 100,
  iguales: 100,
  soloViejo: 0,
  soloNuevo: 0,
  distintas: 0,
  explicadas: 0,
  raizViejo: 'r',
  raizNuevo: 'r',
};

/** Evidence that satisfies every gate under the strict policy. */
const GOOD: { readonly [T in TipoEvidencia]: ValorDe<T> } = {
  backfill: { completo: true, leidas: 100, tomadas: 99, cuarentena: 1, paginasOmitidas: 0 },
  cuarentena: { pendientes: 0, eximidas: 1 },
  rezago: { segundos: 5 },
  mapeo: { pruebas: 3, fallidas: 0 },
  censo: CENSO,
  comparacion: { n: 60_000, k: 0, excluidas: 5, explicadas: [] },
  cobertura: { rutas: 10, rutasCubiertas: 10, coordenadas: 4, coordenadasCubiertas: 4 },
  latencia: { n: 500, p95ViejoMs: 10, p95NuevoMs: 9 },
  picos: { vistos: 1 },
  'ensayo-regreso': { exito: true, segundos: 2 },
  canario: {
    pasos: POLITICA_ESTRICTA.g3.pasosPpm.map((ppm) => ({ ppm, horasLimpias: 24 })),
  },
  errores: { nuevoN: 1_000, nuevoK: 0, viejoN: 1_000, viejoK: 1 },
  respaldo: { usos: 0, ultimo: null },
  uso: { observadoDesde: '2024-01-01T00:00:00.000Z', sinNuevo: [] },
  'dia-oscuro': { horas: 24, efectos: 0 },
  archivo: { releido: true, raiz: 'r' },
  instancias: { vivas: 2, reconocidas: 2 },
  credenciales: { retiradas: true },
  referencias: { encontradas: 0 },
  certificado: { id: 'x', raiz: 'r', registradoEn: HOY },
};

const evidenciasOf = (mas: Partial<Record<TipoEvidencia, unknown>> = {}): Evidencia[] =>
  Object.entries({ ...GOOD, ...mas }).map(
    ([tipo, valor], i) =>
      ({
        id: String(i),
        tipo,
        valor,
        mappingVersion: 1,
        comparatorVersion: 1,
        epoca: 1,
        en: '2026-05-31T12:00:00.000Z',
      }) as Evidencia,
  );

const expedienteOf = (compuerta: Compuerta, mas: Partial<Expediente> = {}): Expediente => ({
  compuerta,
  tramo: tramoOf(),
  faseDesde: '2026-05-01T00:00:00.000Z',
  ahora: HOY,
  politica: POLITICA_ESTRICTA,
  evidencias: evidenciasOf(),
  exenciones: [],
  ...mas,
});

const GATES: readonly Compuerta[] = ['G1', 'G2', 'G3', 'G4', 'G5'];

describe('a gate', () => {
  it.each(GATES)(
    '%s is satisfied by what it asks for, and gives the same from its record',
    (gate) => {
      const expediente = expedienteOf(gate);
      const stored = JSON.parse(JSON.stringify(expediente)) as Expediente;

      expect(evaluate(expediente)).toEqual({ compuerta: gate, cumplida: true, faltas: [] });
      expect(evaluate(stored)).toEqual(evaluate(expediente));
    },
  );

  it.each(GATES)('%s asks for each of its requirements', (gate) => {
    const { faltas } = evaluate(expedienteOf(gate, { evidencias: [] }));

    expect(faltas.length).toBeGreaterThanOrEqual(requisitosDe(gate).length - 1);
  });

  it.each<[Compuerta, TipoEvidencia, unknown]>([
    ['G1', 'backfill', { ...GOOD.backfill, completo: false }],
    ['G1', 'backfill', { ...GOOD.backfill, leidas: 101 }],
    ['G1', 'backfill', { ...GOOD.backfill, paginasOmitidas: 1 }],
    ['G1', 'cuarentena', { pendientes: 1, eximidas: 0 }],
    ['G1', 'mapeo', { pruebas: 0, fallidas: 0 }],
    ['G2', 'censo', { ...CENSO, completo: false }],
    ['G2', 'censo', { ...CENSO, distintas: 1, iguales: 99 }],
    ['G2', 'censo', { ...CENSO, soloNuevo: 1, nuevo: 101 }],
    ['G2', 'censo', { ...CENSO, raizNuevo: 'otra' }],
    ['G2', 'censo', { ...CENSO, viejo: 101 }],
    ['G2', 'comparacion', { n: 60_000, k: 60, excluidas: 0, explicadas: [] }],
    [
      'G2',
      'comparacion',
      { ...GOOD.comparacion, explicadas: [{ regla: 'r', n: 100, maximoPpm: 1_000 }] },
    ],
    ['G2', 'cobertura', { ...GOOD.cobertura, rutasCubiertas: 9 }],
    ['G2', 'latencia', { ...GOOD.latencia, p95NuevoMs: 11 }],
    ['G2', 'picos', { vistos: 0 }],
    ['G3', 'comparacion', { n: 60_000, k: 5, excluidas: 0, explicadas: [] }],
    ['G3', 'canario', { pasos: GOOD.canario.pasos.slice(1) }],
    ['G3', 'errores', { nuevoN: 1_000, nuevoK: 20, viejoN: 1_000, viejoK: 1 }],
    ['G4', 'respaldo', { usos: 1, ultimo: '2026-05-31T00:00:00.000Z' }],
    ['G4', 'uso', { ...GOOD.uso, sinNuevo: ['A.b'] }],
    ['G4', 'uso', { ...GOOD.uso, observadoDesde: '2026-01-01T00:00:00.000Z' }],
    ['G4', 'dia-oscuro', { horas: 24, efectos: 1 }],
    ['G4', 'archivo', { releido: true, raiz: 'otra' }],
    ['G5', 'instancias', { vivas: 2, reconocidas: 1 }],
    ['G5', 'credenciales', { retiradas: false }],
    ['G5', 'certificado', { ...GOOD.certificado, registradoEn: null }],
  ])('%s is not satisfied by bad evidence of %s', (gate, tipo, valor) => {
    const evaluada = evaluate(expedienteOf(gate, { evidencias: evidenciasOf({ [tipo]: valor }) }));

    expect(evaluada.cumplida).toBe(false);
    expect(evaluada.faltas).toHaveLength(1);
  });

  it('takes the census for a claim that a small population can never prove by sample', () => {
    const few = evidenciasOf({ comparacion: { ...GOOD.comparacion, n: 100 } });
    const many = evidenciasOf({
      comparacion: { ...GOOD.comparacion, n: 100 },
      censo: { ...CENSO, viejo: 60_000, nuevo: 60_000, iguales: 60_000 },
    });

    expect(evaluate(expedienteOf('G3', { evidencias: few })).cumplida).toBe(true);
    expect(evaluate(expedienteOf('G3', { evidencias: many })).cumplida).toBe(false);
  });

  it('I17: counts no evidence of another version of mapping or comparators', () => {
    for (const mas of [{ mappingVersion: 2 }, { comparatorVersion: 2 }]) {
      const evaluada = evaluate(expedienteOf('G2', { tramo: tramoOf(mas) }));
      expect(evaluada.faltas.join()).toContain('otra versión');
    }
  });

  it('trusts no evidence that is old, of another stay in the phase, or from a clock ahead', () => {
    const at = (mas: Partial<Expediente>) => evaluate(expedienteOf('G1', mas)).cumplida;

    expect(at({ ahora: '2026-07-01T00:00:00.000Z' })).toBe(false);
    expect(at({ faseDesde: '2026-05-31T18:00:00.000Z' })).toBe(false);
    expect(at({ ahora: '2026-05-31T11:00:00.000Z' })).toBe(false);
    expect(at({ faseDesde: '2026-06-02T00:00:00.000Z' })).toBe(false);
    expect(at({ ahora: 'no es fecha' })).toBe(false);
  });

  it('is waived by a person only where it may be, and only for a time', () => {
    const evidencias = evidenciasOf({
      uso: { ...GOOD.uso, sinNuevo: ['A.b'] },
      'dia-oscuro': { horas: 0, efectos: 0 },
    });
    const waive = (requisito: string, vence: string) =>
      evaluate(
        expedienteOf('G4', {
          evidencias,
          exenciones: [{ requisito, persona: 'ana', motivo: 'sin clientes', vence }],
        }),
      ).faltas.length;

    expect(waive('G4.uso', '2026-07-01T00:00:00.000Z')).toBe(1);
    expect(waive('G4.uso', '2026-05-01T00:00:00.000Z')).toBe(2);
    expect(waive('G4.oscuro', '2026-07-01T00:00:00.000Z')).toBe(2);
    expect(waive('G2.uso', '2026-07-01T00:00:00.000Z')).toBe(2);
  });

  it('lets a person answer for a slice that nobody asks for: it has no peak', () => {
    const exencion = {
      requisito: 'G2.picos',
      persona: 'ana',
      motivo: 'nadie la pide',
      vence: '2026-07-01T00:00:00.000Z',
    };
    const at = (exenciones: Expediente['exenciones']) =>
      evaluate(
        expedienteOf('G2', { evidencias: evidenciasOf({ picos: { vistos: 0 } }), exenciones }),
      ).cumplida;

    expect([at([]), at([exencion])]).toEqual([false, true]);
  });

  it('asks the same of the compressed policy, only less time', () => {
    const bad = evidenciasOf({ censo: { ...CENSO, distintas: 1, iguales: 99 } });

    expect(
      evaluate(expedienteOf('G2', { politica: POLITICA_COMPRIMIDA, evidencias: bad })).cumplida,
    ).toBe(false);
  });
});

const gateOf = (hacia: Fase, cumplida: boolean): Evaluada | null => {
  const compuerta = COMPUERTA[hacia];
  return compuerta === undefined ? null : { compuerta, cumplida, faltas: cumplida ? [] : ['x'] };
};

interface Orden {
  readonly hacia: Fase;
  readonly cumplida: boolean;
  readonly personas: readonly string[];
  readonly atraso: number;
  readonly ppm: number;
}

const orden: fc.Arbitrary<Orden> = fc.record({
  hacia: fc.constantFrom(...FASES),
  cumplida: fc.boolean(),
  personas: fc.array(fc.constantFrom('ana', 'beto'), { maxLength: 2 }),
  atraso: fc.integer({ min: 0, max: 1 }),
  ppm: fc.integer({ min: 0, max: 1_000_000 }),
});

/** What the rules of movement say, written again from the table of phases. */
function expectLegal(
  before: Tramo,
  after: Tramo,
  { hacia, cumplida, personas, atraso }: Orden,
): void {
  const from = FASES.indexOf(before.fase);
  const to = FASES.indexOf(hacia);
  expect(atraso).toBe(0);
  expect(after).toMatchObject({
    fase: hacia,
    epoca: before.epoca + 1,
    salt: before.salt,
    id: before.id,
  });
  expect(before.fase).not.toBe('retired');
  if (to > from) {
    expect(to).toBe(from + 1);
    if (COMPUERTA[hacia] !== undefined) expect(cumplida).toBe(true);
    expect(new Set(personas).size).toBeGreaterThanOrEqual(to >= FASES.indexOf('draining') ? 2 : 1);
  }
  if (before.fase === 'draining' && to < from)
    expect(['primary', 'canary', 'shadow']).toContain(hacia);
}

describe('any sequence of orders', () => {
  it('moves a tramo only as its rules allow, in ten thousand walks', () => {
    fc.assert(
      fc.property(fc.array(orden, { minLength: 1, maxLength: 25 }), (ordenes) => {
        let tramo = tramoOf();
        for (const uno of ordenes) {
          const move: Movimiento = {
            hacia: uno.hacia,
            epoca: tramo.epoca - uno.atraso,
            personas: uno.personas,
            motivo: 'm',
            canaryPpm: uno.ppm,
          };
          const next = decideTransition(tramo, move, gateOf(uno.hacia, uno.cumplida));
          if (isRechazo(next)) continue;
          expectLegal(tramo, next, uno);
          tramo = next;
          if (tramo.fase !== 'canary') expect(tramo.canaryPpm).toBe(0);
          const side = sideOf(tramo, '05', () => '05');
          const isOld = ['legacy', 'backfill', 'shadow'].includes(tramo.fase);
          if (tramo.fase !== 'canary') expect(side).toBe(isOld ? 'viejo' : 'nuevo');
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('reaches retired by the whole way, and nothing comes back from there', () => {
    let tramo = tramoOf();
    for (const hacia of FASES.slice(1)) {
      const next = decideTransition(
        tramo,
        { hacia, epoca: tramo.epoca, personas: ['ana', 'beto'], motivo: 'm' },
        gateOf(hacia, true),
      );
      if (isRechazo(next)) throw new Error(next.mensaje);
      tramo = next;
    }
    for (const hacia of FASES) {
      const move = { hacia, epoca: tramo.epoca, personas: ['ana', 'beto'], motivo: 'm' };
      expect(decideTransition(tramo, move, gateOf(hacia, true))).toMatchObject({
        code: 'TRANSITION_NOT_ALLOWED',
      });
    }
  });

  it('refuses two approvals of one person, another mapping, and a share that is none', () => {
    const move = { hacia: 'draining', epoca: 1, personas: ['ana', 'ana'], motivo: 'm' } as const;
    const primary = tramoOf({ fase: 'primary' });
    const gate = gateOf('draining', true);
    const two = { ...move, personas: ['ana', 'beto'] };

    expect(decideTransition(primary, move, gate)).toMatchObject({ code: 'APPROVALS_MISSING' });
    expect(decideTransition(primary, { ...two, mappingVersion: 2 }, gate)).toMatchObject({
      code: 'MAPPING_CHANGED',
    });
    expect(
      decideTransition(
        tramoOf({ fase: 'canary' }),
        { ...move, hacia: 'canary', canaryPpm: 1_000_001 },
        null,
      ),
    ).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
  });
});
