import { LRUCache } from 'lru-cache';
import type { Key } from '../../adapters/contract.js';
import type { AnyOutcome } from '../rows/outcome.js';

/** What a cache has of the keys it was asked, and how much longer all of it holds. */
export interface CachedRows {
  readonly outcomes: ReadonlyMap<Key, AnyOutcome>;
  readonly forMs: number;
}

/** Outcomes by scope (question, access class, as-of, epoch) and key. A failure of the cache is a miss, never an error. */
export interface RowCache {
  /** How long an outcome is kept. */
  readonly ttlMs: number;
  get(scope: string, keys: readonly Key[]): Promise<CachedRows>;
  set(scope: string, outcomes: ReadonlyMap<Key, AnyOutcome>): Promise<void>;
  close(): Promise<void>;
}

export const NOTHING: CachedRows = { outcomes: new Map(), forMs: Number.POSITIVE_INFINITY };

export const noCache: RowCache = {
  ttlMs: 0,
  get: () => Promise.resolve(NOTHING),
  set: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** The default: inside this process, bounded by rows. Failures are never kept. */
export function createMemoryCache({
  ttlMs,
  maxRows,
}: {
  ttlMs: number;
  maxRows: number;
}): RowCache {
  const entries = new LRUCache<string, AnyOutcome>({
    ttl: ttlMs,
    maxSize: maxRows,
    sizeCalculation: (outcome) => (outcome.at === 'found' ? outcome.rows.length + 1 : 1),
  });
  return {
    ttlMs,
    get: (scope, keys) => {
      if (entries.size === 0) return Promise.resolve(NOTHING);
      const outcomes = new Map<Key, AnyOutcome>();
      let forMs = ttlMs;
      for (const key of keys) {
        const id = `${scope}|${key}`;
        const outcome = entries.get(id);
        if (outcome === undefined) continue;
        outcomes.set(key, outcome);
        forMs = Math.min(forMs, entries.getRemainingTTL(id));
      }
      return Promise.resolve({ outcomes, forMs });
    },
    set: (scope, outcomes) => {
      for (const [key, outcome] of outcomes) {
        if (outcome.at !== 'failed') entries.set(`${scope}|${key}`, outcome);
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
