import { invalidValue, type ValueProblem } from './problem.js';

/** Código CHIP (código institucional): the reporting entity in FUT, CUIPO and the accounts of the nation. */

/**
 * Nine digits. The entities of the first registration have eight and end in three zeros (corporaciones autónomas, universities,
 * the Fondo Nacional del Café: 176 of the 3,692 that reported to CUIPO until 2023), and so does Coveñas, without the zeros.
 */
const CHIP = /^(?:[1-9]\d{8}|[1-9]\d{4}000|89970221)$/;

/** Normalises what a source wrote; null when it is no CHIP code. */
export function normalizeChip(text: string): string | null {
  const digits = text.trim().replace(/\.0$/, '');
  return CHIP.test(digits) ? digits : null;
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
