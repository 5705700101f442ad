import type { Key } from '../../adapters/contract.js';
import type { Bucket } from '../../subgraphs/subgraph.js';

/** The keys that one stage asks, by bucket and each once. Parents of one field mostly ask the same bucket in a row. */
export class Wanted {
  readonly #keys = new Map<string, { readonly bucket: Bucket; readonly keys: Set<Key> }>();
  #last: { readonly bucket: Bucket; readonly keys: Set<Key> } | null = null;

  add(bucket: Bucket, key: Key): void {
    if (this.#last?.bucket !== bucket) this.#last = this.#entryOf(bucket);
    this.#last.keys.add(key);
  }

  entries(): Iterable<{ readonly bucket: Bucket; readonly keys: ReadonlySet<Key> }> {
    return this.#keys.values();
  }

  #entryOf(bucket: Bucket): { readonly bucket: Bucket; readonly keys: Set<Key> } {
    let entry = this.#keys.get(bucket.id);
    if (entry === undefined) {
      entry = { bucket, keys: new Set() };
      this.#keys.set(bucket.id, entry);
    }
    return entry;
  }
}
