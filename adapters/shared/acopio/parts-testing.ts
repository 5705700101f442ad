import { expect } from '@jest/globals';
import { texto } from '../../../schema/registro.js';
import { createAcopio } from './create-acopio.js';
import { ask, context, fila, gasto, K1, part, rowsOf, tableName, type Case } from './testing.js';

/** The parts of a sistema: joined, forgotten, and what a restart or another process finds of them. */
export const PARTS: readonly Case[] = [
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
];
