/** Which version of a record wins. Pure: the same versions in any order, and any number of times, end in the same one. */

/** One version of one record, as it comes in or as it stands. */
export interface Stamp {
  /** Instant of the source's version, epoch ms. */
  readonly tiempo: number;
  /** Version of the mapping. */
  readonly mapeo: number;
  /** `contentDigest`; empty for a tombstone, which therefore loses against a record of the same version. */
  readonly contenido: string;
}

export type Decision = 'nueva' | 'reemplaza' | 'confirma' | 'igual' | 'obsoleta';

/** Newer source, then newer mapping, then the content itself: arbitrary, but the same everywhere. */
export const compareStamps = (a: Stamp, b: Stamp): number =>
  a.tiempo - b.tiempo ||
  a.mapeo - b.mapeo ||
  (a.contenido < b.contenido ? -1 : a.contenido > b.contenido ? 1 : 0);

/** Two contents in one version of the source: it contradicts itself, or what stands here was damaged. */
export const isConflict = (a: Stamp, b: Stamp): boolean =>
  a.tiempo === b.tiempo &&
  a.mapeo === b.mapeo &&
  a.contenido !== b.contenido &&
  a.contenido !== '' &&
  b.contenido !== '';

/** `reparar` lets the newcomer win also within one version. */
export function decide(last: Stamp | undefined, next: Stamp, reparar: boolean): Decision {
  if (last === undefined) return 'nueva';
  const later = next.tiempo - last.tiempo || next.mapeo - last.mapeo;
  if (next.contenido === last.contenido) return later > 0 ? 'confirma' : 'igual';
  if (later === 0 && reparar) return 'reemplaza';
  return compareStamps(next, last) > 0 ? 'reemplaza' : 'obsoleta';
}
