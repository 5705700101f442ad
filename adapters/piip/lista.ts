import type { Key } from '../../schema/key.js';
import type { Filtro, Orden, Registro } from '../../schema/registro.js';
import type { ByKey, ListOptions, Outcome, Row, Top } from '../contract.js';
import { AdapterError, InsufficientCapabilityError, toSourceError } from '../errors.js';
import { keysOfFiltro, topOf } from '../shared/emulation.js';

/** Lists cut here, over the rows of one question: a municipality has some hundreds of places of projects. */

export function toTop(
  registro: Registro,
  outcome: Outcome<Row>,
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
): Outcome<Top> {
  if (outcome.at !== 'found') return outcome;
  const { rows, origin } = outcome;
  const source = { sistema: registro.sistema, version: origin.version };
  return orFailed(() => ({
    at: 'found',
    rows: [topOf(registro, rows, filtro, orden, options, source)],
    origin,
  }));
}

/** The look-up by which a filter can be answered; null where it pins down no key. */
export function pinAcceso(
  registro: Registro,
  filtro: Filtro | null,
): { readonly acceso: string; readonly keys: readonly Key[] } | null {
  for (const [acceso, { claves }] of Object.entries(registro.accesos)) {
    const keys = keysOfFiltro(filtro, claves);
    if (keys !== null) return { acceso, keys };
  }
  return null;
}

/** All rows of some keys as one list; it fails with the first of them. */
export function joinOutcomes(byKey: ByKey<Row>): Outcome<Row> {
  const outcomes = [...byKey.values()];
  const failed = outcomes.find(({ at }) => at === 'failed');
  const answered = outcomes.find((outcome) => outcome.at !== 'failed');
  if (failed !== undefined || answered === undefined) return failed ?? refused();
  const rows = outcomes.flatMap((outcome) => (outcome.at === 'found' ? outcome.rows : []));
  return { at: 'found', rows, origin: answered.origin };
}

export const refused = (): Extract<Outcome<never>, { at: 'failed' }> => ({
  at: 'failed',
  error: toSourceError(new InsufficientCapabilityError('piip')),
});

export function orFailed<T>(answer: () => Outcome<T>): Outcome<T> {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { at: 'failed', error: toSourceError(error) };
  }
}
