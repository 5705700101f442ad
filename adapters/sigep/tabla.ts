import { open } from 'node:fs/promises';
import { DropError } from '../shared/drop-error.js';
import { readDelimited } from '../shared/flat-file/delimited.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';
import { readWorkbook } from '../shared/spreadsheet/workbook.js';
import type { CeldaDe } from './raw.js';
import type { Reporte } from './reportes.js';

/** One row of a report: a cell by the own name of its column. */
export interface Renglon {
  readonly celda: CeldaDe;
  /** Line of the text file, or row of the sheet, from 1. */
  readonly linea: number;
}

/** The rows of a report, whether it came as XLSX or as CSV. A column that is not there breaks the file. */
export async function* readTabla(
  reporte: Reporte,
  file: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Renglon> {
  if (/\.xlsx?$/i.test(file)) {
    yield* readLibro(reporte, path, signal);
    return;
  }
  if (!/\.(csv|txt)$/i.test(file)) {
    throw new DropError('VALOR_INVALIDO', 'El reporte no es un libro XLSX ni un archivo CSV.');
  }
  const delimiter = await sniffDelimiter(path);
  // Which column is missing is said by `locate`, which knows the spellings; here two labels are enough to find the row.
  const required = ['Código SIGEP', 'Dependencia'].slice(0, reporte.columnas.dependencia ? 2 : 1);
  const options = { encoding: 'auto', delimiter, required, signal } as const;
  let locate: ReturnType<typeof createLocate> | null = null;
  for await (const { header, campos, linea } of readDelimited(path, options)) {
    locate ??= createLocate(reporte, header);
    yield { celda: locate(campos), linea };
  }
}

async function* readLibro(
  reporte: Reporte,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Renglon> {
  const [sheet] = await readWorkbook(path, { signal });
  const rows = sheet?.rows ?? [];
  const labels = Object.values(reporte.columnas).map(([first = '']) => first);
  const header = locateHeader(rows, labels, { allowMissing: true });
  const locate = createLocate(reporte, header);
  for (let at = header.index + 1; at < rows.length; at++) {
    const row = rows[at] ?? [];
    if (row.some((cell) => cell.trim() !== '')) yield { celda: locate(row), linea: at + 1 };
  }
}

/** Finds every column once; the cells of a row are then looked up by position. */
function createLocate(reporte: Reporte, header: Header) {
  const positions = new Map<string, number>();
  const missing: string[] = [];
  for (const [name, labels] of Object.entries(reporte.columnas)) {
    const at = labels.map((label) => header.find(label)).find((found) => found !== null);
    if (at === undefined) missing.push(labels[0] ?? name);
    else positions.set(name, at);
  }
  if (missing.length > 0) {
    const motivo = `Faltan columnas en ${reporte.nombre}: ${missing.join(', ')}.`;
    throw new DropError('COLUMNA_AUSENTE', motivo, header.index + 1);
  }
  return (row: readonly string[]): CeldaDe =>
    (name) =>
      row[positions.get(name) ?? -1] ?? '';
}

const SNIFF_BYTES = 8_192;

/** Exports of one tool come with `;`, `,` or tabs according to the regional settings of whoever made them. */
async function sniffDelimiter(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    const count = (mark: string): number => text.split(mark).length - 1;
    return [';', '\t', ','].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  } finally {
    await file.close();
  }
}
