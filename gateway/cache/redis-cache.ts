import { Redis } from 'ioredis';
import type { Key } from '../../adapters/contract.js';
import type { AnyOutcome } from '../rows/row-store.js';
import type { RowCache } from './cache.js';

const READY_MS = 500;
/** Keys per command, so that a national read does not hold up the connection. */
const CHUNK = 1_000;

/**
 * Outcomes in Redis as JSON: all amounts are text, so nothing is lost. Single GETs in one pipeline instead of MGET, which a
 * cluster refuses across slots. A dead Redis is a miss at once: commands never queue.
 */
export async function openRedisCache({
  url,
  ttlMs,
  log,
}: {
  url: string;
  ttlMs: number;
  log: (message: string, error?: unknown) => void;
}): Promise<RowCache> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: 300,
    commandTimeout: 200,
    lazyConnect: true,
  });
  let lastLog = 0;
  const note = (error: unknown): void => {
    if (Date.now() - lastLog < 60_000) return;
    lastLog = Date.now();
    log('redis: el caché no responde; se sigue sin él', error);
  };
  redis.on('error', note);
  await Promise.race([
    redis.connect().catch(note),
    new Promise((resolve) => setTimeout(resolve, READY_MS)),
  ]);
  return {
    get: async (scope, keys) => {
      const found = new Map<Key, AnyOutcome>();
      if (redis.status !== 'ready') return found;
      try {
        for (let i = 0; i < keys.length; i += CHUNK)
          await readChunk(redis, scope, keys.slice(i, i + CHUNK), found);
      } catch (error) {
        note(error);
        return new Map();
      }
      return found;
    },
    set: async (scope, outcomes) => {
      if (redis.status !== 'ready') return;
      try {
        const pipeline = redis.pipeline();
        for (const [key, outcome] of outcomes) {
          if (outcome.at !== 'failed')
            pipeline.set(nameOf(scope, key), JSON.stringify(outcome), 'PX', ttlMs);
        }
        await pipeline.exec();
      } catch (error) {
        note(error);
      }
    },
    close: async () => {
      redis.disconnect();
      await Promise.resolve();
    },
  };
}

const nameOf = (scope: string, key: Key): string => `sugit:1:${scope}:${key}`;

async function readChunk(
  redis: Redis,
  scope: string,
  keys: readonly Key[],
  found: Map<Key, AnyOutcome>,
): Promise<void> {
  const texts = await Promise.all(keys.map((key) => redis.get(nameOf(scope, key))));
  texts.forEach((text, i) => {
    const key = keys[i];
    if (text !== null && key !== undefined) found.set(key, JSON.parse(text) as AnyOutcome);
  });
}
