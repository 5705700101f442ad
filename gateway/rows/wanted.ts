import type { Key } from '../../adapters/contract.js';
import type { Bucket } from '../../subgraphs/subgraph.js';

/** The keys that one stage asks of one bucket, each once. */
class WantedKeys {
  readonly keys: Key[] = [];
  #last: Key | null = null;
  /** Made when a key comes that is not after the one before: parents mostly stand in the order of their keys. */
  #known: Set<Key> | null = null;

  add(key: Key): void {
    if (this.#known === null) {
      if (this.#last === null || key > this.#last) {
        this.#last = key;
        this.keys.push(key);
        return;
      }
      if (key === this.#last) return;
      this.#known = new Set(this.keys);
    }
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.keys.push(key);
  }
}

/** The keys that one stage asks, by bucket and each once. Parents of one field mostly ask the same bucket in a row. */
export class Wanted {
  readonly #wanted = new Map<string, { readonly bucket: Bucket; readonly own: WantedKeys }>();
  #lastBucket: Bucket | null = null;
  #last = new WantedKeys();

  add(bucket: Bucket, key: Key): void {
    if (this.#lastBucket !== bucket) {
      this.#lastBucket = bucket;
      this.#last = this.#ofBucket(bucket);
    }
    this.#last.add(key);
  }

  *entries(): Iterable<{ readonly bucket: Bucket; readonly keys: readonly Key[] }> {
    for (const { bucket, own } of this.#wanted.values()) yield { bucket, keys: own.keys };
  }

  #ofBucket(bucket: Bucket): WantedKeys {
    let wanted = this.#wanted.get(bucket.id);
    if (wanted === undefined) {
      wanted = { bucket, own: new WantedKeys() };
      this.#wanted.set(bucket.id, wanted);
    }
    return wanted.own;
  }
}
