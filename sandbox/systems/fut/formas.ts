import { rand, splitExact } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import { createPlan } from '../cuipo/plan.js';
import type { Hoja } from './arbol.js';

/** The seven budget forms, twelve rows each with their subtotals. Amounts are whole pesos below 2^53. */

export interface FormaFut {
  /** Name in the `S` record and in the file name. */
  readonly nombre: string;
  /** Share of the budget of the entity. */
  readonly parte: number;
  /** Entities that report the form at all. */
  readonly alcance: number;
  readonly hojas: readonly (readonly [codigo: string, ...textos: string[]])[];
  /** Dimensions of the control total. */
  readonly control: readonly string[];
  /** The amounts of a leaf, from its initial and its definitive budget and its pace. */
  readonly montos: (inicial: number, definitivo: number, ritmo: number) => number[];
  /** Fields after the amounts. */
  readonly cola?: readonly string[];
}

const SGP_EDUCACION = '410';
const PROPIOS = '300';
const SGP_PROPOSITO = '470';

const cadena = (inicial: number, definitivo: number, ritmo: number): number[] => {
  const compromisos = Math.floor(definitivo * ritmo);
  const obligaciones = Math.floor(compromisos * 0.94);
  return [inicial, definitivo, compromisos, obligaciones, Math.floor(obligaciones * 0.97)];
};

const ingreso = (inicial: number, definitivo: number, ritmo: number): number[] => {
  const total = Math.floor(definitivo * (ritmo + 0.06));
  const sinSituacion = Math.floor(total / 5);
  return [inicial, definitivo, total - sinSituacion, sinSituacion, total];
};

const ACTO = ['RESOLUCIÓN', '015', '12-01-2015'];

export const FORMAS_FUT: readonly FormaFut[] = [
  {
    nombre: 'FUT_INGRESOS',
    parte: 1,
    alcance: 1,
    hojas: [
      ['TI.A.1.3'],
      ['TI.A.1.5'],
      ['TI.A.1.9'],
      ['TI.A.2.6'],
      ['TI.A.2.7'],
      ['TI.B.6'],
      ['TI.B.10'],
    ],
    control: [],
    montos: ingreso,
    cola: ['No', 'NA', '0', '0'],
  },
  {
    nombre: 'FUT_GASTOS_FUNCIONAMIENTO',
    parte: 0.2,
    alcance: 1,
    hojas: [
      ['1.1', '16', PROPIOS],
      ['1.1', '18', PROPIOS],
      ['1.1', '20', PROPIOS],
      ['1.2', '16', PROPIOS],
      ['1.2', '16', SGP_PROPOSITO],
      ['1.2', '18', PROPIOS],
      ['1.3', '16', PROPIOS],
      ['1.3', '20', PROPIOS],
    ],
    control: ['16', '700'],
    montos: cadena,
  },
  {
    nombre: 'FUT_GASTOS_DE_INVERSION',
    parte: 0.77,
    alcance: 1,
    hojas: [
      ['A.1.2', SGP_EDUCACION],
      ['A.1.2', PROPIOS],
      ['A.2', '420'],
      ['A.2', 'ADRES'],
      ['A.9', SGP_PROPOSITO],
      ['A.10', PROPIOS],
    ],
    control: ['700'],
    montos: cadena,
  },
  {
    nombre: 'FUT_SERVICIO_DEUDA',
    parte: 0.03,
    alcance: 1,
    hojas: [
      ['T.1.1', '1', '1', PROPIOS],
      ['T.1.1', '1', '2', PROPIOS],
      ['T.1.3', '1', '1', SGP_PROPOSITO],
      ['T.1.3', '1', '2', SGP_PROPOSITO],
      ['T.2', '1', '3', PROPIOS],
      ['T.2', '1', '3', SGP_PROPOSITO],
      ['T.2', '1', '4', PROPIOS],
    ],
    control: ['1', '1', '700'],
    montos: cadena,
  },
  {
    nombre: 'FUT_RESERVAS',
    parte: 0.05,
    alcance: 0.9,
    hojas: ['A.1.2', 'A.9'].flatMap((codigo) =>
      [PROPIOS, SGP_EDUCACION, SGP_PROPOSITO, '420'].map(
        (fuente) => [codigo, fuente, ...ACTO] as [string, ...string[]],
      ),
    ),
    control: ['700', ...ACTO],
    montos: (inicial, definitivo, ritmo) =>
      cadena(inicial, definitivo, ritmo).toSpliced(0, 3, definitivo),
  },
  {
    nombre: 'FUT_CUENTAS_POR_PAGAR',
    parte: 0.03,
    alcance: 0.9,
    hojas: ['1.2', 'A.9'].flatMap((codigo) =>
      [PROPIOS, SGP_EDUCACION, SGP_PROPOSITO, '420'].map(
        (fuente) => [codigo, ...ACTO, fuente] as [string, ...string[]],
      ),
    ),
    control: [...ACTO, '700'],
    montos: (_inicial, definitivo, ritmo) => [definitivo, Math.floor(definitivo * ritmo)],
  },
  {
    nombre: 'FUT_VIGENCIAS_FUTURAS',
    parte: 0.08,
    alcance: 0.9,
    hojas: [
      ...[PROPIOS, SGP_PROPOSITO, '420', '430', '440'].map((f): [string, string] => ['A.9', f]),
      ...[PROPIOS, SGP_PROPOSITO, '430', '440'].map((f): [string, string] => ['A.3', f]),
    ],
    control: ['700'],
    montos: (inicial, definitivo, ritmo) => cadena(inicial, definitivo, ritmo).slice(2),
  },
];

