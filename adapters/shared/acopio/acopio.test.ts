import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  fecha,
  logico,
  texto,
  type Registro,
} from '../../../schema/registro.js';
import { keyOf } from '../../../schema/key.js';
import { openAlmacen, type Almacen } from '../../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../../tests/servers.js';
import { openTestStore } from '../../../tests/store.js';
import type { ByKey, Row, SourceContext } from '../../contract.js';
import { SourceUnavailableError } from '../../errors.js';
import type { Acopio, Part, Question } from './acopio.js';
import { createAcopio } from './create-acopio.js';

const gasto = (sistema: string, mas: Partial<Registro['campos']> = {}): Registro =>
  defineRegistro({
    nombre: `GastoDe${sistema}`,
    sistema,
    clave: ['entidad', 'periodo', 'cuenta', 'ordinal'],
    ruta: ['entidad'],
    accesos: {
      porEntidadPeriodo: { claves: ['entidad', 'periodo'], cardinalidad: 'muchos' },
      porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
    },
    campos: {
      entidad: codigo({ nulo: false }),
      periodo: entero({ nulo: false }),
      cuenta: codigo({ nulo: false }),
      ordinal: entero({ nulo: false }),
      bpin: codigo(),
      nombre: texto(),
      compromisos: dinero(),
      avance: decimal(),
      fecha: fecha(),
      esHoja: logico(),
      ...mas,
    },
    medidas: {
      compromisos: {
        grano: ['entidad', 'periodo'],
        dimensiones: ['bpin'],
        filtro: { op: 'hoja' },
        suma: ['compromisos'],
        version: 1,
      },
    },
  });

const context = (signal = new AbortController().signal): SourceContext => ({
  signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 1,
  origen: 'consulta',
});

const version = (token: string, checkedAt = '2026-01-01T00:00:00Z') => ({ token, checkedAt });

interface PartOf {
  readonly id?: string;
  readonly token?: string;
  readonly rows?: readonly Row[];
  readonly fail?: Error;
  readonly onLoad?: () => void;
}

const part = (
  registro: Registro,
  { id = 'p', token = 'v1', rows = [], fail, onLoad }: PartOf,
): Part => ({
  sistema: registro.sistema,
  id,
  version: version(token),
  corte: '2025-12-31',
  async *load() {
    onLoad?.();
    yield await Promise.resolve({ registro, rows });
    if (fail !== undefined) throw fail;
  },
});

const fila = (entidad: string, cuenta: string, mas: Row = {}): Row => ({
  entidad,
  periodo: 202512,
  cuenta,
  ordinal: 1,
  bpin: null,
  nombre: 'a\tb',
  compromisos: '10.5',
  avance: '0.1',
  fecha: '2025-12-31',
  esHoja: true,
  ...mas,
});

const ask = (registro: Registro, parts?: readonly string[]): Question => ({
  sistema: registro.sistema,
  servidoPor: registro.sistema,
  registro,
  ...(parts !== undefined && { parts }),
});

const rowsOf = (answer: ByKey<Row>, key: string): readonly Row[] | string => {
  const outcome = answer.get(key);
  return outcome?.at === 'found' ? outcome.rows : (outcome?.at ?? 'not asked');
};

class DropError extends Error {
  readonly mensaje = 'La línea 7 trae once columnas y deben ser doce.';
  readonly linea = 7;
}

type Check = (acopio: Acopio, registro: Registro, store: Almacen) => Promise<void>;

const K1 = keyOf(['05001', 202512]);
const K2 = keyOf(['05002', 202512]);

