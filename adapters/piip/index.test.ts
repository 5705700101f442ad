import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { adapterConformance, type Conducta } from '../../tests/adapter-conformance.js';
import type { Registro } from '../../schema/registro.js';
import {
  EjecucionProyecto,
  EjecutorProyecto,
  LocalizacionProyecto,
  ProductoProyecto,
  ProyectoInversion,
  SeguimientoProyecto,
} from '../../schema/registros/piip.js';
import type { Adapter, Top } from '../contract.js';
import { mockContext } from '../shared/http/testing.js';
import { conjuntoOf } from './conjuntos.js';
import { createSubject, Portal } from './testing.js';

const CASES: readonly (readonly [Registro, acceso: string, keys: string[], unknown: string])[] = [
  [ProyectoInversion, 'porBpin', ['2024251750067', '202400000002842'], '2019999990001'],
  [SeguimientoProyecto, 'porBpin', ['2024251750067', '2017251750003'], '2019999990001'],
  [LocalizacionProyecto, 'porBpin', ['2024251750072', '202400000002842'], '2019999990001'],
  [LocalizacionProyecto, 'porMunicipio', ['25175', '05091'], '08001'],
  [EjecucionProyecto, 'porBpin', ['2017251750003', '202400000002842'], '2019999990001'],
  [ProductoProyecto, 'porBpin', ['2024251750067', '202400000002842'], '2019999990001'],
  [EjecutorProyecto, 'porBpin', ['2024251750067', '202400000002842'], '2019999990001'],
];

for (const [registro, acceso, keys, unknown] of CASES) {
  adapterConformance(`piip, ${registro.nombre} ${acceso}`, () => {
    const portal = new Portal();
    return Promise.resolve({
      adapter: createSubject(portal),
      registro,
      acceso,
      keys,
      unknown,
      conduct: (conducta: Conducta) => {
        portal.conducta = conducta;
      },
      calls: () => portal.asked.length,
      dispose: () => portal.agent.close(),
    });
  });
}

