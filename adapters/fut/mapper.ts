import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import type { Fila, Valor } from '../../schema/registro.js';
import { RaizFut, REGISTRO_FUT, type FormularioFut } from '../../schema/registros/fut.js';
import {
  addDecimal,
  compareDecimal,
  subtractDecimal,
  type DecimalText,
} from '../../schema/values/decimal.js';
import { dimensionesOf, toArbol, type ChipArbol } from '../shared/chip/arbol.js';
import type { Filas } from '../shared/chip/chip-drop.js';
import type { ChipRenglon, ChipReporte } from '../shared/chip/reporte.js';
import { DropError } from '../shared/drop-error.js';
import { groupBy } from '../../schema/group-by.js';

/** A report → its root and its records. Pure: the same rows, in any order, give the same records. */
export function toFilas(reporte: ChipReporte): readonly Filas[] {
  const arbol = toArbol(reporte);
  arbol.hojas.forEach(checkCadena);
  const registro = REGISTRO_FUT[reporte.forma.formulario as FormularioFut];
  const rows = withOrdinal(reporte.renglones.map((renglon) => toFila(reporte, arbol, renglon)));
  const raiz = toRaiz(reporte, arbol);
  return [
    { registro: RaizFut, rows: raiz === null ? [] : [raiz] },
    { registro, rows },
  ];
}

const encabezadoOf = ({ codigoChip, nombreEntidad, vigencia, periodo }: ChipReporte) => ({
  codigoChip,
  nombreEntidad,
  vigencia,
  periodo,
});

/** Assigned, not spread: of the millions of rows of all years, spreading five objects into each took most of the time. */
function toFila(reporte: ChipReporte, { hojas }: ChipArbol, renglon: ChipRenglon): Fila {
  const { codigoChip, nombreEntidad, vigencia, periodo, unidadOrigen, recepcion } = reporte;
  const esHoja = hojas.has(renglon);
  const own = {
    codigoChip,
    nombreEntidad,
    vigencia,
    periodo,
    concepto: renglon.codigo,
    nombreConcepto:
      renglon.nombre ?? loadPresupuesto().conceptosFut().get(renglon.codigo)?.nombre ?? null,
    dimensiones: dimensionesOf(reporte.forma, renglon, esHoja),
    ordinal: 1,
    esHoja,
    esSubtotal: !esHoja,
    unidadOrigen,
  };
  return Object.assign(own, textosOf(reporte, renglon), renglon.montos, recepcion);
}

/** The one column of the fuente is its code in a submission file, and its name in a workbook. */
function textosOf({ forma, recepcion }: ChipReporte, { textos }: ChipRenglon) {
  if (!('fuente' in forma.textos)) return textos;
  const fuente = textos['fuente'] ?? null;
  return recepcion.canal === 'SD'
    ? { ...textos, fuente, nombreFuente: null }
    : { ...textos, fuente: null, nombreFuente: fuente };
}

/** A form without rows was reported as empty: nothing is known of it. */
function toRaiz(reporte: ChipReporte, { total }: ChipArbol): Fila | null {
  if (total === null) return null;
  // What a concepto is destined for has no total.
  const montos = Object.fromEntries(
    Object.entries(total).filter(([name]) => name in RaizFut.campos),
  );
  return {
    ...encabezadoOf(reporte),
    formulario: reporte.forma.formulario,
    ...montos,
    descuadre: describeDescuadre(total),
    contradiccion: null,
    unidadOrigen: reporte.unidadOrigen,
    ...reporte.recepcion,
  };
}

/** F5: what was collected with and without situación de fondos is all that was collected. */
function describeDescuadre(total: Readonly<Record<string, DecimalText | null>>): string | null {
  const { recaudoEfectivo = null, recaudoSinSituacion = null, recaudo = null } = total;
  if (recaudoEfectivo === null || recaudoSinSituacion === null || recaudo === null) return null;
  const sum = addDecimal(recaudoEfectivo, recaudoSinSituacion);
  const difference = subtractDecimal(sum, recaudo).replace('-', '');
  if (compareDecimal(difference, '1') <= 0) return null;
  return `recaudo: el total dice ${recaudo} y sus dos partes suman ${sum}`;
}

const CADENA = ['presupuestoDefinitivo', 'compromisos', 'obligaciones', 'pagos'] as const;

/** F1: CHIP refuses a detail that breaks the chain of execution, so that a file with one was not read rightly. */
function checkCadena({ codigo, linea, montos }: ChipRenglon): void {
  const known = CADENA.flatMap((name) => {
    const monto = montos[name] ?? null;
    return monto === null ? [] : [{ name, monto }];
  });
  known.forEach(({ name, monto }, at) => {
    const before = known[at - 1];
    if (before === undefined || compareDecimal(monto, before.monto) <= 0) return;
    const motivo = `${codigo}: ${name} (${monto}) supera ${before.name} (${before.monto}).`;
    throw new DropError('VALOR_INVALIDO', motivo, linea);
  });
}

/** Numbers the records that only their amounts tell apart, by those amounts, so that the order of the file does not count. */
function withOrdinal(filas: readonly Fila[]): readonly Fila[] {
  const same = groupBy(filas, ({ concepto, dimensiones }) =>
    JSON.stringify([concepto, dimensiones]),
  );
  return [...same.values()].flatMap((group) =>
    group.length === 1
      ? group
      : [...group].sort(byMontos).map((fila, at) => ({ ...fila, ordinal: at + 1 })),
  );
}

const MONTOS = ['presupuestoDefinitivo', 'constituidas', 'compromisos', 'obligaciones', 'pagos'];

function byMontos(a: Fila, b: Fila): number {
  // A subtotal before its details, whatever they amount to.
  if (a.esHoja !== b.esHoja) return a.esHoja === true ? 1 : -1;
  for (const monto of MONTOS) {
    const order = compareMonto(a[monto], b[monto]);
    if (order !== 0) return order;
  }
  return 0;
}

const compareMonto = (a: Valor | undefined, b: Valor | undefined): number =>
  typeof a === 'string' && typeof b === 'string'
    ? compareDecimal(a, b)
    : Number(typeof a === 'string') - Number(typeof b === 'string');
