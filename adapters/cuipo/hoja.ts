import { ancestorsOf } from '../../schema/values/codigo.js';
import {
  compareDecimal,
  subtractDecimal,
  sumDecimals,
  type DecimalText,
} from '../../schema/values/decimal.js';
import { groupBy } from '../../schema/group-by.js';
import type { Forma } from './formas.js';
import { isFilled, type Linea } from './linea.js';

/**
 * Which lines may be added. Every parent account is a line of the same form, and a workbook repeats the last account as
 * subtotal and as details: adding all of it counts money five to seven times.
 */

/**
 * A leaf has no child account in the same entity, period, vigencia del gasto and section; where its account has several
 * lines and some of them open by the dimensions of detail, only those are leaves.
 */
export function findLeaves(forma: Forma, lineas: readonly Linea[]): Set<Linea> {
  const leaves = new Set<Linea>();
  for (const group of groupBySeccion(lineas).values()) {
    const parents = new Set(group.flatMap((linea) => ancestorsOf(linea.cuenta)));
    const byCuenta = groupBy(
      group.filter((linea) => !parents.has(linea.cuenta)),
      (linea) => linea.cuenta,
    );
    for (const same of byCuenta.values()) {
      const details = same.filter((linea) => isDetail(forma, linea));
      for (const leaf of details.length > 0 ? details : same) leaves.add(leaf);
    }
  }
  return leaves;
}

/** The line opens by at least one of the dimensions that parents and subtotals leave empty. */
export const isDetail = (forma: Forma, linea: Linea): boolean =>
  forma.detalle.some((name) => isFilled(linea.dimensiones[name]));

/** The line states the total of its report: account 1 or 2, per vigencia del gasto and section. */
export const isRoot = (forma: Forma, linea: Linea): boolean => linea.cuenta === forma.cuentaRaiz;

export const findRoots = (forma: Forma, lineas: readonly Linea[]): Linea[] =>
  lineas.filter((linea) => isRoot(forma, linea));

/** A section whose leaves do not add up to its own root. */
export interface Descuadre {
  readonly root: Linea;
  readonly campo: string;
  readonly raiz: DecimalText;
  readonly hojas: DecimalText;
}

/** CHIP rounds each line: a section is right within one peso. */
const TOLERANCIA = '1';

/** Compares leaves and root of each section. A section without root row has nothing to be compared with. */
export function findDescuadres(forma: Forma, lineas: readonly Linea[]): Descuadre[] {
  const leaves = findLeaves(forma, lineas);
  const found: Descuadre[] = [];
  for (const group of groupBySeccion(lineas).values()) {
    const root = findRoots(forma, group)[0];
    if (root === undefined) continue;
    for (const campo of Object.keys(forma.montos)) {
      const raiz = root.montos[campo];
      if (raiz === undefined || raiz === null) continue;
      const hojas = sumDecimals(
        group.filter((linea) => leaves.has(linea)).map((linea) => linea.montos[campo] ?? '0'),
      );
      if (!isWithin(raiz, hojas)) found.push({ root, campo, raiz, hojas });
    }
  }
  return found;
}

const isWithin = (a: DecimalText, b: DecimalText): boolean => {
  const difference = subtractDecimal(a, b).replace('-', '');
  return compareDecimal(difference, TOLERANCIA) <= 0;
};

const groupBySeccion = (lineas: readonly Linea[]): Map<string, Linea[]> =>
  groupBy(lineas, (linea) =>
    [
      linea.codigoChip,
      linea.vigencia,
      linea.periodo,
      linea.vigenciaGasto?.codigo,
      linea.seccion?.codigo ?? linea.seccion?.nombre,
    ].join('|'),
  );
