import { describe, expect, it } from '@jest/globals';
import { DropError } from '../shared/drop-error.js';
import { createToPlanta, createToVacante, toEntidad, toServidores } from './mapper.js';
import { corteOf, reporteOf } from './reportes.js';
import {
  spellingsOf,
  toCodigoCargo,
  toCodigoDane,
  toCodigoSigep,
  toEntero,
  toFecha,
} from './valores.js';

const renglon = (cells: Readonly<Record<string, string>>) => ({
  celda: (name: string) => cells[name] ?? '',
  linea: 7,
});

describe('values of SIGEP', () => {
  it.each([
    ['0847', '0847'],
    ['847', '0847'],
    ['847.0', '0847'],
    ['22', '0022'],
    ['12345', '12345'],
    ['', null],
    ['N/A', null],
  ])('reads the code %j as %j', (cell, codigo) => {
    expect(toCodigoSigep(cell)).toBe(codigo);
  });

  it('asks for a code with and without its zeros', () => {
    expect(spellingsOf('0022')).toEqual(['0022', '22']);
    expect(spellingsOf('6349')).toEqual(['6349']);
  });

  it.each([
    ['5', '05'],
    ['25', '25'],
    ['5002', '05002'],
    ['05000', '05'],
    ['76520', '76520'],
    ['', null],
    ['123', null],
  ])('reads the DANE code %j as %j', (cell, codigo) => {
    expect(toCodigoDane(cell)).toBe(codigo);
  });

  it('keeps the zeros of a post code', () => {
    expect(['5', '005', '367', '0157'].map(toCodigoCargo)).toEqual(['005', '005', '367', '0157']);
  });

  it('tells a blank count from a zero and from what is no count', () => {
    expect(['', '0', '12.0', '-1', 'doce'].map(toEntero)).toEqual([null, 0, 12, -1, undefined]);
  });

  it.each([
    ['15/03/2025', '2025-03-15'],
    ['2025-01-31', '2025-01-31'],
    ['15/03/2887', null],
    ['31/02/2025', null],
    ['', null],
  ])('reads the date %j as %j', (cell, fecha) => {
    expect(toFecha(cell)).toBe(fecha);
  });
});

describe('files of the folder', () => {
  it.each([
    ['consultaGeneralDeEntidades_20260417.csv', 'Entidad', '2026-04-17'],
    ['2026/plantaDePersonalEntidadYEmpleosProvistos-13-04-2026.xlsx', 'PlantaEmpleo', '2026-04-13'],
    ['Vacantes vigentes por entidades 2026-04-06.XLSX', 'Vacante', '2026-04-06'],
    ['plantaDePersonal_20260413.xlsx', null, '2026-04-13'],
    ['vinculacionesDeLaEntidadYEncargosDeCarrera.xlsx', null, null],
  ])('knows the report and the date of %s', (name, registro, corte) => {
    expect(reporteOf(name)?.registro.nombre ?? null).toBe(registro);
    expect(corteOf(name)).toBe(corte);
  });
});

describe('records of SIGEP', () => {
  it('leaves out a row without the code of its entity', () => {
    expect(toEntidad(renglon({ nombre: 'ENTIDAD' }))).toBeNull();
  });

  it('counts filled posts by every way of filling them, and unknown ones as unknown', () => {
    const toPlanta = createToPlanta();
    const filled = toPlanta(
      renglon({
        codigoSigep: '847',
        nivel: 'Técnico ',
        cargos: '4',
        provistosPermanentes: '3',
        encargosTemporales: '2',
        vacanciaTemporal: '0',
      }),
    );
    const unknown = toPlanta(renglon({ codigoSigep: '847', codigoPlanta: 'P1' }));

    expect(filled).toMatchObject({ nivel: 'TECNICO', cargos: 4, provistos: 5, vacantes: 0 });
    expect(unknown).toMatchObject({ nivel: null, cargos: null, provistos: null, vacantes: null });
  });

  it('tells equal rows apart by an ordinal', () => {
    const toVacante = createToVacante();
    const row = renglon({ codigoSigep: '0847', nivel: 'ASESOR', vacanciaDefinitiva: '1' });

    expect([toVacante(row)?.ordinal, toVacante(row)?.ordinal]).toEqual([1, 2]);
  });

  it('refuses a count that is no number, with its line', () => {
    const read = () => createToPlanta()(renglon({ codigoSigep: '0847', cargos: 'doce' }));

    expect(read).toThrow(DropError);
    expect(read).toThrow('«doce»');
  });

  it('joins the groups of one code with and without zeros, and of one level with and without accent', () => {
    const base = { tipodenombramiento: 'PROVISIONAL' };

    expect(
      toServidores([
        { ...base, codigosigep: '0847', niveljerarquicoempleo: 'TECNICO', servidores: '3' },
        { ...base, codigosigep: '847', niveljerarquicoempleo: 'TÉCNICO', servidores: '2' },
        { codigosigep: '0847', servidores: '1' },
        { ...base, servidores: '9' },
      ]),
    ).toEqual([
      { codigoSigep: '0847', grupo: '/', nivel: null, tipoNombramiento: null, servidores: 1 },
      {
        codigoSigep: '0847',
        grupo: 'TECNICO/PROVISIONAL',
        nivel: 'TECNICO',
        tipoNombramiento: 'PROVISIONAL',
        servidores: 5,
      },
    ]);
  });
});
