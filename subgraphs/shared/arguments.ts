import { invalidValue, unknownValue } from '../../schema/values/problem.js';
import type { FieldEnv } from '../subgraph.js';
import { InputProblem } from '../subgraph.js';

/** An argument that the schema has already checked to be text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Arguments are never repaired in silence: what a file may carry without its zero, a reader must write whole. */
export function checkMunicipio(codigo: unknown, campo = 'codigo'): string {
  if (typeof codigo === 'string' && /^\d{5}$/.test(codigo) && !codigo.endsWith('000'))
    return codigo;
  throw new InputProblem(invalidValue('DIVIPOLA', String(codigo), campo));
}

export function checkDepartamento(codigo: unknown, campo = 'codigo'): string {
  if (typeof codigo === 'string' && /^\d{2}$/.test(codigo)) return codigo;
  throw new InputProblem(invalidValue('DIVIPOLA', String(codigo), campo));
}

/** A departamento of the catalog, for filters: one that does not exist is no empty list. */
export function checkKnownDepartamento(
  codigo: unknown,
  { territorio }: Pick<FieldEnv, 'territorio'>,
  campo: string,
): string {
  const checked = checkDepartamento(codigo, campo);
  if (territorio.departamento(checked) === undefined) throw unknownDivipola(checked, campo);
  return checked;
}

export const unknownDivipola = (codigo: string, campo = 'codigo'): InputProblem =>
  new InputProblem(unknownValue('DIVIPOLA', codigo, campo));

/** First vigencia that any source holds, and the last that can have been reported. */
const FIRST_VIGENCIA = 2000;
const LAST_VIGENCIA = 2100;

export function checkVigencia(vigencia: unknown, campo = 'vigencia'): number {
  if (
    typeof vigencia === 'number' &&
    Number.isInteger(vigencia) &&
    vigencia >= FIRST_VIGENCIA &&
    vigencia <= LAST_VIGENCIA
  ) {
    return vigencia;
  }
  throw new InputProblem(invalidValue('VIGENCIA', String(vigencia), campo));
}
