import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { coverOfNits, spellingsOfBpin, spellingsOfContrato, spellingsOfNit } from './claves.js';
import { toContrato, toContratoProyecto } from './mapper.js';
import type { ContratoProyectoRaw, ContratoRaw } from './raw.js';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
const contratos = fixture('contratos') as readonly ContratoRaw[];
const vinculos = fixture('contratos-proyecto') as readonly ContratoProyectoRaw[];

const contrato = (n: number, mas: ContratoRaw = {}) => toContrato({ ...contratos[n], ...mas });

describe('a contract of SECOP II', () => {
  it('becomes a record with its exact value and nothing that was not asked for', () => {
    expect(contrato(0)).toEqual({
      id: 'CO1.PCCNTR.8560001',
      referencia: 'CO1.PCCNTR.8560001',
      objeto: 'MEJORAMIENTO DE VIAS TERCIARIAS DEL MUNICIPIO',
      estado: 'En ejecución',
      modalidad: 'Selección Abreviada de Menor Cuantía',
      fechaFirma: '2026-03-12',
      valor: '480000000',
      nitEntidad: '890000464',
      nitEntidadOriginal: '890000464',
      nombreEntidad: 'ALCALDIA MUNICIPAL DE EJEMPLO',
      proveedorNombre: 'CONSORCIO VIAS EJEMPLO',
      proveedorDocumento: '901000001',
      esPersonaNatural: false,
    });
  });

  it('loses the check digit that is glued to the NIT, and keeps what was written', () => {
    expect(contrato(3)).toMatchObject({
      nitEntidad: '800113672',
      nitEntidadOriginal: '8001136727',
    });
    expect(contrato(1)).toMatchObject({ nitEntidad: '890000464' });
  });

  it('keeps decimals exactly and mends the line breaks of its object', () => {
    expect(contrato(1)).toMatchObject({
      valor: '24000000.5',
      objeto: 'PRESTACION DE SERVICIOS PROFESIONALES DE APOYO',
    });
  });

  it('is without signature before it is signed, with null for the sentinels and 0 for a value of 0', () => {
    expect(contrato(2)).toMatchObject({
      estado: 'Borrador',
      referencia: null,
      fechaFirma: null,
      valor: '0',
      proveedorNombre: null,
      proveedorDocumento: null,
      esPersonaNatural: null,
    });
  });

  it.each([
    ['2887-05-01T00:00:00.000', '2887-05-01'],
    ['2026-02-30T00:00:00.000', null],
    ['No Definido', null],
  ])('reads the date %s as %s', (fecha_de_firma, fechaFirma) => {
    expect(contrato(0, { fecha_de_firma })).toMatchObject({ fechaFirma });
  });

  it.each([
    ['NIT', '901000001', 'No', false],
    ['NIT', '9010000016', 'No', false],
    ['NIT', '9010000017', 'No', null],
    ['NIT', '1000000005', 'No', null],
    ['NIT', 'No Definido', 'No', null],
    ['Cédula de Ciudadanía', '901000001', 'No', true],
    ['Cédula de Extranjería', '100001', 'Si', true],
    ['Permiso especial de permanencia', '100001', 'No', true],
    ['Otro', '100001', 'No', null],
    ['No Definido', 'No Definido', 'Si', false],
  ])('with a supplier of %s %s, group %s, speaks of a person: %s', (tipo, documento, grupo, es) => {
    const row = contrato(0, {
      tipodocproveedor: tipo,
      documento_proveedor: documento,
      es_grupo: grupo,
    });

    expect(row.esPersonaNatural).toBe(es);
  });

  it('is a changed contract of the source when it has no id or a value that is no number', () => {
    expect(() => contrato(0, { id_contrato: 'No Definido' })).toThrow('forma');
    expect(() => contrato(0, { valor_del_contrato: '1.500.000' })).toThrow('forma');
  });
});

describe('a link between contract and project', () => {
  it('keeps the BPIN as written beside the normalised one', () => {
    expect(toContratoProyecto(vinculos[0] ?? {})).toEqual({
      bpin: '202500000000001',
      bpinOriginal: '2025000000001',
      idContrato: 'CO1.PCCNTR.8560001',
      idProceso: 'CO1.REQ.4100001',
      validacion: 'Validado',
      validado: true,
    });
  });

  it('is none without a contract or without a BPIN', () => {
    expect(vinculos.slice(5).map(toContratoProyecto)).toEqual([null, null]);
  });

  it.each([
    ['Válido', true],
    ['No Validado', false],
    ['Inválido', false],
    ['Pendiente', null],
    ['No Definido', null],
  ])('validated as %s is %s', (validacion_bpin, validado) => {
    expect(toContratoProyecto({ ...vinculos[0], validacion_bpin })?.validado).toBe(validado);
  });
});

describe('the spellings of a key', () => {
  it('are, for a NIT, with and without check digit', () => {
    expect(spellingsOfNit('800113672')).toEqual(['800113672', '8001136727']);
    expect(spellingsOfNit('1000000005')).toEqual(['1000000005']);
  });

  it('are none for what no record can have', () => {
    expect(['8001136727', '800113672-7', '', 'x'].flatMap(spellingsOfNit)).toEqual([]);
    expect(['', 'CO1.REQ.1', "CO1.PCCNTR.1'"].flatMap(spellingsOfContrato)).toEqual([]);
    expect(['', '0', 'No Definido'].flatMap(spellingsOfBpin)).toEqual([]);
  });

  it('are, for a PIIP code, also the one that lost two zeros', () => {
    expect(spellingsOfBpin('202500000000001')).toEqual(['202500000000001', '2025000000001']);
    expect(spellingsOfBpin('2017003630001')).toEqual(['2017003630001']);
  });

  it('lie, for many NIT, within a cover that fits one address', () => {
    const nits = Array.from({ length: 1_122 }, (_, n) =>
      String(800_000_000 + ((n * 48_271) % 99_999_989)),
    );

    const cover = coverOfNits('nit', nits);

    const ranges = [...cover.matchAll(/between (\d+) and (\d+)/g)].map(([, low, high]) => [
      Number(low),
      Number(high),
    ]);
    const outside = nits
      .flatMap(spellingsOfNit)
      .filter(
        (nit) => !ranges.some(([low = 0, high = 0]) => Number(nit) >= low && Number(nit) <= high),
      );
    expect(outside).toEqual([]);
    expect(encodeURIComponent(cover).length).toBeLessThan(3_500);
  });
});