const READS: readonly (readonly [string, Check])[] = [
  [
    'gives every row back as it was loaded: absent, null, empty and 0 apart, in the order of the file',
    async (acopio, registro) => {
      const bare: Row = {
        entidad: '05001',
        periodo: 202512,
        cuenta: '2.1',
        ordinal: 2,
        bpin: null,
        nombre: '',
        compromisos: '0',
      };
      const rows = [fila('05001', '2.2', { compromisos: '-12345678901234567890.01' }), bare];

      await acopio.ensure(part(registro, { rows }), context());
      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1], context());

      expect(rowsOf(answer, K1)).toEqual(rows);
    },
  ],
  [
    'answers exactly the keys asked: found, absent, and those that fit no row',
    async (acopio, registro) => {
      await acopio.ensure(
        part(registro, { rows: [fila('05001', '1'), fila('05003', '1')] }),
        context(),
      );

      const keys = [K1, K2, keyOf(['05001', 'no es un periodo'])];
      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', keys, context());

      expect([...answer].map(([key, outcome]) => [key, outcome.at])).toEqual([
        [keys[0], 'found'],
        [keys[1], 'absent'],
        [keys[2], 'absent'],
      ]);
      expect(answer.get(K1)).toMatchObject({
        origin: {
          modo: 'ACOPIO',
          corte: '2025-12-31',
          servidoPor: registro.sistema,
          version: { token: 'v1' },
        },
      });
    },
  ],
  [
    'sums leaves only, exactly, and keeps unknown apart from 0',
    async (acopio, registro) => {
      const rows = [
        fila('05001', '1', { compromisos: '0.10', esHoja: false }),
        fila('05001', '2', { compromisos: '9007199254740993.05' }),
        fila('05001', '3', { compromisos: '0.95' }),
        fila('05002', '1', { compromisos: null }),
      ].map((row) => (row['compromisos'] === '0.10' ? { ...row, compromisos: '0.1' } : row));

      await acopio.ensure(part(registro, { rows }), context());
      const answer = await acopio.measure(
        ask(registro),
        'compromisos',
        [K1, K2, keyOf(['05009', 202512])],
        [],
        context(),
      );

      expect([...answer.values()].map((o) => (o.at === 'found' ? o.rows : o.at))).toEqual([
        [{ dims: {}, sums: { compromisos: '9007199254740994' }, count: 2 }],
        [{ dims: {}, sums: { compromisos: null }, count: 1 }],
        'absent',
      ]);
    },
  ],
  [
    'groups a medida by the dimensions asked',
    async (acopio, registro) => {
      const rows = [
        fila('05001', '1', { bpin: 'b1', compromisos: '1' }),
        fila('05001', '2', { bpin: 'b1', compromisos: '2' }),
        fila('05001', '3', { compromisos: '4' }),
      ];

      await acopio.ensure(part(registro, { rows }), context());
      const answer = await acopio.measure(ask(registro), 'compromisos', [K1], ['bpin'], context());

      const outcome = answer.get(K1);
      expect(outcome?.at === 'found' && outcome.rows).toEqual([
        { dims: { bpin: 'b1' }, sums: { compromisos: '3' }, count: 2 },
        { dims: { bpin: null }, sums: { compromisos: '4' }, count: 1 },
      ]);
    },
  ],
  [
    'pages by amount without losing or repeating a row, unknown amounts last',
    async (acopio, registro) => {
      const amounts = ['5', null, '20', '3', '20', null, '-1'];
      const rows = amounts.map((compromisos, i) => fila('05001', `c${i}`, { compromisos }));
      await acopio.ensure(part(registro, { rows }), context());
      const seen: unknown[] = [];
      let after = null as Parameters<Acopio['page']>[3]['after'];

      for (;;) {
        const page = await acopio.page(
          ask(registro),
          { op: 'eq', campo: 'entidad', valor: '05001' },
          [{ campo: 'compromisos', sentido: 'desc' }],
          { first: 2, after, count: true },
          context(),
        );
        expect(page.total).toBe(7);
        seen.push(...page.rows.map((row) => row['cuenta']));
        const last = page.rows.at(-1);
        if (!page.hasNext || last === undefined) break;
        const order = ['compromisos', 'entidad', 'periodo', 'cuenta', 'ordinal'] as const;
        after = {
          version: page.version.token,
          values: order.map((name) => last[name] as string | number | null),
        };
      }

      expect(seen).toEqual(['c2', 'c4', 'c0', 'c3', 'c6', 'c1', 'c5']);
    },
  ],
  [
    'translates every filter, and treats % and quotes as plain characters',
    async (acopio, registro) => {
      const rows = [
        fila('05001', '2.1'),
        fila('05001', '2%'),
        fila('05001', "2'; drop table x"),
        fila('05001', '3.1', { periodo: 202509, bpin: 'b' }),
      ];
      await acopio.ensure(part(registro, { rows }), context());
      const cuentas = async (filtro: Parameters<Acopio['page']>[1]) => {
        const options = { first: 10, after: null, count: false };
        const page = await acopio.page(ask(registro), filtro, [], options, context());
        return page.rows.map((row) => row['cuenta']);
      };

      expect(await cuentas({ op: 'prefix', campo: 'cuenta', valor: '2%' })).toEqual(['2%']);
      expect(await cuentas({ op: 'eq', campo: 'cuenta', valor: "2'; drop table x" })).toHaveLength(
        1,
      );
      expect(await cuentas({ op: 'in', campo: 'bpin', valores: ['b'] })).toEqual(['3.1']);
      expect(await cuentas({ op: 'in', campo: 'bpin', valores: [null] })).toHaveLength(3);
      expect(await cuentas({ op: 'lte', campo: 'periodo', valor: 202509 })).toEqual(['3.1']);
      expect(
        await cuentas({
          op: 'and',
          de: [
            { op: 'gte', campo: 'periodo', valor: 202510 },
            { op: 'prefix', campo: 'cuenta', valor: '2.' },
          ],
        }),
      ).toEqual(['2.1']);
    },
  ],
  [
    'gives the first rows under each key with the number of all, and goes on after a cursor',
    async (acopio, registro) => {
      const rows = ['05001', '05002'].flatMap((entidad) =>
        ['1', '2', '3'].map((n) => fila(entidad, n, { compromisos: n })),
      );
      await acopio.ensure(part(registro, { rows }), context());
      const top = (keys: readonly string[], after: Parameters<Acopio['page']>[3]['after']) =>
        acopio.topPerKey(
          ask(registro),
          'porEntidadPeriodo',
          keys,
          null,
          [{ campo: 'compromisos', sentido: 'desc' }],
          { first: 2, after, count: true },
          context(),
        );

      const first = await top([K1, K2, keyOf(['x', 1])], null);
      const next = await top([K1], { version: 'v1', values: ['2', '05001', 202512, '2', 1] });

      const shape = (answer: typeof first) =>
        [...answer.values()].map((o) =>
          o.at === 'found'
            ? [o.rows[0]?.rows.map((r) => r['cuenta']), o.rows[0]?.hasNext, o.rows[0]?.total]
            : o.at,
        );
      expect(shape(first)).toEqual([[['3', '2'], true, 3], [['3', '2'], true, 3], 'absent']);
      expect(shape(next)).toEqual([[['1'], false, 3]]);
    },
  ],
  [
    'walks over everything in the order of the clave, and goes on from a token',
    async (acopio, registro) => {
      const rows = Array.from({ length: 12_000 }, (_, i) =>
        fila(String(99_999 - i).padStart(5, '0'), 'c'),
      );
      await acopio.ensure(part(registro, { rows }), context());
      const seen: unknown[] = [];
      let resume: string | null = null;

      for await (const chunk of acopio.scan(ask(registro), null, null, context())) {
        seen.push(...chunk.rows.map((row) => row['entidad']));
        resume = chunk.resume;
        break;
      }
      for await (const chunk of acopio.scan(ask(registro), null, resume, context())) {
        seen.push(...chunk.rows.map((row) => row['entidad']));
      }

      expect(seen).toEqual(rows.map((row) => row['entidad']).reverse());
    },
  ],
  [
    'refuses a cursor and a resume token of an earlier version',
    async (acopio, registro) => {
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());
      const old = { version: 'v0', values: ['05001', 202512, '1', 1] };
      const options = { first: 1, after: old, count: false };

      const page = acopio.page(ask(registro), null, [], options, context());
      const scan = acopio.scan(ask(registro), null, JSON.stringify(old), context());

      await expect(page).rejects.toMatchObject({ code: 'CURSOR_VENCIDO' });
      await expect(scan[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'CURSOR_VENCIDO',
      });
    },
  ],
];

