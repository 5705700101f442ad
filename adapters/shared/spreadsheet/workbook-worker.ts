import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import * as codepages from '@e965/xlsx/dist/cpexcel.full.mjs';
import * as xlsx from '@e965/xlsx';
import type { WorkBook } from '@e965/xlsx';
import { DropError } from '../drop-error.js';
import { checkInflatedSize } from './archive-size.js';
import { containers } from './sheetjs.js';
import { denseRows, toCellText } from './sheet-cells.js';
import { readStoredNumbers } from './stored-numbers.js';
import type { WorkbookJob, WorkbookMessage } from './workbook-messages.js';

/** Rows travel in batches so that receiving a large sheet never holds the event loop of the main thread for long. */
const CELLS_PER_MESSAGE = 20_000;

const OLE_MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const ZIP_MAGIC = Buffer.from('504b0304', 'hex');

const unreadable = (motivo: string, cause?: unknown) =>
  new DropError('LIBRO_ILEGIBLE', motivo, null, { cause });

/** The end of a cut .xls reads as zeros and would pass for a shorter report, so the stream must be whole. */
const checkOleIsWhole = (bytes: Buffer): void => {
  const container = containers.read(bytes, { type: 'buffer' });
  const stream = containers.find(container, 'Workbook') ?? containers.find(container, 'Book');
  if (stream === null) throw unreadable('El archivo no contiene un libro de cálculo.');
  if (stream.content.length < stream.size) {
    throw unreadable('El libro de cálculo está cortado; vuelva a descargarlo.');
  }
};

/** The parser takes any text for a sheet, so a portal's error page saved as .xls must be refused before. */
const checkForm = (bytes: Buffer, maxInflatedBytes: number): void => {
  if (bytes.length === 0) throw new DropError('ARCHIVO_VACIO', 'El archivo está vacío.');
  if (bytes.subarray(0, 4).equals(ZIP_MAGIC)) checkInflatedSize(bytes, maxInflatedBytes);
  else if (bytes.subarray(0, 8).equals(OLE_MAGIC)) checkOleIsWhole(bytes);
  else throw unreadable('El archivo no es un libro de cálculo (.xls o .xlsx).');
};

const parse = (bytes: Buffer, maxRows: number | null): WorkBook =>
  xlsx.read(bytes, {
    ...(maxRows === null ? {} : { sheetRows: maxRows }),
    type: 'buffer',
    dense: true,
    bookFiles: true,
    cellFormula: false,
    cellHTML: false,
    cellText: false,
    cellNF: true,
  });

const send = (message: WorkbookMessage): void => {
  parentPort?.postMessage(message);
};

/** Gathers rows into messages and stops a book of more cells than admitted. */
const createRowSender = (maxCells: number) => {
  let left = maxCells;
  let rows: string[][] = [];
  let cells = 0;
  const flush = (): void => {
    if (rows.length > 0) send({ kind: 'rows', rows });
    rows = [];
    cells = 0;
  };
  const push = (row: string[]): void => {
    // An empty row costs too: a sheet may hold one cell in its last row and a million holes above.
    left -= row.length + 1;
    if (left < 0) {
      throw new DropError('ARCHIVO_DEMASIADO_GRANDE', 'El libro tiene demasiadas celdas.');
    }
    rows.push(row);
    cells += row.length + 1;
    if (cells >= CELLS_PER_MESSAGE) flush();
  };
  return { push, flush };
};

const sendSheets = (workbook: WorkBook, maxCells: number): void => {
  const date1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const storedNumbers = readStoredNumbers(workbook);
  const sender = createRowSender(maxCells);
  for (const name of workbook.SheetNames) {
    const sheet = workbook.Sheets[name];
    if (sheet === undefined) continue;
    const stored = storedNumbers(name);
    const source = denseRows(sheet);
    send({ kind: 'sheet', name });
    for (let r = 0; r < source.length; r++) {
      // `Array.from` and not `map`: holes of a sparse row must become empty text.
      const row = Array.from(source[r] ?? [], (cell, c) =>
        toCellText(cell, { date1904, stored: stored.get(`${String(r)}:${String(c)}`) }),
      );
      sender.push(row);
    }
    sender.flush();
  }
};

xlsx.set_cptable(codepages);

const run = (job: WorkbookJob): void => {
  try {
    const bytes = readFileSync(job.file);
    checkForm(bytes, job.maxInflatedBytes);
    sendSheets(parse(bytes, job.maxRows), job.maxCells);
    send({ kind: 'end' });
  } catch (error) {
    const known =
      error instanceof DropError
        ? error
        : unreadable('El libro de cálculo no se puede leer: está dañado o protegido.', error);
    const detail = error instanceof Error ? error.message : String(error);
    send({ kind: 'error', codigo: known.codigo, motivo: known.motivo, detail });
  }
};

parentPort?.on('message', run);
