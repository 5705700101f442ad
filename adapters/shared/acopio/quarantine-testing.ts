import { expect } from '@jest/globals';
import { SourceUnavailableError } from '../../errors.js';
import { ask, context, fila, K1, part, rowsOf, tableName, version, type Case } from './testing.js';

class DropError extends Error {
  readonly mensaje = 'La línea 7 trae once columnas y deben ser doce.';
  readonly linea = 7;
}

/** What a broken file, or a dead source, leaves of what there was. */
export const QUARANTINE: readonly Case[] = [
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
];
