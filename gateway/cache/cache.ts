import { LRUCache } from 'lru-cache';
import type { Key } from '../../adapters/contract.js';
import type { AnyOutcome } from '../rows/outcome.js';

/** Outcomes by scope (question, access class, as-of, epoch) and key. A failure of the cache is a miss, never an error. */
export interface RowCache {
  get(scope: string, keys: readonly Key[]): Promise<ReadonlyMap<Key, AnyOutcome>>;
  set(scope: string, outcomes: ReadonlyMap<Key, AnyOutcome>): Promise<void>;
  close(): Promise<void>;
}

const EMPTY: ReadonlyMap<Key, AnyOutcome> = new Map();

export const noCache: RowCache = {
  get: () => Promise.resolve(EMPTY),
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
    get: (scope, keys) => {
      if (entries.size === 0) return Promise.resolve(EMPTY);
      const found = new Map<Key, AnyOutcome>();
      for (const key of keys) {
        const outcome = entries.get(`${scope}|${key}`);
        if (outcome !== undefined) found.set(key, outcome);
      }
      return Promise.resolve(found);
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
