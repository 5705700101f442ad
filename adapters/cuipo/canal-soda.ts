import { normalizeChip } from '../../schema/values/chip.js';
import { parseDecimal } from '../../schema/values/decimal.js';
import { parseCuipoPeriodo } from '../../schema/values/periodo.js';
import { isBlank, normalizeName } from '../../schema/values/text.js';
import { FORMAS, type Columna, type Forma } from './formas.js';
import { LineaError, VACIO, type Linea, type Par, type Recepcion } from './linea.js';
import type { SodaRaw } from './raw.js';

/** Rows of datos.gov.co → lines. Texts only; a null is a missing property; codes travel as `1` or as `1.0`. */

export const RECEPCION_SODA: Recepcion = { canal: 'SODA', recepcion: null, recibidoEn: null };

/** Columns of which every report carries at least one value; when none comes, the dataset has changed. */
export const columnasObligatorias = (forma: Forma): string[] => [
  'periodo',
  'codigo_entidad',
  'cuenta',
  ...(forma.esGasto ? ['cod_vigencia_del_gasto', 'cod_seccion_presupuestal'] : []),
  ...Object.values(forma.montos).map((columna) => columna.soda),
];

/** What a root row needs: a few columns of the many. Form A also those under which it is published shifted. */
export const columnasDeRaiz = (forma: Forma): string[] => [
  ...columnasObligatorias(forma),
  'nombre_entidad',
  ...(forma.esGasto ? ['nom_vigencia_del_gasto', 'nom_seccion_presupuestal'] : []),
  ...(forma === FORMAS.A
    ? ['ambito_codigo', 'cod_detalle_sectorial', 'nom_detalle_sectorial']
    : []),
];

/** `$where` of the root account, also where the account stands in the column of the ámbito. */
export const whereRaiz = (forma: Forma): string =>
  forma === FORMAS.A
    ? `cuenta = '${forma.cuentaRaiz}' or ambito_codigo = '${forma.cuentaRaiz}'`
    : `cuenta = '${forma.cuentaRaiz}'`;

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
  const nombre = cellOf(row[`nom_${name}`]);
  const codigo = cellOf(withoutPointZero(row[`cod_${name}`]));
  return codigo === null && nombre === null ? VACIO : { codigo, nombre };
}

/** Null where the row does not open by this column: blank, or the text that the CGR writes for it. */
const cellOf = (text: string | undefined): string | null =>
  text === undefined || isBlank(text) || normalizeName(text) === 'NO DEFINIDO' ? null : text.trim();

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
