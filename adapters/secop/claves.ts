import { normalizeBpin } from '../../schema/values/bpin.js';
import { checkDigitOf, normalizeNit } from '../../schema/values/nit.js';

/** How SECOP II may have written a key: the same NIT, BPIN or contract id has several spellings there. */

/** With and without check digit: 8 % of the contracts carry it glued on. [] for what is no NIT in canonical form. */
export function spellingsOfNit(nit: string): string[] {
  if (normalizeNit(nit) !== nit) return [];
  return hasGluedForm(nit) ? [nit, `${nit}${checkDigitOf(nit)}`] : [nit];
}

/** As in PIIP; also the form that lost two zeros after the year. [] for what is no BPIN in canonical form. */
export function spellingsOfBpin(bpin: string): string[] {
  if (normalizeBpin(bpin)?.bpin !== bpin) return [];
  const cut = /^(\d{4})00(0000\d{5})$/.exec(bpin);
  return cut === null ? [bpin] : [bpin, `${cut[1] ?? ''}${cut[2] ?? ''}`];
}

/** `CO1.PCCNTR.8560835`; nothing else can be a contract, so nothing else is asked for. */
export const spellingsOfContrato = (id: string): string[] =>
  /^CO1\.PCCNTR\.\d+$/.test(id) ? [id] : [];

const hasGluedForm = (nit: string): boolean => /^[89]\d{8}$/.test(nit);

const MAX_RANGES = 24;

/**
 * A predicate that surely holds every spelling of these NIT, and few others: ranges between the widest gaps. For as many
 * NIT as would need several addresses.
 */
export function coverOfNits(column: string, nits: readonly string[]): string {
  const sorted = [...new Set(nits)].map(Number).sort((a, b) => a - b);
  const gaps = sorted
    .slice(1)
    .map((nit, at) => ({ at: at + 1, width: nit - (sorted[at] ?? nit) }))
    .sort((a, b) => b.width - a.width);
  const starts = [0, ...gaps.slice(0, MAX_RANGES - 1).map(({ at }) => at)].sort((a, b) => a - b);
  const ranges = starts.map((start, i): [number, number] => [
    sorted[start] ?? 0,
    sorted[(starts[i + 1] ?? sorted.length) - 1] ?? 0,
  ]);
  const glued = ranges.map(([low, high]): [number, number] => [low * 10, high * 10 + 9]);
  return [...ranges, ...glued]
    .map(([low, high]) => `${column} between ${low} and ${high}`)
    .join(' or ');
}
