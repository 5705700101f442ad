import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Registro } from '../../schema/registro.js';
import { Contrato, ContratoProyecto } from '../../schema/registros/secop.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import {
  BASE_URL,
  createSodaFake,
  type SodaFake,
  type SodaFixture,
} from '../../tests/soda-fake.js';
import type { Adapter, Outcome } from '../contract.js';
import { MOCK_ORIGIN, mockContext, mockSource, type MockedSource } from '../shared/http/testing.js';
import { mockPortal, type Portal, type PortalRow } from '../shared/soda/testing-portal.js';
import { createSecopAdapter } from './index.js';

const read = (name: string): SodaFixture[] =>
  JSON.parse(
    readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'),
  ) as SodaFixture[];

/** Columns that a row may lack. */
const NULABLES = /^(?!id_contrato$|id_contracto$|codigo_bpin$|nit_entidad$)/;

const createFake = (): SodaFake =>
  createSodaFake(
    new Map([
      ['jbjy-vk9h', read('contratos')],
      ['d9na-abhe', read('contratos-proyecto')],
    ]),
    NULABLES,
  );

const createAdapter = (baseUrl: string, dispatcher: SodaFake['agent'], windows = false): Adapter =>
  createSecopAdapter(
    { baseUrl, timeoutMs: 5_000, windows },
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      dispatcher,
    },
  );

