import { normalizeChip } from '../../../schema/values/chip.js';
import {
  parseDecimal,
  parseDecimalComma,
  scaleDecimal,
  type DecimalText,
} from '../../../schema/values/decimal.js';
import { parsePeriodoLabel } from '../../../schema/values/periodo.js';
import { isBlank, isPlaceholder } from '../../../schema/values/text.js';
import { DropError } from '../drop-error.js';
import { chipHeader, type ChipHeader } from '../spreadsheet/chip-header.js';
import { locateHeader, type Header } from '../spreadsheet/header.js';
import type { Sheet } from '../spreadsheet/workbook.js';
import type { ChipColumna, ChipForma } from './forma.js';
import type { Identidad } from './read-sd.js';
import { CIFRA_DE_CONTROL, type ChipRenglon, type ChipReporte } from './reporte.js';

/** A workbook of the CHIP "Informe al Ciudadano" → the report it carries. */
export function toReporteLibro(
  sheets: readonly Sheet[],
  formaOf: (nombre: string | null) => ChipForma | undefined,
  file: string,
): ChipReporte {
  const rows = sheets[0]?.rows ?? [];
  const title = chipHeader(rows);
  const forma = formaOf(title.formulario);
  if (forma === undefined) {
    throw new DropError(
      'VALOR_INVALIDO',
      `«${title.formulario ?? ''}» no es un formulario del FUT.`,
    );
  }
  const header = locateHeader(rows, ['CODIGO', 'NOMBRE']);
  const reader = createReader(forma, header);
  const all = rows.slice(header.index + 1).flatMap((row, at) => {
    if (row.every(isBlank)) return [];
    return [reader.renglon(row, header.index + 2 + at)];
  });
  const { codigoChip, vigencia, periodo, recibidoEn } = toIdentidadLibro(title);
  return {
    forma,
    codigoChip,
    nombreEntidad: title.nombreEntidad,
    vigencia,
    periodo,
    unidadOrigen: reader.unidad,
    recepcion: { canal: 'LIBRO', recepcion: title.envio ?? file, recibidoEn },
    renglones: all.filter(({ codigo }) => codigo !== CIFRA_DE_CONTROL),
    control: all.filter(({ codigo }) => codigo === CIFRA_DE_CONTROL),
  };
}

/** Whose report it is, and of when. The export writes Colombian time, UTC-5 all year. */
export function toIdentidadLibro(title: ChipHeader): Identidad {
  const codigoChip = normalizeChip(title.codigoEntidad);
  const rango = parsePeriodoLabel(title.periodo);
  if (codigoChip === null) {
    throw new DropError('VALOR_INVALIDO', `«${title.codigoEntidad}» no es un código CHIP.`);
  }
  if (rango?.periodo == null) {
    throw new DropError('VALOR_INVALIDO', `«${title.periodo}» no termina un trimestre.`);
  }
  const { fechaRecepcion } = title;
  return {
    codigoChip,
    vigencia: rango.vigencia,
    periodo: rango.periodo,
    recibidoEn: fechaRecepcion === null ? null : `${fechaRecepcion.padEnd(19, 'T00:00:00')}-05:00`,
  };
}

const MILES_POWER = 3;

function createReader(forma: ChipForma, header: Header) {
  const find = (columna: ChipColumna): readonly number[] => {
    const found = columna.libro.flatMap((label) => header.positions(label));
    if (found.length > 0 || columna.opcional === true) return found;
    const [label = ''] = columna.libro;
    throw new DropError('COLUMNA_AUSENTE', `Falta la columna «${label}».`, header.index + 1);
  };
  const textos = Object.entries(forma.textos).map(([name, columna]) => ({
    name,
    at: find(columna)[0] ?? -1,
  }));
  // A form once carried both `RECAUDO(Miles)` and `RECAUDO(Pesos)`: pesos first, as the finer of the two.
  const montos = Object.entries(forma.montos).map(([name, columna]) => ({
    name,
    sinUnidad: columna.sinUnidad === true,
    at: [...find(columna)].sort((a, b) => rankOf(header, a) - rankOf(header, b)),
  }));
  const units = montos
    .flatMap(({ at, sinUnidad }) => (sinUnidad ? [] : at.slice(0, 1)))
    .map((at) => header.unit(at));
  if (units.some((unit) => unit === null)) {
    const motivo = 'Una columna de valores no dice si está en pesos o en miles.';
    throw new DropError('COLUMNA_AUSENTE', motivo, header.index + 1);
  }
  const [codigoAt, nombreAt] = [header.column('CODIGO'), header.column('NOMBRE')];

  const montoAt = (row: readonly string[], at: readonly number[], sinUnidad: boolean) => {
    const filled = at.find((position) => !isBlank(row[position] ?? ''));
    if (filled === undefined) return null;
    const cell = row[filled]?.trim() ?? '';
    const value = parseDecimalComma(cell) ?? parseDecimal(cell);
    if (value === null) return undefined;
    return header.unit(filled) === 'MILES' && !sinUnidad ? scaleDecimal(value, MILES_POWER) : value;
  };

  let bloque: string | null = null;
  const textoAt = (row: readonly string[], name: string, at: number): string | null => {
    if (name !== forma.bloque) return textAt(row, at);
    // Blank, by NBSP or by spaces, stands for the block that goes on.
    if (!isBlank(row[at] ?? '')) bloque = textAt(row, at);
    return bloque;
  };

  return {
    unidad: units.includes('MILES') ? ('MILES' as const) : ('PESOS' as const),
    renglon(row: readonly string[], linea: number): ChipRenglon {
      const codigo = row[codigoAt]?.trim().toUpperCase() ?? '';
      if (codigo === '') throw new DropError('VALOR_INVALIDO', 'La fila no trae código.', linea);
      const nombre = row[nombreAt]?.trim() ?? '';
      const amounts: Record<string, DecimalText | null> = {};
      for (const { name, at, sinUnidad } of montos) {
        const monto = montoAt(row, at, sinUnidad);
        if (monto === undefined) {
          throw new DropError('VALOR_INVALIDO', `El valor de ${name} no es un número.`, linea);
        }
        amounts[name] = monto;
      }
      return {
        linea,
        codigo,
        nombre: nombre === '' ? null : nombre,
        textos: Object.fromEntries(textos.map(({ name, at }) => [name, textoAt(row, name, at)])),
        montos: amounts,
      };
    },
  };
}

const rankOf = (header: Header, at: number): number => (header.unit(at) === 'PESOS' ? 0 : 1);

const textAt = (row: readonly string[], at: number): string | null => {
  const text = row[at]?.trim() ?? '';
  return isPlaceholder(text) ? null : text;
};
