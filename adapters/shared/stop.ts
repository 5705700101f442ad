import { setMaxListeners } from 'node:events';

/** Who may end a piece of work, as those see it who do the work. */
export interface Stoppable {
  readonly isStopped: boolean;
  readonly reason: unknown;
  /** Called once, when it is stopped. Who comes later looks at `isStopped`. */
  on(listener: () => void): void;
  off(listener: () => void): void;
}

/** What carries a signal, and mostly the stop behind it. */
export interface Ending {
  readonly signal: AbortSignal;
  /** Never an own property: whoever copies a context and gives it another signal must not copy the old stop. */
  readonly stop?: Stoppable | undefined;
}

/**
 * Ends work that nobody waits for any more. What an AbortController does, for work that is made by the thousand: a signal is
 * an event target and costs more than the rest of a call, so it is built only for who asks for one.
 */
export class Stop implements Stoppable, Ending {
  #isStopped = false;
  #reason: unknown = undefined;
  #listeners: (() => void)[] = [];
  #controller: AbortController | null = null;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      allowManyListeners(this.#controller.signal);
      if (this.#isStopped) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** For who passes it on as the ending of a context. */
  get stop(): Stoppable {
    return this;
  }

  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
    this.#controller?.abort(reason);
  }

  on(listener: () => void): void {
    this.#listeners.push(listener);
  }

  off(listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at !== -1) this.#listeners.splice(at, 1);
  }
}

/** The stop behind a signal that comes from elsewhere. */
class OfSignal implements Stoppable {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get isStopped(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    return this.#signal.reason as unknown;
  }

  on(listener: () => void): void {
    allowManyListeners(this.#signal);
    this.#signal.addEventListener('abort', listener, { once: true });
  }

  off(listener: () => void): void {
    this.#signal.removeEventListener('abort', listener);
  }
}

const allowed = new WeakSet<AbortSignal>();

/** A request listens once per question under way; that is no leak. */
export function allowManyListeners(signal: AbortSignal): void {
  if (allowed.has(signal)) return;
  allowed.add(signal);
  setMaxListeners(0, signal);
}

export const stoppableOf = (ending: Ending): Stoppable =>
  ending.stop ?? new OfSignal(ending.signal);
