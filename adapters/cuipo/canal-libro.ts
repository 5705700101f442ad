import { parseDecimal } from '../../schema/values/decimal.js';
import { parsePeriodoLabel, type Periodo } from '../../schema/values/periodo.js';
import { isBlank } from '../../schema/values/text.js';
import { DropError } from '../shared/drop-error.js';
import { chipHeader, type ChipHeader } from '../shared/spreadsheet/chip-header.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';
import type { Sheet } from '../shared/spreadsheet/workbook.js';
import { FORMAS, type Columna, type Forma } from './formas.js';
import type { Linea, Par, Reporte } from './linea.js';
import { parByName } from './listas.js';

/**
 * A workbook of the CHIP "Informe al Ciudadano" → lines. It is the freshest channel and the only one that says when the
 * form was received; it writes names without codes, and vigencia and section only in the first row of each block.
 */
export function toReporteLibro(sheets: readonly Sheet[]): Reporte {
  const rows = sheets[0]?.rows ?? [];
  const title = chipHeader(rows);
  const forma = Object.values(FORMAS).find(({ formulario }) => formulario === title.formulario);
  if (forma === undefined) {
    throw new DropError('VALOR_INVALIDO', `«${title.formulario ?? ''}» no es un formulario CUIPO.`);
  }
  const header = locateHeader(rows, requiredLabels(forma));
  if (title.unidad !== 'PESOS') {
    throw new DropError('VALOR_INVALIDO', 'Los valores no están en pesos.', header.index + 1);
  }
  return {
    forma,
    recepcion: { canal: 'LIBRO', recepcion: title.envio, recibidoEn: toInstant(title) },
    lineas: readLineas(forma, header, rows, reporteOf(title)),
  };
}

const requiredLabels = (forma: Forma): string[] => [
  'CODIGO',
  'NOMBRE',
  ...(forma.esGasto ? ['VIGENCIA GASTO', 'SECCION PRESUPUESTAL'] : []),
  ...[...Object.values(forma.dimensiones), ...Object.values(forma.textos)]
    .filter(({ opcional }) => opcional !== true)
    .map(({ libro }) => libro),
  ...Object.values(forma.montos).map(({ libro }) => libro),
];

type DeQuien = Pick<Linea, 'codigoChip' | 'nombreEntidad' | 'vigencia' | 'periodo'>;

function reporteOf(title: ChipHeader): DeQuien {
  const rango = parsePeriodoLabel(title.periodo);
  if (rango?.periodo == null) {
    throw new DropError('VALOR_INVALIDO', `«${title.periodo}» no termina un trimestre.`);
  }
  const periodo: Periodo = rango.periodo;
  return {
    codigoChip: title.codigoEntidad,
    nombreEntidad: title.nombreEntidad,
    vigencia: rango.vigencia,
    periodo,
  };
}

/** The export writes Colombian time, UTC-5 all year. */
const toInstant = ({ fechaRecepcion }: ChipHeader): string | null =>
  fechaRecepcion === null ? null : `${fechaRecepcion.padEnd(19, 'T00:00:00')}-05:00`;

function readLineas(
  forma: Forma,
  header: Header,
  rows: readonly (readonly string[])[],
  reporte: DeQuien,
): Linea[] {
  const lineas: Linea[] = [];
  let vigenciaGasto = '';
  let seccion = '';
  rows.slice(header.index + 1).forEach((row, index) => {
    const cellOf = (label: string): string => row[header.find(label) ?? -1]?.trim() ?? '';
    const montoOf = ({ libro }: Columna): string | null => {
      const text = cellOf(libro);
      if (text === '') return null;
      const monto = parseDecimal(text);
      if (monto !== null) return monto;
      const motivo = `«${text}» no es un valor en pesos (${libro}).`;
      throw new DropError('VALOR_INVALIDO', motivo, header.index + index + 2);
    };
    if (row.every(isBlank)) return;
    // A no-break space repeats the cell above; trim() makes it blank.
    vigenciaGasto = cellOf('VIGENCIA GASTO') || vigenciaGasto;
    seccion = cellOf('SECCION PRESUPUESTAL') || seccion;
    lineas.push({
      ...reporte,
      ...(forma.esGasto ? gastoOf(vigenciaGasto, seccion) : {}),
      cuenta: cellOf('CODIGO'),
      nombreCuenta: cellOf('NOMBRE') || null,
      dimensiones: mapEntries(forma.dimensiones, (name, { libro }) =>
        parByName(name, cellOf(libro)),
      ),
      textos: mapEntries(forma.textos, (_, { libro }) => cellOf(libro) || null),
      montos: mapEntries(forma.montos, (_, columna) => montoOf(columna)),
    });
  });
  if (lineas.length === 0) throw new DropError('ARCHIVO_VACIO', 'El libro no tiene renglones.');
  return lineas;
}

const gastoOf = (vigenciaGasto: string, seccion: string): { vigenciaGasto: Par; seccion: Par } => ({
  vigenciaGasto: parByName('vigenciaGasto', vigenciaGasto),
  seccion: parByName('seccion', seccion),
});

const mapEntries = <T, U>(
  table: Readonly<Record<string, T>>,
  toValue: (name: string, value: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, toValue(name, value)]));
