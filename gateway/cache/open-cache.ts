import type { Registro } from '../../schema/registro.js';
import type { Settings } from '../settings.js';
import type { RowCache } from './cache.js';
import { createMemoryCache, noCache } from './cache.js';
import { openRedisCache } from './redis-cache.js';
import { formaOf } from './seal.js';

/** Redis where one is set, else memory; 0 seconds turns the cache off. */
export async function openCache(
  settings: Pick<Settings, 'cacheTtlMs' | 'cacheRows' | 'cacheSecret' | 'redisUrl'>,
  registros: readonly Registro[],
  log: (message: string, error?: unknown) => void,
): Promise<RowCache> {
  const { cacheTtlMs, cacheRows, cacheSecret, redisUrl } = settings;
  if (cacheTtlMs === 0) return noCache;
  if (redisUrl === null) return createMemoryCache({ ttlMs: cacheTtlMs, maxRows: cacheRows });
  const forma = formaOf(registros);
  return openRedisCache({ url: redisUrl, ttlMs: cacheTtlMs, forma, secreto: cacheSecret, log });
}
