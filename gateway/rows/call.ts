import type { Key, Pagador } from '../../adapters/contract.js';
import { Stop } from '../../adapters/index.js';
import type { Ending, Stoppable } from '../../adapters/index.js';
import type { OperationContext } from './context.js';
import { Cuenta } from './cuenta.js';
import type { AnyOutcome } from './outcome.js';

/** One call and those who wait for it. */
export class Call implements Ending {
  readonly keys: Key[] = [];
  readonly cuenta = new Cuenta();
  /** Made when somebody else looks for a key: who asks alone brings each key once. */
  #known: Set<Key> | null = null;
  readonly answer: Promise<ReadonlyMap<Key, AnyOutcome>>;
  settle!: (answer: ReadonlyMap<Key, AnyOutcome>) => void;
  readonly #stop = new Stop();
  readonly #onAbandoned: (call: Call) => void;
  #waiting = 0;
  deadline = 0;

  constructor(onAbandoned: (call: Call) => void) {
    this.#onAbandoned = onAbandoned;
    this.answer = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get stop(): Stoppable {
    return this.#stop;
  }

  has(key: Key): boolean {
    this.#known ??= new Set(this.keys);
    return this.#known.has(key);
  }

  /** Keys that the call has not yet. */
  add(keys: readonly Key[]): void {
    for (const key of keys) {
      this.keys.push(key);
      this.#known?.add(key);
    }
  }

  join(operation: OperationContext, claves: number): Pagador | null {
    this.#waiting += 1;
    this.deadline = Math.max(this.deadline, operation.deadline);
    return this.cuenta.join(operation, claves);
  }

  leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Forgotten before it is stopped: who asks from now on needs a call of its own.
    this.#onAbandoned(this);
    this.#stop.abort();
  }
}

/** The answer of a call, or null when this reader's time is over first. */
export function untilStopped(
  call: Call,
  stop: Stoppable,
): Promise<ReadonlyMap<Key, AnyOutcome> | null> {
  return new Promise((resolve) => {
    const onStop = (): void => {
      call.leave();
      resolve(null);
    };
    if (stop.isStopped) {
      onStop();
      return;
    }
    stop.on(onStop);
    void call.answer.then((answer) => {
      stop.off(onStop);
      resolve(answer);
    });
  });
}
