import { parseDivipola, parseDivipolaDepartamento } from '../../schema/values/divipola.js';
import { normalizeName } from '../../schema/values/text.js';

/** Cells of SIGEP as values. Null is "the source does not say"; `undefined` is a text that cannot be what the column is. */

export const toTexto = (cell: string): string | null => {
  const text = cell.replace(/\s+/g, ' ').trim();
  return text === '' ? null : text;
};

/** Names of lists come with and without accents (TECNICO, TÉCNICO): they are compared, so they get one spelling. */
export const toNombreDeLista = (cell: string): string | null => {
  const name = normalizeName(cell);
  return name === '' ? null : name;
};

/** A spreadsheet that read a code as a number lost its zeros and may have gained a `.0`. */
const toCodigo = (cell: string, width: number): string | null => {
  const text = cell.replace(/\s+/g, '').replace(/^(\d+)\.0+$/, '$1');
  if (text === '') return null;
  return /^\d+$/.test(text) ? text.padStart(width, '0') : text.toUpperCase();
};

const ANCHO_SIGEP = 4;
/** Territorial codes have three digits (Decreto Ley 785 de 2005); national ones have four, none below `0010`. */
const ANCHO_CARGO = 3;
const ANCHO_GRADO = 2;

export const toCodigoSigep = (cell: string): string | null => {
  const codigo = toCodigo(cell, ANCHO_SIGEP);
  return codigo === null || !/^\d+$/.test(codigo) ? null : codigo;
};
export const toCodigoCargo = (cell: string): string | null => toCodigo(cell, ANCHO_CARGO);
export const toGrado = (cell: string): string | null => toCodigo(cell, ANCHO_GRADO);

/** As the open data may spell a code: with its zeros, or as Excel copies leave it. */
export const spellingsOf = (codigoSigep: string): string[] => {
  const bare = codigoSigep.replace(/^0+(?=\d)/, '');
  return bare === codigoSigep ? [codigoSigep] : [codigoSigep, bare];
};

export function toCodigoDane(cell: string): string | null {
  const text = cell.trim();
  if (text === '') return null;
  const parsed = text.length <= 2 ? parseDivipolaDepartamento(text) : parseDivipola(text);
  return 'error' in parsed ? null : parsed.codigo;
}

/** Negative differences are possible, for provistos may exceed cargos. */
export function toEntero(cell: string): number | null | undefined {
  const text = cell.replace(/\s+/g, '').replace(/^(-?\d+)[.,]0+$/, '$1');
  if (text === '') return null;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** `dd/MM/yyyy` as the application writes it, or the ISO form of a date cell. Impossible dates (year 2887) are unknown. */
export function toFecha(cell: string): string | null {
  const text = cell.trim();
  const [, dd, mm, yyyy] = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b/.exec(text) ?? [];
  const iso =
    dd === undefined
      ? text.slice(0, 10)
      : `${yyyy ?? ''}-${(mm ?? '').padStart(2, '0')}-${dd.padStart(2, '0')}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return null;
  const instant = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== iso) return null;
  const year = Number(iso.slice(0, 4));
  return year < FIRST_YEAR || year > LAST_YEAR ? null : iso;
}
