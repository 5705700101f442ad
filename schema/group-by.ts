import { keyOfFila, type Key } from './key.js';
import type { Fila } from './registro.js';

/** Items by key, in the order of the first appearance (`Map.groupBy` came with Node 21). */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Records by the key of some of their campos; under undefined, those that lack one. Sources answer in the order of their
 * keys: a record mostly goes where the one before it went, and then no key is written.
 */
export function groupByCampos(
  filas: Iterable<Fila>,
  campos: readonly string[],
  isSame: (one: Fila, other: Fila) => boolean = (one, other) =>
    campos.every((campo) => one[campo] === other[campo]),
): Map<Key | undefined, Fila[]> {
  const groups = new Map<Key | undefined, Fila[]>();
  let last: Fila | null = null;
  let group: Fila[] = [];
  for (const fila of filas) {
    if (last === null || !isSame(last, fila)) {
      const key = keyOfFila(fila, campos);
      const known = groups.get(key);
      group = known ?? [];
      if (known === undefined) groups.set(key, group);
    }
    group.push(fila);
    last = fila;
  }
  return groups;
}
