import { describe, expect, it } from '@jest/globals';
import { reparosDeCuipo } from './identidades-cuipo.js';
import type { Reporte } from './reporte.js';

const report = (gastos: Partial<Reporte['gastos']>): Pick<Reporte, 'ingresos' | 'gastos'> => ({
  ingresos: { presupuestoInicial: '100', presupuestoDefinitivo: '31331015576', recaudo: '90' },
  gastos: {
    apropiacionInicial: '100',
    apropiacion: '31331015577',
    compromisos: '80',
    obligaciones: '70',
    pagos: '60',
    ...gastos,
  },
});

describe('identities of a CUIPO report', () => {
  it('let one peso pass between both sides, as in the real report of Betania', () => {
    expect(reparosDeCuipo(report({}), [])).toEqual([]);
  });

  it('name both amounts where income and appropriation differ', () => {
    const [first] = reparosDeCuipo(report({ apropiacionInicial: '102' }), []);

    expect(first).toEqual({
      codigo: 'IDENTIDAD_NO_CUADRA',
      mensaje:
        'CA_0035A: el presupuesto inicial de ingresos es la apropiación inicial de la vigencia actual: 100 y 102.',
    });
  });

  it('warn of payments above obligations and say nothing of what is unknown', () => {
    const codes = reparosDeCuipo(report({ pagos: '72', compromisos: null }), []).map(
      ({ mensaje }) => mensaje,
    );

    expect(codes).toEqual(['CA0060: los pagos no pasan de las obligaciones: 72 y 70.']);
  });

  it('pass on what the reader of the form found', () => {
    const rows = [{ descuadre: 'sección 16: hojas 5, raíz 9' }, { contradiccion: null }];

    expect(reparosDeCuipo(report({}), rows)).toEqual([
      { codigo: 'TOTALES_NO_CUADRAN', mensaje: 'sección 16: hojas 5, raíz 9' },
    ]);
  });
});
