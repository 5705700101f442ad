import type { Adapter } from '../../adapters/contract.js';
import type { Tramo } from '../route/tramo.js';

/** What is left of a system when one of its tramos is about to be retired. */

/** No other part of the system lives: its settings serve nothing any more. */
export function isAlone(
  { id, viejo }: Tramo,
  tramos: readonly Tramo[],
  adapters: ReadonlyMap<string, Adapter>,
): boolean {
  const registros = adapters.get(viejo)?.registros ?? [];
  return registros.every(({ nombre }) =>
    tramos.some(
      (tramo) => tramo.registro === nombre && (tramo.id === id || tramo.fase === 'retired'),
    ),
  );
}

/** Other systems that still answer for records of the tramo. */
export const referenciasA = (
  { registro, viejo, nuevo }: Tramo,
  adapters: ReadonlyMap<string, Adapter>,
): number =>
  [...adapters.values()].filter(
    (adapter) =>
      adapter.id !== viejo &&
      adapter.id !== nuevo &&
      adapter.registros.some(({ nombre }) => nombre === registro),
  ).length;
