import { describe, expect, it } from '@jest/globals';
import { loadIndicesMipg } from './desempeno.js';
import { loadPresupuesto } from './presupuesto.js';
import { sistemaOf, SISTEMAS } from './sistemas.js';
import { loadListasSigep } from './talento-humano.js';

const catalogo = loadPresupuesto();

describe('accounts of the CCPET', () => {
  it('say which bodies may use them', () => {
    expect(catalogo.ccpet().items).toHaveLength(3202);
    expect(catalogo.ccpet().get('1.0')?.ambitos).not.toContain('A439');
    expect(catalogo.ccpet().get('1')?.ambitos).toContain('A439');
  });

  it('share names, which are then kept as several codes', () => {
    expect(catalogo.ccpet().codigosPorNombre('Sobretasa ambiental').length).toBeGreaterThan(1);
    expect(catalogo.ccpet().codigoDe('SOBRETASA AMBIENTAL')).toBeNull();
    expect(catalogo.ccpet().codigoDe('1.1.01.01.014')).toBe('1.1.01.01.014');
  });
});

describe('fuentes de financiación', () => {
  it.each([
    ['1.2.4.3.04'],
    ['SGP-PROPOSITO GENERAL-LIBRE DESTINACION MUNICIPIOS CATEGORIAS 4, 5 Y 6 '],
    ['1.2.4.3.04 - SGP-PROPOSITO GENERAL-LIBRE DESTINACION MUNICIPIOS CATEGORIAS 4, 5 Y 6'],
  ])('%p is 1.2.4.3.04', (celda) => {
    expect(catalogo.fuentes().codigoDe(celda)).toBe('1.2.4.3.04');
  });

  it('are found whatever the punctuation of their name', () => {
    const name = 'SOBRETASA / PARTICIPACION AMBIENTAL - CORPORACIONES AUTONOMAS REGIONALES';

    expect(catalogo.fuentes().codigoDe(name)).toBe('1.2.3.1.01');
    expect(catalogo.fuentes().codigoDe('NO DEFINIDO')).toBeNull();
  });

  // The list was renumbered after 2021: what a row of then says with a code of today is what its name says.
  it.each([
    ['1.2.3.2.01 - CONTRIBUCION SOBRE CONTRATOS DE OBRA PUBLICA', '1.2.3.2.06'],
    ['1.3.3.0.00 - RECURSOS DEL BALANCE DE LIBRE DESTINACION', '1.3.3.1.00'],
    ['1.3.3.6.03 - R.B. UN NOMBRE QUE YA NO ESTA', null],
    ['1.2.3.2.09 - VENTA DE BIENES Y SERVICIOS', '1.2.3.2.27'],
    ['OTRA - CONTRIBUCION SOBRE CONTRATOS DE OBRA PUBLICA', null],
    ['1.2.3.3.05 - SUBVENCIONES', '1.2.3.3.05'],
    ['1.2.4.3.03 - SGP-PROPOSITO GENERAL-PROPOSITO GENERAL LIBRE INVERSION', '1.2.4.3.03'],
    ['R.B. SGP-PROPOSITO GENERAL-PROPOSITO GENERAL LIBRE INVERSION', '1.3.3.8.03'],
    ['SISTEMA GENERAL DE SEGURIDAD SOCIAL EN SALUD - RECURSOS DE LA UPC RS', '1.2.3.3.12'],
  ])('%p is %p', (celda, codigo) => {
    expect(catalogo.fuentes().codigoDe(celda)).toBe(codigo);
  });
});

describe('programmes and products', () => {
  it.each([
    ['4501029', '4501029'],
    ['Via terciaria mejorada2402041 ', '2402041'],
    [
      '45.99.031 - GOBIERNO TERRITORIAL - FORTALECIMIENTO - SERVICIO DE ASISTENCIA TECNICA',
      '4599031',
    ],
    ['No aplica ', null],
    ['Documentos normativos', '2408054'],
    ['Servicio de asistencia tecnica ', null],
  ])('the product %p is %p', (celda, codigo) => {
    expect(catalogo.productos().codigoDe(celda)).toBe(codigo);
  });

  it('keep every code of an ambiguous product', () => {
    expect(catalogo.productos().codigosPorNombre('Documentos normativos').length).toBeGreaterThan(
      20,
    );
  });

  it('say what a reused code meant in 2021', () => {
    expect(catalogo.productos().get('1906001')?.nombre2021).toMatch(/HOSPITALES/);
  });

  it.each([
    ['4599', '4599'],
    ['4003 ACCESO DE LA POBLACIÓN A LOS SERVICIOS DE AGUA POTABLE', '4003'],
    ['Generacion de la informacion geografica del territorio nacional', '0406'],
    ['NO APLICA', null],
  ])('the programme %p is %p', (celda, codigo) => {
    expect(catalogo.programas().codigoDe(celda)).toBe(codigo);
  });

  it('belong to a programme and a sector that exist', () => {
    expect(
      catalogo.programas().items.every((programa) => catalogo.sectores().has(programa.sector)),
    ).toBe(true);
    expect(catalogo.sectores().get('19')?.nombre).toMatch(/^SALUD/);
  });
});

