import { setTimeout as wait } from 'node:timers/promises';
import type { FetchBucket } from './row-store.js';

/** One step of work behind the requests waits this long at most: it must end some day. */
const TURNOS = 5;
const TURNO_MS = 20;

/** Whether people wait for rows right now, so that what can wait gives way to them. */
export class Trafico {
  #waiting = 0;

  get ocupado(): boolean {
    return this.#waiting > 0;
  }

  /** Lets people go first. */
  async giveWay(): Promise<void> {
    for (let left = TURNOS; left > 0 && this.ocupado; left--) await wait(TURNO_MS);
  }

  watch(fetch: FetchBucket): FetchBucket {
    return (bucket, keys, operation) => {
      const work = fetch(bucket, keys, operation);
      if (operation.origen === 'fondo') return work;
      this.#waiting += 1;
      const leave = (): void => {
        this.#waiting -= 1;
      };
      work.then(leave, leave);
      return work;
    };
  }
}