const subjectOf =
  (registro: Registro, acceso: string, keys: readonly string[], unknown: string) => () => {
    const fake = createFake();
    return Promise.resolve({
      adapter: createAdapter(BASE_URL, fake.agent),
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
  'Contrato of SECOP by id',
  subjectOf(Contrato, 'porId', ['CO1.PCCNTR.8560001', 'CO1.PCCNTR.8560004'], 'CO1.PCCNTR.1'),
);
adapterConformance(
  'Contrato of SECOP by NIT',
  subjectOf(Contrato, 'porNit', ['890000464', '800113672'], '899999999'),
);
adapterConformance(
  'ContratoProyecto of SECOP by BPIN',
  subjectOf(ContratoProyecto, 'porBpin', ['202500000000001', '202300000000077'], '2017003630001'),
);
adapterConformance(
  'ContratoProyecto of SECOP by contract',
  subjectOf(
    ContratoProyecto,
    'porContrato',
    ['CO1.PCCNTR.8560001', 'CO1.PCCNTR.8560005'],
    'CO1.PCCNTR.1',
  ),
);

const idsOf = (outcome: Outcome<unknown> | undefined): unknown[] => {
  if (outcome?.at !== 'found') throw new Error(`the outcome is ${outcome?.at ?? 'missing'}`);
  return outcome.rows.flatMap((row) => {
    const { rows, id } = row as { rows?: readonly { id: unknown }[]; id?: unknown };
    return rows?.map((each) => each.id) ?? [id];
  });
};

describe('SECOP by keys', () => {
  let fake: SodaFake;
  let adapter: Adapter;

  beforeEach(() => {
    fake = createFake();
    adapter = createAdapter(BASE_URL, fake.agent);
  });
  afterEach(async () => {
    await adapter.close();
    await fake.agent.close();
  });

  it('asks both written forms of a NIT in one call and matches the rows back', async () => {
    const byKey = await adapter.read(Contrato, 'porNit', ['890000464', '800113672'], contextOf());

    expect(fake.asked).toHaveLength(1);
    expect(fake.asked[0]?.params.get('$where')).toBe(
      'nit_entidad in (890000464,8900004643,800113672,8001136727)',
    );
    expect(idsOf(byKey.get('890000464'))).toEqual([
      'CO1.PCCNTR.8560001',
      'CO1.PCCNTR.8560002',
      'CO1.PCCNTR.8560003',
    ]);
    expect(idsOf(byKey.get('800113672'))).toEqual(['CO1.PCCNTR.8560004', 'CO1.PCCNTR.8560005']);
  });

  it('never asks for the columns of persons and bank accounts', async () => {
    await adapter.read(Contrato, 'porId', ['CO1.PCCNTR.8560001'], contextOf());
    for await (const chunk of adapter.scan(Contrato, null, null, contextOf())) {
      expect(chunk.rows).toHaveLength(5);
    }

    expect(fake.asked).toHaveLength(2);
    for (const { params } of fake.asked) {
      expect(params.get('$select')).not.toMatch(
        /\*|representante|banco|cuenta|ordenador|supervisor/,
      );
    }
  });

  it('asks nothing for an id that no contract can have', async () => {
    const byKey = await adapter.read(Contrato, 'porId', ["x' or 1 = 1"], contextOf());

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['absent']);
    expect(fake.asked).toEqual([]);
  });

  it('gives one link for a contract that several processes tie to a project, the validated one', async () => {
    const rows = [...read('contratos-proyecto')].reverse();
    fake.rows.set('d9na-abhe', rows);

    const outcome = (
      await adapter.read(ContratoProyecto, 'porBpin', ['202500000000001'], contextOf())
    ).get('202500000000001');

    if (outcome?.at !== 'found') throw new Error('no link');
    expect(outcome.rows.map(({ idContrato, validado }) => [idContrato, validado])).toEqual([
      ['CO1.PCCNTR.8560002', true],
      ['CO1.PCCNTR.8560001', true],
    ]);
  });

  it('lists no links: they are read by their keys', async () => {
    const options = { first: 2, after: null, count: false };

    const page = await adapter.page(ContratoProyecto, null, [], options, contextOf());

    expect(page).toMatchObject({ at: 'failed', error: { code: 'CAPACIDAD_INSUFICIENTE' } });
  });
});

describe('lists of SECOP', () => {
  let mock: MockedSource;
  let portal: Portal;
  let adapter: Adapter;
  const orden = [{ campo: 'fechaFirma', sentido: 'desc' as const }];
  const data = (read('contratos') as readonly PortalRow[]).filter((row) => row.id_contrato);

  beforeEach(() => {
    mock = mockSource();
    portal = mockPortal(mock.agent, 'jbjy-vk9h', data);
    adapter = createAdapter(MOCK_ORIGIN, mock.agent);
  });
  afterEach(async () => {
    await adapter.close();
    await mock.close();
  });

  const top = (keys: readonly string[], first: number, count = false) =>
    adapter.topPerKey(
      Contrato,
      'porNit',
      keys,
      null,
      orden,
      { first, after: null, count },
      mockContext(),
    );

  it('ask once for one entity, newest first and unsigned last', async () => {
    const byKey = await top(['890000464'], 5);

    expect(portal.asked).toHaveLength(1);
    expect(portal.asked[0]?.get('$order')).toBe('fecha_de_firma desc null last,id_contrato');
    expect(idsOf(byKey.get('890000464'))).toEqual([
      'CO1.PCCNTR.8560001',
      'CO1.PCCNTR.8560002',
      'CO1.PCCNTR.8560003',
    ]);
  });

  it('join the two written forms of each NIT in one order, counted together', async () => {
    const byKey = await top(['890000464', '800113672', '899999999'], 1, true);

    expect(idsOf(byKey.get('890000464'))).toEqual(['CO1.PCCNTR.8560001']);
    expect(byKey.get('890000464')).toMatchObject({ rows: [{ hasNext: true, total: 3 }] });
    expect(idsOf(byKey.get('800113672'))).toEqual(['CO1.PCCNTR.8560004']);
    expect(byKey.get('800113672')).toMatchObject({ rows: [{ hasNext: true, total: 2 }] });
    expect(byKey.get('899999999')?.at).toBe('absent');
  });

  it('go on after a cursor of the same publication, and refuse one of another', async () => {
    const version = new Date(portal.published(1)).toISOString();
    const after = { values: ['2026-01-15', 'CO1.PCCNTR.8560002'], version };
    const filtro = { op: 'eq' as const, campo: 'nitEntidad', valor: '890000464' };
    const page = (position: typeof after) =>
      adapter.page(
        Contrato,
        filtro,
        orden,
        { first: 5, after: position, count: false },
        mockContext(),
      );

    expect(idsOf(await page(after))).toEqual(['CO1.PCCNTR.8560003']);
    expect(await page({ ...after, version: '2020-01-01T00:00:00.000Z' })).toMatchObject({
      at: 'failed',
      error: { code: 'CURSOR_VENCIDO' },
    });
  });

  it('ask for the count only when it is wanted', async () => {
    const options = { first: 2, after: null, count: false };

    const page = await adapter.page(Contrato, null, orden, options, mockContext());

    expect(idsOf(page)).toEqual(['CO1.PCCNTR.8560004', 'CO1.PCCNTR.8560001']);
    expect(portal.asked).toHaveLength(1);
  });
});
