import type { Key } from '../../schema/key.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { Tramo } from '../route/tramo.js';
import { bucketOf } from '../route/tramo.js';

const DAY_MS = 24 * 3_600_000;
export const REMEMBERED = 200_000;

/** Which questions are compared: by key and day, not by request. Every key once, those not settled always, of the others a share. */
export class Muestra {
  readonly #now: () => number;
  readonly #repeatPpm: number;
  readonly #compared = new Set<string>();
  /** Differed or failed when they were last compared. */
  readonly #unsettled = new Set<string>();
  #day = -1;

  constructor(now: () => number, repeatPpm: number) {
    this.#now = now;
    this.#repeatPpm = repeatPpm;
  }

  isDue(tramo: Tramo, bucket: Bucket, key: Key): boolean {
    const day = Math.floor(this.#now() / DAY_MS);
    if (day !== this.#day || this.#compared.size >= REMEMBERED) {
      this.#day = day;
      this.#compared.clear();
    }
    const id = idOf(tramo, bucket, key);
    if (this.#compared.has(id) && !this.#unsettled.has(id))
      return bucketOf(tramo.salt, String(day), id) < this.#repeatPpm;
    this.#compared.add(id);
    return true;
  }

  /** What the last comparison of it came to. */
  settle(tramo: Tramo, bucket: Bucket, key: Key, isSettled: boolean): void {
    const id = idOf(tramo, bucket, key);
    if (isSettled) this.#unsettled.delete(id);
    else if (this.#unsettled.size < REMEMBERED) this.#unsettled.add(id);
  }
}

const idOf = (tramo: Tramo, bucket: Bucket, key: Key): string =>
  `${tramo.id}|${tramo.epoca}|${bucket.id}|${key}`;
