import type { FetchBucket } from './row-store.js';

/** Whether people wait for rows right now, so that what can wait gives way to them. */
export class Trafico {
  #waiting = 0;

  get ocupado(): boolean {
    return this.#waiting > 0;
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
