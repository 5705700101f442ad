import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Adapter, Group, Key, Row, Top } from '../../adapters/contract.js';
import { SourceUnavailableError } from '../../adapters/errors.js';
import { addDecimal } from '../../schema/values/decimal.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import { byAcceso, byMedida, byPage, byTop, PAGE_KEY } from '../../subgraphs/subgraph.js';
import {
  anyEntidad,
  anyRow,
  bothSides,
  ctx,
  half,
  listOf,
  MemoryAdapter,
  ordered,
  sourcesOf,
  SPLIT,
  UNSPLIT,
} from './memory-testing.js';
import type { AnyOutcome } from './outcome.js';
import { RowStore } from './row-store.js';
import { createAskSources } from './sources.js';
import { absent, Cifra, operationOf, toSourceContext } from './testing.js';

const porEntidad = byAcceso(Cifra, 'porEntidad');
const porContrato = byAcceso(Cifra, 'porContrato');

describe('asking the sources', () => {
  it('fails the keys of an adapter that throws, and tells the log', async () => {
    const { ask, unexpected } = sourcesOf([
      {
        id: 'viejo',
        capabilities: () => ({ maxKeys: 5 }),
        read: () => Promise.reject(new Error('TABLA_X')),
      } as never,
    ]);
    const outcome = (await ask(porEntidad, ['1'], ctx)).get('1');

    expect(outcome).toMatchObject({ at: 'failed', error: { code: 'SOURCE_CONTRACT' } });
    expect(JSON.stringify(outcome)).not.toContain('TABLA_X');
    expect(unexpected).toHaveLength(1);
  });

  it('fails all keys of an adapter that leaves one out, instead of taking it for absent', async () => {
    const { ask, unexpected } = sourcesOf([
      {
        id: 'viejo',
        capabilities: () => ({ maxKeys: 5 }),
        read: () => Promise.resolve(new Map([['1', absent()]])),
      } as never,
    ]);
    const outcomes = await ask(porEntidad, ['1', '2'], ctx);

    expect([...outcomes.values()].map(({ at }) => at)).toEqual(['failed', 'failed']);
    expect(unexpected).toHaveLength(1);
  });

  it('keeps the code of an adapter error and does not call it unexpected', async () => {
    const { ask, unexpected } = sourcesOf([
      {
        id: 'viejo',
        capabilities: () => ({ maxKeys: 5 }),
        read: () => Promise.reject(new SourceUnavailableError('viejo')),
      } as never,
    ]);

    expect((await ask(porEntidad, ['1'], ctx)).get('1')).toMatchObject({
      error: { code: 'SOURCE_UNAVAILABLE', retryable: true },
    });
    expect(unexpected).toEqual([]);
  });

  it('refuses more keys than the source takes, without calling it', async () => {
    const viejo = new MemoryAdapter('viejo', []);
    const { ask } = sourcesOf([viejo]);
    const outcomes = await ask(porEntidad, ['1', '2', '3', '4', '5', '6'], ctx);

    expect(outcomes.get('6')).toMatchObject({ error: { code: 'CAPACIDAD_INSUFICIENTE' } });
    expect(viejo.asked).toEqual([]);
  });

  it('says of a system that is not installed that it is not, and of no other', async () => {
    const { ask } = sourcesOf([]);

    expect((await ask(porEntidad, ['1'], ctx)).get('1')).toMatchObject({
      at: 'failed',
      error: { sistema: 'viejo' },
    });
  });

  it('routes with the epoch of the request and not with that of now', async () => {
    const epocas: number[] = [];
    const ask = createAskSources(
      new Map([['viejo', new MemoryAdapter('viejo', []) as unknown as Adapter]]),
      (epoca) => {
        epocas.push(epoca);
        return half(new Set());
      },
      () => undefined,
    );
    await ask(porEntidad, ['1'], toSourceContext(operationOf({ epoca: 7 })));

    expect(epocas).toEqual([7]);
  });
});

