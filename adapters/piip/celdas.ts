import { parseDecimal, parseUsCommas, type DecimalText } from '../../schema/values/decimal.js';
import { isBlank } from '../../schema/values/text.js';
import { SourceContractError } from '../errors.js';

/** Cells of the wire: texts with defects that are kept, and amounts with eight decimals. */
export type Celda = string | undefined;

/** The text letter by letter; blanks alone are nothing. */
export const textoDe = (celda: Celda): string | null =>
  celda === undefined || isBlank(celda) ? null : celda;

/** A code: without the blanks around it. */
export const codigoDe = (celda: Celda): string | null => textoDe(celda)?.trim() ?? null;

/** Exact, in canonical form. What is no number is a change of the source: it is refused, never taken for nothing. */
export function decimalDe(celda: Celda): DecimalText | null {
  const text = textoDe(celda);
  if (text === null) return null;
  const decimal = parseDecimal(text) ?? parseUsCommas(text);
  if (decimal !== null) return decimal;
  throw new SourceContractError('piip', { cause: `not an amount: ${text.slice(0, 40)}` });
}

export interface ValorProgramado {
  readonly valor: DecimalText | null;
  readonly noReportado: boolean;
}

/** A programmed value of zero was not reported: nobody registers a project without a cost. */
export function valorProgramado(celda: Celda): ValorProgramado {
  const valor = decimalDe(celda);
  return valor === '0' ? { valor: null, noReportado: true } : { valor, noReportado: false };
}

export function anioDe(celda: Celda): number | null {
  const year = /^(\d{4})(?:\.0+)?$/.exec(codigoDe(celda) ?? '')?.[1];
  return year === undefined ? null : Number(year);
}
