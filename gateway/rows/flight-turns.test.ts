import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Key } from '../../adapters/contract.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import type { RowCache } from '../cache/cache.js';
import { createMemoryCache, noCache } from '../cache/cache.js';
import { createFlights } from './flight.js';
import type { FetchBucket } from './row-store.js';
import { absent, Cifra, failed, HeldSource, nextTurn, operationOf } from './testing.js';

const bucket = byAcceso(Cifra, 'porEntidad');
let source: HeldSource;
let fetch: FetchBucket;
const withCache = (cache: RowCache): void => {
  source = new HeldSource();
  fetch = createFlights(source.ask, cache);
};

describe('flights', () => {
  describe('while others read as well', () => {
    const other = byAcceso({ ...Cifra, nombre: 'OtraCifra' }, 'porEntidad');
    const bucketCalls = (): (readonly Key[])[] => source.calls.slice(1).map(({ keys }) => keys);
    let works: Promise<unknown>[];
    beforeEach(async () => {
      withCache(noCache);
      works = [fetch(other, ['0'], operationOf())];
      await nextTurn();
    });
    afterEach(() => source.drain(Promise.all(works)));

    it('asks once for the keys of requests that come turn after turn', async () => {
      for (const key of ['1', '2', '3']) {
        works.push(fetch(bucket, [key], operationOf()));
        await nextTurn();
      }
      await nextTurn();
      await nextTurn();

      expect(bucketCalls()).toEqual([['1', '2', '3']]);
    });

    it('lets nobody wait for an end of the coming', async () => {
      const since = performance.now();
      for (let key = 1; performance.now() - since < 100 && source.calls.length === 1; key++) {
        works.push(fetch(bucket, [String(key)], operationOf()));
        await nextTurn();
      }

      expect(bucketCalls()).toHaveLength(1);
    });
  });

  describe('over a cache', () => {
    beforeEach(() => {
      withCache(createMemoryCache({ ttlMs: 60_000, maxRows: 100 }));
    });

    it('asks only for what the cache has not', async () => {
      await source.drain(fetch(bucket, ['1'], operationOf()));
      const again = await source.drain(fetch(bucket, ['1', '2'], operationOf()));

      expect(source.calls.map(({ keys }) => keys)).toEqual([['1'], ['2']]);
      expect([...again.keys()].sort()).toEqual(['1', '2']);
    });

    it('remembers that a key is absent', async () => {
      const first = fetch(bucket, ['1'], operationOf());
      await nextTurn();
      await nextTurn();
      source.calls[0]?.answer(() => absent());
      await first;

      expect((await fetch(bucket, ['1'], operationOf())).get('1')?.at).toBe('absent');
      expect(source.calls).toHaveLength(1);
    });

    it('never remembers a failure', async () => {
      const first = fetch(bucket, ['1'], operationOf());
      await nextTurn();
      await nextTurn();
      source.calls[0]?.answer(() => failed());
      await first;
      const second = await source.drain(fetch(bucket, ['1'], operationOf()));

      expect(second.get('1')?.at).toBe('found');
    });

    it('gives one access class nothing of what another brought', async () => {
      await source.drain(fetch(bucket, ['1'], operationOf({ alcance: 'control' })));
      await source.drain(fetch(bucket, ['1'], operationOf()));

      expect(source.calls).toHaveLength(2);
    });
  });
});