const LOADS: readonly (readonly [string, Check])[] = [
  [
    'loads a version once for all who ask, and not again for who asks later',
    async (acopio, registro) => {
      let loads = 0;
      const once = part(registro, { rows: [fila('05001', '1')], onLoad: () => loads++ });

      const answers = await Promise.all([1, 2, 3].map(() => acopio.ensure(once, context())));
      await acopio.ensure(once, context());

      expect(loads).toBe(1);
      expect(answers[2]).toEqual({ id: 'p', version: version('v1'), rows: 1 });
    },
  ],
  [
    'replaces a version whole, and leaves no row of the old one',
    async (acopio, registro, store) => {
      await acopio.ensure(
        part(registro, { rows: [fila('05001', '1'), fila('05002', '1')] }),
        context(),
      );

      await acopio.ensure(part(registro, { token: 'v2', rows: [fila('05001', '2')] }), context());

      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1, K2], context());
      expect(rowsOf(answer, K1)).toEqual([fila('05001', '2')]);
      expect(rowsOf(answer, K2)).toBe('absent');
      expect(await store.query(`select count(*) as n from ${tableName(registro)}`)).toEqual([
        { n: 1n },
      ]);
    },
  ],
  [
    'keeps the last good version when the new file is broken, and says why and where',
    async (acopio, registro, store) => {
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());
      let loads = 0;
      const broken = part(registro, {
        token: 'v2',
        rows: [fila('05001', '2')],
        fail: new DropError(),
        onLoad: () => loads++,
      });

      const loaded = await acopio.ensure(broken, context());
      await acopio.ensure(broken, context());

      expect(loaded?.version.token).toBe('v1');
      expect(loads).toBe(1);
      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1], context());
      expect(rowsOf(answer, K1)).toEqual([fila('05001', '1')]);
      expect(await acopio.parts(registro.sistema)).toEqual([
        {
          id: 'p',
          version: version('v1'),
          rows: 1,
          quarantine: {
            version: 'v2',
            motivo: 'La línea 7 trae once columnas y deben ser doce.',
            linea: 7,
            desde: '1970-01-01T00:00:00.000Z',
          },
        },
      ]);
      expect(await store.query(`select count(*) as n from ${tableName(registro)}`)).toEqual([
        { n: 1n },
      ]);
    },
  ],
  [
    'fails for every key when the only file there is is broken',
    async (acopio, registro) => {
      const loaded = await acopio.ensure(part(registro, { fail: new DropError() }), context());

      expect(loaded).toBeNull();
      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1], context());
      expect(answer.get(K1)).toMatchObject({
        at: 'failed',
        error: { code: 'SOURCE_QUARANTINED' },
      });
    },
  ],
  [
    'puts nothing in quarantine when the source did not answer, and marks the old data as stale',
    async (acopio, registro) => {
      const dead = { token: 'v2', fail: new SourceUnavailableError(registro.sistema) };
      await expect(acopio.ensure(part(registro, dead), context())).rejects.toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
      });
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());

      const loaded = await acopio.ensure(part(registro, dead), context());

      expect(loaded?.version).toEqual({ ...version('v1'), stale: true });
      expect((await acopio.parts(registro.sistema))[0]?.quarantine).toBeNull();
    },
  ],
  [
    'charges one call to who begins a load, and puts nothing in quarantine when it cannot pay',
    async (acopio, registro) => {
      const saldo = { llamadas: 1, bytes: 1 };
      const paying = { ...context(), pagadores: [{ saldo, parte: 1, impago: false }] };
      const rows = [fila('05001', '1')];
      const loads: string[] = [];
      const load = (id: string): Part => part(registro, { id, rows, onLoad: () => loads.push(id) });

      await acopio.ensure(load('p'), paying);
      await acopio.ensure(load('p'), paying);
      await expect(acopio.ensure(load('q'), paying)).rejects.toMatchObject({
        code: 'CONSULTA_EXCESIVA',
      });

      expect([saldo.llamadas, loads]).toEqual([0, ['p']]);
      expect((await acopio.parts(registro.sistema)).map(({ quarantine }) => quarantine)).toEqual([
        null,
      ]);
    },
  ],
  [
    'lets people go first while nobody waits for a load, and stops doing so once somebody does',
    async (_acopio, registro, store) => {
      let asked = 0;
      let wanted: Promise<unknown> = Promise.resolve();
      const polite = createAcopio(store, {
        now: Date.now,
        giveWay: async () => {
          asked += 1;
          if (asked === 2) wanted = polite.ensure(slow, context());
          await Promise.resolve();
        },
      });
      const slow: Part = {
        ...part(registro, {}),
        async *load() {
          for (let i = 0; i < 5; i++) {
            // By the third batch a request has joined.
            if (i === 2) await new Promise((resolve) => setImmediate(resolve));
            yield await Promise.resolve({ registro, rows: [fila('05001', String(i))] });
          }
        },
      };

      await polite.ensure(slow, { ...context(), origen: 'fondo' });
      await wanted;

      expect(asked).toBeGreaterThanOrEqual(2);
      expect(asked).toBeLessThan(5);
    },
  ],
  [
    'gives the main thread back between the batches of a load that takes its time, whoever waits',
    async (_acopio, registro, store) => {
      let clock = 0;
      let turns = 0;
      let next: NodeJS.Immediate;
      const count = (): void => {
        turns += 1;
        next = setImmediate(count);
      };
      const busy = createAcopio(store, { now: () => clock });
      const seen: number[] = [];
      const long: Part = {
        ...part(registro, {}),
        async *load() {
          for (let i = 0; i < 6; i++) {
            clock += 10;
            seen.push(turns);
            yield await Promise.resolve({ registro, rows: [fila('05001', String(i))] });
          }
        },
      };

      next = setImmediate(count);
      await busy.ensure(long, context());
      clearImmediate(next);

      expect(new Set(seen).size).toBe(6);
    },
  ],
  [
    'refuses a file whose rows repeat a clave, lack one, or carry money that is no exact decimal',
    async (acopio, registro) => {
      const bad = [
        [fila('05001', '1'), fila('05001', '1')],
        [{ entidad: '05001', periodo: 1, cuenta: '1' }],
        [fila('05001', '1', { compromisos: '1.50' })],
      ];

      for (const [i, rows] of bad.entries()) {
        expect(await acopio.ensure(part(registro, { token: `b${i}`, rows }), context())).toBeNull();
      }

      const [state] = await acopio.parts(registro.sistema);
      expect(state?.quarantine?.motivo).toContain('compromisos no es de tipo dinero');
    },
  ],
  [
    'joins the parts of a sistema, answers from the part asked, and fails for a part it lacks',
    async (acopio, registro) => {
      await acopio.ensure(part(registro, { id: 'a', rows: [fila('05001', '1')] }), context());
      await acopio.ensure(part(registro, { id: 'b', rows: [fila('05001', '2')] }), context());
      const read = (parts?: readonly string[]) =>
        acopio.read(ask(registro, parts), 'porEntidadPeriodo', [K1], context());

      expect(rowsOf(await read(), K1)).toEqual([fila('05001', '1'), fila('05001', '2')]);
      expect(rowsOf(await read(['b']), K1)).toEqual([fila('05001', '2')]);
      expect(rowsOf(await read(['b', 'c']), K1)).toBe('failed');
    },
  ],
  [
    'forgets a part that its source no longer offers',
    async (acopio, registro) => {
      await acopio.ensure(part(registro, { id: 'a', rows: [fila('05001', '1')] }), context());

      await acopio.forget(registro.sistema, 'a');

      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1], context());
      expect(rowsOf(answer, K1)).toBe('failed');
      expect(await acopio.parts(registro.sistema)).toEqual([]);
    },
  ],
  [
    'removes at the next start what a crash left in the middle of a load',
    async (acopio, registro, store) => {
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());
      await store.query(
        `with g as (insert into acopio_generacion (sistema, id, tablas)
           values ($1::text, 'x', array[$2::text]) returning generacion)
         insert into ${tableName(registro)} (_parte, _fila, entidad, periodo, cuenta, ordinal)
           select generacion, 1, '05001', 202512, 'media', 1 from g`,
        [registro.sistema, tableName(registro)],
      );

      const restarted = createAcopio(store, { now: () => 0 });
      const answer = await restarted.read(ask(registro), 'porEntidadPeriodo', [K1], context());

      expect(rowsOf(answer, K1)).toEqual([fila('05001', '1')]);
      expect(await store.query(`select count(*) as n from ${tableName(registro)}`)).toEqual([
        { n: 1n },
      ]);
    },
  ],
  [
    'loads again when the declaration of a registro changed',
    async (acopio, registro, store) => {
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());
      const wider = gasto(registro.sistema, { nueva: texto() });
      const rows = [fila('05001', '1', { nueva: 'n' })];

      const restarted = createAcopio(store, { now: () => 0 });
      await restarted.ensure({ ...part(wider, { rows }), registros: [wider] }, context());

      const answer = await restarted.read(ask(wider), 'porEntidadPeriodo', [K1], context());
      expect(rowsOf(answer, K1)).toEqual(rows);
    },
  ],
  [
    'sees what another process loaded in the meantime',
    async (acopio, registro, store) => {
      await acopio.ensure(part(registro, { rows: [fila('05001', '1')] }), context());
      const other = createAcopio(store, { now: () => 0 });
      await other.ensure(part(registro, { token: 'v2', rows: [fila('05001', '2')] }), context());

      const answer = await acopio.read(ask(registro), 'porEntidadPeriodo', [K1], context());

      expect(rowsOf(answer, K1)).toEqual([fila('05001', '2')]);
      expect(answer.get(K1)).toMatchObject({ origin: { version: { token: 'v2' } } });
    },
  ],
  [
    'stops waiting when the reader leaves, and still finishes the load for the others',
    async (acopio, registro) => {
      let go: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (go = resolve));
      const slow: Part = {
        ...part(registro, {}),
        async *load() {
          await gate;
          yield { registro, rows: [fila('05001', '1')] };
        },
      };
      const leaving = new AbortController();
      const left = acopio.ensure(slow, context(leaving.signal));
      const stays = acopio.ensure(slow, context());
      leaving.abort();

      await expect(left).rejects.toMatchObject({ code: 'SOURCE_TIMEOUT' });
      go();

      expect(await stays).toMatchObject({ rows: 1 });
    },
  ],
];

const tableName = (registro: Registro): string =>
  `acopio_${registro.nombre.replace(/[A-Z]/g, (c, at: number) => (at === 0 ? '' : '_') + c.toLowerCase())}`;

/** Each case has a sistema, and so a table, of its own. */
const NAMES = [...READS, ...LOADS].map((_, i) => `S${String.fromCharCode(97 + i)}`);
const CASES = [...READS, ...LOADS].map(
  ([title, check], i) => [title, check, NAMES[i] ?? ''] as const,
);

describe('acopio on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check, name) =>
    check(createAcopio(store, { now: () => 0 }), gasto(name), store),
  );
});

await describeWithPostgres('acopio on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check, name) =>
    check(createAcopio(store, { now: () => 0 }), gasto(name), store),
  );
});
