import { beforeEach, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FutGastosInversion, RaizFut } from '../../schema/registros/fut.js';
import type { Row } from '../contract.js';
import { ctx, d, HEAD, INVERSION, rowsOf, sd, setUpFut } from './testing.js';

describe('broken FUT files', () => {
  const fut = setUpFut();
  const { write, later, readOne, restart } = fut;
  const broken: readonly (readonly [string, string, string])[] = [
    [
      'control totals that miss the root',
      sd(HEAD, d('VAL', '700', '1', '1', '1', '1', '1'), ...INVERSION.slice(1)),
      'cifra de control',
    ],
    ['a parent that is not the sum of its details', sd(HEAD, ...INVERSION.slice(0, 5)), 'suma'],
    ['a row twice', sd(HEAD, ...INVERSION, ...INVERSION.slice(5)), 'se repite'],
    ['payments above obligations', sd(HEAD, d('A', '', '1', '1', '1', '1', '2')), 'supera'],
    ['a short row', sd(HEAD, ...INVERSION.slice(0, 2), d('A.1', '')), 'campos'],
    ['a tab inside a row', sd(HEAD, d('A', '', '1', '1', '1', '1', '1', '1')), 'tabulador'],
    [
      'an amount that is no number',
      sd(HEAD, d('A', '', '1', '1,5', '1', '1', '1')),
      'no es un valor',
    ],
    ['a cut last line', sd(HEAD, ...INVERSION).slice(0, -10), 'cortada'],
    ['a foreign line', sd(HEAD, ...INVERSION, ['X', 'nada']), 'no es S ni D'],
  ];

  it.each(broken)('is quarantined whole for %s', async (_what, text, motivo) => {
    await write('malo.txt', text);

    const outcome = await readOne();

    expect(outcome).toMatchObject({ at: 'failed', error: { code: 'SOURCE_QUARANTINED' } });
    const [aviso] = fut.adapter.estado().avisos;
    expect(aviso?.mensaje).toContain(motivo);
    expect(aviso?.mensaje).toMatch(/ \(línea \d+\)$/);
    expect(aviso?.donde).toBe('malo.txt');
    expect(fut.errors).toEqual(['SOURCE_QUARANTINED']);
  });

  it.each([
    ['zero bytes', Buffer.alloc(0), 'vacío'],
    ['UTF-16', Buffer.from('\ufeffS\t219105091\t11012\t2019\tINGRESOS\r\n', 'utf16le'), 'UTF-16'],
    ['no header', Buffer.from('hola\r\n'), 'no es un informe'],
    ['a damaged workbook', Buffer.from('504b0304ffff', 'hex'), 'libro'],
  ])('is named in the state for %s', async (_what, bytes, motivo) => {
    await writeFile(path.join(fut.dir, 'malo.txt'), bytes);
    await write('bueno.txt', sd(HEAD, ...INVERSION));

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(5);
    expect(
      fut.adapter
        .estado()
        .avisos.map(({ mensaje }) => mensaje)
        .join(),
    ).toContain(motivo);
  });

  it('leaves the last good version of the file answering', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(5);
    expect(fut.adapter.estado().avisos).toHaveLength(1);
  });

  it('leaves it answering also for a report that the broken file no longer reaches', async () => {
    const other = HEAD.with(1, '210105001');
    await write('envio.txt', sd(HEAD, ...INVERSION, other, ...INVERSION));
    await readOne(FutGastosInversion, '210105001|2019');
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();

    expect(rowsOf(await readOne(FutGastosInversion, '210105001|2019'))).toHaveLength(5);
    expect(fut.adapter.estado().avisos).toHaveLength(1);
  });

  describe('cut before a whole vigencia that it had', () => {
    const anterior = HEAD.with(3, '2018');
    beforeEach(async () => {
      await write('envio.txt', sd(anterior, ...INVERSION, HEAD, ...INVERSION));
      await readOne();
      await write('envio.txt', sd(anterior, ...INVERSION.slice(0, 5)));
      later();
    });

    it('leaves the last good version answering for it, also after a restart', async () => {
      expect(rowsOf(await readOne())).toHaveLength(5);
      await restart();

      expect(rowsOf(await readOne())).toHaveLength(5);
      expect(fut.adapter.estado().avisos).toMatchObject([{ codigo: 'SOURCE_QUARANTINED' }]);
    });

    it('walks the reports of the last good version', async () => {
      await restart();
      const vigencias: unknown[] = [];

      for await (const { rows } of fut.adapter.scan(RaizFut, null, null, ctx))
        vigencias.push(...rows.map((row) => row['vigencia']));

      expect(vigencias).toEqual([2018, 2019]);
    });

    it('takes it for absent once a complete file says so', async () => {
      await write('envio.txt', sd(anterior, ...INVERSION));
      later();

      expect((await readOne())?.at).toBe('absent');
      expect(fut.adapter.estado().avisos).toEqual([]);
    });
  });

  it('takes no report for absent that a broken file may have held', async () => {
    await write('malo.txt', sd(HEAD, ...INVERSION.slice(0, 5)));

    expect(await readOne(FutGastosInversion, '210105001|2019')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_QUARANTINED' },
    });
    expect((await readOne(FutGastosInversion, '210105001|2018'))?.at).toBe('absent');
  });

  it('is forgotten once the file is again what it was', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();
    await readOne();
    expect(fut.adapter.estado().avisos).toHaveLength(1);
    await write('envio.txt', sd(HEAD, ...INVERSION));
    later();

    expect(rowsOf(await readOne())).toHaveLength(5);
    expect(fut.adapter.estado().avisos).toEqual([]);
  });

  it('is found by a line without end before the file is read whole, whoever is asked for', async () => {
    await write('largo.txt', `${sd(HEAD)}D\tA\t${'9'.repeat(3_000_000)}`);
    await write('bueno.txt', sd(HEAD.with(1, '210105001'), ...INVERSION));

    expect(rowsOf(await readOne(FutGastosInversion, '210105001|2019'))).toHaveLength(5);
    expect(fut.adapter.estado().avisos).toMatchObject([
      {
        codigo: 'SOURCE_QUARANTINED',
        mensaje: expect.stringMatching(/ \(línea 2\)$/),
        donde: 'largo.txt',
      },
    ]);
  });

  it('does not keep the other files of the folder from answering', async () => {
    await write('malo.txt', sd(HEAD.with(1, '210105001'), ...INVERSION.slice(0, 5)));
    await write('bueno.txt', sd(HEAD, ...INVERSION));

    const byKey = await fut.adapter.read(
      RaizFut,
      'porEntidadVigencia',
      ['210105001|2019', '219105091|2019'],
      ctx,
    );

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['failed', 'found']);
  });

  it('walks what it knew when the folder goes away', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await rm(fut.dir, { recursive: true });
    later();
    const rows: Row[] = [];

    for await (const chunk of fut.adapter.scan(RaizFut, null, null, ctx)) rows.push(...chunk.rows);

    expect(rows.map(({ vigencia }) => vigencia)).toEqual([2019]);
  });

  it('fails every key as unavailable where the folder is empty', async () => {
    expect(await readOne()).toMatchObject({ at: 'failed', error: { code: 'SOURCE_UNAVAILABLE' } });
  });

  it('answers what it knew when the folder goes away, and says that it is stale', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await rm(fut.dir, { recursive: true });
    later();

    const outcome = await readOne();

    expect(rowsOf(outcome)).toHaveLength(5);
    expect(outcome).toMatchObject({ origin: { version: { stale: true } } });
  });
});
