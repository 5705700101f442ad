import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import {
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../../schema/registros/cuipo.js';
import { addDecimal } from '../../schema/values/decimal.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { PERIODOS } from '../../schema/values/periodo.js';
import type { Bucket, Lookup } from '../subgraph.js';
import { byAcceso } from '../subgraph.js';
import { reparosDeCuipo } from './identidades-cuipo.js';
import type { CifrasGasto, FuenteDePresupuesto, Reporte } from './reporte.js';
import { SIN_CIFRAS_GASTO } from './reporte.js';

/** The root row of each form says its total; a sum over all rows would count every parent account again. */
const RAICES = {
  A: {
    bucket: byAcceso(RaizProgramacionIngreso, 'porEntidadVigencia'),
    nombre: 'A, programación de ingresos',
  },
  B: {
    bucket: byAcceso(RaizEjecucionIngreso, 'porEntidadVigencia'),
    nombre: 'B, ejecución de ingresos',
  },
  C: {
    bucket: byAcceso(RaizProgramacionGasto, 'porEntidadVigencia'),
    nombre: 'C, programación de gastos',
  },
  D: {
    bucket: byAcceso(RaizEjecucionGasto, 'porEntidadVigencia'),
    nombre: 'D, ejecución de gastos',
  },
} as const;
type Formulario = keyof typeof RAICES;
const FORMULARIOS = Object.keys(RAICES) as Formulario[];

/** Codes of vigencia del gasto: own year and future commitments falling in it, and the same two for the rest. */
const VIGENCIA_ACTUAL = ['1', '4'];
const RESERVAS = ['2', '5'];
const CUENTAS_POR_PAGAR = ['3', '6'];

const PROGRAMADO = {
  apropiacionInicial: 'apropiacionInicial',
  apropiacion: 'apropiacionDefinitiva',
} as const;
const EJECUTADO = {
  compromisos: 'compromisos',
  obligaciones: 'obligaciones',
  pagos: 'pagos',
} as const;

export const fuenteCuipo: FuenteDePresupuesto = {
  fuente: 'CUIPO',
  sistema: 'cuipo',
  readsOf: (chips, vigencia) => {
    const keys = chips.map((chip) => keyOf([chip, vigencia]));
    return FORMULARIOS.map((formulario) => ({ bucket: RAICES[formulario].bucket, keys }));
  },
  reportesOf: (chip, vigencia, rows) => {
    const key = keyOf([chip, vigencia]);
    const byForm = new Map(
      FORMULARIOS.map((form) => [form, byPeriodo(RAICES[form].bucket, key, rows)]),
    );
    const reportes = new Map<Periodo, Reporte>();
    for (const periodo of PERIODOS) {
      const raices = new Map(FORMULARIOS.map((form) => [form, byForm.get(form)?.get(periodo)]));
      if ([...raices.values()].some((found) => found !== undefined)) {
        reportes.set(periodo, toReporte(raices));
      }
    }
    return reportes;
  },
};

function byPeriodo(bucket: Bucket, key: string, rows: Lookup): ReadonlyMap<Periodo, Row[]> {
  const groups = new Map<Periodo, Row[]>();
  for (const row of rows.rows(bucket, key)) {
    const periodo = row['periodo'] as Periodo;
    const group = groups.get(periodo);
    if (group === undefined) groups.set(periodo, [row]);
    else group.push(row);
  }
  return groups;
}

function toReporte(raices: ReadonlyMap<Formulario, readonly Row[] | undefined>): Reporte {
  const gastosOf = (vigencias: readonly string[]): CifrasGasto => ({
    ...SIN_CIFRAS_GASTO,
    ...sumColumns(ofVigencias(raices.get('C'), vigencias), PROGRAMADO),
    ...sumColumns(ofVigencias(raices.get('D'), vigencias), EJECUTADO),
  });
  const ingresos = {
    ...sumColumns(raices.get('A') ?? [], {
      presupuestoInicial: 'presupuestoInicial',
      presupuestoDefinitivo: 'presupuestoDefinitivo',
    } as const),
    ...sumColumns(raices.get('B') ?? [], { recaudo: 'recaudo' } as const),
  };
  const gastos = gastosOf(VIGENCIA_ACTUAL);
  return {
    sinReportar: FORMULARIOS.filter((form) => raices.get(form) === undefined).map(
      (form) => RAICES[form].nombre,
    ),
    reparos: () =>
      reparosDeCuipo(
        { ingresos, gastos },
        [...raices.values()].flatMap((rows) => rows ?? []),
      ),
    ingresos,
    gastos,
    reservas: gastosOf(RESERVAS),
    cuentasPorPagar: gastosOf(CUENTAS_POR_PAGAR),
  };
}

const ofVigencias = (
  rows: readonly Row[] | undefined,
  vigencias: readonly string[],
): readonly Row[] => (rows ?? []).filter((row) => vigencias.includes(String(row['vigenciaGasto'])));

/** Adds columns over root rows; no rows, or a row without its amount, is unknown. */
function sumColumns<Name extends string>(
  rows: readonly Row[],
  columns: Readonly<Record<Name, string>>,
): Record<Name, string | null> {
  const sums = {} as Record<Name, string | null>;
  for (const [name, column] of Object.entries(columns) as [Name, string][]) {
    let sum: string | null = rows.length === 0 ? null : '0';
    for (const row of rows) {
      const value = row[column];
      sum = sum === null || typeof value !== 'string' ? null : addDecimal(sum, value);
    }
    sums[name] = sum;
  }
  return sums;
}
