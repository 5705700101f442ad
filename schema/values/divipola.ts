import { invalidValue, type ValueProblem } from './problem.js';

/** DIVIPOLA codes (DANE): two digits a department, five a municipality, always text. */

export type RazonReparacion =
  'CERO_INICIAL' | 'SEPARADOR_DE_MILES' | 'DECIMAL_SOBRANTE' | 'TODO_EL_DEPARTAMENTO';

export interface Divipola {
  readonly codigo: string;
  readonly nivel: 'departamento' | 'municipio';
  /** Why the code differs from the text that was read; the last repair wins. */
  readonly reparado?: RazonReparacion;
}

export type DivipolaParsed = Divipola | { readonly error: ValueProblem };

/**
 * Reads a code as sources and people write it. What cannot be repaired without guessing (`5.03`, which lost its last
 * zero, or three digits) is an error.
 */
export function parseDivipola(text: string, campo = 'codigo'): DivipolaParsed {
  const digits = digitsOf(text.trim());
  if (digits === null) return { error: invalidValue('DIVIPOLA', text, campo) };
  let { codigo, reparado } = digits;
  if (codigo.length === 4) {
    codigo = `0${codigo}`;
    reparado ??= 'CERO_INICIAL';
  }
  if (codigo.length === 5 && codigo.endsWith('000')) {
    codigo = codigo.slice(0, 2);
    reparado = 'TODO_EL_DEPARTAMENTO';
  }
  if (codigo.startsWith('00') || (codigo.length !== 2 && codigo.length !== 5)) {
    return { error: invalidValue('DIVIPOLA', text, campo) };
  }
  const nivel = codigo.length === 2 ? 'departamento' : 'municipio';
  return reparado === undefined ? { codigo, nivel } : { codigo, nivel, reparado };
}

/** Reads a column that holds departments only: there a lone `5` or `8` can be nothing but `05` or `08`. */
export function parseDivipolaDepartamento(text: string, campo = 'codigo'): DivipolaParsed {
  const lone = /^([1-9])(?:\.0)?$/.exec(text.trim())?.[1];
  if (lone !== undefined) {
    return { codigo: `0${lone}`, nivel: 'departamento', reparado: 'CERO_INICIAL' };
  }
  const parsed = parseDivipola(text, campo);
  if ('error' in parsed || parsed.nivel === 'departamento') return parsed;
  return { error: invalidValue('DIVIPOLA', text, campo) };
}

export const departamentoOf = (codigo: string): string => codigo.slice(0, 2);

interface Digits {
  codigo: string;
  reparado: RazonReparacion | undefined;
}

/** Three digits after the separator are thousands; one or two zeros are the decimals of a spreadsheet number. */
function digitsOf(text: string): Digits | null {
  if (/^\d+$/.test(text)) return { codigo: text, reparado: undefined };
  const thousands = /^(\d{1,2})[.,](\d{3})(?:\.0)?$/.exec(text);
  if (thousands !== null) {
    return { codigo: thousands.slice(1).join(''), reparado: 'SEPARADOR_DE_MILES' };
  }
  const decimals = /^(\d{4,5}|\d{2})[.,]0{1,2}$/.exec(text)?.[1];
  return decimals === undefined ? null : { codigo: decimals, reparado: 'DECIMAL_SOBRANTE' };
}
