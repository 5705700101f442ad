import { describe, expect, it } from '@jest/globals';
import { SourceContractError } from '../errors.js';
import { toRaicesSoda, toReporteSoda } from './canal-soda.js';
import { FORMAS } from './formas.js';
import { toRaices } from './mapper.js';
import type { SodaRaw } from './raw.js';

const raizD = (mas: SodaRaw = {}): SodaRaw => ({
  periodo: '20251201',
  codigo_entidad: '210105001',
  nombre_entidad: 'Medellín',
  cuenta: '2',
  cod_vigencia_del_gasto: '1',
  nom_vigencia_del_gasto: 'VIGENCIA ACTUAL',
  cod_seccion_presupuestal: '16',
  nom_seccion_presupuestal: 'ADMINISTRACION CENTRAL',
  compromisos: '300',
  obligaciones: '200',
  pagos: '100',
  ...mas,
});

describe('root rows of SODA', () => {
  it('give the same records as when all rows of the report are read', () => {
    const rows = [
      raizD(),
      raizD({ cod_seccion_presupuestal: '17', nom_seccion_presupuestal: 'CONTRALORIA' }),
      raizD({ cod_vigencia_del_gasto: '2.0', nom_vigencia_del_gasto: 'RESERVAS', pagos: '0' }),
      raizD({ codigo_entidad: '210105002.0', nombre_entidad: ' Abejorral ', pagos: undefined }),
      raizD({ periodo: '20250901', compromisos: '12345678901234567890.50' }),
    ];

    const raices = toRaicesSoda(FORMAS.D, rows);

    expect(raices).toEqual(toRaices(toReporteSoda(FORMAS.D, rows)));
    expect(
      raices.map(({ codigoChip, nombreEntidad, vigenciaGasto, compromisos, pagos }) => ({
        codigoChip,
        nombreEntidad,
        vigenciaGasto,
        compromisos,
        pagos,
      })),
    ).toEqual([
      {
        codigoChip: '210105001',
        nombreEntidad: 'Medellín',
        vigenciaGasto: '1',
        compromisos: '300',
        pagos: '100',
      },
      {
        codigoChip: '210105001',
        nombreEntidad: 'Medellín',
        vigenciaGasto: '1',
        compromisos: '300',
        pagos: '100',
      },
      {
        codigoChip: '210105001',
        nombreEntidad: 'Medellín',
        vigenciaGasto: '2',
        compromisos: '300',
        pagos: '0',
      },
      {
        codigoChip: '210105002',
        nombreEntidad: 'Abejorral',
        vigenciaGasto: '1',
        compromisos: '300',
        pagos: null,
      },
      {
        codigoChip: '210105001',
        nombreEntidad: 'Medellín',
        vigenciaGasto: '1',
        compromisos: '12345678901234567890.5',
        pagos: '100',
      },
    ]);
  });

  it('keep the name that each row writes, where one code comes under two names', () => {
    const names = ['Medellín', 'Medellín Distrito', undefined, 'Medellín'];
    const rows = names.map((nombre_entidad, at) =>
      raizD({ nombre_entidad, cod_seccion_presupuestal: String(at) }),
    );
    const sections = ['CONCEJO', 'PERSONERIA', 'NO DEFINIDO'].map((nom_seccion_presupuestal, at) =>
      raizD({ nom_seccion_presupuestal, cod_vigencia_del_gasto: String(at + 2) }),
    );

    expect(toRaicesSoda(FORMAS.D, rows).map(({ nombreEntidad }) => nombreEntidad)).toEqual([
      'Medellín',
      'Medellín Distrito',
      null,
      'Medellín',
    ]);
    expect(toRaicesSoda(FORMAS.D, sections).map(({ nombreSeccion }) => nombreSeccion)).toEqual([
      'CONCEJO',
      'PERSONERIA',
      null,
    ]);
  });

  it('make one record of a repeated root, which says what else was stated', () => {
    const [raiz, ...others] = toRaicesSoda(FORMAS.D, [
      raizD({ pagos: '100' }),
      raizD({ cod_seccion_presupuestal: '17' }),
      raizD({ pagos: '90' }),
    ]);

    expect(others).toHaveLength(1);
    expect(raiz?.pagos).toBe('90');
    expect(raiz?.contradiccion).toBe('SODA: compromisos 300, obligaciones 200, pagos 100');
  });

  it('leave out a row that is no root, whatever the question was', () => {
    const rows = [raizD(), raizD({ cuenta: '2.1' })];

    expect(toRaicesSoda(FORMAS.D, rows)).toHaveLength(1);
  });

  it.each([
    ['an amount', { pagos: 'cien' }],
    ['an account', { cuenta: '' }],
    ['an entity', { codigo_entidad: '05001' }],
    ['a quarter', { periodo: '20250101' }],
  ])('refuse the whole answer where %s is out of form', (_, cell) => {
    expect(() => toRaicesSoda(FORMAS.D, [raizD(), raizD(cell)])).toThrow(SourceContractError);
  });

  it('refuse an answer in which one amount never comes', () => {
    const rows = [raizD({ pagos: undefined }), raizD({ pagos: ' ', periodo: '20250901' })];

    expect(() => toRaicesSoda(FORMAS.D, rows)).toThrow(SourceContractError);
    expect(() => toRaicesSoda(FORMAS.D, [...rows, raizD({ periodo: '20250601' })])).not.toThrow();
  });
});
