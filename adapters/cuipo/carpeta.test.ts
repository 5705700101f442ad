import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EjecucionGasto, RaizEjecucionGasto } from '../../schema/registros/cuipo.js';
import { sumDecimals } from '../../schema/values/decimal.js';
import { contextOf } from '../../tests/adapter-conformance.js';
import type { SodaFake } from '../../tests/soda-fake.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { createAdapter, createFake, rowsOf } from './testing.js';

const EXPORTS = new URL('../../sandbox/exports/', import.meta.url);
const LIBRO_D = 'muestra_chip_219105091_2025T4_cuipo_D_ejecucion_gastos.xlsx';
const LIBRO_A = 'muestra_chip_219105091_2025T4_cuipo_A_programacion_ingresos.xlsx';
const VOLCADO = 'muestra_cuipo_datosabiertos_214505145_2021-2023.csv';

describe('CUIPO with a folder of workbooks and dumps', () => {
  let store: TestStore;
  let dir: string;
  let fake: SodaFake;
  let adapter: Adapter;

  beforeAll(async () => {
    store = await openTestStore();
    dir = await mkdtemp(path.join(tmpdir(), 'cuipo-'));
    for (const name of [LIBRO_A, LIBRO_D, VOLCADO]) {
      await copyFile(fileURLToPath(new URL(name, EXPORTS)), path.join(dir, name));
    }
    await writeFile(path.join(dir, 'roto.xlsx'), 'this is no workbook');
    fake = createFake();
    adapter = createAdapter(fake, createAcopio(store, { now: Date.now }), dir);
  });
  afterAll(async () => {
    await adapter.close();
    await fake.agent.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('prefers the workbook to SODA and asks SODA nothing about a report that a workbook holds', async () => {
    const key = '219105091|2025|T4';
    const before = fake.asked.length;

    const outcome = (
      await adapter.read(EjecucionGasto, 'porEntidadPeriodo', [key], contextOf())
    ).get(key);

    expect(rowsOf(outcome)).toHaveLength(624);
    expect(outcome).toMatchObject({ origin: { modo: 'ACOPIO', corte: '2025-12-31' } });
    expect(fake.asked.length).toBe(before);
  });

  it('tells of the roots of other receptions that say something else', async () => {
    const rows = fake.rows.get('4f7r-epif') ?? [];
    fake.rows.set(
      '4f7r-epif',
      rows.map((row) =>
        row['cuenta'] === '2' && row['cod_seccion_presupuestal'] === '18'
          ? { ...row, pagos: '1' }
          : row,
      ),
    );
    const key = '219105091|2025';

    const outcome = (
      await adapter.read(RaizEjecucionGasto, 'porEntidadVigencia', [key], contextOf())
    ).get(key);

    const contradicciones = rowsOf(outcome).map((row) => [row.seccion, row.contradiccion]);
    expect(contradicciones).toContainEqual([
      '18',
      'SODA: compromisos 241458673, obligaciones 241458673, pagos 1',
    ]);
    expect(contradicciones).toContainEqual(['20', null]);
    fake.rows.set('4f7r-epif', rows);
  });

  it('answers from the dump what SODA does not have', async () => {
    const keys = ['214505145|2021|T4', '214505145|2025|T4'];

    const byKey = await adapter.read(EjecucionGasto, 'porEntidadPeriodo', keys, contextOf());

    expect(new Set(rowsOf(byKey.get('214505145|2021|T4')).map((row) => row.canal))).toEqual(
      new Set(['VOLCADO']),
    );
    expect(new Set(rowsOf(byKey.get('214505145|2025|T4')).map((row) => row.canal))).toEqual(
      new Set(['SODA']),
    );
  });

  it('adds the sectors of a workbook over its leaves', async () => {
    const key = '219105091|2025|T4';

    const byKey = await adapter.measure(
      EjecucionGasto,
      'porSector',
      [key],
      ['sector', 'vigenciaGasto'],
      contextOf(),
    );

    const outcome = byKey.get(key);
    if (outcome?.at !== 'found') throw new Error('not found');
    const actual = outcome.rows.filter(({ dims }) => dims.vigenciaGasto === '1');
    expect(sumDecimals(actual.map(({ sums }) => sums.compromisos ?? '0'))).toBe('28481892240');
    expect(actual.some(({ dims }) => dims.sector === null)).toBe(true);
  });

  it('quarantines a broken file and says so', async () => {
    await adapter.version(EjecucionGasto, contextOf());

    expect(adapter.estado().avisos).toContainEqual(
      expect.objectContaining({ codigo: 'SOURCE_QUARANTINED', donde: 'roto.xlsx' }),
    );
  });

  it('answers what the folder has while SODA is dead, and says that it may be late', async () => {
    fake.conducta = 'MUERTA';
    const keys = ['219105091|2025', '214505145|2021', '210105001|2025'];

    const byKey = await adapter.read(RaizEjecucionGasto, 'porEntidadVigencia', keys, contextOf());
    const porBpin = await adapter.read(EjecucionGasto, 'porBpin', ['2025000002257'], contextOf());

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['found', 'found', 'failed']);
    expect(byKey.get('219105091|2025')).toMatchObject({ origin: { version: { stale: true } } });
    // The places of a project are all or none.
    expect([...porBpin.values()].map(({ at }) => at)).toEqual(['failed']);
    fake.conducta = 'NORMAL';
  });

  it('fails a report that only SODA may hold while SODA is dead, and still answers workbooks', async () => {
    fake.conducta = 'MUERTA';

    const libro = await adapter.read(
      EjecucionGasto,
      'porEntidadPeriodo',
      ['219105091|2025|T4'],
      contextOf(),
    );
    const soda = await adapter.read(
      EjecucionGasto,
      'porEntidadPeriodo',
      ['219105091|2025|T3'],
      contextOf(),
    );

    expect(libro.get('219105091|2025|T4')?.at).toBe('found');
    expect(soda.get('219105091|2025|T3')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_UNAVAILABLE' },
    });
    fake.conducta = 'NORMAL';
  });
});
