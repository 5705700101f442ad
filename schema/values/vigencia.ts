import { invalidValue, type ValueProblem } from './problem.js';

/** Vigencia: the fiscal year, which in Colombia is the calendar year. */
export const VIGENCIA_MINIMA = 2000;
export const VIGENCIA_MAXIMA = 2100;

export type VigenciaParsed = { readonly vigencia: number } | { readonly error: ValueProblem };

/** Reads a year; spreadsheets write `2025.0`. */
export function parseVigencia(value: string | number, campo = 'vigencia'): VigenciaParsed {
  const text = String(value).trim().replace(/\.0$/, '');
  const vigencia = /^\d{4}$/.test(text) ? Number(text) : NaN;
  if (vigencia >= VIGENCIA_MINIMA && vigencia <= VIGENCIA_MAXIMA) return { vigencia };
  return { error: invalidValue('VIGENCIA', String(value), campo) };
}
