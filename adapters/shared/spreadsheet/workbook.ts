import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { DropError } from '../drop-error.js';
import type { WorkbookJob, WorkbookMessage } from './workbook-messages.js';

/** One sheet, as text. Row i of `rows` is row i + 1 of the file; missing cells are empty text or past the row's end. */
export interface Sheet {
  readonly name: string;
  readonly rows: string[][];
}

export interface ReadWorkbookOptions {
  readonly signal: AbortSignal;
  /** Largest file read, in bytes. */
  readonly maxBytes?: number;
  /** Largest content after decompression, in bytes. */
  readonly maxInflatedBytes?: number;
  /** Most cells delivered, all sheets together. */
  readonly maxCells?: number;
  /** Rows wanted of each sheet, from the top: enough to read a title block without the table. */
  readonly maxRows?: number;
  readonly timeoutMs?: number;
}

const MEGABYTE = 1024 * 1024;
const HEAP_MB = 1024;

/** Worker threads run the built file: `new Worker` escapes the transform of the tests. */
const workerUrl = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/adapters/shared/spreadsheet/workbook-worker.js', import.meta.url)
    : new URL('./workbook-worker.js', import.meta.url);

const checkSize = async (file: string, maxBytes: number): Promise<void> => {
  const { size } = await stat(file);
  if (size === 0) throw new DropError('ARCHIVO_VACIO', 'El archivo está vacío.');
  if (size <= maxBytes) return;
  const limit = String(Math.floor(maxBytes / MEGABYTE));
  throw new DropError(
    'ARCHIVO_DEMASIADO_GRANDE',
    `El libro supera el tamaño admitido (${limit} MB).`,
  );
};

/** A worker that dies of memory was reading a bomb: it says so; every other death is an unreadable book. */
const toDropError = (error: unknown): DropError => {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new DropError(
      'ARCHIVO_DEMASIADO_GRANDE',
      'El libro no cabe en la memoria reservada para leerlo.',
      null,
      { cause: error },
    );
  }
  return new DropError(
    'LIBRO_ILEGIBLE',
    'La lectura del libro terminó de forma inesperada.',
    null,
    {
      cause: error,
    },
  );
};

const collect = (worker: Worker, signal: AbortSignal, timeoutMs: number): Promise<Sheet[]> =>
  new Promise((resolve, reject) => {
    const sheets: Sheet[] = [];
    const onAbort = (): void => {
      fail(signal.reason);
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      void worker.terminate();
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const timer = setTimeout(() => {
      const seconds = String(Math.ceil(timeoutMs / 1000));
      fail(new DropError('LIBRO_ILEGIBLE', `El libro no se pudo leer en ${seconds} s.`));
    }, timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: WorkbookMessage) => {
      if (message.kind === 'sheet') sheets.push({ name: message.name, rows: [] });
      else if (message.kind === 'rows') {
        const rows = sheets.at(-1)?.rows;
        for (const row of message.rows) rows?.push(row as string[]);
      } else if (message.kind === 'end') {
        settle();
        resolve(sheets);
      } else {
        fail(new DropError(message.codigo, message.motivo, null, { cause: message.detail }));
      }
    });
    worker.on('error', (error) => {
      fail(toDropError(error));
    });
    worker.on('exit', (code) => {
      fail(toDropError(code));
    });
  });

/**
 * Reads an .xls (BIFF) or .xlsx as text cells exactly as stored. The parser runs in a worker thread with caps on size,
 * cells, memory and time, so that a hostile or damaged book never blocks the process; abort and timeout end the thread.
 */
export async function readWorkbook(file: string, options: ReadWorkbookOptions): Promise<Sheet[]> {
  const { signal } = options;
  signal.throwIfAborted();
  await checkSize(file, options.maxBytes ?? 64 * MEGABYTE);
  signal.throwIfAborted();
  const job: WorkbookJob = {
    file,
    maxInflatedBytes: options.maxInflatedBytes ?? 512 * MEGABYTE,
    maxCells: options.maxCells ?? 10_000_000,
    maxRows: options.maxRows ?? null,
  };
  const worker = new Worker(workerUrl(), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return collect(worker, signal, options.timeoutMs ?? 60_000);
}
