import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Key } from '../../adapters/contract.js';
import type { AnyOutcome } from '../rows/outcome.js';
import type { CachedRows, RowCache } from './cache.js';
import { NOTHING } from './cache.js';
import type { Seal } from './seal.js';
import { createSeal } from './seal.js';

const READY_MS = 500;
/** Keys per command, so that a national read does not hold up the connection. */
const CHUNK = 1_000;
/** After a failure nobody asks it for this long: a Redis that accepts and never answers costs one wait, not one each. */
const PAUSE_MS = 5_000;

/**
 * Outcomes in Redis as JSON, each under its seal: all amounts are text, so nothing is lost. Single GETs in one pipeline instead of MGET, which a
 * cluster refuses across slots. A dead Redis is a miss at once: commands never queue.
 */
export async function openRedisCache({
  url,
  ttlMs,
  forma,
  secreto,
  log,
}: {
  url: string;
  ttlMs: number;
  /** Digest of the declarations that its rows follow. */
  forma: string;
  secreto: string | null;
  log: (message: string, error?: unknown) => void;
}): Promise<RowCache> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: 300,
    commandTimeout: 200,
    lazyConnect: true,
  });
  const names: Names = {
    seal: createSeal(secreto),
    nameOf: (scope, key) => `sugit:3:${forma}:${scope}:${key}`,
  };
  let lastLog = 0;
  let pausedUntil = 0;
  const note = (error: unknown): void => {
    pausedUntil = Date.now() + PAUSE_MS;
    if (Date.now() - lastLog < 60_000) return;
    lastLog = Date.now();
    log('redis: el caché no responde; se sigue sin él', error);
  };
  redis.on('error', note);
  redis.on('ready', () => {
    pausedUntil = 0;
  });
  const isUsable = (): boolean => redis.status === 'ready' && Date.now() >= pausedUntil;
  await Promise.race([
    redis.connect().catch(note),
    new Promise((resolve) => setTimeout(resolve, READY_MS)),
  ]);
  return {
    ttlMs,
    get: async (scope, keys) => {
      if (!isUsable()) return NOTHING;
      const found = new Map<Key, Kept>();
      try {
        for (let i = 0; i < keys.length; i += CHUNK)
          await readChunk(redis, names, scope, keys.slice(i, i + CHUNK), found);
      } catch (error) {
        note(error);
        return NOTHING;
      }
      return toCachedRows(found, ttlMs);
    },
    set: async (scope, outcomes) => {
      if (!isUsable()) return;
      try {
        const pipeline = redis.pipeline();
        const hasta = Date.now() + ttlMs;
        for (const [key, outcome] of outcomes) {
          if (outcome.at === 'failed') continue;
          const name = names.nameOf(scope, key);
          const text = JSON.stringify({ hasta, outcome });
          pipeline.set(name, names.seal.close(name, text), 'PX', ttlMs);
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

/** An outcome and the instant, by the clock of who kept it, after which it is nobody's. */
interface Kept {
  readonly hasta: number;
  readonly outcome: AnyOutcome;
}

/** Clocks of two machines may disagree: nothing holds longer than it would have here. */
function toCachedRows(found: ReadonlyMap<Key, Kept>, ttlMs: number): CachedRows {
  const now = Date.now();
  const outcomes = new Map<Key, AnyOutcome>();
  let forMs = ttlMs;
  for (const [key, { hasta, outcome }] of found) {
    outcomes.set(key, outcome);
    forMs = Math.min(forMs, hasta - now);
  }
  return { outcomes, forMs };
}

interface Names {
  readonly seal: Seal;
  readonly nameOf: (scope: string, key: Key) => string;
}

async function readChunk(
  redis: Redis,
  { seal, nameOf }: Names,
  scope: string,
  keys: readonly Key[],
  found: Map<Key, Kept>,
): Promise<void> {
  const texts = await Promise.all(keys.map((key) => redis.get(nameOf(scope, key))));
  texts.forEach((text, i) => {
    const key = keys[i];
    if (text === null || key === undefined) return;
    const own = seal.open(nameOf(scope, key), text);
    const kept = own === null ? null : parseKept(own);
    if (kept !== null) found.set(key, kept);
  });
}

const ORIGIN = z.looseObject({
  sistema: z.string(),
  registro: z.string(),
  modo: z.string(),
  servidoPor: z.string(),
  version: z.looseObject({ token: z.string(), checkedAt: z.string() }),
});
const OUTCOME = z.discriminatedUnion('at', [
  z.looseObject({ at: z.literal('found'), rows: z.array(z.looseObject({})), origin: ORIGIN }),
  z.looseObject({ at: z.literal('absent'), origin: ORIGIN }),
]);

const KEPT = z.object({ hasta: z.number(), outcome: OUTCOME });

/** What Redis holds may be cut, old or someone else's: only what has the shape of an outcome is one, the rest is a miss. */
function parseKept(text: string): Kept | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return KEPT.safeParse(parsed).success ? (parsed as Kept) : null;
  } catch {
    return null;
  }
}
