import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Adapter, RecordStore, Row } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { claveOf } from '../../schema/digest.js';
import { countOf, cuarentenaOf, evidenceOf, setUpHouses, type House } from './backfill-testing.js';
import { runBackfill } from './backfill.js';
import { claveDigest } from './clave-digest.js';
import { contextOf, type Progreso } from './tarea.js';
import { filaAt, filasTo, versionAt } from './testing.js';

const house = setUpHouses(createUnico);

const rowOf = async ({ unico, registro, tarea }: House, n: number): Promise<Row | undefined> => {
  const answer = await unico.read(registro, 'porCuenta', [`c${n}`], contextOf(tarea));
  const outcome = answer.get(`c${n}`);
  return outcome?.at === 'found' ? outcome.rows[0] : undefined;
};

describe('I10: a change that is captured while a chunk is read', () => {
  it('is never overwritten by the older row of the chunk, in any interleaving', async () => {
    const change = fc.record({
      n: fc.integer({ min: 0, max: 29 }),
      chunk: fc.integer({ min: 0, max: 2 }),
      edition: fc.constantFrom(1, 3),
    });
    const changes = fc.uniqueArray(change, { selector: ({ n }) => n, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const one = await house(filasTo(30));
        one.viejo.chunk = 10;
        one.viejo.edition = 2;
        const { unico, registro, tarea } = one;
        let taken = 0;
        const ingest: RecordStore['ingest'] = async (...args) => {
          for (const { n, chunk, edition } of all) {
            if (chunk !== taken) continue;
            const rows = [filaAt(n, { pagos: `${edition}000` })];
            await unico.ingest(
              registro,
              { rows, version: versionAt(edition) },
              null,
              contextOf(tarea),
            );
          }
          taken += 1;
          return unico.ingest(...args);
        };

        await runBackfill({ ...tarea, unico: { ...unico, ingest } });

        for (const { n, edition } of all) {
          const expected = edition === 3 ? '3000' : filaAt(n)['pagos'];
          expect((await rowOf(one, n))?.['pagos']).toBe(expected);
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('I11: a record that the source does not have any more', () => {
  it('gets its tombstone after two complete walks', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).slice(1);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', pasadas: 2 });
    expect(done.ausencias).toEqual({ pendientes: 0, borradas: 1, noBorradas: 0 });
    expect(await rowOf(one, 0)).toBeUndefined();
    expect(await countOf(one)).toBe(299);
  });

  it('stays when only one walk lacked it', async () => {
    const onProgreso = ({ pasada }: Progreso): void => {
      if (pasada === 2) one.viejo.rows = filasTo(300);
    };
    const one = await house(filasTo(300), {}, { onProgreso });
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).slice(1);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ pasadas: 2, leidas: 300 });
    expect(done.ausencias).toEqual({ pendientes: 0, borradas: 0, noBorradas: 0 });
    expect(await countOf(one)).toBe(300);
  });

  it('is one of too many when the answer was cut: the load stops and deletes none', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.edition = 2;
    one.viejo.cutAt = 200;

    const done = await runBackfill(one.tarea);
    const again = await runBackfill(one.tarea);

    for (const result of [done, again]) {
      expect(result).toMatchObject({ estado: 'detenida', codigo: 'DELETE_LIMIT' });
      expect(result.motivo).toContain('100 de 300');
    }
    expect(await countOf(one)).toBe(300);
    expect(await evidenceOf(one, 'backfill')).toMatchObject({ completo: false });
  });

  it('is no matter when a walk ends without saying so: that walk proves nothing', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.edition = 2;
    const whole: Adapter = one.viejo;
    const old = Object.assign(Object.create(whole) as Adapter, {
      async *scan(...args: Parameters<Adapter['scan']>) {
        for await (const chunk of whole.scan(...args)) {
          if (chunk.resume === null) return;
          yield chunk;
        }
      },
    });

    const done = await runBackfill({ ...one.tarea, viejo: old });

    expect(done).toMatchObject({ estado: 'detenida', codigo: 'SOURCE_CONTRACT' });
    expect(await countOf(one)).toBe(300);
  });
});

describe('a record that cannot be taken', () => {
  const poison = (row: Row, n: number): Row => {
    if (n === 3) return { ...row, pagos: '1,5' };
    if (n === 4) return { ...row, cuenta: null };
    if (n === 5) return { ...row, nombre: 7 };
    return row;
  };

  it('goes to quarantine with reason and digests, and the others are taken', async () => {
    const one = await house(filasTo(60).map(poison));

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 60, escritas: 57, cuarentena: 3 });
    const kept = await cuarentenaOf(one);
    expect(kept.map(({ motivo }) => motivo).sort()).toEqual([
      'FORMA',
      'SIN_CLAVE',
      'VALOR_NO_EXACTO',
    ]);
    expect(kept.every(({ claveDigest }) => /^[0-9a-f]{32,64}$/.test(claveDigest))).toBe(true);
    expect(await evidenceOf(one, 'cuarentena')).toEqual({ pendientes: 3, eximidas: 0 });
  });

  it('leaves quarantine when the source mends it', async () => {
    const one = await house(filasTo(60).map(poison));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(60);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', escritas: 3, cuarentena: 0 });
    expect(await cuarentenaOf(one)).toEqual([]);
  });

  it('does not let a good earlier version of it be deleted', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).map((row, n) => (n === 3 ? { ...row, pagos: '1,5' } : row));
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done.ausencias.borradas).toBe(0);
    expect(await countOf(one)).toBe(300);
  });
});

it('names claves by their digest in what it keeps', async () => {
  const one = await house(filasTo(20).map((row, n) => (n === 1 ? { ...row, pagos: 'x' } : row)));
  await runBackfill(one.tarea);

  const kept = JSON.stringify(await cuarentenaOf(one));

  expect(kept).not.toContain(claveOf(one.registro, filaAt(1)));
  expect(kept).toContain(claveDigest(one.tarea.tramo, claveOf(one.registro, filaAt(1))));
});
