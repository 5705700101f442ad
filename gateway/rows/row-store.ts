import type { Group, Key, Origin, Row, Top } from '../../adapters/contract.js';
import type { Bucket, Lookup, Read } from '../../subgraphs/subgraph.js';
import { SourceFailure } from '../../subgraphs/subgraph.js';
import type { OperationContext } from './context.js';
import type { AnyOutcome } from './outcome.js';
import { maskFor } from '../access/masking.js';
import { Wanted } from './wanted.js';

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
  readonly #outcomes = new Map<string, ReadonlyMap<Key, AnyOutcome>>();
  /** Those of them that this store made and may write into. */
  readonly #own = new Map<string, Map<Key, AnyOutcome>>();
  #lastBucket: Bucket | null = null;
  #lastKnown: ReadonlyMap<Key, AnyOutcome> | undefined = undefined;
  readonly #inFlight = new Map<string, Map<Key, Promise<void>>>();
  readonly #usage = new Map<string, OriginUsage>();
  readonly #coordenadas = new Map<string, Set<string>>();
  #notedBucket: Bucket | null = null;
  #notedField = '';

  constructor(fetch: FetchBucket, operation: OperationContext) {
    this.#fetch = fetch;
    this.#operation = operation;
  }

  /** Loads what is not here yet: one fetch per bucket, all at once. */
  load(reads: readonly Read[]): Promise<void> {
    const wanted = new Wanted();
    this.addMissing(reads, wanted);
    return this.loadWanted(wanted);
  }

  /** For who loads nothing else meanwhile: what is on its way need not be told from what is not. */
  async loadStage(wanted: Wanted): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const { bucket, keys } of wanted.entries()) waits.push(this.#bring(bucket, keys));
    await Promise.all(waits);
  }

  async #bring(bucket: Bucket, keys: readonly Key[]): Promise<void> {
    this.#keep(bucket, keys, await this.#fetch(bucket, keys, this.#operation));
  }

  async loadWanted(wanted: Wanted): Promise<void> {
    const waits = new Set<Promise<void>>();
    for (const { bucket, keys } of wanted.entries()) {
      const flying = this.#inFlight.get(bucket.id);
      const asked: Key[] = [];
      for (const key of keys) {
        const flight = flying?.get(key);
        if (flight === undefined) asked.push(key);
        else waits.add(flight);
      }
      if (asked.length > 0) waits.add(this.#launch(bucket, asked));
    }
    if (waits.size > 0) await Promise.all(waits);
  }

  /** Adds a key to what is wanted when it is not here; whether it was added. */
  addIfMissing(bucket: Bucket, key: Key, wanted: Wanted): boolean {
    if (this.#knownOf(bucket)?.has(key) === true) return false;
    wanted.add(bucket, key);
    return true;
  }

  /** Adds the keys that are not here to what is wanted; whether there are any. */
  addMissing(reads: readonly Read[], wanted: Wanted): boolean {
    let missing = false;
    for (const { bucket, keys } of reads) {
      const known = this.#knownOf(bucket);
      for (const key of keys) {
        if (known?.has(key) === true) continue;
        wanted.add(bucket, key);
        missing = true;
      }
    }
    return missing;
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

  /** Fields ask bucket after bucket, many times the same one. */
  #knownOf(bucket: Bucket): ReadonlyMap<Key, AnyOutcome> | undefined {
    if (this.#lastBucket === bucket) return this.#lastKnown;
    const known = this.#outcomes.get(bucket.id);
    if (known !== undefined) {
      this.#lastBucket = bucket;
      this.#lastKnown = known;
    }
    return known;
  }

  outcome(bucket: Bucket, key: Key): AnyOutcome {
    const outcome = this.#knownOf(bucket)?.get(key);
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

  /** Says that a field of the schema reads these: what a retirement must know before it breaks somebody. */
  noteReads(coordenada: string, reads: readonly Read[]): void {
    for (const { bucket } of reads) this.noteRead(coordenada, bucket);
  }

  noteRead(coordenada: string, bucket: Bucket): void {
    if (bucket === this.#notedBucket && coordenada === this.#notedField) return;
    this.#notedBucket = bucket;
    this.#notedField = coordenada;
    const known = this.#coordenadas.get(coordenada);
    if (known === undefined) this.#coordenadas.set(coordenada, new Set([bucket.registro.nombre]));
    else known.add(bucket.registro.nombre);
  }

  /** Registros read by each field of this request. */
  coordenadas(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#coordenadas;
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
    const flight = this.#bring(bucket, keys);
    const flying = this.#inFlight.get(bucket.id) ?? new Map<Key, Promise<void>>();
    this.#inFlight.set(bucket.id, flying);
    for (const key of keys) flying.set(key, flight);
    return flight.finally(() => {
      for (const key of keys) flying.delete(key);
    });
  }

  #keep(bucket: Bucket, keys: readonly Key[], outcomes: ReadonlyMap<Key, AnyOutcome>): void {
    this.#count(bucket, keys, outcomes);
    const before = this.#outcomes.get(bucket.id);
    const mask = maskFor(bucket.registro, this.#operation.alcance);
    this.#lastBucket = null;
    // The answer of a call that was this request's alone is taken as it is: nobody writes into it.
    if (before === undefined && mask === null && outcomes.size === keys.length) {
      this.#outcomes.set(bucket.id, outcomes);
      return;
    }
    const known = this.#own.get(bucket.id) ?? new Map(before);
    this.#own.set(bucket.id, known);
    this.#outcomes.set(bucket.id, known);
    for (const key of keys) {
      const outcome = outcomes.get(key) as AnyOutcome;
      known.set(key, mask === null ? outcome : mask(outcome));
    }
  }

  #count(bucket: Bucket, keys: readonly Key[], outcomes: ReadonlyMap<Key, AnyOutcome>): void {
    let last: Origin | null = null;
    let usage: OriginUsage | null = null;
    for (const key of keys) {
      const outcome = outcomes.get(key);
      if (outcome === undefined)
        throw new Error(`${bucket.id}: no outcome for a key that was asked`);
      if (outcome.at === 'failed') {
        this.#usageOf(bucket, null).asked += 1;
        continue;
      }
      if (usage === null || outcome.origin !== last) {
        last = outcome.origin;
        usage = this.#usageOf(bucket, last);
      }
      countIn(usage, outcome);
      for (const origin of outcome.otherOrigins ?? NO_ORIGINS)
        countIn(this.#usageOf(bucket, origin), outcome);
    }
  }

  #usageOf(bucket: Bucket, origin: Origin | null): OriginUsage {
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
        respaldo: 0,
      };
      this.#usage.set(id, usage);
    }
    return usage;
  }
}

const NO_ORIGINS: readonly Origin[] = [];

function countIn(usage: OriginUsage, outcome: AnyOutcome): void {
  usage.asked += 1;
  if (outcome.at === 'found') usage.found += 1;
  if (outcome.respaldo === true) usage.respaldo += 1;
}

export interface OriginUsage {
  readonly sistema: string;
  readonly registro: string;
  /** Null when the source failed. */
  readonly origin: Origin | null;
  asked: number;
  found: number;
  /** Keys that this system answered only because the one that replaces it was down. */
  respaldo: number;
}
