import type { Group, Origin, Outcome, Row, Top } from '../../adapters/contract.js';

/** `otherOrigins`: who else answered of a key whose rows have several owners. */
export type AnyOutcome = Outcome<Row | Group | Top> & { readonly otherOrigins?: readonly Origin[] };
