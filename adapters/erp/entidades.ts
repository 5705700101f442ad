import { normalizeChip } from '../../schema/values/chip.js';
import { parseVigencia } from '../../schema/values/vigencia.js';
import type { Corte } from './mapper.js';

/**
 * Whose export a file is. Either its name says it (`210105001_2025-03_ejecucion.csv`), or the list `entidades.csv` that
 * lies beside the exports: first line that fits, a pattern of file names with `*`, the CHIP code and, where the name does
 * not carry them as AAAA-MM, vigencia and month.
 */
export const LISTA = 'entidades.csv';

export interface RenglonLista {
  readonly patron: string;
  readonly codigo_chip: string;
  readonly vigencia: string;
  readonly mes: string;
  readonly muestra: string;
}

const SAYS_ALL = /^(\d{8,9})_(\d{4})-(\d{2})(?=[_.])/;
const MONTH_IN_NAME = /(?<!\d)(\d{4})-(\d{2})(?!\d)/;

/** Patterns are compared without case, and never as regular expressions of whoever wrote them. */
const fits = (patron: string, name: string): boolean => {
  const parts = patron
    .trim()
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name);
};

const toCorte = (
  chip: string,
  anio: string,
  month: string,
  muestra: boolean,
): Corte | { readonly motivo: string } => {
  const codigoChip = normalizeChip(chip);
  const parsed = parseVigencia(anio);
  const mes = Number(month);
  if (codigoChip === null) return { motivo: 'El código CHIP de la entidad no es válido.' };
  if ('error' in parsed || !Number.isInteger(mes) || mes < 1 || mes > 12) {
    return { motivo: 'Ni el nombre ni la lista entidades.csv dicen vigencia y mes (AAAA-MM).' };
  }
  return { codigoChip, vigencia: parsed.vigencia, mes, muestra };
};

/** The entity and month of a file, or why they are not known. */
export function corteOf(
  file: string,
  lista: readonly RenglonLista[],
): Corte | { readonly motivo: string } {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const named = /muestra/i.test(name);
  const [, chip, anio = '', month = ''] = SAYS_ALL.exec(name) ?? [];
  if (chip !== undefined) return toCorte(chip, anio, month, named);
  const renglon = lista.find(({ patron }) => fits(patron, name));
  if (renglon === undefined) {
    return { motivo: 'Ni el nombre ni la lista entidades.csv dicen de qué entidad es.' };
  }
  const [, anioInName = '', monthInName = ''] = MONTH_IN_NAME.exec(name) ?? [];
  return toCorte(
    renglon.codigo_chip,
    renglon.vigencia.trim() === '' ? anioInName : renglon.vigencia,
    renglon.mes.trim() === '' ? monthInName : renglon.mes,
    named || /^s[ií]$/i.test(renglon.muestra.trim()),
  );
}
