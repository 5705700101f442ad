import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { read, utils } from '@e965/xlsx';
import { parse } from 'csv-parse/sync';
import type { Fila } from '../../schema/registro.js';
import { keyOfFila } from '../../schema/key.js';
import { subtractDecimal, sumDecimals } from '../../schema/values/decimal.js';
import { groupBy } from '../../schema/group-by.js';
import { toReporteLibro } from './canal-libro.js';
import { toLineaVolcado } from './canal-volcado.js';
import { FORMAS, type LetraForma } from './formas.js';
import { findDescuadres, findLeaves } from './hoja.js';
import type { Linea, Recepcion, Reporte } from './linea.js';
import { toFilas, toRaices } from './mapper.js';
import type { VolcadoRaw } from './raw.js';

const EXPORTS = new URL('../../sandbox/exports/', import.meta.url);
const NOMBRES: Record<LetraForma, string> = {
  A: 'A_programacion_ingresos',
  B: 'B_ejecucion_ingresos',
  C: 'C_programacion_gastos',
  D: 'D_ejecucion_gastos',
};

/** Betania, 2025 T4: the real workbooks, cell by cell as text. */
function betania(letra: LetraForma): Reporte {
  const file = new URL(`muestra_chip_219105091_2025T4_cuipo_${NOMBRES[letra]}.xlsx`, EXPORTS);
  const book = read(readFileSync(file));
  const sheet = book.Sheets[book.SheetNames[0] ?? ''] ?? {};
  const rows: string[][] = utils.sheet_to_json(sheet, { header: 1, raw: false, defval: '' });
  return toReporteLibro([{ name: 'reporte pag 1', rows }]);
}

const sumOf = (filas: readonly Fila[], campo: string): string =>
  sumDecimals(filas.map((fila) => String(fila[campo])));

/** Caramanta, 2021 to 2023: a slice of the dump. */
function caramanta(): Map<LetraForma, Linea[]> {
  const text = readFileSync(
    new URL('muestra_cuipo_datosabiertos_214505145_2021-2023.csv', EXPORTS),
    'utf8',
  );
  const rows: VolcadoRaw[] = parse(text, { columns: true });
  const lineas = rows.map(toLineaVolcado);
  return new Map(
    [...groupBy(lineas, ({ forma }) => forma.letra)].map(([letra, of]) => [
      letra,
      of.map(({ linea }) => linea),
    ]),
  );
}

const VOLCADO: Recepcion = { canal: 'VOLCADO', recepcion: 'dump.csv', recibidoEn: null };
const volcado = (letra: LetraForma): Reporte => ({
  forma: FORMAS[letra],
  lineas: caramanta().get(letra) ?? [],
  recepcion: VOLCADO,
});

describe('the workbooks of Betania, 2025 T4', () => {
  it('state the budget of income as root, initial and final', () => {
    const [raiz, ...others] = toRaices(betania('A'));

    expect(others).toEqual([]);
    expect(raiz).toMatchObject({
      codigoChip: '219105091',
      vigencia: 2025,
      periodo: 'T4',
      presupuestoInicial: '21276337596',
      presupuestoDefinitivo: '31331015576',
      canal: 'LIBRO',
      recepcion: '4668996',
      recibidoEn: '2026-03-18T20:48:55-05:00',
      contradiccion: null,
    });
  });

  it('state the collection of the year in its four parts', () => {
    expect(toRaices(betania('B'))[0]).toMatchObject({
      recaudoActualSinFondos: '11528631501',
      recaudoActualConFondos: '12506241969',
      recaudoAnteriorSinFondos: '0',
      recaudoAnteriorConFondos: '2399825255',
      recaudo: '26434698725',
    });
  });

  it('fill vigencia and section down to the rows that repeat them', () => {
    const secciones = toRaices(betania('C')).map((raiz) => [
      raiz.vigenciaGasto,
      raiz.seccion,
      raiz.apropiacionDefinitiva,
    ]);

    expect(secciones).toEqual([
      ['1', '16', '30857005669'],
      ['1', '18', '242928352'],
      ['1', '20', '231081556'],
      ['3', '16', '88780170'],
      ['2', '16', '2325840240'],
    ]);
  });

  it.each(['A', 'B', 'C', 'D'] as const)('add the leaves of form %s up to its root', (letra) => {
    const reporte = betania(letra);
    const leaves = toFilas(reporte).filter((fila) => fila.esHoja === true);
    const monto = Object.keys(reporte.forma.montos)[0] ?? '';

    expect(findDescuadres(reporte.forma, reporte.lineas)).toEqual([]);
    expect(sumOf(leaves, monto)).toBe(sumOf(toRaices(reporte), monto));
  });

  it('leave as reservas and as cuentas por pagar what FUT Cierre Fiscal says (F8, F9)', () => {
    const actual = toFilas(betania('D')).filter(
      (fila) => fila.esHoja === true && fila.vigenciaGasto === '1',
    );
    const compromisos = sumOf(actual, 'compromisos');
    const obligaciones = sumOf(actual, 'obligaciones');

    expect(subtractDecimal(compromisos, obligaciones)).toBe('6118157471');
    expect(subtractDecimal(obligaciones, sumOf(actual, 'pagos'))).toBe('440119542');
  });

  it('get the codes of their names back from the catalogs', () => {
    const fila = toFilas(betania('D')).find(
      (each) => each.bpinOriginal === '2021050910010' && each.cuenta === '2.3.3.01.02.005',
    );

    expect(fila).toMatchObject({
      sector: '19',
      programaMga: '1906',
      productoMga: '1906004',
      nombreProductoMga: 'Servicio de atencion en salud a la poblacion1906004',
      cpc: '0',
      situacionFondos: 'C',
      bpin: '2021050910010',
      tercero: null,
      nombreTercero: 'NO APLICA',
    });
    expect(fila?.fuenteFinanciacion).toMatch(/^1\.3\.3\./);
  });

  it('give the BPIN in the form of PIIP beside the one written', () => {
    const fila = toFilas(betania('D')).find((each) => each.bpinOriginal === '2025000002257');

    expect(fila?.bpin).toBe('202500000002257');
  });

  it('keep the key of every record unique and complete', () => {
    const reporte = betania('D');
    const keys = toFilas(reporte).map((fila) => keyOfFila(fila, reporte.forma.registro.clave));

    expect(keys).not.toContain(undefined);
    expect(new Set(keys).size).toBe(624);
  });

  it('give the same records in whatever order their lines come', () => {
    const { forma, lineas, recepcion } = betania('D');
    const keyed = (of: readonly Linea[]) =>
      new Map(
        toFilas({ forma, lineas: of, recepcion }).map((fila) => [
          keyOfFila(fila, forma.registro.clave),
          fila,
        ]),
      );

    expect(keyed([...lineas].reverse())).toEqual(keyed(lineas));
  });
});

