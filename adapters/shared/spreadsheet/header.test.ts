import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { chipHeader } from './chip-header.js';
import { isRepeat, locateHeader } from './header.js';
import { readWorkbook } from './workbook.js';

const NBSP = '\u00a0';

const rowsOf = async (name: string): Promise<string[][]> => {
  const file = fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  const [sheet] = await readWorkbook(file, { signal: new AbortController().signal });
  return sheet?.rows ?? [];
};
const EL_TARRA = 'el-tarra-2019t4-fut-gastos-inversion.xls';
const BETANIA = 'betania-2025t4-cuipo-a-programacion-ingresos.xlsx';

describe('locateHeader', () => {
  it('finds the header by content wherever it moved', async () => {
    const rows = await rowsOf(EL_TARRA);
    const moved = [['Aviso del portal'], [], [], ...rows];
    const labels = ['CODIGO', 'NOMBRE', 'COMPROMISOS'];

    expect(locateHeader(rows, labels).index).toBe(9);
    expect(locateHeader(moved, labels).index).toBe(12);
  });

  it('matches labels whatever their accents, case, blanks, NBSP, line breaks and unit', () => {
    const header = locateHeader(
      [[` código${NBSP}sigep `, 'D2 Direcciona- miento Estratégico', 'AÑO', 'Pagos\n(Pesos)']],
      ['Código Sigep', 'D2 DIRECCIONAMIENTO ESTRATEGICO', 'Año', 'PAGOS'],
    );

    expect(header.column('CODIGO SIGEP')).toBe(0);
    expect(header.column('D2 Direccionamiento Estratégico')).toBe(1);
    expect(header.column('Año')).toBe(2);
    expect(header.column('Pagos')).toBe(3);
    expect(header.unit(3)).toBe('PESOS');
    expect(header.unit(0)).toBeNull();
  });

  it('keeps every position of a repeated label', () => {
    const header = locateHeader([['Rubro', 'Valor Actual', 'Saldo', 'Valor Actual']], ['Rubro']);

    expect(header.positions('Valor Actual')).toEqual([1, 3]);
    expect(header.positions('Otra')).toEqual([]);
    expect(header.find('Otra')).toBeNull();
  });

  it('does not confuse a percentage with the value', () => {
    const header = locateHeader([['Ejecución', '% ejecución']], ['Ejecucion', '% Ejecucion']);

    expect(header.column('Ejecucion')).toBe(0);
    expect(header.column('% Ejecucion')).toBe(1);
  });

  it('names the columns that the header lacks', () => {
    const rows = [['x'], ['CODIGO', 'NOMBRE', 'PAGOS(Pesos)']];
    const labels = ['CODIGO', 'NOMBRE', 'COMPROMISOS', 'PAGOS'];

    expect(() => locateHeader(rows, labels)).toThrow(
      expect.objectContaining({
        codigo: 'COLUMNA_AUSENTE',
        motivo: 'Faltan columnas en el encabezado: COMPROMISOS.',
        linea: 2,
      }),
    );
    expect(locateHeader(rows, labels, { allowMissing: true }).missing).toEqual(['COMPROMISOS']);
  });

  it('says which columns it looked for when no row is a header', () => {
    expect(() => locateHeader([['1', '2'], []], ['CODIGO', 'NOMBRE'])).toThrow(
      expect.objectContaining({
        codigo: 'ENCABEZADO_AUSENTE',
        motivo: 'No se encontró la fila de encabezados; se esperaban las columnas: CODIGO, NOMBRE.',
      }),
    );
  });
});

describe('chipHeader', () => {
  it('reads the old form, which has no envío', async () => {
    expect(chipHeader(await rowsOf(EL_TARRA))).toEqual({
      codigoEntidad: '215054250',
      nombreEntidad: 'El Tarra',
      ambito: 'MUNICIPIOS',
      periodo: '01-10-2019 al 31-12-2019',
      desde: '2019-10-01',
      hasta: '2019-12-31',
      categoria: 'FUT_GASTOS_DE_INVERSION',
      formulario: 'GASTOS_DE_INVERSION',
      envio: null,
      fechaRecepcion: null,
      unidad: 'PESOS',
      indiceEncabezado: 9,
    });
  });

  it('reads the new form with its envío and reception', async () => {
    expect(chipHeader(await rowsOf(BETANIA))).toEqual({
      codigoEntidad: '219105091',
      nombreEntidad: 'Betania',
      ambito: 'MUNICIPIOS',
      periodo: '01-12-2025 al 31-12-2025',
      desde: '2025-12-01',
      hasta: '2025-12-31',
      categoria: 'CUIPO - CATEGORIA UNICA DE INFORMACION DEL PRESUPUESTO ORDINARIO',
      formulario: 'A_PROGRAMACION_DE_INGRESOS',
      envio: '4668996',
      fechaRecepcion: '2026-03-18T20:48:55',
      unidad: 'PESOS',
      indiceEncabezado: 11,
    });
  });

  it('gives no unit when a sheet declares both', async () => {
    const rows = await rowsOf(BETANIA);
    const mixed = rows.map((row, i) =>
      i === 11 ? row.map((label, c) => (c === 3 ? 'PRESUPUESTO INICIAL(Miles)' : label)) : row,
    );

    expect(chipHeader(mixed).unidad).toBeNull();
  });

  it('refuses a sheet that does not name its entity', async () => {
    const rows = (await rowsOf(BETANIA)).filter((_, i) => i !== 2);

    expect(() => chipHeader(rows)).toThrow(
      expect.objectContaining({ codigo: 'ENCABEZADO_AUSENTE' }),
    );
  });
});

describe('isRepeat', () => {
  it('tells the NBSP of a repeated value from an empty value', () => {
    expect([NBSP, ` ${NBSP} `, '  ', '', 'x', undefined].map(isRepeat)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
