import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
import type { SodaFake } from '../../tests/soda-fake.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { spellingsOf } from './lectura.js';
import { createAdapter, createFake, rowsOf, SIN_ACOPIO } from './testing.js';

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