/** The year that CUIPO takes over: budgets before it were smaller by some seven per cent a year. */
const BASE = 2021;
const CRECIMIENTO = 0.93;

const budgets = new WeakMap<World, Map<string, number>>();

function budgetOf(world: World, e: EntidadSemilla): number {
  const known = budgets.get(world) ?? new Map<string, number>();
  budgets.set(world, known);
  let budget = known.get(e.codigoChip);
  if (budget === undefined) {
    const { secciones } = createPlan(world, e, BASE + 2);
    budget = secciones.reduce((sum, { inicial }) => sum + inicial, 0) * CRECIMIENTO ** 2;
    known.set(e.codigoChip, budget);
  }
  return budget;
}

/** The leaves that an entity reports for a form at the end of a year. `unidad` rounds them (workbooks in thousands). */
export function hojasOf(
  world: World,
  e: EntidadSemilla,
  vigencia: number,
  forma: FormaFut,
  unidad = 1,
): Hoja[] {
  const draw = (...parts: readonly (string | number)[]): number =>
    rand(world.seed, 'fut', e.codigoChip, vigencia, forma.nombre, ...parts);
  const budget = budgetOf(world, e) * CRECIMIENTO ** (BASE - vigencia);
  const total = Math.floor((budget * forma.parte) / unidad);
  const weights = forma.hojas.map((_, i) => 1 + draw('peso', i));
  const iniciales = splitExact(total, weights);
  return forma.hojas.map(([codigo, ...textos], i) => {
    const inicial = iniciales[i] ?? 0;
    const definitivo = Math.floor(inicial * (1 + 0.3 * draw('adicion', i)));
    const montos = forma.montos(inicial, definitivo, 0.75 + 0.19 * draw('ritmo', i));
    return { codigo, textos, montos: montos.map((monto) => monto * unidad) };
  });
}

/** Nearly all entities report; some miss a year, and a few one of its forms. */
export function reportaFut(
  world: World,
  e: EntidadSemilla,
  vigencia: number,
  forma: FormaFut,
): boolean {
  const { seed } = world;
  return (
    rand(seed, 'fut-falta', e.codigoChip, vigencia) >= 0.015 &&
    rand(seed, 'fut-forma', e.codigoChip, vigencia, forma.nombre) >= 0.005 &&
    rand(seed, 'fut-alcance', e.codigoChip, forma.nombre) < forma.alcance
  );
}
