import type { Group, Key, Origin, Row, Top } from '../../adapters/contract.js';
import type { Bucket, Lookup, Read } from '../../subgraphs/subgraph.js';
import { SourceFailure } from '../../subgraphs/subgraph.js';
import type { OperationContext } from './context.js';
import type { AnyOutcome } from './outcome.js';
import { maskOutcome } from '../access/masking.js';

/** Brings the outcomes of the keys of one bucket: route, cache, coalescing and the adapter lie behind it. */
export type FetchBucket = (
  bucket: Bucket,
  keys: readonly Key[],
  operation: OperationContext,
) => Promise<ReadonlyMap<Key, AnyOutcome>>;

const EMPTY_TOP: Top = { rows: [], hasNext: false };

/**
 * The rows that one request has read. It is the only door to the sources: both executions stand on it, so a key is
 * asked once per request whatever the number of fields, aliases and paths that need it.
 */
export class RowStore implements Lookup {
  readonly #fetch: FetchBucket;
  readonly #operation: OperationContext;
  readonly #outcomes = new Map<string, Map<Key, AnyOutcome>>();
  readonly #inFlight = new Map<string, Map<Key, Promise<void>>>();
  readonly #usage = new Map<string, OriginUsage>();

  constructor(fetch: FetchBucket, operation: OperationContext) {
    this.#fetch = fetch;
    this.#operation = operation;
  }

  /** Loads what is not here yet: one fetch per bucket, all at once. */
  async load(reads: readonly Read[]): Promise<void> {
    const wanted = new Map<string, { bucket: Bucket; keys: Set<Key> }>();
    const waits = new Set<Promise<void>>();
    for (const { bucket, keys } of reads) {
      const known = this.#outcomes.get(bucket.id);
      const flying = this.#inFlight.get(bucket.id);
      for (const key of keys) {
        if (known?.has(key) === true) continue;
        const flight = flying?.get(key);
        if (flight !== undefined) waits.add(flight);
        else {
          const entry = wanted.get(bucket.id);
          if (entry === undefined) wanted.set(bucket.id, { bucket, keys: new Set([key]) });
          else entry.keys.add(key);
        }
      }
    }
    for (const { bucket, keys } of wanted.values()) waits.add(this.#launch(bucket, [...keys]));
    if (waits.size > 0) await Promise.all(waits);
  }

  /** Whether every key of the reads is here, so that a field need not wait for a stage. */
  has(reads: readonly Read[]): boolean {
    for (const { bucket, keys } of reads) {
      if (keys.length === 0) continue;
      const known = this.#outcomes.get(bucket.id);
      if (known === undefined) return false;
      for (const key of keys) if (!known.has(key)) return false;
    }
    return true;
  }

  outcome(bucket: Bucket, key: Key): AnyOutcome {
    const outcome = this.#outcomes.get(bucket.id)?.get(key);
    if (outcome === undefined) throw new Error(`not read in any step: ${bucket.id} [${key}]`);
    return outcome;
  }

  rows(bucket: Bucket, key: Key): readonly Row[] {
    return this.#found(bucket, key) as readonly Row[];
  }

  groups(bucket: Bucket, key: Key): readonly Group[] {
    return this.#found(bucket, key) as readonly Group[];
  }

  top(bucket: Bucket, key: Key): Top {
    return (this.#found(bucket, key)[0] as Top | undefined) ?? EMPTY_TOP;
  }

  /** Where the rows of this request came from, for `extensions.fuentes`. */
  usage(): readonly OriginUsage[] {
    return [...this.#usage.values()];
  }

  #found(bucket: Bucket, key: Key): readonly unknown[] {
    const outcome = this.outcome(bucket, key);
    if (outcome.at === 'found') return outcome.rows;
    if (outcome.at === 'failed')
      throw new SourceFailure(outcome.error, bucket.registro.nombre, key);
    return [];
  }

  #launch(bucket: Bucket, keys: readonly Key[]): Promise<void> {
    const flight = this.#fetch(bucket, keys, this.#operation).then((outcomes) => {
      this.#keep(bucket, keys, outcomes);
    });
    const flying = this.#inFlight.get(bucket.id) ?? new Map<Key, Promise<void>>();
    this.#inFlight.set(bucket.id, flying);
    for (const key of keys) flying.set(key, flight);
    return flight.finally(() => {
      for (const key of keys) flying.delete(key);
    });
  }

  #keep(bucket: Bucket, keys: readonly Key[], outcomes: ReadonlyMap<Key, AnyOutcome>): void {
    const known = this.#outcomes.get(bucket.id) ?? new Map<Key, AnyOutcome>();
    this.#outcomes.set(bucket.id, known);
    for (const key of keys) {
      const outcome = outcomes.get(key);
      if (outcome === undefined)
        throw new Error(`${bucket.id}: no outcome for a key that was asked`);
      known.set(key, maskOutcome(bucket.registro, outcome, this.#operation.alcance));
      this.#count(bucket, outcome);
    }
  }

  #count(bucket: Bucket, outcome: AnyOutcome): void {
    if (outcome.at === 'failed') this.#countOrigin(bucket, null, false);
    else {
      for (const origin of [outcome.origin, ...(outcome.otherOrigins ?? [])])
        this.#countOrigin(bucket, origin, outcome.at === 'found');
    }
  }

  #countOrigin(bucket: Bucket, origin: Origin | null, found: boolean): void {
    const id =
      origin === null
        ? `${bucket.registro.sistema} ${bucket.registro.nombre} failed`
        : `${origin.sistema} ${origin.registro} ${origin.modo} ${origin.servidoPor} ${origin.version.token}`;
    let usage = this.#usage.get(id);
    if (usage === undefined) {
      usage = {
        sistema: origin?.sistema ?? bucket.registro.sistema,
        registro: bucket.registro.nombre,
        origin,
        asked: 0,
        found: 0,
      };
      this.#usage.set(id, usage);
    }
    usage.asked += 1;
    if (found) usage.found += 1;
  }
}

export interface OriginUsage {
  readonly sistema: string;
  readonly registro: string;
  /** Null when the source failed. */
  readonly origin: Origin | null;
  asked: number;
  found: number;
}
