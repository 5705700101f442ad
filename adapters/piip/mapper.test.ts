import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SourceContractError } from '../errors.js';
import { CONJUNTOS } from './conjuntos.js';
import {
  toEjecuciones,
  toEjecutores,
  toLocalizaciones,
  toProductos,
  toProyectos,
  toSeguimientos,
} from './mapper.js';
import type { PiipRaw } from './raw.js';

const fixture = (id: string): PiipRaw[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${id}.json`, import.meta.url), 'utf8')) as PiipRaw[];

describe('a row of the basic data', () => {
  const byBpin = new Map(toProyectos(fixture('cf9k-55fw')).map((fila) => [fila.bpin, fila]));

  it('keeps amounts to the last cent and texts letter by letter', () => {
    expect(byBpin.get('2024251750067')).toMatchObject({
      bpinOriginal: '2024251750067',
      nombre:
        'Fortalecimiento Y Mejora En El Sistema De Recaudo Del Municipio De  Chía Cundinamarca',
      entidadResponsable: 'ChíaCundinamarca',
      subestado: 'En ejecución (PGN, Territorio)',
      programa: '4599',
      nombrePrograma:
        'Fortalecimiento a la gestión y dirección de la administración pública territorial',
      horizonte: '2024-2027',
      horizonteInicio: 2024,
      horizonteFin: 2027,
      valorTotal: '17484840167.58',
      valorVigente: '11884840169.58',
      valorObligado: '8115565153.34',
      valorPagado: '7551236108.34',
      beneficiarios: '163306',
      valorNoReportado: false,
    });
  });

  it('without the code of its programme gets it by the name, and what is missing is null', () => {
    expect(byBpin.get('2024251750072')).toMatchObject({
      nombre: null,
      programa: '0406',
      valorTotal: '630691698',
      valorVigente: null,
      valorNoReportado: false,
      horizonteInicio: null,
    });
  });

  it('takes a zero value for not reported, and a zero payment for zero', () => {
    expect(byBpin.get('2017251750003')).toMatchObject({
      nombre: 'Adquisicin De Predios Para El Municipio De Cha ',
      subestado: 'Inactivo  (PGN, Territorio)',
      programa: '4502',
      valorTotal: null,
      valorTotalNoReportado: true,
      valorVigente: null,
      valorNoReportado: true,
      valorPagado: '0',
      beneficiarios: '0',
    });
  });

  it('leaves a programme null whose name the catalog does not have', () => {
    const [fila] = toProyectos([{ bpin: '2024251750067', programapresupuestal: 'Gestin' }]);

    expect(fila).toMatchObject({ programa: null, nombrePrograma: 'Gestin' });
  });

  it.each([
    ['2024251750062', '2024251750062'],
    ['20217023000046', '20217023000046'],
    ['202400000002842', '202400000002842'],
    ['2025000002256', '202500000002256'],
    ["'2024500010001", '2024500010001'],
    [' 2024251750062.0', '2024251750062'],
  ])('with the code %s is the project %s, and shows what was written', (written, bpin) => {
    expect(toProyectos([{ bpin: written }])).toMatchObject([{ bpin, bpinOriginal: written }]);
  });

  it.each(['NO DEFINIDO', 'No Aplica', '0', '2.02216E+12', '2023-25175-0001', '202225175006', ''])(
    'with the code «%s» is no record',
    (bpin) => {
      expect(toProyectos([{ bpin }])).toEqual([]);
    },
  );

  it('twice is one project: the row that says more', () => {
    const bare = { bpin: '2024000002842' };
    const full = { bpin: '202400000002842', nombreproyecto: 'Vía' };

    expect(toProyectos([bare, full])).toMatchObject([{ nombre: 'Vía' }]);
    expect(toProyectos([full, bare])).toEqual(toProyectos([bare, full]));
  });

  it('with an amount that is no number is refused whole', () => {
    expect(() => toProyectos([{ bpin: '2024251750067', valortotalproyecto: '9.9E+12' }])).toThrow(
      SourceContractError,
    );
  });
});

describe('rows of the follow-up', () => {
  const byBpin = new Map(toSeguimientos(fixture('7mxf-bp6x')).map((fila) => [fila.bpin, fila]));

  it('keep the greatest progress, because progress never falls', () => {
    expect(byBpin.get('2024251750067')).toMatchObject({
      avanceFisico: '48.25',
      avanceFinanciero: '68',
      filasFuente: 2,
      contradiccion: null,
    });
  });

  it('say a contradiction where another row spent more with less built', () => {
    expect(byBpin.get('2017251750003')).toMatchObject({
      avanceFisico: '90',
      avanceFinanciero: '0',
      valorVigente: null,
      valorNoReportado: true,
      contradiccion: 'avance físico / financiero: 90 % / 0 % y también 40 % / 35 %',
    });
  });
});

describe('a row of the locations', () => {
  const places = toLocalizaciones(fixture('xikz-44ja'));
  const ofProject = (bpin: string) => places.filter((fila) => fila.bpin === bpin);

  it('with DD000 is the department, beside its municipalities', () => {
    expect(ofProject('2024251750072')).toMatchObject([
      { territorio: '25', codigoDepartamento: '25', codigoMunicipio: null },
      { territorio: '25175', codigoDepartamento: '25', codigoMunicipio: '25175' },
    ]);
  });

  it('gets back the zero that its codes lost', () => {
    expect(ofProject('2023050910001')).toMatchObject([
      { territorio: '05091', codigoDepartamento: '05', codigoMunicipio: '05091' },
    ]);
  });

  it.each([
    [{ codigodepartamento: '25' }, { territorio: '25', codigoDepartamento: '25' }],
    [{ codigomunicipio: '175' }, { territorio: '175', codigoDepartamento: null }],
    [{ departamento: 'Nacional' }, { territorio: 'Nacional', codigoDepartamento: null }],
    [{}, { territorio: 'SIN_CODIGO', codigoDepartamento: null }],
  ])('that says only %j is kept as %j', (written, expected) => {
    expect(toLocalizaciones([{ bpin: '2024251750067', ...written }])).toMatchObject([
      { ...expected, codigoMunicipio: null },
    ]);
  });
});

describe('rows of the execution', () => {
  const filas = toEjecuciones(fixture('v4ap-cvae'));

  it('keep a year and source apart from the next, and unknown apart from zero', () => {
    expect(filas.filter((fila) => fila.bpin === '2017251750003')).toMatchObject([
      {
        vigencia: 2019,
        fuenteFinanciacion: 'Propios de las entidades territoriales',
        valorVigente: '192600000',
        valorComprometido: '0',
        valorSolicitado: null,
        valorNoReportado: false,
      },
      {
        vigencia: 2020,
        valorVigente: null,
        valorComprometido: '1500000.5',
        valorPagado: null,
        valorNoReportado: true,
      },
    ]);
  });

  it('with equal dimensions and other amounts are numbered', () => {
    expect(
      filas
        .filter((fila) => fila.bpin === '202400000002842')
        .map(({ ordinal, bpinOriginal, valorVigente }) => [ordinal, bpinOriginal, valorVigente]),
    ).toEqual([
      [1, '202400000002842', '700'],
      [2, '2024000002842', '500'],
    ]);
  });

  it('of no year are no records', () => {
    expect(toEjecuciones([{ bpin: '2017251750003', vigencia: 'ND' }])).toEqual([]);
  });
});

describe('a row of the products', () => {
  const byBpin = new Map(toProductos(fixture('8kfp-z3my')).map((fila) => [fila.bpin, fila]));

  it('has a code only where one product alone has that name', () => {
    expect(byBpin.get('2024251750067')).toMatchObject({
      codigoProducto: null,
      avanceIndicador: '1.5',
      valor: null,
      valorNoReportado: true,
    });
    expect(byBpin.get('202400000002842')).toMatchObject({
      codigoProducto: '2402041',
      metaIndicador: '12.4',
      valor: '1218264452',
    });
  });
});

describe('a row of the executors', () => {
  it('is known by its code, else by its name', () => {
    expect(toEjecutores(fixture('epzv-8ck4'))).toMatchObject([
      { ejecutor: '19701', nombre: 'Santa RosaCauca' },
      { ejecutor: '25175', nombre: 'ChíaCundinamarca' },
      { ejecutor: 'INSTITUTO DE DESARROLLO URBANO', codigoEjecutor: null },
    ]);
  });
});

describe('every dataset', () => {
  it.each(CONJUNTOS.map((conjunto) => [conjunto.id, conjunto] as const))(
    '%s gives the same records whatever the order and repetition of its rows',
    (id, conjunto) => {
      const rows = fixture(id);
      const expected = conjunto.toFilas(rows);

      fc.assert(
        fc.property(
          fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 }),
          (mixed) => {
            expect(conjunto.toFilas(mixed)).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    },
  );
});
