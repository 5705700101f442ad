import type { Pagador } from '../../adapters/contract.js';
import type { OperationContext } from './context.js';

type Parte = Pagador & { parte: number };

/**
 * Who pays for a call that several requests wait for. Each pays by its share of the keys, so that nobody pays for the keys
 * of others, and no more than it would have paid alone. Who joins a call under way pays for what is still to be asked.
 */
export class Cuenta {
  readonly pagadores: Parte[] = [];
  /** A request waits for it, not only the background. */
  isOfRequest = false;
  #claves: number | null = null;

  get isUnderWay(): boolean {
    return this.#claves !== null;
  }

  /** `claves`: how many keys of the call this operation asked for. Null where nobody asks what it costs. */
  join(operation: OperationContext, claves: number): Pagador | null {
    if (operation.origen !== 'fondo') this.isOfRequest = true;
    if (operation.saldo === undefined) return null;
    const pagador = { saldo: operation.saldo, parte: claves / (this.#claves ?? 1), impago: false };
    this.pagadores.push(pagador);
    return pagador;
  }

  /** From now on it is known how many keys share the price. */
  launch(claves: number): void {
    this.#claves = claves;
    for (const pagador of this.pagadores) pagador.parte /= claves;
  }
}
