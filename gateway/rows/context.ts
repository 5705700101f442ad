import type { Pagador, Saldo, SourceContext } from '../../adapters/contract.js';
import type { Ending, Stoppable } from '../../adapters/index.js';
import type { Ruteo } from '../route/ruteo.js';
import type { Lifetime } from './lifetime.js';

/** Access class of a reader. Caches, flights and coalescing never cross it. */
export type Alcance = 'publico' | 'control' | 'migracion';

/** What one operation carries to every source. Fresh for each operation, never shared. */
export interface OperationContext extends Ending {
  readonly alcance: Alcance;
  /** As-of instant; null = now. */
  readonly corte: string | null;
  /** One epoch of the routes for the whole operation. */
  readonly epoca: number;
  /** The routes of that epoch; a poll that brings others meanwhile changes nothing for this operation. */
  readonly ruteo?: Ruteo;
  readonly deadline: number;
  /** What this operation may still cost its sources; without one it costs what it costs. */
  readonly saldo?: Saldo | undefined;
  /** Whoever keeps the answer keeps it no longer than the rows in it. */
  readonly lifetime?: Lifetime | undefined;
  /** Work behind the requests goes the way of a request, but is counted apart. */
  readonly origen?: SourceContext['origen'] | undefined;
}

/** What a source is told of a call that several operations may wait for. Its signal is made by who looks at it first. */
export class CallContext implements SourceContext {
  readonly deadline: number;
  readonly alcance: Alcance;
  readonly corte: string | null;
  readonly epoca: number;
  readonly origen: SourceContext['origen'];
  readonly pagadores: readonly Pagador[];
  readonly #ending: Ending;

  constructor(
    { alcance, corte, epoca }: OperationContext,
    ending: Ending,
    { deadline, origen, pagadores }: Pick<CallContext, 'deadline' | 'origen' | 'pagadores'>,
  ) {
    this.deadline = deadline;
    this.alcance = alcance;
    this.corte = corte;
    this.epoca = epoca;
    this.origen = origen;
    this.pagadores = pagadores;
    this.#ending = ending;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get stop(): Stoppable | undefined {
    return this.#ending.stop;
  }
}
