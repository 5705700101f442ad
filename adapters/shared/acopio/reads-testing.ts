import { expect } from '@jest/globals';
import { keyOf } from '../../../schema/key.js';
import type { Row } from '../../contract.js';
import type { Acopio } from './acopio.js';
import { ask, context, fila, K1, K2, part, rowsOf, type Case } from './testing.js';

/** What the acopio answers over what it holds. */
export const READS: readonly Case[] = [
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
