import { rand } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';

/**
 * Budgets are generated from the top: first the total of each section and quarter, then the lines share it exactly.
 * So the root rows of the whole nation cost no lines. All amounts are whole pesos below 2^53, exact as numbers.
 */
export interface SeccionPlan {
  readonly vigenciaGasto: 1 | 2 | 3 | 4;
  readonly seccion: string;
  readonly inicial: number;
  /** By quarter, cumulative within the year. */
  readonly definitiva: readonly number[];
  readonly compromisos: readonly number[];
  readonly obligaciones: readonly number[];
  readonly pagos: readonly number[];
}

export interface PlanEntidad {
  readonly secciones: readonly SeccionPlan[];
  readonly ingresoInicial: number;
  readonly ingresoDefinitivo: readonly number[];
  readonly recaudo: readonly number[];
}

export const VIGENCIAS_GASTO: Readonly<Record<number, string>> = {
  1: 'VIGENCIA ACTUAL',
  2: 'RESERVAS',
  3: 'CUENTAS POR PAGAR',
  4: 'VIGENCIAS FUTURAS - VIGENCIA ACTUAL',
};

export const SECCIONES: Readonly<Record<string, string>> = {
  '16': 'ENTIDADES TERRITORIALES - ADMINISTRACION CENTRAL',
  '17': 'ENTIDADES TERRITORIALES - CONTRALORIA',
  '18': 'ENTIDADES TERRITORIALES - CONCEJO',
  '19': 'ENTIDADES TERRITORIALES - ASAMBLEA',
  '20': 'ENTIDADES TERRITORIALES - PERSONERIA',
};

const QUARTERS = [0, 1, 2, 3] as const;
const COMMIT_RATE = [0.34, 0.55, 0.74, 0.9] as const;
const OBLIGE_RATE = [0.55, 0.66, 0.76, 0.9] as const;
const COLLECT_RATE = [0.24, 0.49, 0.73, 0.96] as const;

type Draw = (...parts: readonly (string | number)[]) => number;

/** Yearly budget by people: about what real municipalities and governorates have. */
function baseBudget(e: EntidadSemilla, draw: Draw): number {
  return e.clase === 'GOBERNACION'
    ? Math.max(180e9, e.poblacion * (350_000 + 300_000 * draw('percapita')))
    : Math.max(9e9, e.poblacion * (1_100_000 + 1_200_000 * draw('percapita')));
}

function createSeccion(
  vigenciaGasto: SeccionPlan['vigenciaGasto'],
  seccion: string,
  amount: number,
  draw: Draw,
): SeccionPlan {
  const inicial = Math.floor(amount);
  const d: Draw = (...parts) => draw(vigenciaGasto, seccion, ...parts);
  let growth = 1;
  const definitiva = QUARTERS.map((q) => {
    growth += vigenciaGasto === 1 ? 0.14 * d('adicion', q) : 0;
    return Math.floor(inicial * growth);
  });
  const pace = 0.9 + 0.1 * d('ritmo');
  const late = 0.9 + 0.1 * d('mora');
  const compromisos = QUARTERS.map((q) => Math.floor((definitiva[q] ?? 0) * COMMIT_RATE[q] * pace));
  const obligaciones = QUARTERS.map((q) =>
    Math.floor((compromisos[q] ?? 0) * OBLIGE_RATE[q] * late),
  );
  const paid = 0.93 + 0.06 * d('pago');
  return {
    vigenciaGasto,
    seccion,
    inicial,
    definitiva,
    compromisos,
    obligaciones,
    pagos: obligaciones.map((o) => Math.floor(o * paid)),
  };
}

function seccionesOf(
  e: EntidadSemilla,
  vigencia: number,
  budget: number,
  draw: Draw,
): SeccionPlan[] {
  const small: readonly (readonly [string, number])[] =
    e.clase === 'GOBERNACION'
      ? [
          ['17', 0.006],
          ['19', 0.009],
        ]
      : [
          ['18', 0.012],
          ['20', 0.008],
        ];
  const list = [createSeccion(1, '16', budget * 0.97, draw)];
  for (const [seccion, share] of small) {
    list.push(createSeccion(1, seccion, budget * share * (0.8 + 0.4 * draw(seccion)), draw));
  }
  if (draw('reservas', vigencia) < 0.6) list.push(createSeccion(2, '16', budget * 0.03, draw));
  if (draw('cuentas', vigencia) < 0.5) list.push(createSeccion(3, '16', budget * 0.015, draw));
  if (draw('futuras', vigencia) < 0.1) list.push(createSeccion(4, '16', budget * 0.02, draw));
  return list;
}

export function createPlan(world: World, e: EntidadSemilla, vigencia: number): PlanEntidad {
  const steady: Draw = (...parts) => rand(world.seed, 'cuipo', e.codigoChip, ...parts);
  const yearly: Draw = (...parts) => steady(vigencia, ...parts);
  const budget = baseBudget(e, steady) * (1 + 0.085 * (vigencia - 2023));
  const secciones = seccionesOf(e, vigencia, budget, yearly);
  // Most entities balance income and spending; the others miss by up to 2 %, as in the wild.
  const gap = yearly('equilibrio') < 0.7 ? 1 : 0.98 + 0.04 * yearly('descuadre');
  const current = secciones.filter((s) => s.vigenciaGasto === 1 || s.vigenciaGasto === 4);
  const total = (of: (s: SeccionPlan) => number): number =>
    Math.floor(current.reduce((sum, s) => sum + of(s), 0) * gap);
  const ingresoDefinitivo = QUARTERS.map((q) => total((s) => s.definitiva[q] ?? 0));
  const effort = 0.9 + 0.13 * yearly('recaudo');
  return {
    secciones,
    ingresoInicial: total((s) => s.inicial),
    ingresoDefinitivo,
    recaudo: QUARTERS.map((q) =>
      Math.floor((ingresoDefinitivo[q] ?? 0) * COLLECT_RATE[q] * effort),
    ),
  };
}

/** Whether the entity reported that quarter: nearly all do, but for the last one, still open. */
export function reporta(world: World, e: EntidadSemilla, periodo: string, ultimo: string): boolean {
  const { seed } = world;
  if (rand(seed, 'cuipo-nunca', e.codigoChip) < 0.003) return false;
  const missing = periodo === ultimo ? 0.12 : 0.015;
  return rand(seed, 'cuipo-falta', e.codigoChip, periodo) >= missing;
}
