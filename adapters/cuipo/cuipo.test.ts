import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Registro } from '../../schema/registro.js';
import {
  EjecucionGasto,
  EntidadChip,
  ProgramacionIngreso,
  RaizEjecucionGasto,
  RaizProgramacionIngreso,
} from '../../schema/registros/cuipo.js';
import { sumDecimals } from '../../schema/values/decimal.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import {
  BASE_URL,
  createSodaFake,
  type SodaFake,
  type SodaFixture,
} from '../../tests/soda-fake.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { createCuipoAdapter } from './index.js';
import { spellingsOf } from './lectura.js';

const EXPORTS = new URL('../../sandbox/exports/', import.meta.url);
const LIBRO_D = 'muestra_chip_219105091_2025T4_cuipo_D_ejecucion_gastos.xlsx';
const LIBRO_A = 'muestra_chip_219105091_2025T4_cuipo_A_programacion_ingresos.xlsx';
const VOLCADO = 'muestra_cuipo_datosabiertos_214505145_2021-2023.csv';

const DATASETS = ['22ah-ddsj', '4f7r-epif', '5c7g-ptic'];
/** Columns that a row may lack. */
const NULABLES =
  /^(nombre_|nom_(?!fuentes|programatico)|cod_(cpc|terceros|politica)|bpin|p_gina_web)/;

const createFake = (): SodaFake =>
  createSodaFake(
    new Map(
      DATASETS.map((dataset) => {
        const text = readFileSync(new URL(`fixtures/${dataset}.json`, import.meta.url), 'utf8');
        return [dataset, JSON.parse(text) as SodaFixture[]];
      }),
    ),
    NULABLES,
  );

const SETTINGS = { baseUrl: BASE_URL, timeoutMs: 5_000, windows: false };

function createAdapter(fake: SodaFake, acopio: Acopio, dropDir?: string): Adapter {
  return createCuipoAdapter(
    { ...SETTINGS, ...(dropDir === undefined ? {} : { dropDir }) },
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      acopio,
      dispatcher: fake.agent,
    },
  );
}

/** Never asked where no folder is set. */
const SIN_ACOPIO = {} as Acopio;

const subjectOf =
  (registro: Registro, acceso: string, keys: readonly string[], unknown: string) => async () => {
    const fake = createFake();
    return Promise.resolve({
      adapter: createAdapter(fake, SIN_ACOPIO),
      registro,
      acceso,
      keys,
      unknown,
      conduct: (conducta: SodaFake['conducta']) => {
        fake.conducta = conducta;
      },
      calls: () => fake.asked.length,
      dispose: () => fake.agent.close(),
    });
  };

adapterConformance(
  'EjecucionGasto of CUIPO',
  subjectOf(
    EjecucionGasto,
    'porEntidadPeriodo',
    ['219105091|2025|T4', '214505145|2025|T4'],
    '210105001|2025|T4',
  ),
);
adapterConformance(
  'RaizEjecucionGasto of CUIPO',
  subjectOf(
    RaizEjecucionGasto,
    'porEntidadVigencia',
    ['219105091|2025', '214505145|2025'],
    '210105001|2025',
  ),
);
adapterConformance(
  'EntidadChip of CUIPO',
  subjectOf(EntidadChip, 'porCodigoChip', ['219105091', '214505145'], '210105001'),
);

function rowsOf(outcome: Outcome<Row> | undefined): readonly Row[] {
  if (outcome?.at === 'found') return outcome.rows;
  throw new Error(`the outcome is ${outcome?.at ?? 'missing'}`);
}

