import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithPostgres } from '../../tests/servers.js';
import { openTestStore } from '../../tests/store.js';
import { openAlmacen, type Almacen } from './almacen.js';
import type { SqlMigration } from './port.js';

async function* batches<T>(...all: readonly (readonly T[])[]): AsyncGenerator<readonly T[]> {
  for (const batch of all) yield await Promise.resolve(batch);
}

const TABLE: SqlMigration = {
  name: '001-tabla',
  statements: [
    'create table cosa (nombre text, valor numeric, cuenta bigint, dia date, momento timestamptz)',
  ],
};

/** What every engine must do: the same cases run on both. */
const CASES: readonly (readonly [string, (store: Almacen) => Promise<void>])[] = [
  [
    'gives int8 as bigint, and numeric and dates as text',
    async (store) => {
      const rows = await store.query(
        `select 9007199254740993::int8 as a, 12345678901234567.89::numeric as b, '2024-02-29'::date as c,
          '{1,2}'::int[] as d, true as e, null as f, 3::int as g`,
      );

      expect(rows).toEqual([
        {
          a: 9007199254740993n,
          b: '12345678901234567.89',
          c: '2024-02-29',
          d: [1, 2],
          e: true,
          f: null,
          g: 3,
        },
      ]);
    },
  ],
  [
    'takes arrays, bigints and nulls as parameters',
    async (store) => {
      const rows = await store.query(
        'select $1::text[] as a, $2::bigint as b, $3::text as c, $4::bigint[] as d, $5::boolean as e',
        [['x|y', 'a"b', null], 5n, null, ['7', '8'], false],
      );

      expect(rows).toEqual([{ a: ['x|y', 'a"b', null], b: 5n, c: null, d: [7n, 8n], e: false }]);
    },
  ],
  [
    'copies text with tabs, breaks, backslashes and NUL bytes without changing the rest',
    async (store) => {
      const hard = 'a\tb\nc\\d\re\\N «ñ€»';

      const count = await store.copy(
        'cosa',
        ['nombre', 'valor', 'cuenta'],
        batches<readonly [string | null, string | null, number]>(
          [
            [hard, '10.5', 1],
            [null, null, 2],
          ],
          [['nu\u0000lo', '-3', 3]],
        ),
      );

      expect(count).toBe(3);
      const rows = await store.query('select nombre, valor from cosa order by cuenta');
      expect(rows).toEqual([
        { nombre: hard, valor: '10.5' },
        { nombre: null, valor: null },
        { nombre: 'nulo', valor: '-3' },
      ]);
    },
  ],
  [
    'loads in bulk as part of a transaction: with the rest of it, or not at all',
    async (store) => {
      await store.transaction(async (session) => {
        await session.query("insert into cosa (nombre, cuenta) values ('antes', 1)");
        expect(await session.copy('cosa', ['nombre', 'cuenta'], [['junto', 2n]])).toBe(1);
      });
      const failing = store.transaction(async (session) => {
        await session.copy('cosa', ['nombre'], [['perdido']]);
        throw new Error('no');
      });

      await expect(failing).rejects.toThrow('no');
      expect(
        await store.query(
          "select nombre from cosa where nombre in ('antes', 'junto', 'perdido') order by 1",
        ),
      ).toEqual([{ nombre: 'antes' }, { nombre: 'junto' }]);
    },
  ],
  [
    'loads nothing when a row fails while the blocks before it are on their way',
    async (store) => {
      function* rows(): Generator<readonly [string]> {
        for (let i = 0; i < 6_000; i++) yield [`a medias ${i}`];
        throw new Error('a bad row');
      }
      const failing = store.transaction((session) => session.copy('cosa', ['nombre'], rows()));

      await expect(failing).rejects.toThrow('a bad row');
      expect(await store.query("select 1 from cosa where nombre like 'a medias%'")).toEqual([]);
      expect(await store.transaction((session) => session.query('select 1 as uno'))).toEqual([
        { uno: 1 },
      ]);
    },
  ],
  [
    'leaves nothing of a transaction that throws, and goes on working',
    async (store) => {
      const failing = store.transaction(async (session) => {
        await session.query("insert into cosa (nombre) values ('perdida')");
        throw new Error('stop');
      });

      await expect(failing).rejects.toThrow('stop');
      const rows = await store.query("select 1 from cosa where nombre = 'perdida'");
      expect(rows).toEqual([]);
    },
  ],
  [
    'waits for the disk at a commit, but for work that can be repeated',
    async (store) => {
      const show = "select current_setting('synchronous_commit') as waits";
      const inside = (repeatable: boolean) =>
        store.transaction((session) => session.query<{ waits: string }>(show), { repeatable });

      expect(await inside(true)).toEqual([{ waits: 'off' }]);
      expect(await inside(false)).not.toEqual([{ waits: 'off' }]);
      expect(await store.query<{ waits: string }>(show)).not.toEqual([{ waits: 'off' }]);
    },
  ],
  [
    'reports an SQL failure by its SQLSTATE',
    async (store) => {
      await expect(store.query('select * from no_hay')).rejects.toMatchObject({
        code: 'ALMACEN_SQL',
        sqlState: '42P01',
      });
    },
  ],
  [
    'stops a query whose signal aborts, and answers the next one',
    async (store) => {
      const abort = new AbortController();
      const slow = store.query('select pg_sleep(300)', [], abort.signal);
      abort.abort();

      await expect(slow).rejects.toMatchObject({ code: 'ALMACEN_PLAZO' });
      const rows = await store.query('select count(*) >= 0 as alive from cosa');
      expect(rows).toEqual([{ alive: true }]);
    },
  ],
  [
    'runs each migration once, and each owner apart',
    async (store) => {
      const second: SqlMigration = {
        name: '002-mas',
        statements: ['alter table cosa add column mas text', "insert into cosa (mas) values ('m')"],
      };

      await store.migrate('prueba', [TABLE, second]);
      await store.migrate('prueba', [TABLE, second]);
      await store.migrate('otra', [{ name: '001-tabla', statements: ['create table otra ()'] }]);

      const rows = await store.query("select count(*) as n from cosa where mas = 'm'");
      expect(rows).toEqual([{ n: 1n }]);
    },
  ],
  [
    'refuses a broken migration without leaving half of it',
    async (store) => {
      const broken: SqlMigration = {
        name: '001-rota',
        statements: ['create table media ()', 'create tabla x'],
      };

      await expect(store.migrate('rota', [broken])).rejects.toMatchObject({
        code: 'ALMACEN_MIGRACION',
      });
      await expect(store.query('select * from media')).rejects.toMatchObject({ sqlState: '42P01' });
    },
  ],
  [
    'lets one at a time do a named work, and says so to who does not want to wait',
    async (store) => {
      const seen: string[] = [];
      let free: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (free = resolve));
      let entered: () => void = () => undefined;
      const inside = new Promise<void>((resolve) => (entered = resolve));

      const first = store.exclusively('carga', async () => {
        entered();
        await held;
        seen.push('first');
      });
      await inside;
      const refused = await store.exclusively('carga', () => Promise.resolve('never'), {
        wait: false,
      });
      const second = store.exclusively('carga', () => {
        seen.push('second');
        return Promise.resolve();
      });
      free();
      await Promise.all([first, second]);

      expect(refused).toBeUndefined();
      expect(seen).toEqual(['first', 'second']);
    },
  ],
];

describe('store on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
    await store.migrate('prueba', [TABLE]);
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check) => check(store));
});

await describeWithPostgres('store on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
    await store.migrate('prueba', [TABLE]);
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check) => check(store));

  it('rejects at once when nobody listens', async () => {
    const opening = openAlmacen({ databaseUrl: 'postgres://sugit@127.0.0.1:1/nada' });

    await expect(opening).rejects.toMatchObject({ code: 'ALMACEN_SQL' });
  });
});
