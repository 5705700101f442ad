import { GraphQLError } from 'graphql';
import type { Aviso } from '../../subgraphs/subgraph.js';
import type { FieldPlan } from './compile.js';
import type { Path, Slot } from './slot.js';

export interface FieldProblem {
  readonly error: unknown;
  readonly path: Path;
  /** Where the null was put: its own place, or further up where that may not be null. */
  readonly nullAt: Path;
}

export interface PlacedAviso {
  readonly aviso: Aviso;
  readonly path: Path;
}

/**
 * Objects of one answer. Lists under lists multiply (municipios of the departamento of each municipio…), and nothing in
 * the text of such an operation is large. The nation with its chain of projects and contracts is a tenth of it.
 */
export const MAX_OBJECTS = 500_000;

/** Ends the whole operation: half an answer would be a silent cut. */
export class TooManyObjects extends GraphQLError {
  constructor() {
    super(`La respuesta pasa de ${MAX_OBJECTS} objetos.`, {
      extensions: {
        code: 'CONSULTA_EXCESIVA',
        campo: 'query',
        ejemplo: 'pida páginas más cortas o menos listas anidadas',
        http: { status: 400 },
      },
    });
  }
}

/** A null where the schema allows none. */
export class NullProblem extends Error {
  readonly slot: Slot;

  constructor(plan: FieldPlan, slot: Slot) {
    super(`Cannot return null for non-nullable field ${plan.parentType}.${plan.name}.`);
    this.name = 'NullProblem';
    this.slot = slot;
  }
}
