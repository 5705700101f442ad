/**
 * A place in the answer: a property of an object or an index of a list. Slots form the path of errors, and the way up
 * which a null travels when a place may not be null (GraphQL spec §6.4.4).
 */
export interface Slot {
  readonly container: Record<string, unknown> | unknown[];
  readonly key: string | number;
  readonly nullable: boolean;
  readonly parent: Slot | null;
}

export type Path = (string | number)[];

/** Path from the root to a field below an object's slot. The root object has no slot. */
export function pathOf(slot: Slot | null, responseKey?: string): Path {
  const path: Path = responseKey === undefined ? [] : [responseKey];
  for (let at = slot; at !== null; at = at.parent) path.unshift(at.key);
  return path;
}

/** Puts null in the nearest place that may hold it and answers its path, [] when that is the whole answer. */
export function nullify(slot: Slot | null): Path {
  let at = slot;
  while (at !== null && !at.nullable) at = at.parent;
  if (at === null) return [];
  (at.container as Record<string | number, unknown>)[at.key] = null;
  return pathOf(at);
}
