import type { After } from '../../adapters/contract.js';
import type { Registro } from '../../schema/registro.js';
import type { Ruteo } from '../route/ruteo.js';

/**
 * The version that a cursor of a list with several owners holds: the epoch of the routes by which the list was split, and the
 * version of each owner. When either is another, the rows before the cursor may be others too.
 */
export interface SplitVersion {
  readonly epoca: number;
  readonly de: Readonly<Record<string, string>>;
}

const MARK = 'mixta:';

export const toSplitVersion = (version: SplitVersion): string => MARK + JSON.stringify(version);

/** The position for one owner, or null where the cursor is of another split. */
export function afterOf(
  after: After,
  owners: readonly string[],
  epoca: number,
  owner: string,
): After | null {
  const version = parse(after.version);
  if (version?.epoca !== epoca) return null;
  const known = Object.keys(version.de);
  if (known.length !== owners.length || !owners.every((id) => known.includes(id))) return null;
  return { values: after.values, version: version.de[owner] ?? '' };
}

function parse(text: string): SplitVersion | null {
  if (!text.startsWith(MARK)) return null;
  try {
    const { epoca, de } = JSON.parse(text.slice(MARK.length)) as Partial<SplitVersion>;
    const isWhole = typeof epoca === 'number' && typeof de === 'object';
    return isWhole ? { epoca, de } : null;
  } catch {
    return null;
  }
}

/** Grows with each movement of a tramo of the registro and with no other's: cursors outlive what does not concern them. */
export const epocaOf = (
  ruteo: Partial<Pick<Ruteo, 'tramosOf'>>,
  registro: Registro,
  epoca: number,
): number =>
  ruteo.tramosOf === undefined
    ? epoca
    : ruteo.tramosOf(registro).reduce((sum, tramo) => sum + tramo.epoca, 0);
