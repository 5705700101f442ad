import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import * as xlsx from '@e965/xlsx';
import { containers } from './sheetjs.js';
import { readWorkbook } from './workbook.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const EL_TARRA = fixture('el-tarra-2019t4-fut-gastos-inversion.xls');
const BETANIA = fixture('betania-2025t4-cuipo-a-programacion-ingresos.xlsx');

const signal = (): AbortSignal => new AbortController().signal;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'libro-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
const write = async (name: string, bytes: Buffer | string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
};
const sheetXml = (cells: string): string =>
  `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${cells}</sheetData></worksheet>`;

/** A book whose first sheet is the given XML: the writer of the library cannot make the odd cells that exporters write. */
const bookWith = (xml: string): Buffer => {
  const book = xlsx.utils.book_new();
  xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet([['x']]), 'Hoja');
  const zip = containers.read(xlsx.write(book, { type: 'buffer' }) as Buffer, { type: 'buffer' });
  const entry = containers.find(zip, '/xl/worksheets/sheet1.xml');
  if (entry === null) throw new Error('sheet1.xml');
  entry.content = Buffer.from(xml);
  entry.size = Buffer.byteLength(xml);
  return containers.write(zip, { fileType: 'zip', type: 'buffer' });
};

/** One deflated entry that declares an inflated size of its own choosing. */
const zipBomb = (inflated: number, declared: number): Buffer => {
  const data = deflateRawSync(Buffer.alloc(inflated));
  const name = Buffer.from('xl/worksheets/sheet1.xml');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt32LE(declared, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(data.length, 20);
  entry.writeUInt32LE(declared, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + data.length, 16);
  return Buffer.concat([local, name, data, entry, name, end]);
};

describe('readWorkbook, on real CHIP exports', () => {
  it('reads the BIFF export of El Tarra with its trailing blanks', async () => {
    const [sheet, ...others] = await readWorkbook(EL_TARRA, { signal: signal() });

    expect(others).toEqual([]);
    expect(sheet?.name).toBe('reporte pag 1');
    expect(sheet?.rows).toHaveLength(346);
    expect(sheet?.rows[2]?.[0]).toBe('215054250 - El Tarra ');
    expect(sheet?.rows[10]).toEqual([
      'A ',
      'TOTAL INVERSIÓN ',
      '  ',
      '15740902170,00 ',
      '24844127997,87 ',
      '23263456918,65 ',
      '22990441114,65 ',
      '22827241115,14 ',
    ]);
  });

  it('reads the .xlsx export of Betania with its trailing blanks', async () => {
    const [sheet] = await readWorkbook(BETANIA, { signal: signal() });

    expect(sheet?.rows).toHaveLength(156);
    expect(sheet?.rows[8]?.[0]).toBe('FECHA RECEPCIÓN 2026-03-18 20:48:55');
    expect(sheet?.rows[12]).toEqual(['1 ', 'INGRESOS ', '  ', '21276337596 ', '31331015576 ']);
  });
});

it('reads only the rows asked from the top', async () => {
  const [xls] = await readWorkbook(EL_TARRA, { signal: signal(), maxRows: 12 });
  const [zip] = await readWorkbook(BETANIA, { signal: signal(), maxRows: 12 });

  expect(xls?.rows[9]?.[0]).toBe('CODIGO');
  expect(xls?.rows).toHaveLength(12);
  expect(zip?.rows[11]?.[0]).toBe('CODIGO');
  expect(zip?.rows).toHaveLength(12);
});

describe('readWorkbook, on cells of every type', () => {
  it('keeps text as stored, prints numbers without exponent and leaves empty cells empty', async () => {
    const cells =
      '<row r="2"><c r="A2" t="inlineStr"><is><t xml:space="preserve">0847 \u00a0</t></is></c>' +
      '<c r="C2"><v>30.199999999999999</v></c><c r="D2"><v>1.5E+20</v></c>' +
      '<c r="E2"><v>12345678901234567.89</v></c><c r="F2"><v>-0.0000001</v></c>' +
      '<c r="G2" t="b"><v>1</v></c></row>';
    const file = await write('tipos.xlsx', bookWith(sheetXml(cells)));

    const [sheet] = await readWorkbook(file, { signal: signal() });

    expect(sheet?.rows).toEqual([
      [],
      [
        '0847 \u00a0',
        '',
        '30.2',
        '150000000000000000000',
        '12345678901234567.89',
        '-0.0000001',
        'TRUE',
      ],
    ]);
  });

  it('gives date cells as ISO dates and merged cells once', async () => {
    const source = xlsx.utils.aoa_to_sheet([['Título', null], [46099]]);
    source['!merges'] = [{ s: { r: 0, c: 0 }, e: { r: 0, c: 1 } }];
    (source['A2'] as xlsx.CellObject).z = 'yyyy-mm-dd';
    const book = xlsx.utils.book_new();
    xlsx.utils.book_append_sheet(book, source, 'Fechas');
    const file = await write('fechas.xlsx', xlsx.write(book, { type: 'buffer' }) as Buffer);

    const [sheet] = await readWorkbook(file, { signal: signal() });

    expect(sheet?.rows[0]?.filter((cell) => cell !== '')).toEqual(['Título']);
    expect(sheet?.rows[1]?.[0]).toBe('2026-03-18');
  });

  it('delivers every row of a sheet larger than one message, in order', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => [String(i), 'x', 'y']);
    const book = xlsx.utils.book_new();
    xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet(rows), 'Grande');
    const file = await write('grande.xlsx', xlsx.write(book, { type: 'buffer' }) as Buffer);

    const [sheet] = await readWorkbook(file, { signal: signal() });

    expect(sheet?.rows).toEqual(rows);
  });
});

