import { normalizeBpin } from '../../schema/values/bpin.js';

/** The code as a written text stands for it; null where it is no BPIN. */
export const canonicalBpin = (text: string): string | null => normalizeBpin(text)?.bpin ?? null;

/**
 * How a dataset may have written a code: PIIP codes also without two zeros after the year, as the budget forms carry
 * them. Every spelling that `normalizeBpin` reads as the same code, but for the marks that only spreadsheets add.
 */
export function spellingsOf(bpin: string): readonly string[] {
  const short = /^(\d{4})00(0000\d{5})$/.exec(bpin);
  return short === null ? [bpin] : [bpin, `${short[1] ?? ''}${short[2] ?? ''}`];
}

/** Ranges that one address holds beside the rest of its question. */
const MAX_RANGES = 48;

/**
 * A predicate that holds all the codes given and as few others as one address allows: ranges of neighbours, cut where
 * the gaps are widest. Codes of a municipality and year are neighbours, so that ranges bring few foreign rows.
 */
export function coverOf(column: string, spellings: readonly string[]): string {
  const sorted = [...new Set(spellings)].sort();
  const cuts = new Set(
    sorted
      .map((code, at) => ({ at, gap: at === 0 ? 0n : gapBetween(sorted[at - 1] ?? '', code) }))
      .slice(1)
      .sort((a, b) => (a.gap === b.gap ? a.at - b.at : a.gap > b.gap ? -1 : 1))
      .slice(0, MAX_RANGES - 1)
      .map(({ at }) => at),
  );
  const ranges: [first: string, last: string][] = [];
  for (const [at, code] of sorted.entries()) {
    const open = ranges.at(-1);
    if (open === undefined || cuts.has(at)) ranges.push([code, code]);
    else open[1] = code;
  }
  return ranges
    .map(([first, last]) => `(${column} >= '${first}' and ${column} <= '${last}')`)
    .join(' or ');
}

/** Distance in the order of texts: shorter codes are filled up on the right. */
const gapBetween = (a: string, b: string): bigint =>
  BigInt(b.padEnd(15, '0')) - BigInt(a.padEnd(15, '0'));