describe('given a registro of which half has moved', () => {
  it('asks for each key its owner only', async () => {
    const [old, next] = bothSides();
    const outcomes = await sourcesOf([old, next], SPLIT).ask(porEntidad, ['05', '1'], ctx);

    expect([old.asked, next.asked]).toEqual([[['05']], [['1']]]);
    expect(outcomes.get('1')).toMatchObject({ at: 'found', origin: { servidoPor: 'nuevo' } });
  });

  it('asks both for a key that does not say its entity and keeps of each what is its own', async () => {
    const { ask } = sourcesOf(bothSides(), SPLIT);
    const outcome = (await ask(porContrato, ['C'], ctx)).get('C');

    expect(outcome?.at === 'found' && outcome.rows.map((r) => (r as Row)['id']).sort()).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  it('names both who answered in the usage of the request', async () => {
    const { ask } = sourcesOf(bothSides(), SPLIT);
    const store = new RowStore((bucket, keys) => ask(bucket, keys, ctx), operationOf());
    await store.load([{ bucket: porContrato, keys: ['C'] }]);

    expect(store.usage().map(({ origin }) => origin?.servidoPor)).toEqual(['viejo', 'nuevo']);
  });

  it('fails a key that several own when one of them fails', async () => {
    const [old, next] = bothSides();
    next.read = () => Promise.reject(new SourceUnavailableError('nuevo'));
    const { ask } = sourcesOf([old, next], SPLIT);

    expect((await ask(porContrato, ['C'], ctx)).get('C')?.at).toBe('failed');
  });

  it('adds measures of both over the entities that are theirs', async () => {
    const { ask } = sourcesOf(bothSides(), SPLIT);
    const outcomes = await ask(byMedida(Cifra, 'total', []), ['05', '1'], ctx);
    const sums = [...outcomes.values()].flatMap((o) =>
      o.at === 'found' ? (o.rows as Group[]) : [],
    );

    expect(sums.reduce((sum, { sums: s }) => addDecimal(sum, s['valor'] ?? '0'), '0')).toBe('17');
  });

  it.each([
    [[{ campo: 'valor', sentido: 'asc' }] as const, ['d', 'a', 'b']],
    [[{ campo: 'valor', sentido: 'desc' }] as const, ['b', 'a', 'd']],
    [
      [
        { campo: 'entidad', sentido: 'asc' },
        { campo: 'id', sentido: 'asc' },
      ] as const,
      ['a', 'd', 'b'],
    ],
  ])('merges lists of both in the order asked, nulls last: %j', async (orden, ids) => {
    const { ask } = sourcesOf(bothSides(), SPLIT);
    const outcome = (await ask(byTop(Cifra, 'porContrato', listOf(orden, 3)), ['C'], ctx)).get('C');
    const top = outcome?.at === 'found' ? (outcome.rows[0] as Top) : null;

    expect(top?.rows.map((r) => r['id'])).toEqual(ids);
    expect(top?.hasNext).toBe(true);
  });

  it('does not count twice what both hold: the total of a list that was cut is unknown', async () => {
    const orden = [{ campo: 'id', sentido: 'asc' }] as const;
    const { ask } = sourcesOf(bothSides(), SPLIT);
    const total = async (bucket: Bucket, key: Key): Promise<number | undefined> => {
      const outcome = (await ask(bucket, [key], ctx)).get(key);
      return outcome?.at === 'found' ? (outcome.rows[0] as Top).total : -1;
    };

    expect(await total(byPage(Cifra, listOf(orden, 3)), PAGE_KEY)).toBeUndefined();
    expect(await total(byPage(Cifra, listOf(orden, 4)), PAGE_KEY)).toBe(4);
  });

  it('gives for any split what the unsplit source gives, nothing doubled and nothing lost', async () => {
    const holding = fc.constantFrom('everything', 'own');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow(99), { maxLength: 20 }),
        fc.uniqueArray(anyEntidad),
        holding,
        fc.integer({ min: 1, max: 8 }),
        async (drawn, moved, holds, first) => {
          const all = drawn.map((r, i) => ({ ...r, id: `r${String(i).padStart(3, '0')}` }));
          const routes = half(new Set(moved));
          const held = (id: string): Row[] =>
            all.filter((r) => holds === 'everything' || routes.ownerOfRow(null, r) === id);
          const split = sourcesOf(
            ['viejo', 'nuevo'].map((id) => new MemoryAdapter(id, held(id))),
            routes,
          );
          const whole = sourcesOf([new MemoryAdapter('viejo', all)], UNSPLIT);
          const orden = [
            { campo: 'valor', sentido: 'desc' },
            { campo: 'id', sentido: 'asc' },
          ] as const;
          const list = byTop(Cifra, 'porContrato', listOf(orden, first));

          const rowsOf = (o: AnyOutcome | undefined) =>
            o?.at === 'found' ? ordered(o.rows as Row[], [{ campo: 'id', sentido: 'asc' }]) : [];
          const topOf = (o: AnyOutcome | undefined) => {
            const { rows: top, hasNext } = (o?.at === 'found' ? o.rows[0] : null) as Top;
            return { top, hasNext };
          };
          for (const key of ['C', 'D']) {
            const [a, b] = await Promise.all([
              split.ask(porContrato, [key], ctx),
              whole.ask(porContrato, [key], ctx),
            ]);
            expect(rowsOf(a.get(key))).toEqual(rowsOf(b.get(key)));
            const [x, y] = await Promise.all([
              split.ask(list, [key], ctx),
              whole.ask(list, [key], ctx),
            ]);
            expect(topOf(x.get(key))).toEqual(topOf(y.get(key)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
