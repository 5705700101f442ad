import { invalidValue, type ValueProblem } from './problem.js';

/**
 * BPIN, the code of a public investment project. It has had three shapes (13, 14 and 15 digits) and never says where
 * the project is; the text as read is always kept beside the normalised one.
 */
export interface Bpin {
  readonly bpin: string;
  readonly original: string;
}

/**
 * Normalises what a source wrote; null for placeholders (`NO DEFINIDO`, `No Aplica`, `0`, `ND`, `-`) and for damaged
 * codes (lost digits, scientific notation, dashes), which nobody may complete by guessing.
 */
export function normalizeBpin(text: string): Bpin | null {
  const digits = text.trim().replace(/^['’]/, '').replace(/\.0$/, '').trim();
  if (!/^\d{13,15}$/.test(digits) || /^0+$/.test(digits)) return null;
  return {
    bpin: isShortPiip(digits) ? `${digits.slice(0, 4)}00${digits.slice(4)}` : digits,
    original: text,
  };
}

/** The same for a value that a person gave: a reason instead of null. */
export function parseBpin(text: string, campo = 'bpin'): Bpin | { readonly error: ValueProblem } {
  return normalizeBpin(text) ?? { error: invalidValue('BPIN', text, campo) };
}

/** CHIP carries PIIP codes with two zeros less after the year: `2025000002256` is `202500000002256`. */
const isShortPiip = (digits: string): boolean =>
  digits.length === 13 && digits.slice(4, 8) === '0000';
