import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bucketDigest,
  bucketOf,
  claveOf,
  compareClaves,
  recordDigest,
} from '../../schema/digest.js';
import { keyOf } from '../../schema/key.js';
import { defineRegistro, type Registro } from '../../schema/registro.js';
import { openAlmacen, type Almacen } from '../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../tests/servers.js';
import { openTestStore } from '../../tests/store.js';
import type { Digest, RecordStore, Row } from '../contract.js';
import { createUnico } from './index.js';
import { contextAt, Gasto, gasto, versionAt } from './testing.js';

const ctx = contextAt();
const K1 = keyOf(['05001', 202012]);
const K2 = keyOf(['05002', 202012]);

interface House {
  readonly unico: RecordStore;
  readonly registro: Registro;
  readonly store: Almacen;
  /** Moves the clock of the store by milliseconds. */
  tick(ms?: number): number;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const rowsOf = async (
  { unico, registro }: House,
  key = K1,
  corte: string | null = null,
): Promise<readonly Row[] | string> => {
  const answer = await unico.read(registro, 'porEntidadPeriodo', [key], contextAt(corte));
  const outcome = answer.get(key);
  return outcome?.at === 'found' ? outcome.rows : (outcome?.at ?? 'not asked');
};

const ingest = (
  { unico, registro }: House,
  rows: readonly Row[],
  version = 1,
  mas: { readonly mapeo?: number; readonly reparar?: boolean } = {},
) => unico.ingest(registro, { rows, version: versionAt(version), ...mas }, null, ctx);

const NONE = { escritas: 0, iguales: 0, reemplazadas: 0, obsoletas: 0, conflictos: 0 };

/** The same cases run on both engines, each on a table of its own. */
const CASES: readonly (readonly [string, (house: House) => Promise<void>])[] = [
  [
    'gives back what it took in: absent, null, empty and zero apart',
    async (house) => {
      const without = Object.fromEntries(
        Object.entries(gasto('05001', '1')).filter(([name]) => name !== 'nombre'),
      );
      const rows = [
        without,
        gasto('05001', '2', { nombre: null }),
        gasto('05001', '3', { nombre: '' }),
        gasto('05001', '4', { compromisos: '0', avance: null, esHoja: false }),
      ];

      expect(await ingest(house, rows)).toEqual({ ...NONE, escritas: 4 });
      expect(await rowsOf(house)).toEqual(rows);
    },
  ],
  [
    'writes nothing for rows that it has, and keeps its version',
    async (house) => {
      const { unico, registro } = house;
      const rows = [gasto('05001', '1'), gasto('05001', '2')];
      await ingest(house, rows);
      const before = await unico.version(registro, ctx);

      expect(await ingest(house, [...rows, ...rows])).toEqual({ ...NONE, iguales: 4 });
      expect(await ingest(house, rows, 2)).toEqual({ ...NONE, iguales: 2 });
      expect((await unico.version(registro, ctx)).token).toBe(before.token);
    },
  ],
  [
    'keeps rows apart that repeat all their dimensions, by their ordinal',
    async (house) => {
      const rows = [1, 2, 3].map((ordinal) => gasto('05001', '1', { ordinal }));

      await ingest(house, rows);

      expect(await rowsOf(house)).toHaveLength(3);
      const sums = await house.unico.measure(house.registro, 'compromisos', [K1], [], ctx);
      expect(sums.get(K1)).toMatchObject({ rows: [{ sums: { compromisos: '31.5' }, count: 3 }] });
    },
  ],
  [
    'never overwrites a newer version of the source by an older one',
    async (house) => {
      await ingest(house, [gasto('05001', '1', { compromisos: '2' })], 2);

      const late = await ingest(house, [gasto('05001', '1', { compromisos: '1' })], 1);

      expect(late).toEqual({ ...NONE, obsoletas: 1 });
      expect(await rowsOf(house)).toEqual([gasto('05001', '1', { compromisos: '2' })]);
    },
  ],
  [
    'remembers that a newer version said the same, against a late one that says otherwise',
    async (house) => {
      await ingest(house, [gasto('05001', '1')], 1);
      await ingest(house, [gasto('05001', '1')], 3);

      expect(await ingest(house, [gasto('05001', '1', { compromisos: '9' })], 2)).toEqual({
        ...NONE,
        obsoletas: 1,
      });
    },
  ],
  [
    'replaces what an earlier mapping made of the same source',
    async (house) => {
      await ingest(house, [gasto('05001', '1', { compromisos: '9' })], 1, { mapeo: 1 });

      const again = await ingest(house, [gasto('05001', '1', { compromisos: '1' })], 1, {
        mapeo: 2,
      });

      expect(again).toEqual({ ...NONE, escritas: 1, reemplazadas: 1 });
      expect(await rowsOf(house)).toEqual([gasto('05001', '1', { compromisos: '1' })]);
    },
  ],
  [
    'counts two contents in one version as a conflict, and repairs it when told to',
    async (house) => {
      const right = gasto('05001', '1', { compromisos: '1' });
      const planted = gasto('05001', '1', { compromisos: '2' });
      await ingest(house, [planted], 1, { reparar: true });

      expect((await ingest(house, [right])).conflictos).toBe(1);
      expect(await ingest(house, [right], 1, { reparar: true })).toMatchObject({ obsoletas: 0 });
      expect(await rowsOf(house)).toEqual([right]);
    },
  ],
  [
    'takes in a change in a campo that no census compares',
    async (house) => {
      await ingest(house, [gasto('05001', '1')], 1);

      await ingest(house, [gasto('05001', '1', { recepcion: 'r2' })], 2);

      expect(await rowsOf(house)).toEqual([gasto('05001', '1', { recepcion: 'r2' })]);
    },
  ],
  [
    'answers as of an instant, with the version of that instant',
    async (house) => {
      await ingest(house, [gasto('05001', '1', { compromisos: '1' })], 1);
      const then = new Date(house.tick()).toISOString();
      house.tick();
      await ingest(house, [gasto('05001', '1', { compromisos: '2' }), gasto('05001', '2')], 2);
      house.tick();
      await house.unico.tombstone(
        house.registro,
        [keyOf(['05001', 202012, '2', 1])],
        versionAt(3),
        ctx,
      );

      expect(await rowsOf(house, K1, then)).toEqual([gasto('05001', '1', { compromisos: '1' })]);
      expect(await rowsOf(house)).toEqual([gasto('05001', '1', { compromisos: '2' })]);
      expect(await rowsOf(house, K1, '2020-01-01T00:00:00Z')).toBe('absent');
      const past = await house.unico.read(
        house.registro,
        'porEntidadPeriodo',
        [K1],
        contextAt(then),
      );
      const now = await house.unico.read(house.registro, 'porEntidadPeriodo', [K1], ctx);
      expect(past.get(K1)).not.toMatchObject({ origin: { version: tokenOf(now.get(K1)) } });
    },
  ],
  [
    'never goes back in recorded time when the clock does',
    async (house) => {
      await ingest(house, [gasto('05001', '1', { compromisos: '1' })], 1);
      house.tick(-3_600_000);
      await ingest(house, [gasto('05001', '1', { compromisos: '2' })], 2);

      const recorded = (await collect(house.unico.changes(house.registro, null, ctx))).map(
        ({ registradoEn }) => registradoEn,
      );
      expect(recorded).toEqual([...recorded].sort());
      expect(new Set(recorded).size).toBe(2);
    },
  ],
  [
    'buries a record under a tombstone, which an older version does not lift and a newer one does',
    async (house) => {
      const { unico, registro } = house;
      const clave = claveOf(registro, gasto('05001', '1'));
      await ingest(house, [gasto('05001', '1'), gasto('05002', '1')], 1);

      expect(await unico.tombstone(registro, [clave], versionAt(3), ctx)).toBe(1);
      expect(await unico.tombstone(registro, [clave], versionAt(3), ctx)).toBe(0);
      expect(await rowsOf(house)).toBe('absent');
      expect((await ingest(house, [gasto('05001', '1')], 2)).obsoletas).toBe(1);
      expect(await collect(unico.digests(registro, {}, ctx))).toHaveLength(1);
      expect((await ingest(house, [gasto('05001', '1')], 4)).reemplazadas).toBe(1);
      expect(await rowsOf(house)).toEqual([gasto('05001', '1')]);
    },
  ],
  [
    'commits rows and checkpoint together, or neither',
    async (house) => {
      const { unico, registro } = house;
      const chunk = { rows: [gasto('05001', '1')], version: versionAt(1) };
      await unico.ingest(registro, chunk, { tramo: registro.nombre, valor: 'p1' }, ctx);
      const broken = [gasto('05002', '1'), gasto('05002', '2', { compromisos: '1e5' })];

      const failing = unico.ingest(
        registro,
        { rows: broken, version: versionAt(1) },
        { tramo: registro.nombre, valor: 'p2' },
        ctx,
      );

      await expect(failing).rejects.toMatchObject({ name: 'RowError', fila: 2 });
      expect(await unico.checkpoint(registro.nombre)).toBe('p1');
      expect(await rowsOf(house, K2)).toBe('absent');
      expect(await unico.checkpoint('another')).toBeNull();
    },
  ],
  [
    'tells digests by bucket and clave, for a cohort or for some buckets, as the pure function makes them',
    async (house) => {
      const { unico, registro } = house;
      const rows = Array.from({ length: 300 }, (_, i) =>
        gasto(i % 3 === 0 ? '05001' : 'ñ𝄞|', `${i}`),
      );
      await ingest(house, rows);
      const expected = rows
        .map((row): Digest => {
          const clave = claveOf(registro, row);
          return { clave, digest: recordDigest(registro, row), bucket: bucketOf(clave) };
        })
        .sort((a, b) => a.bucket - b.bucket || compareClaves(a.clave, b.clave));
      const cohort = { op: 'eq', campo: 'entidad', valor: '05001' } as const;

      expect(await collect(unico.digests(registro, {}, ctx))).toEqual(expected);
      expect(await collect(unico.digests(registro, { filtro: cohort }, ctx))).toHaveLength(100);
      expect(await collect(unico.digests(registro, { buckets: [100, 2_000] }, ctx))).toEqual(
        expected.filter(({ bucket }) => bucket >= 100 && bucket <= 2_000),
      );
      const buckets = [...new Set(expected.map(({ bucket }) => bucket))].map((bucket) => {
        const mine = expected.filter((one) => one.bucket === bucket).map(({ digest }) => digest);
        return { bucket, filas: mine.length, digest: bucketDigest(mine) };
      });
      expect(await unico.bucketDigests(registro, {}, ctx)).toEqual(buckets);
    },
  ],
  [
    'shows a walk over digests the instant at which it began',
    async (house) => {
      const { unico, registro } = house;
      await ingest(house, [gasto('05001', '1', { compromisos: '1' })], 1);
      const walk = unico.digests(registro, {}, ctx)[Symbol.asyncIterator]();
      const first = await walk.next();
      await ingest(house, [gasto('05001', '1', { compromisos: '2' }), gasto('05001', '2')], 2);

      expect(first.value).toMatchObject({
        digest: recordDigest(registro, gasto('05001', '1', { compromisos: '1' })),
      });
      expect((await walk.next()).done).toBe(true);
    },
  ],
  [
    'tells what changed since a cursor, tombstones included',
    async (house) => {
      const { unico, registro } = house;
      await ingest(house, [gasto('05001', '1')], 1);
      const [first] = await collect(unico.changes(registro, null, ctx));
      await ingest(house, [gasto('05001', '2')], 2);
      const clave = claveOf(registro, gasto('05001', '1'));
      await unico.tombstone(registro, [clave], versionAt(3), ctx);

      const later = await collect(unico.changes(registro, first?.cursor ?? null, ctx));

      expect(later.map(({ row }) => row)).toEqual([gasto('05001', '2'), null]);
      expect(later[1]?.clave).toBe(clave);
      expect(later[0]?.version).toMatchObject({ token: 'v2', sourceTime: versionAt(2).sourceTime });
    },
  ],
  [
    'refuses a page of an earlier epoch, and a walk that goes on in another one',
    async (house) => {
      const { unico, registro } = house;
      await ingest(house, [gasto('05001', '1'), gasto('05001', '2')], 1);
      const { token } = await unico.version(registro, ctx);
      const after = { values: ['05001', 202012, '1', 1], version: token };
      const options = { first: 1, after, count: true };
      const page = () => unico.page(registro, null, [], options, ctx);

      expect(await page()).toMatchObject({
        at: 'found',
        rows: [{ rows: [gasto('05001', '2')], hasNext: false, total: 2 }],
      });
      await ingest(house, [gasto('05001', '3')], 1);
      expect(await page()).toMatchObject({ at: 'failed', error: { code: 'CURSOR_VENCIDO' } });
    },
  ],
];

let tables = 0;

function runCases(storeOf: () => Almacen): void {
  it.each(CASES)('%s', async (_title, work) => {
    const registro = defineRegistro({ ...Gasto, nombre: `Gasto${++tables}` });
    let now = Date.UTC(2026, 8, 1);
    const store = storeOf();
    const unico = createUnico({ store, now: () => now, registros: [registro] });
    await work({ unico, registro, store, tick: (ms = 1_000) => (now += ms) });
  });
}

const tokenOf = (outcome: unknown): object => ({
  token: (outcome as { origin: { version: { token: string } } }).origin.version.token,
});

describe('unico on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  runCases(() => store);
});

await describeWithPostgres('unico on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
  });
  afterAll(() => store.close());

  runCases(() => store);
});