describe('the PIIP adapter', () => {
  let portal: Portal;
  let adapter: Adapter;

  beforeEach(() => {
    portal = new Portal();
    adapter = createSubject(portal);
  });
  afterEach(async () => {
    await adapter.close();
    await portal.agent.close();
  });

  const whereOf = (at: number): string => portal.asked[at]?.question.get('$where') ?? '';
  const topOf = async (...args: Parameters<Adapter['page']>): Promise<Top> => {
    const outcome = await adapter.page(...args);
    const top = outcome.at === 'found' ? outcome.rows[0] : undefined;
    if (top === undefined) throw new Error(JSON.stringify(outcome));
    return top;
  };

  it('asks for every spelling of a code, and finds the rows of each', async () => {
    const byKey = await adapter.read(
      EjecucionProyecto,
      'porBpin',
      ['202400000002842', '2024000002842'],
      mockContext(),
    );

    expect(whereOf(0)).toBe("bpin in ('202400000002842','2024000002842')");
    for (const outcome of byKey.values()) {
      expect(outcome).toMatchObject({ at: 'found', rows: [{ ordinal: 1 }, { ordinal: 2 }] });
    }
  });

  it('asks nobody for what cannot be a key', async () => {
    const keys = ['NO DEFINIDO', '2024-25175-0001', ''];
    const byKey = await adapter.read(ProyectoInversion, 'porBpin', keys, mockContext());

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['absent', 'absent', 'absent']);
    expect(portal.asked).toEqual([]);
  });

  it('asks once for two thousand projects, by ranges that fit one address', async () => {
    const keys = Array.from({ length: 2_000 }, (_, at) => String(202400000000000 + at * 7));
    const byKey = await adapter.read(ProyectoInversion, 'porBpin', keys, mockContext());

    expect(portal.asked).toHaveLength(1);
    expect(byKey.size).toBe(2_000);
    expect([...byKey].filter(([, { at }]) => at === 'found').map(([key]) => key)).toEqual([
      '202400000002842',
    ]);
  });

  it('asks once for a thousand municipalities, by their departments', async () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `25${String(at + 1).padStart(3, '0')}`);
    const asked = keys.filter((key) => !key.endsWith('000'));
    const byKey = await adapter.read(LocalizacionProyecto, 'porMunicipio', asked, mockContext());

    expect(portal.asked).toHaveLength(1);
    expect(whereOf(0)).toBe("codigodepartamento in ('25')");
    expect(byKey.get('25175')).toMatchObject({ at: 'found' });
    expect(byKey.get('25126')?.at).toBe('absent');
  });

  it('puts the whole department and its municipalities under the department', async () => {
    const byKey = await adapter.read(
      LocalizacionProyecto,
      'porDepartamento',
      ['25'],
      mockContext(),
    );
    const outcome = byKey.get('25');

    expect(outcome?.at === 'found' ? outcome.rows.map(({ territorio }) => territorio) : []).toEqual(
      ['25175', '25', '25175'],
    );
  });

  it('cuts the lists of many places out of one answer', async () => {
    const byKey = await adapter.topPerKey(
      LocalizacionProyecto,
      'porMunicipio',
      ['25175', '19701'],
      null,
      [{ campo: 'bpin', sentido: 'asc' }],
      { first: 1, after: null, count: true },
      mockContext(),
    );

    expect(portal.asked).toHaveLength(1);
    expect(byKey.get('25175')).toMatchObject({
      rows: [{ rows: [{ bpin: '2024251750067' }], hasNext: true, total: 2 }],
    });
    expect(byKey.get('19701')).toMatchObject({ rows: [{ hasNext: false, total: 1 }] });
  });

  const porBpin = [{ campo: 'bpinOriginal', sentido: 'asc' }] as const;
  const porValor = [{ campo: 'valorVigente', sentido: 'desc' }, porBpin[0]] as const;

  it('walks all projects page by page, each once', async () => {
    const seen: unknown[] = [];
    let after: Parameters<Adapter['page']>[3]['after'] = null;
    for (let hasNext = true; hasNext;) {
      const options = { first: 2, after, count: false };
      const top = await topOf(ProyectoInversion, null, porBpin, options, mockContext());
      seen.push(...top.rows.map(({ bpin }) => bpin));
      const last = top.rows.at(-1);
      after = {
        values: [String(last?.bpinOriginal), String(last?.bpin)],
        version: new Date(portal.published).toISOString(),
      };
      hasNext = top.hasNext;
    }

    expect(seen).toEqual(['2017251750003', '202400000002842', '2024251750067', '2024251750072']);
  });

  it('filters at the source by state, kind, sector and the years of the horizon', async () => {
    portal.script = [[]];
    const filtro = {
      op: 'and',
      de: [
        { op: 'in', campo: 'estado', valores: ['En Ejecución'] },
        { op: 'lte', campo: 'horizonteInicio', valor: 2028 },
        { op: 'gte', campo: 'horizonteFin', valor: 2028 },
      ],
    } as const;
    const options = { first: 2, after: null, count: false };
    await topOf(ProyectoInversion, filtro, porBpin, options, mockContext());

    expect(whereOf(0)).toContain("estadoproyecto in ('En Ejecución')");
    expect(whereOf(0)).toContain("horizonte < '2029'");
    expect(whereOf(0)).toContain("horizonte like '%-2028'");
    expect(whereOf(0)).toContain("horizonte like '%-2029'");
    expect(whereOf(0)).toContain("horizonte like '%-203_'");
    expect(whereOf(0)).not.toContain("'%-2027'");
  });

  it('orders by exact amount, and puts what was not reported after the last amount', async () => {
    portal.script = [
      [{ bpin: '2024251750067', valorvigenteproyecto: '9.50000000' }],
      [{ bpin: '2017251750003', valorvigenteproyecto: '0.00000000' }],
    ];
    const options = { first: 2, after: null, count: false };
    const top = await topOf(ProyectoInversion, null, porValor, options, mockContext());

    expect(top).toMatchObject({
      rows: [{ bpin: '2024251750067' }, { bpin: '2017251750003', valorVigente: null }],
      hasNext: false,
    });
    expect(portal.asked.map(({ question }) => question.get('$order'))).toEqual([
      'valorvigenteproyecto::number desc,bpin',
      'bpin',
    ]);
    expect(whereOf(1)).toContain('valorvigenteproyecto::number is null');
  });

  it.each([
    ['9.5', 'valorvigenteproyecto::number < 9.5'],
    [null, 'valorvigenteproyecto::number is null'],
  ])('goes on after a project of value %s', async (valor, expected) => {
    portal.script = [[], []];
    const version = new Date(portal.published).toISOString();
    const after = { values: [valor, '2024251750067', '2024251750067'], version };
    await topOf(
      ProyectoInversion,
      null,
      porValor,
      { first: 2, after, count: false },
      mockContext(),
    );

    expect(whereOf(0)).toContain(expected);
    expect(whereOf(0)).toContain("bpin > '2024251750067'");
  });

  it('goes on past damaged codes, so that a page is never short for them', async () => {
    const good = { bpin: '2024251750067' };
    portal.script = [[{ bpin: '2023-1' }, { bpin: '2023-2' }, good], [{ bpin: '2024251750068' }]];
    const options = { first: 2, after: null, count: false };
    const top = await topOf(ProyectoInversion, null, porBpin, options, mockContext());

    expect(top.rows.map(({ bpin }) => bpin)).toEqual(['2024251750067', '2024251750068']);
    expect(whereOf(1)).toContain("bpin > '2024251750067'");
  });

  it('counts at the source, under the same filter', async () => {
    portal.script = [[{ bpin: '2024251750067' }], [{ cuantos: '531220' }]];
    const filtro = { op: 'in', campo: 'tipo', valores: ['Sgr'] } as const;
    const options = { first: 5, after: null, count: true };
    const top = await topOf(ProyectoInversion, filtro, porBpin, options, mockContext());

    expect(top.total).toBe(531220);
    expect(whereOf(1)).toBe("tipoproyecto in ('Sgr')");
  });

  it('refuses a cursor of another publication', async () => {
    const after = { values: ['2017251750003', '2017251750003'], version: '2020-01-01' };
    const options = { first: 2, after, count: false };

    expect(
      await adapter.page(ProyectoInversion, null, porBpin, options, mockContext()),
    ).toMatchObject({ at: 'failed', error: { code: 'CURSOR_VENCIDO' } });
  });

  it.each([
    [ProyectoInversion, null, [{ campo: 'bpin', sentido: 'asc' }]],
    [ProyectoInversion, { op: 'eq', campo: 'valorTotal', valor: '5' }, porBpin],
    [LocalizacionProyecto, null, porBpin],
  ] as const)('refuses a list of %# that it could only guess', async (registro, filtro, orden) => {
    const options = { first: 2, after: null, count: false };

    expect(await adapter.page(registro, filtro, [...orden], options, mockContext())).toMatchObject({
      at: 'failed',
      error: { code: 'CAPACIDAD_INSUFICIENTE' },
    });
    expect(portal.asked).toEqual([]);
  });

  it('does not add project values up', () => {
    expect(() => adapter.measure(ProyectoInversion, 'total', [], [], mockContext())).toThrow(
      TypeError,
    );
  });

  it('ends a walk that was begun on an earlier publication', async () => {
    const resume = JSON.stringify(['2017251750003', '2020-01-01']);
    const walk = adapter.scan(ProyectoInversion, null, resume, mockContext());

    await expect(walk[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'CURSOR_VENCIDO',
    });
  });

  it('has one dataset for each registro', () => {
    const ids = adapter.registros.map((registro) => conjuntoOf(registro).id);

    expect(new Set(ids).size).toBe(ids.length);
  });
});
