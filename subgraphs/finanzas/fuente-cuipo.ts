import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import {
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../../schema/registros/cuipo.js';
import { sumDecimals } from '../../schema/values/decimal.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { PERIODOS } from '../../schema/values/periodo.js';
import { byAcceso } from '../subgraph.js';
import { reparosDeCuipo } from './identidades-cuipo.js';
import type { CifrasGasto, FuenteDePresupuesto, Reparo, Reporte } from './reporte.js';
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

const PROGRAMADO_INGRESO = {
  presupuestoInicial: 'presupuestoInicial',
  presupuestoDefinitivo: 'presupuestoDefinitivo',
} as const;
const RECAUDADO = { recaudo: 'recaudo' } as const;
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
    const byPeriodo = new Map<Periodo, Raices>();
    for (const form of FORMULARIOS) {
      for (const row of rows.rows(RAICES[form].bucket, key)) {
        const periodo = row['periodo'] as Periodo;
        let raices = byPeriodo.get(periodo);
        if (raices === undefined) byPeriodo.set(periodo, (raices = {}));
        (raices[form] ??= []).push(row);
      }
    }
    const reportes = new Map<Periodo, Reporte>();
    for (const periodo of PERIODOS) {
      const raices = byPeriodo.get(periodo);
      if (raices !== undefined) reportes.set(periodo, new ReporteCuipo(raices));
    }
    return reportes;
  },
};

/** Root rows of one quarter by form; a form that did not come is not here. */
type Raices = Partial<Record<Formulario, Row[]>>;

/** Of the quarters of an entity mostly one is shown, and of that one a part: what nobody reads is not added up. */
class ReporteCuipo implements Reporte {
  readonly #raices: Raices;
  readonly sinReportar: readonly string[];
  #ingresos: Reporte['ingresos'] | null = null;
  #gastos: CifrasGasto | null = null;

  constructor(raices: Raices) {
    this.#raices = raices;
    this.sinReportar = FORMULARIOS.filter((form) => raices[form] === undefined).map(
      (form) => RAICES[form].nombre,
    );
  }

  get ingresos(): Reporte['ingresos'] {
    return (this.#ingresos ??= {
      ...sumColumns(this.#raices.A ?? [], PROGRAMADO_INGRESO),
      ...sumColumns(this.#raices.B ?? [], RECAUDADO),
    });
  }

  get gastos(): CifrasGasto {
    return (this.#gastos ??= this.#gastosOf(VIGENCIA_ACTUAL));
  }

  get reservas(): CifrasGasto {
    return this.#gastosOf(RESERVAS);
  }

  get cuentasPorPagar(): CifrasGasto {
    return this.#gastosOf(CUENTAS_POR_PAGAR);
  }

  reparos(): readonly Reparo[] {
    const { ingresos, gastos } = this;
    return reparosDeCuipo(
      { ingresos, gastos },
      FORMULARIOS.flatMap((form) => this.#raices[form] ?? []),
    );
  }

  #gastosOf(vigencias: readonly string[]): CifrasGasto {
    return {
      ...SIN_CIFRAS_GASTO,
      ...sumColumns(ofVigencias(this.#raices.C, vigencias), PROGRAMADO),
      ...sumColumns(ofVigencias(this.#raices.D, vigencias), EJECUTADO),
    };
  }
}

const ofVigencias = (
  rows: readonly Row[] | undefined,
  vigencias: readonly string[],
): readonly Row[] => (rows ?? []).filter((row) => vigencias.includes(String(row['vigenciaGasto'])));

/** Adds columns over root rows. */
function sumColumns<Name extends string>(
  rows: readonly Row[],
  columns: Readonly<Record<Name, string>>,
): Record<Name, string | null> {
  const sums = {} as Record<Name, string | null>;
  for (const name in columns) sums[name] = sumColumn(rows, columns[name]);
  return sums;
}

/** No rows, or a row without its amount, is unknown. */
function sumColumn(rows: readonly Row[], column: string): string | null {
  const amounts: string[] = [];
  for (const row of rows) {
    const amount = row[column];
    if (typeof amount !== 'string') return null;
    amounts.push(amount);
  }
  return amounts.length === 0 ? null : sumDecimals(amounts);
}
