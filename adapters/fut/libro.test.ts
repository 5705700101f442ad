import { describe, expect, it } from '@jest/globals';
import { FutGastosFuncionamiento, RaizFut } from '../../schema/registros/fut.js';
import type { Row } from '../contract.js';
import { findForma } from '../shared/chip/forma.js';
import { toReporteLibro } from '../shared/chip/read-libro.js';
import { FORMAS } from './formas.js';
import { toFilas } from './mapper.js';

/**
 * Labels and blocks as the exports of 2008 to 2017 of the capitals carried them: read in `gjavierperezv/Fiscal-Health`,
 * `Dofiles/CHIP & FUT Capitales (2018-05-26).do`, which imports them from row 10. The amounts are made up.
 */

const NBSP = ' \u00a0';

const read = (formulario: string, ...tabla: readonly string[][]) =>
  toFilas(
    toReporteLibro(
      [
        {
          name: 'reporte pag 1',
          rows: [
            ['215054250 - El Tarra '],
            ['MUNICIPIOS '],
            ['01-10-2017 al 31-12-2017'],
            [`FUT_${formulario} `],
            [`${formulario} `],
            ...tabla,
          ],
        },
      ],
      (nombre) => findForma(FORMAS, nombre),
      'libro.xls',
    ),
  );

const rowsIn = (filas: ReturnType<typeof read>, at: number): readonly Row[] =>
  filas[at]?.rows ?? [];

const LABELS = [
  'UNIDAD EJECUTORA',
  'CODIGO',
  'NOMBRE',
  'FUENTES DE RECURSOS',
  'PRESUPUESTO INICIAL(Pesos)',
  'PRESUPUESTO DEFINITIVO(Pesos)',
  'COMPROMISOS(Pesos)',
  'OBLIGACIONES(Pesos)',
  'PAGOS(Pesos)',
];
const fila = (unidad: string, codigo: string, fuente: string, monto: number): string[] => [
  `${unidad} `,
  `${codigo} `,
  'X ',
  fuente === '' ? '  ' : `${fuente} `,
  ...Array<string>(5).fill(`${String(monto)},00 `),
];
const CONCEJO = [
  fila('CONCEJO', '1', '', 30),
  fila(NBSP, '1.1', '', 30),
  fila(NBSP, '1.1.1', '', 30),
  fila(NBSP, '1.1.1', 'INGRESOS CORRIENTES', 30),
];
const CENTRAL = [
  fila('ADMINISTRACIÓN CENTRAL', '1', '', 70),
  fila(NBSP, '1.1', '', 70),
  fila(NBSP, '1.1.1', '', 70),
  fila(NBSP, '1.1.1', 'INGRESOS CORRIENTES', 45),
  fila(NBSP, '1.1.1', 'SGP', 25),
];

const readFuncionamiento = (...filas: readonly string[][]) =>
  read('GASTOS_FUNCIONAMIENTO', LABELS, ...filas);

