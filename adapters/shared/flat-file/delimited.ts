import { DropError } from '../drop-error.js';
import type { Header } from '../spreadsheet/header.js';
import { locateHeader } from '../spreadsheet/header.js';
import { readRecords } from './records.js';
import type { TextRecord } from './records.js';
import { inspectText } from './text-form.js';
import type { Encoding } from './text-form.js';

export interface DelimitedOptions {
  readonly encoding: Encoding | 'auto';
  readonly delimiter: string;
  /** Labels that the header row must hold; it is found by content, below any title lines. */
  readonly required: readonly string[];
  readonly signal: AbortSignal;
  readonly quote?: string | false;
  /** Largest line or quoted record, in bytes. */
  readonly maxRecordBytes?: number;
}

/** A data row: as many fields as the header has labels, values as stored. */
export interface DelimitedRow extends TextRecord {
  readonly header: Header;
}

export const MAX_RECORD_BYTES = 1024 * 1024;
const HEADER_WITHIN = 60;

const toRow = (header: Header, record: TextRecord): DelimitedRow => {
  const expected = header.labels.length;
  const found = record.campos.length;
  if (found === expected) return { ...record, header };
  const motivo = `La línea tiene ${String(found)} campos y el encabezado ${String(expected)}.`;
  throw new DropError(found < expected ? 'LINEA_CORTADA' : 'VALOR_INVALIDO', motivo, record.linea);
};

/** Titles may precede the header, so the first records are held until it is known; `null` marks the end of the search. */
const findHeader = (first: readonly TextRecord[], required: readonly string[]) => {
  if (first.length === 0) throw new DropError('ARCHIVO_VACIO', 'El archivo no tiene registros.');
  const rows: (readonly string[] | undefined)[] = [];
  for (const record of first) rows[record.linea - 1] = record.campos;
  const header = locateHeader(
    Array.from(rows, (row) => row ?? []),
    required,
    {
      within: rows.length,
    },
  );
  return { header, rest: first.filter((record) => record.linea > header.index + 1) };
};

/**
 * Streams the data rows of a CSV-like file. Strict: a row with fewer or more fields than the header stops the file with
 * its line number, since a shifted column is worse than no answer.
 */
export async function* readDelimited(
  file: string,
  options: DelimitedOptions,
): AsyncGenerator<DelimitedRow> {
  const maxRecordBytes = options.maxRecordBytes ?? MAX_RECORD_BYTES;
  const { encoding } = await inspectText(file, { ...options, maxLineBytes: maxRecordBytes });
  const quote = options.quote ?? '"';
  const first: TextRecord[] = [];
  let header: Header | null = null;
  for await (const record of readRecords(file, { ...options, encoding, quote, maxRecordBytes })) {
    if (header !== null) {
      yield toRow(header, record);
      continue;
    }
    first.push(record);
    if (first.length < HEADER_WITHIN) continue;
    const found = findHeader(first, options.required);
    header = found.header;
    for (const held of found.rest) yield toRow(header, held);
  }
  if (header !== null) return;
  const found = findHeader(first, options.required);
  for (const held of found.rest) yield toRow(found.header, held);
}
