import { DropError } from '../drop-error.js';
import { MAX_RECORD_BYTES } from './delimited.js';
import { fieldsOf, readLines } from './lines.js';
import type { TextRecord } from './records.js';
import { inspectText } from './text-form.js';

/** The `S` record of a CHIP submission: who reports what, of when. Values without surrounding blanks, codes as written. */
export interface SubmissionHeader {
  readonly entidad: string;
  /** `1MMmm`: first and last month of the period. */
  readonly periodo: string;
  readonly anio: string;
  readonly formulario: string;
  /** `dd-mm-yyyy`, which only some generators write. */
  readonly fecha?: string;
}

/** A `D` record: the concept code first, then the fields of the form, as stored. Control totals (`VAL`) are among them. */
export interface SubmissionDetail {
  readonly linea: number;
  readonly campos: readonly string[];
}

export interface SubmissionBlock {
  readonly header: SubmissionHeader;
  readonly detalles: readonly SubmissionDetail[];
  /** Line of the `S` record. */
  readonly linea: number;
}

export interface ReadSDOptions {
  readonly signal: AbortSignal;
  readonly maxRecordBytes?: number;
}

const HEADER_FIELDS = 5;

const cut = (linea: number): DropError =>
  new DropError(
    'LINEA_CORTADA',
    'La última línea está cortada; el archivo está incompleto.',
    linea,
  );

/** Reads the `S` record; the line that no line end closes may be a cut one. */
export const toHeader = (
  { campos, linea }: TextRecord,
  openLine: number | null,
): SubmissionHeader => {
  const [, entidad = '', periodo = '', anio = '', formulario = '', fecha = ''] = campos.map((c) =>
    c.trim(),
  );
  if (campos.length < HEADER_FIELDS && linea === openLine) throw cut(linea);
  if (campos.length < HEADER_FIELDS || formulario === '') {
    const motivo = 'El registro S no trae entidad, periodo, año y formulario.';
    throw new DropError('ENCABEZADO_AUSENTE', motivo, linea);
  }
  const wrong =
    (!/^\d{1,9}$/.test(entidad) && `el código de entidad «${entidad}»`) ||
    (!/^1\d{4}$/.test(periodo) && `el periodo «${periodo}»`) ||
    (!/^\d{4}$/.test(anio) && `el año «${anio}»`);
  if (wrong !== false) {
    throw new DropError('VALOR_INVALIDO', `El registro S trae mal ${wrong}.`, linea);
  }
  return { entidad, periodo, anio, formulario, ...(fecha === '' ? {} : { fecha }) };
};

/**
 * A file without a last line end is usual; it is cut only when its last detail also has fewer fields than any other of its
 * block, the control totals apart: those have their own width.
 */
const isShort = (detail: SubmissionDetail, others: readonly SubmissionDetail[]): boolean => {
  if (detail.campos.length === 0 || detail.campos[0] === '') return true;
  if (detail.campos[0]?.trim() === 'VAL') return false;
  const widths = others.filter((d) => d.campos[0]?.trim() !== 'VAL').map((d) => d.campos.length);
  return widths.length > 0 && detail.campos.length < Math.min(...widths);
};

interface OpenBlock extends SubmissionBlock {
  readonly detalles: SubmissionDetail[];
}

const DETALLE = 'D\t';

const addDetail = (
  block: OpenBlock | null,
  detail: SubmissionDetail,
  openLine: number | null,
): void => {
  if (block === null) {
    const motivo = 'Hay un registro D antes del primer registro S.';
    throw new DropError('ENCABEZADO_AUSENTE', motivo, detail.linea);
  }
  if (detail.linea === openLine && isShort(detail, block.detalles)) throw cut(detail.linea);
  block.detalles.push(detail);
};

const refuseKind = (kind: string, record: TextRecord, openLine: number | null): DropError => {
  if (kind === '' && record.linea === openLine) return cut(record.linea);
  const motivo = `El registro «${kind.slice(0, 20)}» no es S ni D.`;
  return new DropError('VALOR_INVALIDO', motivo, record.linea);
};

/**
 * Reads a CHIP submission file: blocks of one `S` record and its `D` records, tab separated, CRLF or LF, Windows-1252 (or
 * UTF-8, which a BOM or the bytes themselves tell). No quoting exists: quotes are text. A block is delivered when the next
 * one begins, so a consumer must wait for the end before it shows any of them.
 */
export async function* readSD(
  file: string,
  options: ReadSDOptions,
): AsyncGenerator<SubmissionBlock> {
  const { signal, maxRecordBytes = MAX_RECORD_BYTES } = options;
  const { encoding, openLine } = await inspectText(file, {
    encoding: 'auto',
    maxLineBytes: maxRecordBytes,
    signal,
  });
  let block: OpenBlock | null = null;
  for await (const { desde, textos } of readLines(file, { encoding, signal })) {
    for (const [at, texto] of textos.entries()) {
      const linea = desde + at;
      // Nearly every line: its fields are cut without the list of a record in between.
      if (texto.startsWith(DETALLE)) {
        addDetail(block, { linea, campos: fieldsOf(texto, DETALLE.length) }, openLine);
        continue;
      }
      if (texto.trim() === '') continue;
      const record = { linea, campos: fieldsOf(texto) };
      const [kind = '', ...campos] = record.campos;
      if (kind === 'S') {
        const header = toHeader(record, openLine);
        if (block !== null) yield block;
        signal.throwIfAborted();
        block = { header, detalles: [], linea };
      } else if (kind === 'D') addDetail(block, { linea, campos }, openLine);
      else throw refuseKind(kind, record, openLine);
    }
  }
  if (block === null) throw new DropError('ARCHIVO_VACIO', 'El archivo no tiene registros.');
  yield block;
}
