import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { describeWithRedis, withRedis } from '../../tests/servers.js';
import { absent, Cifra, failed, found } from '../rows/testing.js';
import type { RowCache } from './cache.js';
import { openCache } from './open-cache.js';
import { openRedisCache } from './redis-cache.js';
import { createSeal, formaOf } from './seal.js';

const silent = (): void => undefined;
const OWN = { forma: formaOf([Cifra]), secreto: 'de prueba' };
const MEMORY = { cacheTtlMs: 60_000, cacheRows: 10, cacheSecret: null, redisUrl: null };

await describeWithRedis('the cache in Redis', (url) => {
  let cache: RowCache;
  let redis: Redis;
  beforeAll(async () => {
    cache = await openRedisCache({ url: url(), ttlMs: 60_000, ...OWN, log: silent });
    redis = new Redis(url());
  });
  afterAll(async () => {
    await cache.close();
    redis.disconnect();
  });

  it('gives back what it was given, amounts to the last digit, also to another process', async () => {
    const outcome = found([{ id: '1', valor: '123456789012345678.9', nulo: null, logico: false }]);
    await cache.set(
      's',
      new Map([
        ['1', outcome],
        ['2', absent()],
      ]),
    );
    const other = await openRedisCache({ url: url(), ttlMs: 60_000, ...OWN, log: silent });

    expect((await other.get('s', ['1', '2', '3'])).outcomes).toEqual(
      new Map([
        ['1', outcome],
        ['2', absent()],
      ]),
    );
    await other.close();
  });

  it('keeps scopes apart and forgets after its time', async () => {
    await cache.set('publico', new Map([['1', absent()]]));

    expect((await cache.get('control', ['1'])).outcomes.size).toBe(0);
    const [name] = await redis.keys('sugit:*publico*');
    expect(await redis.pttl(name ?? '')).toBeGreaterThan(0);
  });

  it('says how much longer all that it gave holds', async () => {
    await cache.set('h', new Map([['1', absent()]]));
    const { forMs } = await cache.get('h', ['1']);

    expect(forMs).toBeGreaterThan(0);
    expect(forMs).toBeLessThanOrEqual(60_000);
  });

  it('believes no clock that says longer than it would keep a row itself', async () => {
    const patient = await openRedisCache({ url: url(), ttlMs: 3_600_000, ...OWN, log: silent });
    await patient.set('l', new Map([['1', absent()]]));

    expect(await cache.get('l', ['1'])).toMatchObject({ forMs: 60_000 });
    await patient.close();
  });

  it('never keeps a failure', async () => {
    await cache.set('f', new Map([['1', failed()]]));

    expect((await cache.get('f', ['1'])).outcomes.size).toBe(0);
  });

  it.each([
    '{"at":"found"',
    '7',
    'null',
    '{"at":"found","rows":7}',
    '{"at":"found","rows":[{}]}',
    '{"at":"failed"}',
  ])('takes %s for a miss, and still gives the good ones beside it', async (text) => {
    await cache.set(
      'w',
      new Map([
        ['good', absent()],
        ['bad', absent()],
      ]),
    );
    const [name = ''] = await redis.keys('sugit:*w:bad');
    // Under a good seal, so that the shape alone is what it is refused for.
    await redis.set(name, createSeal(OWN.secreto).close(name, text));

    expect([...(await cache.get('w', ['good', 'bad'])).outcomes.keys()]).toEqual(['good']);
  });

  it.each([
    ['without any seal', (sealed: string) => sealed.slice(43)],
    ['cut', (sealed: string) => sealed.slice(0, -1)],
    ['with one amount changed', (sealed: string) => sealed.replace('"100.5"', '"900.5"')],
    ['empty', () => ''],
  ])('takes a value %s for a miss', async (_what, damage) => {
    await cache.set('d', new Map([['1', found([{ id: '1', valor: '100.5' }])]]));
    const [name = ''] = await redis.keys('sugit:*:d:1');
    await redis.set(name, damage((await redis.get(name)) ?? ''));

    expect((await cache.get('d', ['1'])).outcomes.size).toBe(0);
  });

  it('takes a good value that lies under the name of another for a miss', async () => {
    await cache.set('m', new Map([['1', found([{ id: '1' }])]]));
    const [name = ''] = await redis.keys('sugit:*:m:1');
    await redis.rename(name, name.replace(/1$/, '2'));

    expect((await cache.get('m', ['2'])).outcomes.size).toBe(0);
  });

  it.each([
    ['another secret', { ...OWN, secreto: 'de otro' }],
    ['no secret', { ...OWN, secreto: null }],
    [
      'another declaration of its registros',
      { ...OWN, forma: formaOf([{ ...Cifra, clave: ['entidad', 'id'] }]) },
    ],
  ])('shares nothing with a service that has %s', async (_what, otherOwn) => {
    await cache.set('o', new Map([['1', found([{ id: '1' }])]]));
    const other = await openRedisCache({ url: url(), ttlMs: 60_000, ...otherOwn, log: silent });

    expect((await other.get('o', ['1'])).outcomes.size).toBe(0);
    await other.close();
  });

  it('is not asked again for a while after it left a command without answer', async () => {
    const patient = await openRedisCache({ url: url(), ttlMs: 60_000, ...OWN, log: silent });
    await patient.set('p', new Map([['1', absent()]]));
    await redis.call('CLIENT', 'PAUSE', '500', 'ALL');
    expect((await patient.get('p', ['1'])).outcomes.size).toBe(0);
    await redis.ping();
    expect((await cache.get('p', ['1'])).outcomes.size).toBe(1);

    // It would answer again, but nobody asks it yet: the next requests pay nothing for a doubtful Redis.
    expect((await patient.get('p', ['1'])).outcomes.size).toBe(0);
    await patient.close();
  });
});

describe('a Redis that does not answer', () => {
  it('is a miss when it was never there', async () => {
    const logged: string[] = [];
    const cache = await openRedisCache({
      url: 'redis://127.0.0.1:1',
      ttlMs: 1_000,
      ...OWN,
      log: (message) => logged.push(message),
    });
    await cache.set('s', new Map([['1', absent()]]));

    expect((await cache.get('s', ['1'])).outcomes.size).toBe(0);
    expect(logged).toHaveLength(1);
    await cache.close();
  });

  it('is a miss when it goes away', async () => {
    let cache: RowCache | null = null;
    await withRedis(async (url) => {
      cache = await openRedisCache({ url, ttlMs: 1_000, ...OWN, log: silent });
    });
    // Without a Redis on this machine there is nothing that could go away.
    const opened = cache as RowCache | null;
    expect((await opened?.get('s', ['1']))?.outcomes.size ?? 0).toBe(0);
    await opened?.close();
  });
});

describe('the cache of a process', () => {
  it('is off with zero seconds', async () => {
    const cache = await openCache({ ...MEMORY, cacheTtlMs: 0 }, [], silent);
    await cache.set('s', new Map([['1', absent()]]));

    expect((await cache.get('s', ['1'])).outcomes.size).toBe(0);
  });

  it('holds no more rows than it may', async () => {
    const cache = await openCache(MEMORY, [], silent);
    for (let i = 0; i < 20; i++)
      await cache.set('s', new Map([[String(i), found([{ id: '1' }, { id: '2' }])]]));
    const kept = await cache.get(
      's',
      Array.from({ length: 20 }, (_, i) => String(i)),
    );

    expect([...kept.outcomes.keys()]).toEqual(['17', '18', '19']);
  });
});