describe('readWorkbook, many at once', () => {
  it('reads more books than it has threads, each its own', async () => {
    const files = [EL_TARRA, BETANIA, EL_TARRA, BETANIA, EL_TARRA];

    const books = await Promise.all(files.map((file) => readWorkbook(file, { signal: signal() })));

    expect(books.map(([sheet]) => sheet?.rows.length)).toEqual([346, 156, 346, 156, 346]);
  });

  it('lets the others go on when one that waits is aborted and one that reads is broken', async () => {
    const abort = new AbortController();
    const reason = new Error('plazo');
    const broken = await write('falso.xls', 'texto');
    const reading = [broken, EL_TARRA].map((file) => readWorkbook(file, { signal: signal() }));
    const waiting = [abort.signal, signal()].map((s) => readWorkbook(BETANIA, { signal: s }));
    const all = Promise.allSettled([...reading, ...waiting]);

    abort.abort(reason);

    expect(await all).toMatchObject([
      { status: 'rejected', reason: { codigo: 'LIBRO_ILEGIBLE' } },
      { status: 'fulfilled' },
      { status: 'rejected', reason },
      { status: 'fulfilled' },
    ]);
  });
});

describe('readWorkbook, on broken files', () => {
  it('says that a file of zero bytes is empty', async () => {
    const file = await write('vacio.xlsx', '');

    await expect(readWorkbook(file, { signal: signal() })).rejects.toMatchObject({
      name: 'DropError',
      codigo: 'ARCHIVO_VACIO',
    });
  });

  it.each([
    ['an error page saved as .xls', '<html><body>502 Bad Gateway</body></html>'],
    ['plain text', 'CODIGO;NOMBRE\n1;x\n'],
  ])('refuses %s', async (_, content) => {
    const file = await write('falso.xls', content);

    await expect(readWorkbook(file, { signal: signal() })).rejects.toMatchObject({
      codigo: 'LIBRO_ILEGIBLE',
    });
  });

  it.each([
    [EL_TARRA, 0.98],
    [EL_TARRA, 0.5],
    [EL_TARRA, 0.02],
    [BETANIA, 0.99],
    [BETANIA, 0.3],
  ])('refuses %s cut at %d of its length', async (source, part) => {
    const whole = await readFile(source);
    const file = await write('cortado', whole.subarray(0, Math.floor(whole.length * part)));

    await expect(readWorkbook(file, { signal: signal() })).rejects.toMatchObject({
      codigo: 'LIBRO_ILEGIBLE',
    });
  });

  it('refuses a file larger than its cap before opening it', async () => {
    await expect(readWorkbook(BETANIA, { signal: signal(), maxBytes: 1000 })).rejects.toMatchObject(
      { codigo: 'ARCHIVO_DEMASIADO_GRANDE' },
    );
  });

  it('refuses a bomb that lies about its inflated size', async () => {
    const file = await write('bomba.xlsx', zipBomb(20_000_000, 100));

    await expect(
      readWorkbook(file, { signal: signal(), maxInflatedBytes: 1_000_000 }),
    ).rejects.toMatchObject({ codigo: 'ARCHIVO_DEMASIADO_GRANDE' });
  });

  it('refuses a book with more cells than its cap', async () => {
    await expect(readWorkbook(BETANIA, { signal: signal(), maxCells: 100 })).rejects.toMatchObject({
      codigo: 'ARCHIVO_DEMASIADO_GRANDE',
    });
  });

  it('gives up with a motivo when the time to read is over', async () => {
    await expect(readWorkbook(EL_TARRA, { signal: signal(), timeoutMs: 1 })).rejects.toMatchObject({
      codigo: 'LIBRO_ILEGIBLE',
      motivo: 'El libro no se pudo leer en 1 s.',
    });
  });

  it('ends with the reason of its signal when it is aborted', async () => {
    const abort = new AbortController();
    const reading = readWorkbook(EL_TARRA, { signal: abort.signal });
    const reason = new Error('plazo');

    abort.abort(reason);

    await expect(reading).rejects.toBe(reason);
  });
});
