import { DropError } from '../shared/drop-error.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';

/** Columns of a results sheet: known by the code that begins their label, because the words after it change every year. */
export interface Columna {
  readonly posicion: number;
  readonly codigo: string;
  readonly nombre: string;
}

export interface Encabezado {
  readonly header: Header;
  readonly columnas: readonly Columna[];
}

const IDI = /^(?:idi\b|[ií]ndice de desempe[ñn]o institucional)/i;
const DIMENSION = /^d0*([1-9])(?!\d)/i;
const POLITICA = /^pol\s*0*(\d{1,2})(?!\d)/i;
const INDICE = /^i0*(\d+)\b/i;

const two = (digits: string): string => digits.padStart(2, '0');

/** `D04`, `D4` → D4; `POL1` → POL01; `i9`, `I1`, `i01` → I09, I01. Null for a column that measures nothing. */
export function codigoOf(label: string): string | null {
  const text = label.trim();
  if (IDI.test(text)) return 'IDI';
  const [, dimension] = DIMENSION.exec(text) ?? [];
  if (dimension !== undefined) return `D${dimension}`;
  const [, politica] = POLITICA.exec(text) ?? [];
  if (politica !== undefined) return `POL${two(politica)}`;
  const [, indice] = INDICE.exec(text) ?? [];
  return indice === undefined ? null : `I${two(indice)}`;
}

/** The words of a label: without its code, nor the hyphen where a line was broken (`Direcciona- miento`). */
export function nombreOf(label: string): string {
  const text = label
    .replace(/\s+/g, ' ')
    .replace(/(\p{Ll})- (\p{Ll})/gu, '$1$2')
    .trim();
  const name = text.replace(/^(?:pol|[di])\s*\d+[\s.:_-]*/i, '');
  return name === '' ? text : name;
}

const REQUIRED = ['Código Sigep', 'Entidad'];

/** Throws a DropError when the sheet has no header, or one in which a code stands twice. */
export function readEncabezado(rows: readonly (readonly string[])[]): Encabezado {
  const header = locateHeader(rows, REQUIRED);
  const columnas: Columna[] = [];
  const known = new Set<string>();
  header.labels.forEach((label, posicion) => {
    const codigo = codigoOf(label);
    if (codigo === null) return;
    if (known.has(codigo)) {
      const motivo = `El código ${codigo} encabeza dos columnas.`;
      throw new DropError('VALOR_INVALIDO', motivo, header.index + 1);
    }
    known.add(codigo);
    columnas.push({ posicion, codigo, nombre: nombreOf(label) });
  });
  if (!known.has('IDI')) {
    const motivo = 'Falta la columna «Índice de Desempeño Institucional».';
    throw new DropError('COLUMNA_AUSENTE', motivo, header.index + 1);
  }
  return { header, columnas };
}
