import type { Group, Origin, Outcome, Row, Top } from '../../adapters/contract.js';

/**
 * `otherOrigins`: who else answered of a key whose rows have several owners.
 * `respaldo`: the system that is being replaced stood in, because the new one was down.
 */
export type AnyOutcome = Outcome<Row | Group | Top> & {
  readonly otherOrigins?: readonly Origin[];
  readonly respaldo?: true;
};
