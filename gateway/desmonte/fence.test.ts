import { describe, expect, it } from '@jest/globals';
import type { Adapter, ByKey, Key, Row, SourceContext } from '../../adapters/contract.js';
import { SliceRetiredError } from '../../adapters/errors.js';
import type { Fase, Tramo } from '../route/tramo.js';
import { Cifra, absent, operationOf, toSourceContext } from '../rows/testing.js';
import { fenceAdapter, isFullyRetired } from './fence.js';

const ctx: SourceContext = toSourceContext(operationOf());

/** Counts every call that reaches the system, of either origin. */
function countingAdapter(): { adapter: Adapter; calls: string[] } {
  const calls: string[] = [];
  const byKey = (op: string, keys: readonly Key[]): Promise<ByKey<Row>> => {
    calls.push(`${op} ${keys.join(',')}`);
    return Promise.resolve(new Map(keys.map((key) => [key, absent() as never])));
  };
  const adapter = {
    id: 'viejo',
    registros: [Cifra],
    capabilities: () => ({ maxKeys: 10 }),
    version: () => {
      calls.push('version');
      return Promise.resolve({ token: '1', checkedAt: '' });
    },
    read: (_r: unknown, _a: unknown, keys: readonly Key[]) => byKey('read', keys),
    measure: (_r: unknown, _m: unknown, keys: readonly Key[]) => byKey('measure', keys),
    topPerKey: (_r: unknown, _a: unknown, keys: readonly Key[]) => byKey('top', keys),
    page: () => {
      calls.push('page');
      return Promise.resolve(absent());
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- as a source of many pages
    scan: async function* () {
      for (let page = 1; page <= 3; page++) {
        calls.push(`scan ${page}`);
        yield { rows: [], version: { token: '1', checkedAt: '' }, resume: null };
      }
    },
    estado: () => ({ avisos: [] }),
    close: () => Promise.resolve(),
  };
  return { adapter: adapter as unknown as Adapter, calls };
}

const tramoOf = (fase: Fase, cohorte: Tramo['cohorte'] = {}): Tramo => ({
  id: 't',
  registro: Cifra.nombre,
  cohorte,
  viejo: 'viejo',
  nuevo: 'nuevo',
  fase,
  canaryPpm: 0,
  canaryCohorte: null,
  salt: 's',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 1,
});

const list = { first: 10, after: null, count: false };

async function askEverything(adapter: Adapter): Promise<unknown[]> {
  const tell = (work: () => Promise<unknown>): Promise<unknown> =>
    work().catch((error: unknown) => error);
  return [
    await tell(() => adapter.version(Cifra, ctx)),
    await tell(() => adapter.read(Cifra, 'porEntidad', ['05'], ctx)),
    await tell(() => adapter.read(Cifra, 'porContrato', ['C'], { ...ctx, origen: 'fondo' })),
    await tell(() => adapter.measure(Cifra, 'total', ['05'], [], ctx)),
    await tell(() => adapter.topPerKey(Cifra, 'porEntidad', ['05'], null, [], list, ctx)),
    await tell(() => adapter.page(Cifra, null, [], list, ctx)),
    await tell(async () => {
      for await (const chunk of adapter.scan(Cifra, null, null, { ...ctx, origen: 'fondo' }))
        expect(chunk.rows).toEqual([]);
    }),
  ];
}

describe('an adapter of which all is retired', () => {
  it('I7: is not called once, by requests and background alike, and says SLICE_RETIRED', async () => {
    const { adapter, calls } = countingAdapter();
    const fenced = fenceAdapter(adapter, () => [tramoOf('retired')]);

    const answers = await askEverything(fenced);

    expect(calls).toEqual([]);
    for (const answer of answers) {
      const outcome: unknown =
        answer instanceof Map ? [...(answer as Map<Key, unknown>).values()][0] : answer;
      const code: unknown =
        outcome instanceof SliceRetiredError
          ? outcome.code
          : (outcome as { error?: { code?: string } }).error?.code;
      expect(code).toBe('SLICE_RETIRED');
    }
  });

  it('is called as ever in each phase before', async () => {
    for (const fase of ['legacy', 'shadow', 'canary', 'primary', 'draining'] as const) {
      const { adapter, calls } = countingAdapter();
      await askEverything(fenceAdapter(adapter, () => [tramoOf(fase)]));

      expect(calls).toHaveLength(9);
    }
  });

  it('is not made any more at the next start', () => {
    const registration = { id: 'viejo', registros: [Cifra] };

    expect(isFullyRetired(registration, [tramoOf('retired')])).toBe(true);
    expect(isFullyRetired(registration, [tramoOf('draining')])).toBe(false);
    expect(isFullyRetired(registration, [tramoOf('retired', { entidad: { en: ['05'] } })])).toBe(
      false,
    );
  });
});

describe('an adapter of which a day without it is tried', () => {
  const dark = { ...tramoOf('primary'), oscuroDesde: '2026-03-01T12:00:00.000Z' };

  it('is not called once, counts the questions of readers alone, and says why', async () => {
    const { adapter, calls } = countingAdapter();
    const effects: [string, number][] = [];
    const fenced = fenceAdapter(
      adapter,
      () => [dark],
      ({ id }, keys) => effects.push([id, keys]),
    );

    await askEverything(fenced);
    const asked = await fenced.read(Cifra, 'porEntidad', ['05', '08'], ctx);

    expect(calls).toEqual([]);
    expect(asked.get('05')).toMatchObject({
      error: { code: 'SLICE_RETIRED', mensaje: expect.stringContaining('a oscuras') },
    });
    // Version, read, measure, top and page are asked for a reader; the others behind nobody's answer.
    const single = Array.from({ length: 5 }, () => ['t', 1]);
    expect(effects).toEqual([...single, ['t', 2]]);
  });

  it('is made at the next start, for the day ends', () => {
    expect(isFullyRetired({ id: 'viejo', registros: [Cifra] }, [dark])).toBe(false);
  });
});

describe('an adapter of which a part is retired', () => {
  const tramos = [tramoOf('retired', { entidad: { prefijo: '05' } })];

  it('answers the keys that it still has, and is not asked the others', async () => {
    const { adapter, calls } = countingAdapter();
    const outcomes = await fenceAdapter(adapter, () => tramos).read(
      Cifra,
      'porEntidad',
      ['05001', '08001', '05'],
      ctx,
    );

    expect(calls).toEqual(['read 08001']);
    expect([...outcomes].map(([key, { at }]) => [key, at])).toEqual([
      ['05001', 'failed'],
      ['08001', 'absent'],
      ['05', 'failed'],
    ]);
  });

  it('refuses a list and a scan that lie within the part, and no others', async () => {
    const { adapter, calls } = countingAdapter();
    const fenced = fenceAdapter(adapter, () => tramos);
    const within = { op: 'in', campo: 'entidad', valores: ['05001', '05002'] } as const;
    const across = { op: 'in', campo: 'entidad', valores: ['05001', '08001'] } as const;

    const refused = await fenced.page(Cifra, within, [], list, ctx);
    const answered = await fenced.page(Cifra, across, [], list, ctx);
    const scan = async (): Promise<void> => {
      for await (const chunk of fenced.scan(Cifra, { op: 'and', de: [within] }, null, ctx))
        expect(chunk).toBeNull();
    };

    expect(refused).toMatchObject({ at: 'failed', error: { code: 'SLICE_RETIRED' } });
    expect(answered.at).toBe('absent');
    await expect(scan()).rejects.toThrow(SliceRetiredError);
    expect(calls).toEqual(['page']);
  });

  it('stops a scan in the middle of which its slice is retired', async () => {
    const { adapter, calls } = countingAdapter();
    let now: readonly Tramo[] = [];
    const fenced = fenceAdapter(adapter, () => now);
    const scan = async (): Promise<void> => {
      for await (const chunk of fenced.scan(Cifra, null, null, ctx)) {
        expect(chunk.rows).toEqual([]);
        now = [tramoOf('retired')];
      }
    };

    await expect(scan()).rejects.toThrow(SliceRetiredError);
    expect(calls).toEqual(['scan 1']);
  });
});
