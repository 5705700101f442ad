import { open } from 'node:fs/promises';
import { DropError } from '../shared/drop-error.js';
import { readDelimited } from '../shared/flat-file/delimited.js';
import { readRecords } from '../shared/flat-file/records.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';
import { readWorkbook, type Sheet } from '../shared/spreadsheet/workbook.js';
import {
  ETIQUETAS,
  ETIQUETAS_DOCUMENTO,
  pickCeldas,
  type LineaRaw,
  type ReporteRaw,
} from './raw.js';

/** Opens a file of the drop; null for the reports by document, of which nothing but the header is looked at. */
export async function readReporte(
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<ReporteRaw | null> {
  if (/\.xlsx?$/i.test(name)) return readLibro(name, path, signal);
  if (/\.(csv|txt)$/i.test(name)) return readTexto(name, path, signal);
  throw new DropError('VALOR_INVALIDO', 'No es un reporte de SIIF en CSV ni en XLSX.');
}

/** Rows looked at before it is known which report it is. */
const TITULO_MAX = 60;

async function readLibro(
  archivo: string,
  path: string,
  signal: AbortSignal,
): Promise<ReporteRaw | null> {
  const [top] = await readWorkbook(path, { signal, maxRows: TITULO_MAX });
  const header = findHeader(top);
  if (header === null) return null;
  const [sheet] = await readWorkbook(path, { signal });
  const rows = sheet?.rows ?? [];
  return {
    titulo: { archivo, celdas: rows.slice(0, header.index).flat() },
    lineas: rows
      .slice(header.index + 1)
      .map((fila, at) => toLinea(header, fila, header.index + 2 + at)),
  };
}

function findHeader(sheet: Sheet | undefined): Header | null {
  const rows = sheet?.rows ?? [];
  try {
    return locateHeader(rows, ETIQUETAS);
  } catch (error) {
    if (isOtherReport(error) && canLocate(rows)) return null;
    throw error;
  }
}

const isOtherReport = (error: unknown): boolean =>
  error instanceof DropError && error.codigo === 'ENCABEZADO_AUSENTE';

function canLocate(rows: readonly (readonly string[])[]): boolean {
  try {
    return locateHeader(rows, ETIQUETAS_DOCUMENTO).missing.length === 0;
  } catch (error) {
    if (error instanceof DropError) return false;
    throw error;
  }
}

async function readTexto(
  archivo: string,
  path: string,
  signal: AbortSignal,
): Promise<ReporteRaw | null> {
  const delimiter = await findDelimiter(path);
  const options = { encoding: 'auto' as const, delimiter, signal };
  const lineas: LineaRaw[] = [];
  let headerLine = 0;
  try {
    for await (const { header, campos, linea } of readDelimited(path, {
      ...options,
      required: ETIQUETAS,
    })) {
      headerLine = header.index;
      lineas.push(toLinea(header, campos, linea));
    }
  } catch (error) {
    if (isOtherReport(error) && (await isDocumento(path, options))) return null;
    throw error;
  }
  return {
    titulo: { archivo, celdas: await readTitulo(path, delimiter, headerLine, signal) },
    lineas,
  };
}

/** Commas, unless the header was written by an office program of another region. */
async function findDelimiter(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const lines = buffer.toString('latin1', 0, bytesRead).split(/\r?\n/);
    const header = lines.find((line) => /UEJ/i.test(line) && /RUBRO/i.test(line)) ?? '';
    const counts = [',', ';', '|', '\t'].map((each) => [each, header.split(each).length] as const);
    return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
  } finally {
    await file.close();
  }
}

const HEAD_BYTES = 65_536;

/** Cells of the lines above the header. Their one accented word is read in either encoding. */
async function readTitulo(
  path: string,
  delimiter: string,
  headerLine: number,
  signal: AbortSignal,
): Promise<string[]> {
  const celdas: string[] = [];
  if (headerLine === 0) return celdas;
  const options = { encoding: 'win1252' as const, delimiter, quote: '"', signal };
  for await (const { linea, campos } of readRecords(path, {
    ...options,
    maxRecordBytes: HEAD_BYTES,
  })) {
    if (linea > headerLine) break;
    celdas.push(...campos);
  }
  return celdas;
}

/** Whether the header is that of a report by document; its lines are never looked at. */
async function isDocumento(
  path: string,
  options: { readonly encoding: 'auto'; readonly delimiter: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const lines = readDelimited(path, { ...options, required: ETIQUETAS_DOCUMENTO });
  try {
    await lines.next();
    return true;
  } catch (error) {
    if (error instanceof DropError && error.codigo !== 'ENCABEZADO_AUSENTE') return true;
    if (error instanceof DropError) return false;
    throw error;
  } finally {
    await lines.return(undefined);
  }
}

function toLinea(header: Header, fila: readonly string[], linea: number): LineaRaw {
  const { celdas, distintas } = pickCeldas(header, fila);
  if (distintas === null) return { linea, celdas };
  const motivo = `La columna «${distintas}» viene dos veces con valores distintos.`;
  throw new DropError('VALOR_INVALIDO', motivo, linea);
}