describe('CUIPO over SODA', () => {
  let fake: SodaFake;
  let adapter: Adapter;

  beforeEach(() => {
    fake = createFake();
    adapter = createAdapter(fake, SIN_ACOPIO);
  });
  afterEach(async () => {
    await adapter.close();
    await fake.agent.close();
  });

  const readOne = async (
    registro: Registro,
    acceso: string,
    key: string,
  ): Promise<Outcome<Row>> => {
    const outcome = (await adapter.read(registro, acceso, [key], contextOf())).get(key);
    if (outcome === undefined) throw new Error('the key was not answered');
    return outcome;
  };

  it('asks once for the four quarters of a year, and only for the root account', async () => {
    await readOne(RaizEjecucionGasto, 'porEntidadVigencia', '219105091|2025');

    expect(fake.asked).toHaveLength(1);
    expect(fake.asked[0]?.params.get('$where')).toContain("cuenta = '2'");
    expect(fake.asked[0]?.params.get('$where')).toContain(
      "'20250301','20250601','20250901','20251201'",
    );
  });

  it('asks nobody for years before the first CUIPO', async () => {
    const outcome = await readOne(RaizEjecucionGasto, 'porEntidadVigencia', '219105091|2019');

    expect(outcome.at).toBe('absent');
    expect(fake.asked).toEqual([]);
  });

  it('declares the last day of the quarter as its cut', async () => {
    const outcome = await readOne(EjecucionGasto, 'porEntidadPeriodo', '219105091|2025|T4');

    expect(outcome).toMatchObject({ origin: { corte: '2025-12-31', modo: 'FILAS' } });
  });

  it('reads form A under the names of its neighbours, where it is published shifted', async () => {
    const straight = rowsOf(
      await readOne(RaizProgramacionIngreso, 'porEntidadVigencia', '219105091|2025'),
    );
    const shifted = (fake.rows.get('22ah-ddsj') ?? []).map(
      ({ cuenta, nombre_cuenta, presupuesto_inicial, presupuesto_definitivo, ...row }) => ({
        ...row,
        cuenta: row['ambito_codigo'],
        nombre_cuenta: row['ambito_nombre'],
        ambito_codigo: cuenta,
        ambito_nombre: nombre_cuenta,
        cod_detalle_sectorial: presupuesto_inicial,
        nom_detalle_sectorial: presupuesto_definitivo,
        presupuesto_inicial: row['cod_detalle_sectorial'],
        presupuesto_definitivo: row['nom_detalle_sectorial'],
      }),
    );
    fake.rows.set('22ah-ddsj', shifted);

    const rows = rowsOf(
      await readOne(RaizProgramacionIngreso, 'porEntidadVigencia', '219105091|2025'),
    );
    const all = rowsOf(
      await readOne(ProgramacionIngreso, 'porEntidadPeriodo', '219105091|2025|T4'),
    );

    expect(rows).toEqual(straight);
    expect(rows[0]?.presupuestoDefinitivo).toBe('31331015576');
    expect(all).toHaveLength(144);
  });

  it('fails with SOURCE_CONTRACT on the registro whose dataset lost a column, and on no other', async () => {
    fake.rows.set(
      '4f7r-epif',
      (fake.rows.get('4f7r-epif') ?? []).map((row) => ({ ...row, pagos: undefined })),
    );

    const lost = await readOne(EjecucionGasto, 'porEntidadPeriodo', '219105091|2025|T4');
    const other = await readOne(ProgramacionIngreso, 'porEntidadPeriodo', '219105091|2025|T4');

    expect(lost).toMatchObject({ at: 'failed', error: { code: 'SOURCE_CONTRACT' } });
    expect(other.at).toBe('found');
  });

  it('reads codes that travel as 1.0', async () => {
    const rows = fake.rows.get('4f7r-epif') ?? [];
    fake.rows.set(
      '4f7r-epif',
      rows.map((row) => ({ ...row, cod_vigencia_del_gasto: '1.0' })),
    );

    const found = rowsOf(await readOne(EjecucionGasto, 'porEntidadPeriodo', '219105091|2025|T4'));

    expect(new Set(found.map((row) => row.vigenciaGasto))).toEqual(new Set(['1']));
  });

  it('finds a project under the spelling of CUIPO and under that of PIIP', async () => {
    const rowsOfD = fake.rows.get('4f7r-epif') ?? [];
    fake.rows.set(
      '4f7r-epif',
      rowsOfD.map((row) =>
        row['bpin'] === '2021050910066' ? { ...row, bpin: '2025000002257' } : row,
      ),
    );

    const outcome = await readOne(EjecucionGasto, 'porBpin', '202500000002257');
    const rows = rowsOf(outcome);

    expect(rows).toHaveLength(2);
    expect(new Set(rows.map((row) => row.bpinOriginal))).toEqual(new Set(['2025000002257']));
    expect(new Set(rows.map((row) => row.bpin))).toEqual(new Set(['202500000002257']));
    expect(spellingsOf('202500000002257')).toEqual(['202500000002257', '2025000002257']);
    expect(spellingsOf('2021050910010')).toEqual(['2021050910010']);
  });

  it('lets SODA add up by programme and gives the sectors of the leaves', async () => {
    const key = '219105091|2025|T4';
    const leaves = rowsOf(await readOne(EjecucionGasto, 'porEntidadPeriodo', key)).filter(
      (row) => row.esHoja === true && row.sector === '19',
    );

    const byKey = await adapter.measure(
      EjecucionGasto,
      'porSector',
      [key],
      ['sector'],
      contextOf(),
    );

    const outcome = byKey.get(key);
    if (outcome?.at !== 'found') throw new Error('not found');
    const salud = outcome.rows.find(({ dims }) => dims.sector === '19');
    expect(salud?.sums.compromisos).toBe(sumDecimals(leaves.map((row) => String(row.compromisos))));
    expect(salud?.count).toBe(leaves.length);
    expect(outcome.origin.modo).toBe('AGREGADO_EN_FUENTE');
  });

  it('cuts a list in its order and goes on after its last row', async () => {
    const filtro = {
      op: 'and' as const,
      de: [
        { op: 'eq' as const, campo: 'codigoChip', valor: '219105091' },
        { op: 'eq' as const, campo: 'vigencia', valor: 2025 },
        { op: 'eq' as const, campo: 'periodo', valor: 'T4' },
        { op: 'hoja' as const },
      ],
    };
    const orden = [{ campo: 'compromisos', sentido: 'desc' as const }];
    const options = { first: 2, after: null, count: true };

    const first = await adapter.page(EjecucionGasto, filtro, orden, options, contextOf());
    if (first.at !== 'found') throw new Error('not found');
    const [top] = first.rows;
    const last = top?.rows.at(-1);
    const values = ['compromisos', ...EjecucionGasto.clave].map((campo) => {
      const value = last?.[campo] ?? null;
      return typeof value === 'boolean' ? null : value;
    });
    const after = { values, version: first.origin.version.token };
    const next = await adapter.page(
      EjecucionGasto,
      filtro,
      orden,
      { first: 1000, after, count: false },
      contextOf(),
    );

    if (next.at !== 'found') throw new Error('not found');
    expect(top?.hasNext).toBe(true);
    expect(next.rows[0]?.rows).toHaveLength((top?.total ?? 0) - 2);
    expect(next.rows[0]?.hasNext).toBe(false);
  });

  it('refuses a cursor of another version, and a list that names no entity', async () => {
    const filtro = { op: 'eq' as const, campo: 'bpin', valor: '202500000002257' };
    const after = { values: [], version: 'otra' };

    const old = await adapter.page(
      EjecucionGasto,
      filtro,
      [],
      { first: 1, after, count: false },
      contextOf(),
    );
    const all = await adapter.page(
      EjecucionGasto,
      null,
      [],
      { first: 1, after: null, count: false },
      contextOf(),
    );

    expect(old).toMatchObject({ at: 'failed', error: { code: 'CURSOR_VENCIDO' } });
    expect(all).toMatchObject({ at: 'failed', error: { code: 'CAPACIDAD_INSUFICIENTE' } });
  });

  it('gives the last entry of the directory, with a NIT of nine digits', async () => {
    const outcome = await readOne(EntidadChip, 'porNit', '890980112');

    expect(rowsOf(outcome)).toEqual([
      {
        codigoChip: '219105091',
        nit: '890980112',
        nombre: 'Betania',
        departamento: 'ANTIOQUIA',
        municipio: 'BETANIA',
      },
    ]);
  });
});

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
