import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { DropError } from '../drop-error.js';
import { MAX_RECORD_BYTES } from '../flat-file/delimited.js';
import { toHeader } from '../flat-file/submission.js';
import { inspectText } from '../flat-file/text-form.js';
import { chipHeader } from '../spreadsheet/chip-header.js';
import { readWorkbook } from '../spreadsheet/workbook.js';
import { findForma, type ChipForma } from './forma.js';
import { toIdentidadLibro } from './read-libro.js';
import { toIdentidadSD, type Identidad } from './read-sd.js';

/** What a file of the CHIP holds, known from its headers: which forms of which entities, of when. */
export interface ChipSummary {
  readonly canal: 'SD' | 'LIBRO';
  /** In the order of the file. Reports of forms that nobody asked about are left out. */
  readonly reportes: readonly ResumenReporte[];
}

export interface ResumenReporte extends Identidad {
  readonly formulario: string;
}

/** The label row of an Informe al Ciudadano is within these. */
const TITLE_ROWS = 40;
/** A header is a short line; what is longer is no header. */
const MAX_HEADER = 4_096;

const WORKBOOK_MARKS = ['504b0304', 'd0cf11e0'];

/** By its first bytes: names and extensions say nothing sure. */
export async function isWorkbook(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return WORKBOOK_MARKS.includes(buffer.subarray(0, bytesRead).toString('hex'));
  } finally {
    await file.close();
  }
}

export async function summarizeChip(
  path: string,
  formas: readonly ChipForma[],
  signal: AbortSignal,
): Promise<ChipSummary> {
  if (await isWorkbook(path)) {
    const [sheet] = await readWorkbook(path, { signal, maxRows: TITLE_ROWS });
    const title = chipHeader(sheet?.rows ?? []);
    const forma = findForma(formas, title.formulario);
    if (forma === undefined) return { canal: 'LIBRO', reportes: [] };
    const reporte = { ...toIdentidadLibro(title), formulario: forma.formulario };
    return { canal: 'LIBRO', reportes: [reporte] };
  }
  return { canal: 'SD', reportes: await summarizeSD(path, formas, signal) };
}

async function summarizeSD(
  path: string,
  formas: readonly ChipForma[],
  signal: AbortSignal,
): Promise<ResumenReporte[]> {
  const reportes: ResumenReporte[] = [];
  let headers = 0;
  for await (const { campos, linea } of readHeaderLines(path, signal)) {
    headers++;
    const header = toHeader({ campos, linea }, null);
    const forma = findForma(formas, header.formulario);
    if (forma === undefined) continue;
    reportes.push({ ...toIdentidadSD(header, linea), formulario: forma.formulario });
  }
  if (headers > 0) return reportes;
  // No header at all: the bytes may say more about why.
  await inspectText(path, { encoding: 'auto', maxLineBytes: MAX_RECORD_BYTES, signal });
  throw new DropError('ENCABEZADO_AUSENTE', 'El archivo no es un informe ni un envío del CHIP.');
}

/** Only the `S` lines, from one pass over the bytes: a national file of a million lines takes a fraction of a second. */
async function* readHeaderLines(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly campos: string[]; readonly linea: number }> {
  let linea = 0;
  let carry = '';
  let openBytes = 0;
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    signal.throwIfAborted();
    const lines = (carry + (chunk as string)).split('\n');
    const open = lines.pop() ?? '';
    // What is kept of an open line is its beginning; its length is counted.
    openBytes = lines.length === 0 ? openBytes + (chunk as string).length : open.length;
    if (openBytes > MAX_RECORD_BYTES) throw tooLong(linea + lines.length + 1);
    carry = open.slice(0, MAX_HEADER);
    for (const line of lines) {
      linea++;
      if (isHeader(line, linea)) yield { campos: fieldsOf(line), linea };
    }
  }
  if (isHeader(carry, linea + 1)) yield { campos: fieldsOf(carry), linea: linea + 1 };
}

/** Known before the rest of such a file is read: it is refused as a whole anyway. */
const tooLong = (linea: number): DropError =>
  new DropError('ARCHIVO_DEMASIADO_GRANDE', LINEA_LARGA, linea);

const LINEA_LARGA = `Una línea supera el tamaño admitido (${String(MAX_RECORD_BYTES)} bytes).`;

const UTF8_BOM = '\u00ef\u00bb\u00bf';

const isHeader = (line: string, linea: number): boolean =>
  line.startsWith('S\t') || (linea === 1 && line.startsWith(`${UTF8_BOM}S\t`));

const fieldsOf = (line: string): string[] =>
  line.replace(UTF8_BOM, '').replace(/\r$/, '').slice(0, MAX_HEADER).split('\t');