describe('a workbook of gastos de funcionamiento', () => {
  it('carries the unidad ejecutora down its block', () => {
    const filas = readFuncionamiento(...CONCEJO, ...CENTRAL);

    expect(filas[1]?.registro).toBe(FutGastosFuncionamiento);
    expect(rowsIn(filas, 1).map(({ unidadEjecutora }) => unidadEjecutora)).toEqual([
      ...Array<string>(4).fill('CONCEJO'),
      ...Array<string>(5).fill('ADMINISTRACIÓN CENTRAL'),
    ]);
  });

  it('takes each block for a tree of its own, and adds up their roots', () => {
    const filas = readFuncionamiento(...CONCEJO, ...CENTRAL);

    const hojas = rowsIn(filas, 1).filter(({ esHoja }) => esHoja);
    expect(hojas.map(({ dimensiones, pagos }) => [dimensiones, pagos])).toEqual([
      ['CONCEJO/INGRESOS CORRIENTES', '30'],
      ['ADMINISTRACION CENTRAL/INGRESOS CORRIENTES', '45'],
      ['ADMINISTRACION CENTRAL/SGP', '25'],
    ]);
    expect(filas[0]?.registro).toBe(RaizFut);
    expect(rowsIn(filas, 0)).toMatchObject([{ presupuestoDefinitivo: '100', pagos: '100' }]);
  });

  it('tells the subtotals of one concepto apart by their block', () => {
    const filas = readFuncionamiento(...CONCEJO, ...CENTRAL);

    const raices = rowsIn(filas, 1).filter(({ concepto }) => concepto === '1');
    expect(raices.map(({ dimensiones, ordinal }) => [dimensiones, ordinal])).toEqual([
      ['CONCEJO/', 1],
      ['ADMINISTRACION CENTRAL/', 1],
    ]);
  });

  it('takes a control total for that of the whole form', () => {
    const control = (monto: number) => fila('CONCEJO', 'VAL', 'No Aplica', monto);

    const filas = readFuncionamiento(control(100), ...CONCEJO, ...CENTRAL);

    expect(rowsIn(filas, 0)).toMatchObject([{ pagos: '100' }]);
    expect(() => readFuncionamiento(control(90), ...CONCEJO, ...CENTRAL)).toThrow('control');
  });

  it('takes several control totals for those of their blocks', () => {
    const filas = [
      ...CONCEJO,
      fila(NBSP, 'VAL', 'No Aplica', 30),
      ...CENTRAL,
      fila(NBSP, 'VAL', 'No Aplica', 70),
    ];

    expect(rowsIn(readFuncionamiento(...filas), 0)).toMatchObject([{ pagos: '100' }]);
    expect(() =>
      readFuncionamiento(...filas.slice(0, -1), fila(NBSP, 'VAL', 'No Aplica', 100)),
    ).toThrow('control');
  });

  it('does not count twice where a tree of all units stands above theirs', () => {
    const general = [fila('', '1', '', 100), fila('', '1.1', '', 100), fila('', '1.1.1', '', 100)];

    const filas = readFuncionamiento(...general, ...CONCEJO, ...CENTRAL);

    expect(rowsIn(filas, 0)).toMatchObject([{ pagos: '100' }]);
    expect(rowsIn(filas, 1).filter(({ esHoja }) => esHoja)).toHaveLength(3);
    expect(() => readFuncionamiento(fila('', '1', '', 150), ...CONCEJO, ...CENTRAL)).toThrow();
  });

  it.each([
    ['a block that is not the sum of its details', CONCEJO.slice(0, 3), 'suma'],
    ['a row twice in one block', [...CENTRAL, ...CENTRAL.slice(4)], 'se repite'],
  ])('is refused for %s', (_what, filas, motivo) => {
    const broken = motivo === 'suma' ? [...filas, fila(NBSP, '1.1.1', 'SGP', 40)] : filas;

    expect(() => readFuncionamiento(...broken)).toThrow(motivo);
  });
});

describe('the labels of the other forms', () => {
  it('are those of servicio de la deuda', () => {
    const labels = ['CODIGO', 'NOMBRE', 'TIPO DE DEUDA', 'TIPO DE OPERACIÓN', 'FUENTE DE RECURSOS'];
    const montos = Array<string>(5).fill('12,00 ');

    const filas = read(
      'SERVICIO_DEUDA',
      [...labels, ...LABELS.slice(4)],
      ['T ', 'TOTAL ', '  ', '  ', '  ', ...montos],
      ['T.1 ', 'EDUCACIÓN ', 'INTERNA ', 'INTERESES ', 'SGP ', ...montos],
    );

    expect(rowsIn(filas, 1)[1]).toMatchObject({
      tipoDeuda: 'INTERNA',
      tipoOperacion: 'INTERESES',
      nombreFuente: 'SGP',
      dimensiones: 'INTERNA/INTERESES/SGP',
      pagos: '12',
    });
  });

  it('are those of ingresos, with what a concepto is destined for', () => {
    const filas = read(
      'INGRESOS',
      [
        'CODIGO',
        'NOMBRE',
        'PRESUPUESTO INICIAL(Miles)',
        'PRESUPUESTO DEFINITIVO(Miles)',
        'RECAUDO EFECTIVO(Miles)',
        'RECAUDO SIN SITUACIÓN DE FONDOS(Miles)',
        'TOTAL INGRESOS(Miles)',
        'OTRAS DEST - TIENE DOC SOPORTE',
        'OTRAS DEST - NRO DOCUMENTO',
        'OTRAS DEST - % DESTINACIÓN POCENTAJE',
        'OTRAS DEST - VALOR DESTINACIÓN(Miles)',
      ],
      ['TI ', 'X ', '1,00 ', '2,00 ', '3,00 ', '4,00 ', '7,00 ', 'Si ', '8 ', '9,50 ', '6,00 '],
    );

    expect(rowsIn(filas, 1)).toMatchObject([
      {
        recaudoEfectivo: '3000',
        recaudoSinSituacion: '4000',
        recaudo: '7000',
        tieneDocumento: 'Si',
        numeroDocumento: '8',
        porcionDestinacion: '9.5',
        valorDestinacion: '6000',
        unidadOrigen: 'MILES',
      },
    ]);
  });
});
