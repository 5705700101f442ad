import type { Row } from '../../adapters/contract.js';
import { addDecimal, compareDecimal, subtractDecimal } from '../../schema/values/decimal.js';
import type { CifrasGasto, Reporte, Reparo } from './reporte.js';

/**
 * What a CUIPO report says against itself: the CGR's own validation rules that its root rows can show, and what the
 * readers of the forms found. Warnings only: the amounts stand as they were reported.
 */
export function reparosDeCuipo(
  { ingresos, gastos }: Pick<Reporte, 'ingresos' | 'gastos'>,
  raices: readonly Row[],
): Reparo[] {
  return [
    ...written(raices, 'descuadre', 'TOTALES_NO_CUADRAN'),
    ...written(raices, 'contradiccion', 'CONTRADICCION'),
    ...equal(
      'CA_0035A: el presupuesto inicial de ingresos es la apropiación inicial de la vigencia actual',
      ingresos.presupuestoInicial,
      gastos.apropiacionInicial,
    ),
    ...equal(
      'CA_0035B: el presupuesto definitivo de ingresos es la apropiación definitiva de la vigencia actual',
      ingresos.presupuestoDefinitivo,
      gastos.apropiacion,
    ),
    ...chain(gastos),
  ];
}

function written(raices: readonly Row[], campo: string, codigo: string): Reparo[] {
  return raices.flatMap((row) => {
    const mensaje = row[campo];
    return typeof mensaje === 'string' && mensaje !== '' ? [{ codigo, mensaje }] : [];
  });
}

/** Aggregates may differ by one peso, as the forms round each section by itself. */
const UN_PESO = '1';

function equal(identidad: string, a: string | null, b: string | null): Reparo[] {
  // Mostly they are the same text, which needs no arithmetic.
  if (a === null || b === null || a === b) return [];
  const difference = subtractDecimal(a, b);
  const size = difference.startsWith('-') ? difference.slice(1) : difference;
  if (compareDecimal(size, UN_PESO) <= 0) return [];
  return [{ codigo: 'IDENTIDAD_NO_CUADRA', mensaje: `${identidad}: ${a} y ${b}.` }];
}

/** CA0059 and CA0060, and no commitment beyond its appropriation. */
function chain({ apropiacion, compromisos, obligaciones, pagos }: CifrasGasto): Reparo[] {
  return [
    ...notAbove('los compromisos no pasan de la apropiación', compromisos, apropiacion),
    ...notAbove('CA0059: las obligaciones no pasan de los compromisos', obligaciones, compromisos),
    ...notAbove('CA0060: los pagos no pasan de las obligaciones', pagos, obligaciones),
  ];
}

function notAbove(identidad: string, small: string | null, large: string | null): Reparo[] {
  if (small === null || large === null) return [];
  if (compareDecimal(small, large) <= 0) return [];
  if (compareDecimal(small, addDecimal(large, UN_PESO)) <= 0) return [];
  return [{ codigo: 'IDENTIDAD_NO_CUADRA', mensaje: `${identidad}: ${small} y ${large}.` }];
}
