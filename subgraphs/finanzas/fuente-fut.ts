import type { Row } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { RaizFut, type FormularioFut } from '../../schema/registros/fut.js';
import { addDecimal } from '../../schema/values/decimal.js';
import { PERIODOS, type Periodo } from '../../schema/values/periodo.js';
import { byAcceso } from '../subgraph.js';
import type { CifrasGasto, FuenteDePresupuesto, Reporte } from './reporte.js';
import { SIN_CIFRAS_GASTO } from './reporte.js';

/** The last year of the FUT's budget forms: CUIPO began with the first quarter of 2021. */
export const ULTIMA_VIGENCIA_FUT = 2020;

/** The root row of each form says its total. One registro holds the roots of all forms: a budget is one question. */
const raices = byAcceso(RaizFut, 'porEntidadVigencia');

type Raices = ReadonlyMap<FormularioFut, Row>;

const NOMBRES: Partial<Record<FormularioFut, string>> = {
  INGRESOS: 'FUT_INGRESOS',
  GASTOS_FUNCIONAMIENTO: 'FUT_GASTOS_FUNCIONAMIENTO',
  GASTOS_INVERSION: 'FUT_GASTOS_DE_INVERSION',
  SERVICIO_DEUDA: 'FUT_SERVICIO_DEUDA',
  RESERVAS: 'FUT_RESERVAS',
  CUENTAS_POR_PAGAR: 'FUT_CUENTAS_POR_PAGAR',
};

/** Without one of these a budget is not whole. Who has no reservas nor cuentas por pagar reports no form of them. */
const PRINCIPALES: readonly FormularioFut[] = [
  'INGRESOS',
  'GASTOS_FUNCIONAMIENTO',
  'GASTOS_INVERSION',
  'SERVICIO_DEUDA',
];
const APARTE: readonly FormularioFut[] = ['RESERVAS', 'CUENTAS_POR_PAGAR'];
const DE_GASTO = PRINCIPALES.slice(1);

export const fuenteFut: FuenteDePresupuesto = {
  fuente: 'FUT',
  sistema: 'fut',
  readsOf: (chips, vigencia) => [
    { bucket: raices, keys: chips.map((chip) => keyOf([chip, vigencia])) },
  ],
  reportesOf: (chip, vigencia, rows) => {
    const found = rows.rows(raices, keyOf([chip, vigencia]));
    const reportes = new Map<Periodo, Reporte>();
    for (const periodo of PERIODOS) {
      const own = found.filter((row) => row['periodo'] === periodo);
      if (own.length === 0) continue;
      reportes.set(
        periodo,
        toReporte(new Map(own.map((row) => [row['formulario'] as FormularioFut, row]))),
      );
    }
    return reportes;
  },
};

function toReporte(byForm: Raices): Reporte {
  const nameMissing = (formularios: readonly FormularioFut[]): string[] =>
    formularios.filter((form) => !byForm.has(form)).map((form) => NOMBRES[form] ?? form);
  const ingresos = byForm.get('INGRESOS');
  const reservas = byForm.get('RESERVAS');
  const cuentas = byForm.get('CUENTAS_POR_PAGAR');
  return {
    sinReportar: nameMissing(PRINCIPALES),
    sinReportarAparte: nameMissing(APARTE),
    reparos: () => [...byForm.values()].flatMap(reparosOf),
    ingresos: {
      presupuestoInicial: montoOf(ingresos, 'presupuestoInicial'),
      presupuestoDefinitivo: montoOf(ingresos, 'presupuestoDefinitivo'),
      recaudo: montoOf(ingresos, 'recaudo'),
    },
    gastos: sumGastos(DE_GASTO.map((form) => toGastos(byForm.get(form)))),
    reservas: toGastos(reservas),
    // What was constituted is what may be paid.
    cuentasPorPagar: {
      ...SIN_CIFRAS_GASTO,
      apropiacion: montoOf(cuentas, 'constituidas'),
      pagos: montoOf(cuentas, 'pagos'),
    },
  };
}

const montoOf = (row: Row | undefined, campo: string): string | null => {
  const monto = row?.[campo];
  return typeof monto === 'string' ? monto : null;
};

const toGastos = (row: Row | undefined): CifrasGasto => ({
  apropiacionInicial: montoOf(row, 'presupuestoInicial'),
  apropiacion: montoOf(row, 'presupuestoDefinitivo'),
  compromisos: montoOf(row, 'compromisos'),
  obligaciones: montoOf(row, 'obligaciones'),
  pagos: montoOf(row, 'pagos'),
});

/** Running costs, investment and debt together; what one of them does not say is unknown in the sum. */
function sumGastos(parts: readonly CifrasGasto[]): CifrasGasto {
  const add = (name: keyof CifrasGasto): string | null =>
    parts.reduce<string | null>((sum, part) => {
      const value = part[name];
      return sum === null || value === null ? null : addDecimal(sum, value);
    }, '0');
  return {
    apropiacionInicial: add('apropiacionInicial'),
    apropiacion: add('apropiacion'),
    compromisos: add('compromisos'),
    obligaciones: add('obligaciones'),
    pagos: add('pagos'),
  };
}

function reparosOf(row: Row): { readonly codigo: string; readonly mensaje: string }[] {
  const form = NOMBRES[row['formulario'] as FormularioFut];
  // Only the forms that a budget shows.
  if (form === undefined) return [];
  const { descuadre, contradiccion } = row;
  return [
    ...(typeof descuadre === 'string'
      ? [{ codigo: 'TOTALES_NO_CUADRAN', mensaje: `${form}: ${descuadre}.` }]
      : []),
    ...(typeof contradiccion === 'string'
      ? [{ codigo: 'CONTRADICCION', mensaje: `${form}, otro envío: ${contradiccion}.` }]
      : []),
  ];
}
