import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Adapter, After, Row, Top } from '../../adapters/contract.js';
import type { Key } from '../../schema/key.js';
import type { Orden } from '../../schema/registro.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import { byPage, byTop, PAGE_KEY } from '../../subgraphs/subgraph.js';
import {
  anyEntidad,
  anyRow,
  bothSides,
  ctx,
  half,
  listOf,
  MemoryAdapter,
  ordered,
  row,
  ROWS,
  sourcesOf,
  SPLIT,
  UNSPLIT,
} from './memory-testing.js';
import { createAskSources } from './sources.js';
import { Cifra } from './testing.js';

type Ask = ReturnType<typeof sourcesOf>['ask'];
type Question = (after: After | null) => readonly [Bucket, Key];

/** Page after page as a reader goes on: the cursor is the last row, under the version that the page named. */
async function walk(
  ask: Ask,
  question: Question,
  orden: readonly Orden[],
  epoca = 1,
): Promise<{ readonly ids: unknown[]; readonly pages: number; readonly code?: string }> {
  const ids: unknown[] = [];
  const asked = { ...ctx, epoca };
  for (let after: After | null = null, pages = 1; ; pages++) {
    const [bucket, key] = question(after);
    const outcome = (await ask(bucket, [key], asked)).get(key);
    if (outcome?.at === 'failed') return { ids, pages, code: outcome.error.code };
    if (outcome?.at !== 'found') return { ids, pages };
    const top = outcome.rows[0] as Top;
    ids.push(...top.rows.map((r) => r['id']));
    const last = top.rows.at(-1);
    if (!top.hasNext || last === undefined) return { ids, pages };
    const version = top.cursorVersion ?? outcome.origin.version.token;
    after = {
      values: [...orden.map(({ campo }) => last[campo] ?? null), last['id'] ?? ''],
      version,
    } as After;
  }
}

describe('a list of which half has moved', () => {
  it('I18: a walk page by page gives every row once and in order, for any split and whatever each side still holds', async () => {
    const orden = fc.constantFrom<readonly Orden[]>(
      [],
      [{ campo: 'valor', sentido: 'desc' }],
      [{ campo: 'valor', sentido: 'asc' }],
      [
        { campo: 'entidad', sentido: 'desc' },
        { campo: 'valor', sentido: 'asc' },
      ],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow(3), { maxLength: 25 }),
        fc.uniqueArray(anyEntidad),
        fc.record({ viejo: fc.boolean(), nuevo: fc.boolean() }),
        fc.integer({ min: 1, max: 6 }),
        orden,
        async (drawn, moved, holdsAll, first, by) => {
          const all = drawn.map((r, i) => ({
            ...r,
            id: `r${String((i * 7) % 25).padStart(3, '0')}`,
          }));
          const routes = half(new Set(moved));
          const sides = (['viejo', 'nuevo'] as const).map((id) => {
            const own = all.filter((r) => holdsAll[id] || routes.ownerOfRow(null, r) === id);
            return new MemoryAdapter(id, own);
          });
          const { ask } = sourcesOf(sides, routes);
          const oracle = (rows: readonly Row[]) =>
            ordered(rows, [...by, { campo: 'id', sentido: 'asc' }]).map((r) => r['id']);

          const page: Question = (after) => [byPage(Cifra, listOf(by, first, after)), PAGE_KEY];
          const top: Question = (after) => [
            byTop(Cifra, 'porContrato', listOf(by, first, after)),
            'C',
          ];
          const walked = await walk(ask, page, by);
          expect(walked.ids).toEqual(oracle(all));
          expect(walked.pages).toBe(Math.max(1, Math.ceil(all.length / first)));
          const under = await walk(ask, top, by);
          expect(under.ids).toEqual(oracle(all.filter(({ contrato }) => contrato === 'C')));
        },
      ),
      { numRuns: 150 },
    );
  });

  describe('a cursor', () => {
    const by = [{ campo: 'valor', sentido: 'asc' }] as const;
    const page: Question = (after) => [byPage(Cifra, listOf(by, 1, after)), PAGE_KEY];

    it.each(['viejo', 'nuevo'])('has expired once %s has another version', async (who) => {
      const sides = bothSides();
      const { ask } = sourcesOf(sides, SPLIT);
      let pages = 0;

      const walked = await walk(
        (...args) => {
          if (++pages === 3) for (const side of sides) if (side.id === who) side.edition = 2;
          return ask(...args);
        },
        page,
        by,
      );

      expect(walked).toEqual({ ids: ['d', 'a'], pages: 3, code: 'CURSOR_VENCIDO' });
    });

    it('has expired once a tramo of the registro moved, without a call to any side', async () => {
      const sides = bothSides();
      let epoca = 4;
      const tramosOf = () => [{ epoca: 2 }, { epoca: epoca - 2 }] as never;
      const { ask } = sourcesOf(sides, { ...SPLIT, tramosOf } as never);
      let pages = 0;

      const walked = await walk(
        (...args) => {
          if (++pages === 2) epoca += 1;
          return ask(...args);
        },
        page,
        by,
      );

      expect(walked).toEqual({ ids: ['d'], pages: 2, code: 'CURSOR_VENCIDO' });
      expect(sides.map(({ asked }) => asked.length)).toEqual([1, 1]);
    });

    it('of one owner has expired for a list that was split since, and the other way round', async () => {
      for (const [before, after] of [
        [UNSPLIT, SPLIT],
        [SPLIT, UNSPLIT],
      ] as const) {
        let routes = before;
        const sides = bothSides();
        const ask = createAskSources(
          new Map(sides.map((side) => [side.id, side as unknown as Adapter])),
          () => routes,
          () => undefined,
        );
        let pages = 0;

        const walked = await walk(
          (...args) => {
            if (++pages === 2) routes = after;
            return ask(...args);
          },
          page,
          by,
        );

        expect(walked).toEqual({ ids: ['d'], pages: 2, code: 'CURSOR_VENCIDO' });
      }
    });
  });

  it('goes on behind rows that nobody owns, so that no page is short of them', async () => {
    // Gone from the side that owns them: a difference that the census will tell.
    const orphans = Array.from({ length: 12 }, (_, n) => row(`o${n}`, '1', { valor: '-50' }));
    const [, nuevo] = bothSides();
    const sides = [new MemoryAdapter('viejo', [...orphans, ...ROWS]), nuevo];
    const { ask } = sourcesOf(sides, SPLIT);
    const by = [{ campo: 'valor', sentido: 'asc' }] as const;

    const walked = await walk(ask, (after) => [byPage(Cifra, listOf(by, 2, after)), PAGE_KEY], by);

    expect(walked.ids).toEqual(['d', 'a', 'b', 'c']);
  });

  it('fails a list of which the sides have nothing in common, instead of cutting it in silence', async () => {
    const orphans = Array.from({ length: 40 }, (_, n) => row(`o${n}`, '1', { valor: '-50' }));
    const [, nuevo] = bothSides();
    const { ask } = sourcesOf([new MemoryAdapter('viejo', orphans), nuevo], SPLIT);

    const outcome = (
      await ask(byPage(Cifra, listOf([{ campo: 'valor', sentido: 'asc' }], 1)), [PAGE_KEY], ctx)
    ).get(PAGE_KEY);

    expect(outcome).toMatchObject({ at: 'failed', error: { code: 'SOURCE_CONTRACT' } });
  });
});
