import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SourceContext } from '../../adapters/contract.js';
import type { AdapterError } from '../../adapters/errors.js';
import { toSourceError } from '../../adapters/errors.js';
import { chargeCall } from '../../adapters/shared/presupuesto.js';
import { byAcceso } from '../../subgraphs/subgraph.js';
import type { RowCache } from '../cache/cache.js';
import { noCache } from '../cache/cache.js';
import { createFlights } from './flight.js';
import type { AnyOutcome } from './outcome.js';
import type { FetchBucket } from './row-store.js';
import { found, HeldSource, nextTurn, operationOf, Cifra } from './testing.js';

const bucket = byAcceso(Cifra, 'porEntidad');

const outcomeOfCharge = (ctx: SourceContext): AnyOutcome => {
  try {
    chargeCall('viejo', ctx);
    return found([]);
  } catch (error) {
    return { at: 'failed', error: toSourceError(error as AdapterError) };
  }
};

describe('flights', () => {
  let source: HeldSource;
  let fetch: FetchBucket;
  const withCache = (cache: RowCache): void => {
    source = new HeldSource();
    fetch = createFlights(source.ask, cache);
  };
  beforeEach(() => {
    withCache(noCache);
  });

  it('asks once for the keys of two requests of the same turn', async () => {
    const one = fetch(bucket, ['1', '2'], operationOf());
    const two = fetch(bucket, ['2', '3'], operationOf());
    await source.drain(Promise.all([one, two]));

    expect(source.calls.map(({ keys }) => keys)).toEqual([['1', '2', '3']]);
    expect([...(await one).keys()]).toEqual(['1', '2']);
    expect([...(await two).keys()].sort()).toEqual(['2', '3']);
  });

  it('joins a key that is already in flight and asks only for the others', async () => {
    const one = fetch(bucket, ['1'], operationOf());
    await nextTurn();
    await nextTurn();
    const two = fetch(bucket, ['1', '2'], operationOf());
    await source.drain(Promise.all([one, two]));

    expect(source.calls.map(({ keys }) => keys)).toEqual([['1'], ['2']]);
    expect((await two).get('1')).toBe((await one).get('1'));
  });

  it.each([
    ['access classes', { alcance: 'control' as const }],
    ['as-of instants', { corte: '2025-01-01' }],
    ['epochs', { epoca: 1 }],
  ])('never shares a call between different %s', async (_what, other) => {
    const both = Promise.all([
      fetch(bucket, ['1'], operationOf()),
      fetch(bucket, ['1'], operationOf(other)),
    ]);
    await source.drain(both);

    expect(source.calls).toHaveLength(2);
  });

  it('lets one request give up without cancelling the other', async () => {
    const stop = new AbortController();
    const one = fetch(bucket, ['1'], operationOf({ signal: stop.signal }));
    const two = fetch(bucket, ['1'], operationOf());
    await nextTurn();
    await nextTurn();
    stop.abort();

    expect((await one).get('1')).toMatchObject({ at: 'failed', error: { code: 'SOURCE_TIMEOUT' } });
    expect(source.calls[0]?.ctx.signal.aborted).toBe(false);
    source.calls[0]?.answer();
    expect((await two).get('1')?.at).toBe('found');
  });

  it('stops the source once nobody waits any more', async () => {
    const stop = [new AbortController(), new AbortController()];
    const all = stop.map(({ signal }) => fetch(bucket, ['1'], operationOf({ signal })));
    await nextTurn();
    await nextTurn();
    for (const each of stop) each.abort();
    await Promise.all(all);

    expect(source.calls[0]?.ctx.signal.aborted).toBe(true);
  });

  it('asks anew for a key whose call was abandoned', async () => {
    const stop = new AbortController();
    const abandoned = fetch(bucket, ['1'], operationOf({ signal: stop.signal }));
    await nextTurn();
    await nextTurn();
    stop.abort();
    await abandoned;
    const later = fetch(bucket, ['1'], operationOf());
    await source.drain(later);

    expect((await later).get('1')?.at).toBe('found');
    expect(source.calls).toHaveLength(2);
    expect(source.calls[1]?.ctx.signal.aborted).toBe(false);
  });

  it('does not hand a stopped call to who asks in the turn in which it was queued', async () => {
    const stop = new AbortController();
    const abandoned = fetch(bucket, ['1'], operationOf({ signal: stop.signal }));
    await Promise.resolve();
    stop.abort();
    const other = fetch(bucket, ['1', '2'], operationOf());
    await source.drain(Promise.all([abandoned, other]));

    expect((await other).get('1')?.at).toBe('found');
    expect(source.calls.map(({ ctx }) => ctx.signal.aborted)).toEqual([false]);
  });

  it('gives the source the latest deadline of those who wait', async () => {
    const both = Promise.all([
      fetch(bucket, ['1'], operationOf({ deadline: 10 })),
      fetch(bucket, ['2'], operationOf({ deadline: 20 })),
    ]);
    await source.drain(both);

    expect(source.calls[0]?.ctx.deadline).toBe(20);
  });

  it('fails every key, and lets nobody wait, when what asks the source breaks', async () => {
    const waiting = fetch(bucket, ['1'], operationOf());
    await nextTurn();
    await nextTurn();
    source.calls[0]?.reject(new Error('broken'));

    expect((await waiting).get('1')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_CONTRACT', sistema: 'viejo' },
    });
  });

  it('sends the keys that come while a call is under way together in the next one', async () => {
    const waiting = [];
    for (const key of ['1', '2', '3', '4']) {
      waiting.push(fetch(bucket, [key], operationOf()));
      await nextTurn();
      await nextTurn();
    }
    source.calls[0]?.answer();
    await source.drain(Promise.all(waiting));

    expect(source.calls.map(({ keys }) => keys)).toEqual([['1'], ['2', '3', '4']]);
  });

  it('does not wait for a call that takes its time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const waiting = [];
      for (const key of ['1', '2']) {
        waiting.push(fetch(bucket, [key], operationOf()));
        await nextTurn();
        await nextTurn();
      }
      expect(source.calls).toHaveLength(1);

      jest.advanceTimersByTime(25);
      expect(source.calls.map(({ keys }) => keys)).toEqual([['1'], ['2']]);
      await source.drain(Promise.all(waiting));
    } finally {
      jest.useRealTimers();
    }
  });

  describe('with operations that pay for what they cost', () => {
    const conSaldo = (llamadas: number) => operationOf({ saldo: { llamadas, bytes: 1_000 } });
    /** A source that makes as many calls as it is told for each reading. */
    const charging = (calls: number): FetchBucket =>
      createFlights(async (_bucket, keys, ctx) => {
        await nextTurn();
        for (let i = 0; i < calls; i++) chargeCall('viejo', ctx);
        return new Map(keys.map((key) => [key, found([])]));
      }, noCache);

    it('charges each by its share of the keys, and two who ask the same like one alone', async () => {
      const operations = [conSaldo(10), conSaldo(10), conSaldo(10)];
      const keys = [['1', '2', '3', '4'], ['1'], ['1', '2', '3', '4']];
      const ask = charging(4);
      await Promise.all(operations.map((operation, i) => ask(bucket, keys[i] ?? [], operation)));

      expect(operations.map(({ saldo }) => saldo?.llamadas)).toEqual([6, 9, 6]);
    });

    it('gives nothing of a shared call to who could not pay, and all of it to who could', async () => {
      const [rich, poor] = [conSaldo(10), conSaldo(1)];
      const ask = charging(4);
      const [paid, unpaid] = await Promise.all([
        ask(bucket, ['1', '2'], rich),
        ask(bucket, ['1', '2'], poor),
      ]);

      expect([...paid.values()].map(({ at }) => at)).toEqual(['found', 'found']);
      expect([...unpaid.values()]).toEqual(
        ['1', '2'].map(() => ({
          at: 'failed',
          error: expect.objectContaining({ code: 'CONSULTA_EXCESIVA', retryable: false }),
        })),
      );
    });

    it('lets who joins a call that others could not pay for ask for itself', async () => {
      let release = (): void => undefined;
      const refused = new Promise<void>((resolve) => (release = resolve));
      let asked = 0;
      const ask = createFlights(async (_bucket, keys, ctx) => {
        asked += 1;
        const outcomes = new Map(keys.map((key) => [key, outcomeOfCharge(ctx)]));
        if (asked === 1) await refused;
        return outcomes;
      }, noCache);
      const first = ask(bucket, ['1'], conSaldo(0));
      await nextTurn();
      await nextTurn();
      const second = ask(bucket, ['1'], conSaldo(5));
      await nextTurn();
      release();

      expect((await first).get('1')).toMatchObject({ error: { code: 'CONSULTA_EXCESIVA' } });
      expect((await second).get('1')?.at).toBe('found');
      expect(asked).toBe(2);
    });

    it('asks in the name of a request as soon as one waits, and charges the background nothing', async () => {
      const background = operationOf({ origen: 'fondo' });
      const request = conSaldo(10);
      const both = Promise.all([
        fetch(bucket, ['1'], background),
        fetch(bucket, ['1', '2'], request),
      ]);
      await source.drain(both);
      await source.drain(fetch(bucket, ['3'], background));

      expect(source.calls.map(({ ctx }) => [ctx.origen, ctx.pagadores?.length])).toEqual([
        ['consulta', 1],
        ['fondo', 0],
      ]);
    });

    it('hands sources a context that can be sent to another process, but for its signal', async () => {
      await source.drain(fetch(bucket, ['1'], conSaldo(3)));
      const sent = { ...source.calls[0]?.ctx, signal: null };

      expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
      expect(sent.pagadores).toHaveLength(1);
    });
  });
});