describe('the short lists of CUIPO', () => {
  it.each([
    ['ENTIDADES TERRITORIALES - CONCEJO ', '18'],
    ['ADMINISTRACION CENTRAL', '16'],
    ['Personería', '20'],
    ['16.0', '16'],
    ['ENTIDADES TERRITORIALES - SECCION ADICIONAL 3', null],
  ])('the section %p is %p', (celda, codigo) => {
    expect(catalogo.secciones().codigoDe(celda)).toBe(codigo);
  });

  it.each([
    ['VIGENCIA ACTUAL ', '1'],
    ['1.0', '1'],
    ['VIGENCIAS FUTURAS - VIGENCIA ACTUAL', '4'],
    ['VF - RESERVAS', '5'],
    ['RESERVAS', '2'],
  ])('the vigencia del gasto %p is %s', (celda, codigo) => {
    expect(catalogo.vigenciasGasto().codigoDe(celda)).toBe(codigo);
  });

  it('reads situación de fondos in letters, numbers and words', () => {
    const cells = ['C', '1', 'CON SITUACION DE FONDOS ', 'S', '2.0', 'SIN SITUACION DE FONDOS'];

    expect(cells.map((cell) => catalogo.situacionesFondos().codigoDe(cell))).toEqual([
      'C',
      'C',
      'C',
      'S',
      'S',
      'S',
    ]);
  });

  it('resolves CPC names and detail of sectors', () => {
    expect(catalogo.cpc().codigoDe('Trigo semilla')).toBe('01111');
    expect(catalogo.cpc().codigoDe('-01111 - TRIGO, SEMILLA-')).toBe('01111');
    expect(catalogo.cpc().has('0')).toBe(false);
    expect(catalogo.detallesSectoriales().codigoDe('PERSONAL-DOCENTES')).toBe('22.01.01');
    expect(catalogo.ambitos().get('A439')?.nombre).toBe('MUNICIPIOS');
  });
});

describe('the catalogs of FUT', () => {
  it('know concepts with their parent and form', () => {
    expect(catalogo.conceptosFut().get('TI.A')).toEqual({
      codigo: 'TI.A',
      nombre: 'INGRESOS CORRIENTES',
      formulario: 'INGRESOS',
      padre: 'TI',
    });
    expect(catalogo.conceptosFut().has('VAL')).toBe(false);
  });

  it('lead from Cierre Fiscal to fuentes, and to the CCPET with their confidence', () => {
    expect(catalogo.gruposCierreFut().get('C.1.2')).toBe('1');
    expect(catalogo.gruposCierreFut().has('C')).toBe(false);
    expect(catalogo.equivalenciasFut()[0]).toMatchObject({ codigoFut: 'TI', destino: '1' });
    expect(catalogo.fuentesFut()).toHaveLength(65);
    expect(catalogo.cuentasIcld().get('A439')?.length).toBeGreaterThan(0);
  });
});

describe('other catalogs', () => {
  it('list each system once, with who answers for it', () => {
    expect(new Set(SISTEMAS.map((sistema) => sistema.id)).size).toBe(SISTEMAS.length);
    expect(sistemaOf('cuipo')?.entidadResponsable).toBe('Contraloría General de la República');
    expect(sistemaOf('unico')).toBeUndefined();
  });

  it('hold the indices of MIPG and the lists of SIGEP', () => {
    expect(loadIndicesMipg().items).toHaveLength(66);
    expect(loadIndicesMipg().get('I01')?.dimension).toBe('Talento Humano');
    expect(loadListasSigep().get('Orden')).toHaveLength(2);
  });
});
