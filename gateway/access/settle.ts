import type { GraphQLError } from 'graphql';
import type { Path } from '../plan/slot.js';

export interface PlacedError {
  readonly error: GraphQLError;
  /** Absent for errors of the whole request. */
  readonly path: Path | undefined;
  /** Where its null was put; null where only that it went up is known. */
  readonly nullAt: Path | null;
}

type Data = Record<string, unknown> | null;

/** Depth of the first null on the way to a place, or null when every ancestor is there. */
function nullAbove(data: Data, path: Path): number | null {
  let at: unknown = data;
  for (let depth = 0; depth < path.length; depth++) {
    if (at === null || at === undefined) return depth;
    at = (at as Record<string | number, unknown>)[path[depth] as string | number];
  }
  return null;
}

/** A place that the reader can see: nothing above it became null. */
export const isVisible = (data: Data, path: Path): boolean => nullAbove(data, path) === null;

/**
 * Where a null went up, the reader sees one null and gets one error there, the first that caused it: what else failed
 * below it depends on how far the execution went, and says nothing about the answer.
 */
export function settleErrors(data: Data, errors: readonly PlacedError[]): PlacedError[] {
  const kept: PlacedError[] = [];
  const causes = new Map<string, PlacedError[]>();
  for (const placed of errors) {
    const depth = placed.path === undefined ? null : nullAbove(data, placed.path);
    if (placed.path === undefined || depth === null) kept.push(placed);
    else {
      const id = JSON.stringify(placed.path.slice(0, depth));
      if (placed.nullAt !== null && JSON.stringify(placed.nullAt) !== id) continue;
      causes.set(id, [...(causes.get(id) ?? []), placed]);
    }
  }
  for (const group of causes.values()) {
    // In the order of the execution: the first null that goes up ends what the others would have said.
    const [first] = group;
    if (first?.path === undefined) continue;
    const depth = nullAbove(data, first.path) ?? first.path.length;
    kept.push({ ...first, path: first.path.slice(0, Math.max(1, depth)) });
  }
  return kept;
}
