import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import { DropError } from '../drop-error.js';
import type { Encoding } from './text-form.js';

/** One record with the line where it ends, from 1. */
export interface TextRecord {
  readonly linea: number;
  readonly campos: readonly string[];
}

export interface RecordOptions {
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Quote character, or false where the format knows no quoting. */
  readonly quote: string | false;
  readonly maxRecordBytes: number;
  readonly signal: AbortSignal;
}

const toDropError = (error: CsvError): DropError => {
  const linea = typeof error['lines'] === 'number' ? error['lines'] : null;
  if (error.code === 'CSV_MAX_RECORD_SIZE') {
    const motivo = 'Un registro supera el tamaño admitido.';
    return new DropError('ARCHIVO_DEMASIADO_GRANDE', motivo, linea, { cause: error });
  }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    const motivo = 'Unas comillas no se cierran: el archivo está cortado.';
    return new DropError('LINEA_CORTADA', motivo, linea, { cause: error });
  }
  const motivo = 'El registro no respeta el formato: hay comillas fuera de lugar.';
  return new DropError('VALOR_INVALIDO', motivo, linea, { cause: error });
};

interface Parsed {
  readonly info: { readonly lines: number };
  readonly record: string[];
}

/** Streams the records of a text file whose form is already known; empty lines are left out but counted. */
export async function* readRecords(
  file: string,
  options: RecordOptions,
): AsyncGenerator<TextRecord> {
  const bytes = createReadStream(file);
  const parser = parse({
    delimiter: options.delimiter,
    quote: options.quote,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: options.maxRecordBytes,
    relax_column_count: true,
    bom: true,
    info: true,
  });
  const stop = (error: unknown): void => {
    parser.destroy(error as Error);
  };
  const onAbort = (): void => {
    stop(options.signal.reason);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  bytes.on('error', stop);
  if (options.encoding === 'utf8') bytes.pipe(parser);
  else bytes.pipe(iconv.decodeStream('win1252')).pipe(parser);
  try {
    options.signal.throwIfAborted();
    for await (const { info, record } of parser as AsyncIterable<Parsed>) {
      if (record.length === 1 && record[0]?.trim() === '') continue;
      yield { linea: info.lines, campos: record };
    }
  } catch (error) {
    throw error instanceof CsvError ? toDropError(error) : error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    bytes.destroy();
    parser.destroy();
  }
}
