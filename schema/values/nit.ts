import { invalidValue, type ValueProblem } from './problem.js';

/** NIT, the tax number: kept as text and without its check digit, the form in which systems agree. */

const WEIGHTS = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];

export interface Nit {
  readonly nit: string;
  readonly digitoVerificacion: string;
}

/** The check digit of DIAN for a NIT of up to 15 digits. */
export function checkDigitOf(nit: string): string {
  let sum = 0;
  for (let i = 0; i < nit.length; i++) {
    sum += Number(nit[nit.length - 1 - i]) * (WEIGHTS[i] ?? 0);
  }
  const rest = sum % 11;
  return String(rest < 2 ? rest : 11 - rest);
}

/**
 * Normalises what a source wrote: dots, commas, blanks and `-d` go; of ten digits the last goes when it is the check
 * digit of the others and the first is 8 or 9, as in every NIT of an entity. A cédula has ten digits of its own, and
 * one in eleven would pass for a NIT with its digit. Nothing is padded. Null for placeholders and what is no number.
 */
export function normalizeNit(text: string): string | null {
  const read = readNit(text);
  if (read === null) return null;
  const { digits } = read;
  const glued = /^[89]\d{9}$/.test(digits) && checkDigitOf(digits.slice(0, 9)) === digits[9];
  return glued && read.digito === undefined ? digits.slice(0, 9) : digits;
}

/** The same for a value that a person gave; a written check digit must then be the right one. */
export function parseNit(text: string, campo = 'nit'): Nit | { readonly error: ValueProblem } {
  const nit = normalizeNit(text);
  if (nit === null) return { error: invalidValue('NIT', text, campo) };
  const digitoVerificacion = checkDigitOf(nit);
  const written = readNit(text)?.digito;
  if (written !== undefined && written !== digitoVerificacion) {
    return { error: invalidValue('NIT', text, campo) };
  }
  return { nit, digitoVerificacion };
}

function readNit(text: string): { digits: string; digito: string | undefined } | null {
  const plain = text.replace(/\s/g, '').replace(/^(\d{6,10})\.0$/, '$1');
  const match = /^(\d[\d.,]*\d)(?:-(\d))?$/.exec(plain);
  const digits = match?.[1]?.replace(/[.,]/g, '') ?? '';
  if (!/^\d{6,10}$/.test(digits) || /^0+$/.test(digits)) return null;
  return { digits, digito: match?.[2] };
}