describe('the dump of 2021 to 2023', () => {
  it('adds the leaves of every section of every quarter up to its root', () => {
    for (const [letra, lineas] of caramanta()) {
      expect(findDescuadres(FORMAS[letra], lineas)).toEqual([]);
    }
  });

  it('keeps each quarter apart, because quarters are cumulative', () => {
    const raices = toRaices(volcado('A'));

    expect(raices.map((r) => [r.vigencia, r.periodo, r.presupuestoDefinitivo]).sort()).toEqual([
      [2021, 'T1', '13645041858'],
      [2021, 'T4', '15559674418'],
      [2022, 'T2', '7730704421'],
      [2022, 'T4', '8589604069'],
      [2023, 'T1', '7540337530'],
      [2023, 'T2', '7540337530'],
    ]);
  });

  it('reads a fuente with its code in front and a product with its code behind', () => {
    const filas = toFilas(volcado('D'));

    expect(
      filas.find((f) => f.nombreFuenteFinanciacion?.toString().startsWith('1.2.1.0.00 - '))
        ?.fuenteFinanciacion,
    ).toBe('1.2.1.0.00');
    expect(
      filas.find((f) => f.nombreProductoMga === 'SERVICIO DE EDUCACION INFORMAL2201049')
        ?.productoMga,
    ).toBe('2201049');
  });

  it('never takes placeholders for a BPIN', () => {
    const filas = toFilas(volcado('D'));
    const placeholders = filas.filter((f) =>
      ['0', '0.0', 'No Aplica'].includes(String(f.bpinOriginal)),
    );

    expect(placeholders.length).toBeGreaterThan(100);
    expect(placeholders.every((f) => f.bpin === null)).toBe(true);
  });
});

describe('the leaf rule', () => {
  const linea = (cuenta: string, compromisos: string, fuente: string | null = null): Linea => ({
    codigoChip: '219105091',
    nombreEntidad: 'Betania',
    vigencia: 2025,
    periodo: 'T4',
    vigenciaGasto: { codigo: '1', nombre: null },
    seccion: { codigo: '16', nombre: null },
    cuenta,
    nombreCuenta: null,
    dimensiones: { fuenteFinanciacion: { codigo: fuente, nombre: null } },
    textos: {},
    montos: { compromisos },
  });

  it('takes the details of an account and not the subtotal that a workbook puts before them', () => {
    const subtotal = linea('2.1', '30');
    const details = [linea('2.1', '10', '1.2.1.0.00'), linea('2.1', '20', '1.2.4.3.04')];

    const leaves = findLeaves(FORMAS.D, [linea('2', '30'), subtotal, ...details]);

    expect([...leaves]).toEqual(details);
  });

  it('takes a single line of an account although it opens by nothing', () => {
    const only = linea('2.1', '0');

    expect([...findLeaves(FORMAS.D, [linea('2', '0'), only])]).toEqual([only]);
  });

  it('does not take 2.1 for the parent of 2.10', () => {
    const lineas = [linea('2.1', '1', 'x'), linea('2.10', '2', 'x')];

    expect([...findLeaves(FORMAS.D, lineas)]).toEqual(lineas);
  });

  it('names the place where leaves and root differ by more than a peso', () => {
    const reporte = (root: string, leaf: string): Reporte => ({
      forma: FORMAS.D,
      lineas: [linea('2', root), linea('2.1', leaf, 'x')],
      recepcion: VOLCADO,
    });

    expect(toRaices(reporte('30', '28'))[0]).toMatchObject({
      seccion: '16',
      descuadre: 'compromisos: la cuenta raíz dice 30 y sus hojas suman 28',
    });
    expect(toRaices(reporte('30', '29'))[0]?.descuadre).toBeNull();
  });

  it('tells two lines with all dimensions equal apart by an ordinal that follows their amounts', () => {
    const twice = [linea('2.1', '20', 'x'), linea('2.1', '10', 'x')];

    const ordinals = toFilas({ forma: FORMAS.D, lineas: twice, recepcion: VOLCADO }).map((fila) => [
      fila.compromisos,
      fila.ordinal,
    ]);

    expect(ordinals).toEqual([
      ['20', 2],
      ['10', 1],
    ]);
  });
});
