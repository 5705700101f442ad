import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import ExcelJS from 'exceljs';
import { COLUMNAS } from './raw.js';
import { readRenglones } from './tabla.js';

/**
 * What the real export of Medellín (`jc-zombits/cuipo_server`, `uploads/`, March 2025) looks like beyond its table: two
 * sheets of which one is a part of the other, labels with an accent or a blank more, the footer `Totales`, and notes of
 * whoever checked it. The rows are made up.
 */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sugit-erp-tabla-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Cell = string | number;

const fila = (posicion: string, monto: number): Cell[] => [
  '110000125 ',
  '70100000',
  `${posicion}   `,
  '45021000.0011.99  ',
  '240128 ',
  ' Obra',
  monto,
  ...[0, 0, 0, 0],
  monto,
  ...[0, 0, 0],
  monto,
  0,
  monto,
  100,
];
const pie = (nombre: string, monto: number, fondo = 'Totales'): Cell[] => [
  fondo,
  ...['', '', '', ''],
  nombre,
  ...fila('', monto).slice(6),
];
const LABELS = [...COLUMNAS, '% ejecucion'];
const DETAILED = LABELS.map((label) =>
  label === 'Ejecucion' ? 'Ejecución' : label === 'Proyecto' ? 'Proyecto ' : label,
);
const BLANK: Cell[] = LABELS.map(() => '');
const VIEJA = fila('2320202008', 70);
const NUEVA = fila('2110101001', 30);

async function readLibro(hojas: Readonly<Record<string, readonly (readonly Cell[])[]>>) {
  const book = new ExcelJS.Workbook();
  for (const [name, rows] of Object.entries(hojas)) {
    book.addWorksheet(name).addRows(rows.map((row) => [...row]));
  }
  const file = path.join(folder, '210105001_2025-03.xlsx');
  await book.xlsx.writeFile(file);
  return readAll(file);
}

async function readTexto(...rows: readonly (readonly Cell[])[]) {
  const file = path.join(folder, '210105001_2025-03.csv');
  await writeFile(file, rows.map((row) => row.join(',')).join('\r\n') + '\r\n');
  return readAll(file);
}

async function readAll(file: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { raw, linea } of readRenglones(file, new AbortController().signal)) {
    found.push(`${String(linea)}: ${raw['Posicion Presupuestaria'].trim()} ${raw['Pagos']}`);
  }
  return found;
}

describe('the table of an export', () => {
  it('ends at its totals, which are no line of it', async () => {
    const read = await readTexto(
      LABELS,
      VIEJA,
      NUEVA,
      pie('', 100),
      BLANK,
      pie('SAP', 100, ''),
      pie('', 0, ''),
    );

    expect(read).toEqual(['2: 2320202008 70', '3: 2110101001 30']);
  });

  it('is refused where its totals are not the sum of its lines', async () => {
    await expect(readTexto(LABELS, VIEJA, NUEVA, pie('', 170))).rejects.toMatchObject({
      codigo: 'TOTALES_NO_CUADRAN',
      linea: 4,
    });
  });

  it('is refused where lines follow its totals', async () => {
    await expect(readTexto(LABELS, VIEJA, pie('', 70), NUEVA)).rejects.toMatchObject({
      codigo: 'VALOR_INVALIDO',
      linea: 4,
    });
  });

  it('is read from a workbook as from a text', async () => {
    const read = await readLibro({ '001 (2)': [DETAILED, VIEJA, NUEVA, pie('', 100), BLANK] });

    expect(read).toEqual(['2: 2320202008 70', '3: 2110101001 30']);
  });

  it('does not count a sheet again that is a part of another', async () => {
    const read = await readLibro({
      Inversión: [LABELS, VIEJA, pie('', 70)],
      '001 (2)': [DETAILED, VIEJA, NUEVA, pie('', 100)],
      Notas: [['Elaboró: Hacienda']],
    });

    expect(read).toEqual(['2: 2320202008 70', '3: 2110101001 30']);
  });

  it('goes on over sheets that have nothing in common', async () => {
    const read = await readLibro({ Inversión: [LABELS, VIEJA], Resto: [LABELS, NUEVA] });

    expect(read).toEqual(['2: 2320202008 70', '2: 2110101001 30']);
  });

  it('is refused where two sheets share only some of their lines', async () => {
    const hojas = { A: [LABELS, VIEJA, NUEVA], B: [LABELS, VIEJA, fila('2320202009', 5)] };

    await expect(readLibro(hojas)).rejects.toMatchObject({ codigo: 'VALOR_INVALIDO' });
  });

  it('is refused where no sheet has it', async () => {
    await expect(readLibro({ Notas: [['Elaboró: Hacienda']] })).rejects.toMatchObject({
      codigo: 'ENCABEZADO_AUSENTE',
    });
  });
});
