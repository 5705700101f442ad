import type { Fila } from '../../schema/registro.js';
import { compareDecimal, parseDecimal, parseDecimalComma } from '../../schema/values/decimal.js';
import { isBlank, isPlaceholder } from '../../schema/values/text.js';
import { DropError } from '../shared/drop-error.js';
import type { Sheet } from '../shared/spreadsheet/workbook.js';
import { readEncabezado, type Encabezado } from './encabezado.js';

/** What one workbook of results says. Pure. */
export interface Libro {
  readonly indices: readonly Fila[];
  readonly mediciones: readonly Fila[];
}

export interface Publicacion {
  readonly vigencia: number;
  readonly ambito: 'NACION' | 'TERRITORIO' | null;
}

/** The sheets of the workbook that hold results; others are notes. */
export function toLibro(sheets: readonly Sheet[], publicacion: Publicacion): Libro {
  const indices: Fila[] = [];
  const mediciones: Fila[] = [];
  const seen = new Map<string, string>();
  const tables = sheets.flatMap((sheet) => tableOf(sheet));
  if (tables.length === 0) {
    const motivo = 'Ninguna hoja tiene las columnas «Código Sigep» y «Entidad».';
    throw new DropError('ENCABEZADO_AUSENTE', motivo);
  }
  for (const { sheet, encabezado } of tables) {
    checkTitulos(sheet, encabezado, publicacion);
    for (let at = encabezado.header.index + 1; at < sheet.rows.length; at++) {
      const entidad = toEntidad(sheet.rows[at] ?? [], encabezado, publicacion, at + 1);
      if (entidad === null || isRepeated(entidad, seen, at + 1)) continue;
      mediciones.push(entidad.medicion);
      indices.push(...entidad.indices);
    }
  }
  if (mediciones.length === 0) throw new DropError('ARCHIVO_VACIO', 'El libro no mide a nadie.');
  return { indices, mediciones };
}

function tableOf(sheet: Sheet): { sheet: Sheet; encabezado: Encabezado }[] {
  try {
    return [{ sheet, encabezado: readEncabezado(sheet.rows) }];
  } catch (error) {
    if (error instanceof DropError && error.codigo === 'ENCABEZADO_AUSENTE') return [];
    throw error;
  }
}

/** `Resultados vigencia 2025`, in a title row above the header. */
export function vigenciaOfTitles(rows: readonly (readonly string[])[]): number | null {
  for (const cell of rows.flat()) {
    const [, year] = /\bvig(?:encia)?\.?\s*:?\s*(20\d{2})\b/i.exec(cell) ?? [];
    if (year !== undefined) return Number(year);
  }
  return null;
}

/** A file named for another year than its titles was renamed or mixed up: it must not answer for either. */
function checkTitulos(sheet: Sheet, { header }: Encabezado, { vigencia }: Publicacion): void {
  const stated = vigenciaOfTitles(sheet.rows.slice(0, header.index));
  if (stated === null || stated === vigencia) return;
  const motivo = `El libro dice vigencia ${String(stated)} y su nombre ${String(vigencia)}.`;
  throw new DropError('VALOR_INVALIDO', motivo);
}

interface Entidad {
  readonly codigoSigep: string;
  readonly medicion: Fila;
  readonly indices: readonly Fila[];
}

/** Null for a row that is empty, or a note below the table. */
function toEntidad(
  cells: readonly string[],
  { header, columnas }: Encabezado,
  { vigencia, ambito }: Publicacion,
  linea: number,
): Entidad | null {
  const cellOf = (label: string): string | null => {
    const cell = (cells[header.find(label) ?? -1] ?? '').replace(/\s+/g, ' ').trim();
    return cell === '' ? null : cell;
  };
  const measured = columnas.some(({ posicion }) => !isBlank(cells[posicion] ?? ''));
  const codigoSigep = toCodigoSigep(cellOf('Código Sigep') ?? '');
  if (codigoSigep === null) {
    // A measure that belongs to nobody is a broken file, a text without measures is a footnote.
    if (measured) throw new DropError('VALOR_INVALIDO', 'Falta el código SIGEP.', linea);
    return null;
  }
  return {
    codigoSigep,
    medicion: {
      codigoSigep,
      vigencia,
      nombreEntidad: cellOf('Entidad'),
      naturalezaJuridica: cellOf('Naturaleza Jurídica'),
      departamento: cellOf('Departamento'),
      municipio: cellOf('Municipio'),
      grupoPar: cellOf('Grupo par'),
      tipoFormulario: cellOf('Tipo Formulario'),
      ambito,
    },
    indices: columnas.map(({ posicion, codigo, nombre }) => {
      const valor = toValor(cells[posicion] ?? '', codigo, linea);
      return { codigoSigep, vigencia, codigo, nombre, valor, aplica: valor !== null };
    }),
  };
}

const ANCHO_SIGEP = 4;

/** Excel took the zeros of those that it read as numbers. */
function toCodigoSigep(cell: string): string | null {
  const [, digits] = /^(\d+)(?:\.0+)?$/.exec(cell.replace(/\s+/g, '')) ?? [];
  return digits === undefined ? null : digits.padStart(ANCHO_SIGEP, '0');
}

/** Blank means that the index does not apply; only a number from 0 to 100 is a value. */
function toValor(cell: string, codigo: string, linea: number): string | null {
  if (isBlank(cell) || isPlaceholder(cell) || cell.trim() === '-') return null;
  const value = parseDecimal(cell) ?? parseDecimalComma(cell);
  if (value !== null && compareDecimal(value, '0') >= 0 && compareDecimal(value, '100') <= 0) {
    return value;
  }
  throw new DropError('VALOR_INVALIDO', `${codigo} no es un número de 0 a 100.`, linea);
}

/** The same row twice is a slip of the publisher; two rows that differ are not known to be right. */
function isRepeated(entidad: Entidad, seen: Map<string, string>, linea: number): boolean {
  const said = JSON.stringify(entidad);
  const before = seen.get(entidad.codigoSigep);
  seen.set(entidad.codigoSigep, said);
  if (before === undefined || before === said) return before !== undefined;
  const motivo = `El código SIGEP ${entidad.codigoSigep} aparece dos veces con valores distintos.`;
  throw new DropError('VALOR_INVALIDO', motivo, linea);
}
