import { normalizeChip } from '../../schema/values/chip.js';
import { parseDecimal } from '../../schema/values/decimal.js';
import { parseCuipoPeriodo } from '../../schema/values/periodo.js';
import { isBlank } from '../../schema/values/text.js';
import { SourceContractError } from '../errors.js';
import { FORMAS, type Columna, type Forma } from './formas.js';
import { LineaError, VACIO, type Linea, type Par, type Recepcion, type Reporte } from './linea.js';
import { parByName } from './listas.js';
import type { SodaRaw } from './raw.js';

/** Rows of datos.gov.co → lines. Texts only; a null is a missing property; codes travel as `1` or as `1.0`. */

export const RECEPCION_SODA: Recepcion = { canal: 'SODA', recepcion: null, recibidoEn: null };

const columnasDeReporte = (forma: Forma): string[] => [
  'periodo',
  'codigo_entidad',
  'cuenta',
  ...(forma.esGasto ? ['cod_vigencia_del_gasto', 'cod_seccion_presupuestal'] : []),
  ...Object.values(forma.montos).map((columna) => columna.soda),
];

/** What a root row needs: a few columns of the many. Form A also those under which it is published shifted. */
export const columnasDeRaiz = (forma: Forma): string[] => [
  ...columnasDeReporte(forma),
  'nombre_entidad',
  ...(forma.esGasto ? ['nom_vigencia_del_gasto', 'nom_seccion_presupuestal'] : []),
  ...(forma === FORMAS.A
    ? ['ambito_codigo', 'cod_detalle_sectorial', 'nom_detalle_sectorial']
    : []),
];

/** The rows of an answer as one report; a cell or a column out of form is a changed contract, and none of it answers. */
export function toReporteSoda(forma: Forma, rows: readonly SodaRaw[]): Reporte {
  try {
    const lineas = rows.map((row) => toLineaSoda(forma, row));
    const [missing] = Object.keys(forma.montos).filter((monto) =>
      lineas.every(({ montos }) => montos[monto] === null),
    );
    if (rows.length > 0 && missing !== undefined)
      throw new LineaError(missing, 'no viene en ninguna fila');
    return { forma, lineas, recepcion: RECEPCION_SODA };
  } catch (error) {
    if (error instanceof LineaError) throw new SourceContractError('cuipo', { cause: error });
    throw error;
  }
}

export function toLineaSoda(forma: Forma, raw: SodaRaw): Linea {
  const row = unshift(raw);
  const periodo = parseCuipoPeriodo(withoutPointZero(row.periodo) ?? '');
  if (periodo === null) throw new LineaError('periodo', 'no es un trimestre');
  const codigoChip = normalizeChip(row.codigo_entidad ?? '');
  if (codigoChip === null) throw new LineaError('codigo_entidad', 'no es un código CHIP');
  const cuenta = row.cuenta?.trim();
  if (cuenta === undefined || !/^\d+(\.\w+)*$/.test(cuenta)) {
    throw new LineaError('cuenta', 'no es una cuenta');
  }
  return {
    codigoChip,
    nombreEntidad: cellOf(row.nombre_entidad),
    ...periodo,
    ...(forma.esGasto
      ? {
          vigenciaGasto: parOf(row, { soda: 'vigencia_del_gasto' }),
          seccion: parOf(row, { soda: 'seccion_presupuestal' }),
        }
      : {}),
    // Only an account of one level can have been read as the number 1.0.
    cuenta: cuenta.replace(/^(\d)\.0$/, '$1'),
    nombreCuenta: cellOf(row.nombre_cuenta),
    dimensiones: mapValues(forma.dimensiones, (columna) => parOf(row, columna)),
    textos: mapValues(forma.textos, (columna) => cellOf(row[columna.soda])),
    montos: mapValues(forma.montos, (columna) => montoOf(row, columna.soda)),
  };
}

/**
 * In some publications the columns of form A answer under the names of their neighbours: the account under
 * `ambito_codigo`, the amounts under the sectorial detail. The ámbito gives it away: it is always a letter and three digits.
 */
export function unshift(raw: SodaRaw): SodaRaw {
  if (!/^A\d{3}$/.test(raw.cuenta ?? '') || raw.ambito_codigo === undefined) return raw;
  const swapped: Record<string, string | undefined> = { ...raw };
  for (const [one, other] of SHIFTED) {
    swapped[one] = raw[other];
    swapped[other] = raw[one];
  }
  return swapped;
}

const SHIFTED = [
  ['cuenta', 'ambito_codigo'],
  ['nombre_cuenta', 'ambito_nombre'],
  ['presupuesto_inicial', 'cod_detalle_sectorial'],
  ['presupuesto_definitivo', 'nom_detalle_sectorial'],
] as const;

function parOf(row: SodaRaw, { soda, alias = [] }: Pick<Columna, 'soda' | 'alias'>): Par {
  const name = [soda, ...alias].find((each) => row[`cod_${each}`] ?? row[`nom_${each}`]) ?? soda;
  // Form D has written the sectorial detail in one column, without the pair.
  const single = [soda, ...alias].map((each) => row[each]).find((text) => text !== undefined);
  if (single !== undefined) return parByName('detalleSectorial', single);
  const nombre = cellOf(row[`nom_${name}`]);
  const codigo = cellOf(withoutPointZero(row[`cod_${name}`]));
  return codigo === null && nombre === null ? VACIO : { codigo, nombre };
}

/** Null where the row does not open by this column: blank, or the text that the CGR writes for it. */
const cellOf = (text: string | undefined): string | null => {
  const cell = text?.trim() ?? '';
  return cell === '' || cell.toUpperCase() === 'NO DEFINIDO' ? null : cell;
};

const withoutPointZero = (text: string | undefined): string | undefined =>
  text?.trim().replace(/^(\d+)\.0$/, '$1');

function montoOf(row: SodaRaw, column: string): string | null {
  const text = row[column];
  if (text === undefined || isBlank(text)) return null;
  const monto = parseDecimal(text);
  if (monto === null) throw new LineaError(column, 'no es un valor en pesos');
  return monto;
}

const mapValues = <T, U>(
  table: Readonly<Record<string, T>>,
  toValue: (value: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, toValue(value)]));
