import type { Settings } from '../settings.js';
import type { RowCache } from './cache.js';
import { createMemoryCache, noCache } from './cache.js';
import { openRedisCache } from './redis-cache.js';

/** Redis where one is set, else memory; 0 seconds turns the cache off. */
export async function openCache(
  { cacheTtlMs, cacheRows, redisUrl }: Pick<Settings, 'cacheTtlMs' | 'cacheRows' | 'redisUrl'>,
  log: (message: string, error?: unknown) => void,
): Promise<RowCache> {
  if (cacheTtlMs === 0) return noCache;
  if (redisUrl === null) return createMemoryCache({ ttlMs: cacheTtlMs, maxRows: cacheRows });
  return openRedisCache({ url: redisUrl, ttlMs: cacheTtlMs, log });
}
