import { normalizeChip } from '../../schema/values/chip.js';
import { parseDecimal } from '../../schema/values/decimal.js';
import { parseCuipoPeriodo } from '../../schema/values/periodo.js';
import { FORMAS, type Forma } from './formas.js';
import { LineaError, type Linea } from './linea.js';
import { parByName } from './listas.js';
import type { VolcadoRaw } from './raw.js';

/**
 * A row of a dump of 2021-2023 → its form and line. Names in capitals without codes (some with the code glued on),
 * `139616398.0` for pesos, and the columns of the four forms side by side: `tipo` says which ones count.
 */
export function toLineaVolcado(raw: VolcadoRaw): { forma: Forma; linea: Linea } {
  const forma = Object.values(FORMAS).find(({ tipo }) => tipo === raw.tipo);
  if (forma === undefined) throw new LineaError('tipo', 'no es un formulario CUIPO');
  const periodo = parseCuipoPeriodo(raw.PERIODO ?? '');
  if (periodo === null) throw new LineaError('PERIODO', 'no es un trimestre');
  const codigoChip = normalizeChip(raw.CODIGO_ENTIDAD ?? '');
  if (codigoChip === null) throw new LineaError('CODIGO_ENTIDAD', 'no es un código CHIP');
  const linea: Linea = {
    codigoChip,
    nombreEntidad: textOf(raw.NOMBRE_ENTIDAD),
    ...periodo,
    ...(forma.esGasto
      ? {
          vigenciaGasto: parByName('vigenciaGasto', raw.VIGENCIA_DEL_GASTO ?? ''),
          seccion: parByName('seccion', raw.SECCION_PRESUPUESTAL ?? ''),
        }
      : {}),
    cuenta: raw.CUENTA?.trim() ?? '',
    nombreCuenta: textOf(raw.NOMBRE_CUENTA),
    dimensiones: mapEntries(forma.dimensiones, (name, { volcado }) =>
      parByName(name, raw[volcado] ?? ''),
    ),
    textos: mapEntries(forma.textos, (_, { volcado }) => textOf(raw[volcado])),
    montos: mapEntries(forma.montos, (_, { volcado }) => montoOf(raw, volcado)),
  };
  if (linea.cuenta === '') throw new LineaError('CUENTA', 'está vacía');
  return { forma, linea };
}

const textOf = (text: string | undefined): string | null => text?.trim() || null;

function montoOf(raw: VolcadoRaw, column: string): string | null {
  const text = textOf(raw[column]);
  if (text === null) return null;
  const monto = parseDecimal(text);
  if (monto === null) throw new LineaError(column, 'no es un valor en pesos');
  return monto;
}

const mapEntries = <T, U>(
  table: Readonly<Record<string, T>>,
  toValue: (name: string, value: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, toValue(name, value)]));
