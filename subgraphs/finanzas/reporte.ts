import type { Lookup, Read } from '../subgraph.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { PERIODOS } from '../../schema/values/periodo.js';
import { addDecimal } from '../../schema/values/decimal.js';

/** What one entity reported for one vigencia and quarter, whatever the system that carried it. Pesos, cumulative. */
export interface Reporte {
  /** Labels of the forms that make up the report and did not come. */
  readonly sinReportar: readonly string[];
  /** Labels of forms without which the report is still whole, such as reservas: their own part is unknown. */
  readonly sinReportarAparte?: readonly string[];
  /** What speaks against the amounts; worked out only where it is shown, not for each entity of a sum. */
  readonly reparos?: () => readonly Reparo[];
  readonly ingresos: Cifras<'presupuestoInicial' | 'presupuestoDefinitivo' | 'recaudo'>;
  readonly gastos: CifrasGasto;
  readonly reservas: CifrasGasto;
  readonly cuentasPorPagar: CifrasGasto;
}

/** Identities that fail, other receptions that state other amounts. */
export interface Reparo {
  readonly codigo: string;
  readonly mensaje: string;
}

/** Exact decimal text; null is unknown, never 0. */
export type Cifras<Names extends string> = Readonly<Record<Names, string | null>>;
export type CifrasGasto = Cifras<
  'apropiacionInicial' | 'apropiacion' | 'compromisos' | 'obligaciones' | 'pagos'
>;

/** One system as a source of budgets: what to read of an entity, and its reports by quarter. */
export interface FuenteDePresupuesto {
  readonly fuente: 'FUT' | 'CUIPO';
  readonly sistema: string;
  readonly readsOf: (chips: readonly string[], vigencia: number) => readonly Read[];
  readonly reportesOf: (
    chip: string,
    vigencia: number,
    rows: Lookup,
  ) => ReadonlyMap<Periodo, Reporte>;
}

/** The latest quarter with any form. */
export const lastPeriodo = (reportes: ReadonlyMap<Periodo, Reporte>): Periodo | null =>
  PERIODOS.findLast((periodo) => reportes.has(periodo)) ?? null;

export const isComplete = (reporte: Reporte | undefined): reporte is Reporte =>
  reporte !== undefined && reporte.sinReportar.length === 0;

/** Adds reports column by column; a column that any of them lacks is unknown in the sum. */
export function sumReportes(reportes: readonly Reporte[]): Reporte | null {
  const [first, ...rest] = reportes;
  if (first === undefined) return null;
  return {
    sinReportar: [],
    ingresos: sumCifras(
      first.ingresos,
      rest.map(({ ingresos }) => ingresos),
    ),
    gastos: sumCifras(
      first.gastos,
      rest.map(({ gastos }) => gastos),
    ),
    reservas: sumKnown(reportes.map(({ reservas }) => reservas)),
    cuentasPorPagar: sumKnown(reportes.map(({ cuentasPorPagar }) => cuentasPorPagar)),
  };
}

function sumCifras<T extends Cifras<string>>(first: T, rest: readonly T[]): T {
  const sum: Record<string, string | null> = { ...first };
  for (const cifras of rest) {
    for (const name of Object.keys(sum)) {
      const left = sum[name] ?? null;
      const right = cifras[name] ?? null;
      sum[name] = left === null || right === null ? null : addDecimal(left, right);
    }
  }
  return sum as T;
}

/** Reservas and cuentas por pagar: who reported its forms and has none of them adds nothing. */
function sumKnown<T extends Cifras<string>>(all: readonly T[]): T {
  const known = all.filter((cifras) => !isEmpty(cifras));
  const [first, ...rest] = known.length > 0 ? known : all;
  return sumCifras(first as T, known.length > 0 ? rest : []);
}

export const isEmpty = (cifras: Cifras<string>): boolean =>
  Object.values(cifras).every((value) => value === null);

export const SIN_CIFRAS_GASTO: CifrasGasto = {
  apropiacionInicial: null,
  apropiacion: null,
  compromisos: null,
  obligaciones: null,
  pagos: null,
};
