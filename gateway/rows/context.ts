import type { Saldo, SourceContext } from '../../adapters/contract.js';
import type { Ruteo } from '../route/ruteo.js';

/** Access class of a reader. Caches, flights and coalescing never cross it. */
export type Alcance = 'publico' | 'control' | 'migracion';

/** What one operation carries to every source. Fresh for each operation, never shared. */
export interface OperationContext {
  readonly alcance: Alcance;
  /** As-of instant; null = now. */
  readonly corte: string | null;
  /** One epoch of the routes for the whole operation. */
  readonly epoca: number;
  /** The routes of that epoch; a poll that brings others meanwhile changes nothing for this operation. */
  readonly ruteo?: Ruteo;
  readonly signal: AbortSignal;
  readonly deadline: number;
  /** What this operation may still cost its sources; without one it costs what it costs. */
  readonly saldo?: Saldo | undefined;
  /** Work behind the requests goes the way of a request, but is counted apart. */
  readonly origen?: SourceContext['origen'] | undefined;
}

/** What a source is told of an operation; signal and deadline may be those of a call that several wait for. */
export const toSourceContext = (
  operation: OperationContext,
  { signal, deadline }: Pick<SourceContext, 'signal' | 'deadline'> = operation,
): SourceContext => {
  const { alcance, corte, epoca, origen = 'consulta' } = operation;
  return { signal, deadline, alcance, corte, epoca, origen };
};
