import { invalidValue, type ValueProblem } from './problem.js';

/** Código CHIP (código institucional): the reporting entity in FUT, CUIPO and the accounts of the nation. */

/** Coveñas is the one municipality that was registered with eight digits. */
const EIGHT_DIGITS = new Set(['89970221']);

/** Normalises what a source wrote; null when it is no CHIP code. */
export function normalizeChip(text: string): string | null {
  const digits = text.trim().replace(/\.0$/, '');
  return /^[1-9]\d{8}$/.test(digits) || EIGHT_DIGITS.has(digits) ? digits : null;
}

/** The same for a value that a person gave: a reason instead of null. */
export function parseChip(
  text: string,
  campo = 'codigoChip',
): { readonly chip: string } | { readonly error: ValueProblem } {
  const chip = normalizeChip(text);
  return chip === null ? { error: invalidValue('CHIP', text, campo) } : { chip };
}

/**
 * The code that the rule gives for a municipality (five digits) or a governorate (two). Six municipalities do not
 * follow it, so the catalog decides and the rule only checks.
 */
export const chipByRule = (divipola: string): string =>
  divipola.length === 2 ? `11${divipola}${divipola}000` : `21${divipola.slice(-2)}${divipola}`;
