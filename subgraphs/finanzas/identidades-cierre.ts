import type { Row } from '../../adapters/contract.js';
import {
  compareDecimal,
  subtractDecimal,
  sumDecimals,
  type DecimalText,
} from '../../schema/values/decimal.js';
import { PERIODOS } from '../../schema/values/periodo.js';

/** What must hold inside Cierre Fiscal, and between it and CUIPO. Each message names the place and both amounts. */

const DISPONIBLE = [
  'cajaBancos',
  'encargosFiduciarios',
  'patrimoniosAutonomos',
  'inversionesTemporales',
];
const EXIGIBLE = [
  'recursosTerceros',
  'chequesNoCobrados',
  'cuentasPorPagarVigencia',
  'cuentasPorPagarAnteriores',
  'otrasExigibilidades',
  'reservasPresupuestales',
];

const montoOf = (row: Row, campo: string): DecimalText | null => {
  const monto = row[campo];
  return typeof monto === 'string' ? monto : null;
};

/** Null as soon as one is unknown: then nothing can be said. */
function sumOf(rows: readonly Row[], campos: readonly string[]): DecimalText | null {
  const montos = rows.flatMap((row) => campos.map((campo) => montoOf(row, campo)));
  const known = montos.filter((monto) => monto !== null);
  return known.length === montos.length && known.length > 0 ? sumDecimals(known) : null;
}

function minus(a: DecimalText | null, b: DecimalText | null): DecimalText | null {
  return a === null || b === null ? null : subtractDecimal(a, b);
}

/** CUIPO writes whole pesos. */
const TOLERANCIA = '1';

function compare(
  place: string,
  said: DecimalText | null,
  other: string,
  sum: DecimalText | null,
): string[] {
  if (said === null || sum === null) return [];
  const difference = subtractDecimal(said, sum);
  if (compareDecimal(difference.replace('-', ''), TOLERANCIA) <= 0) return [];
  return [`${place} dice ${said} y ${other} ${sum} (diferencia ${difference}).`];
}

/** F6 and F7. */
export function checkRenglon(row: Row): string[] {
  const place = (campo: string): string => `Cierre Fiscal, ${String(row['concepto'])}, ${campo}`;
  const disponible = montoOf(row, 'disponibilidades');
  const exigible = montoOf(row, 'exigibilidades');
  return [
    ...compare(place('disponibilidades'), disponible, 'sus partes suman', sumOf([row], DISPONIBLE)),
    ...compare(place('exigibilidades'), exigible, 'sus partes suman', sumOf([row], EXIGIBLE)),
    ...compare(
      place('superávit'),
      montoOf(row, 'superavit'),
      'disponibilidades menos exigibilidades da',
      minus(disponible, exigible),
    ),
  ];
}

/** Codes of vigencia del gasto of CUIPO: the year itself, what it carries over as reservas, and as cuentas por pagar. */
const ACTUAL = ['1', '4'];
const RESERVAS = ['2', '5'];
const CUENTAS_POR_PAGAR = ['3', '6'];

const ofVigencias = (rows: readonly Row[], vigencias: readonly string[]): readonly Row[] =>
  rows.filter((row) => vigencias.includes(String(row['vigenciaGasto'])));

/**
 * F8 to F11: what the Cierre leaves as reservas and cuentas por pagar is what CUIPO left unexecuted at the end of that
 * year, and what the next year begins with. A contradiction is a finding about the entity, never an error of ours.
 */
export function checkConCuipo(
  raiz: Row,
  vigencia: number,
  ejecutado: readonly Row[],
  programado: readonly Row[],
): string[] {
  const reservas = montoOf(raiz, 'reservasPresupuestales');
  const cuentas = montoOf(raiz, 'cuentasPorPagarVigencia');
  const actual = ofVigencias(
    ejecutado.filter(({ periodo }) => periodo === 'T4'),
    ACTUAL,
  );
  const last = PERIODOS.findLast((one) => programado.some(({ periodo }) => periodo === one));
  const next = programado.filter(({ periodo }) => periodo === last);
  const left = (a: string, b: string): DecimalText | null =>
    minus(sumOf(actual, [a]), sumOf(actual, [b]));
  const begun = (vigencias: readonly string[]): DecimalText | null =>
    sumOf(ofVigencias(next, vigencias), ['apropiacionDefinitiva']);
  const place = (campo: string): string => `Cierre Fiscal ${vigencia}, C, ${campo}`;
  const siguiente = `CUIPO ${vigencia + 1} ${last ?? ''}`.trim();
  return [
    ...compare(
      place('reservas'),
      reservas,
      `CUIPO ${vigencia} T4, compromisos menos obligaciones,`,
      left('compromisos', 'obligaciones'),
    ),
    ...compare(
      place('cuentas por pagar'),
      cuentas,
      `CUIPO ${vigencia} T4, obligaciones menos pagos,`,
      left('obligaciones', 'pagos'),
    ),
    ...compare(
      place('cuentas por pagar'),
      cuentas,
      `${siguiente}, apropiación de cuentas por pagar,`,
      begun(CUENTAS_POR_PAGAR),
    ),
    ...compare(
      place('reservas'),
      reservas,
      `${siguiente}, apropiación de reservas,`,
      begun(RESERVAS),
    ),
  ];
}
