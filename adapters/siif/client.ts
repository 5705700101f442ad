import { open } from 'node:fs/promises';
import { DropError } from '../shared/drop-error.js';
import { readDelimited, type DelimitedOptions } from '../shared/flat-file/delimited.js';
import { readRecords } from '../shared/flat-file/records.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';
import { readWorkbook, type Sheet } from '../shared/spreadsheet/workbook.js';
import {
  ETIQUETAS,
  ETIQUETAS_DOCUMENTO,
  ETIQUETAS_REZAGO,
  pickCeldas,
  type LineaRaw,
  type ReporteRaw,
} from './raw.js';

/** Opens a file of the drop; null for other reports of SIIF, of which nothing but the header is looked at. */
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
  const found = findEjecucion(await readWorkbook(path, { signal, maxRows: TITULO_MAX }));
  if (found === null) return null;
  const { header, at } = found;
  const rows = (await readWorkbook(path, { signal }))[at]?.rows ?? [];
  return {
    titulo: { archivo, celdas: rows.slice(0, header.index).flat() },
    lineas: rows
      .slice(header.index + 1)
      .map((fila, below) => toLinea(header, fila, header.index + 2 + below)),
  };
}

/** The one sheet that is an execution: the reports of a month are often kept together, reservas and cuentas por pagar too. */
function findEjecucion(
  tops: readonly Sheet[],
): { readonly header: Header; readonly at: number } | null {
  const looked = tops.map(({ rows }) => lookAt(rows));
  const found = looked.flatMap((look, at) => (look.at === 'header' ? [{ ...look, at }] : []));
  if (found.length > 1) {
    throw new DropError('VALOR_INVALIDO', 'El libro trae dos hojas de ejecución: deje una.');
  }
  const [first] = found;
  if (first !== undefined) return first;
  const failures = looked.flatMap((look) => (look.at === 'failed' ? [look.error] : []));
  const incomplete = failures.find(({ codigo }) => codigo !== 'ENCABEZADO_AUSENTE');
  if (incomplete !== undefined) throw incomplete;
  if (looked.some(({ at }) => at === 'other')) return null;
  throw failures[0] ?? new DropError('ARCHIVO_VACIO', 'El libro no tiene hojas.');
}

type Look =
  | { readonly at: 'header'; readonly header: Header }
  | { readonly at: 'other' }
  | { readonly at: 'failed'; readonly error: DropError };

function lookAt(rows: readonly (readonly string[])[]): Look {
  try {
    return { at: 'header', header: locateHeader(rows, ETIQUETAS) };
  } catch (error) {
    if (!(error instanceof DropError)) throw error;
    const isOther = hasLabels(rows, ETIQUETAS_DOCUMENTO) || hasLabels(rows, ETIQUETAS_REZAGO);
    return isOther ? { at: 'other' } : { at: 'failed', error };
  }
}

function hasLabels(rows: readonly (readonly string[])[], labels: readonly string[]): boolean {
  try {
    return locateHeader(rows, labels).missing.length === 0;
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
    if (error instanceof DropError && (await isOtro(path, options))) return null;
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

/** Whether the header is that of another report of SIIF; its lines are never looked at. */
async function isOtro(path: string, form: Form): Promise<boolean> {
  const documento = await findProblem(path, { ...form, required: ETIQUETAS_DOCUMENTO });
  if (documento !== 'ENCABEZADO_AUSENTE') return true;
  const rezago = await findProblem(path, { ...form, required: ETIQUETAS_REZAGO });
  // The labels that an execution has too are found in any case.
  return rezago !== 'ENCABEZADO_AUSENTE' && rezago !== 'COLUMNA_AUSENTE';
}

type Form = Omit<DelimitedOptions, 'required'>;

/** What keeps the first line under this header from being read; null where nothing does. */
async function findProblem(path: string, options: DelimitedOptions): Promise<string | null> {
  const lines = readDelimited(path, options);
  try {
    await lines.next();
    return null;
  } catch (error) {
    if (error instanceof DropError) return error.codigo;
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
