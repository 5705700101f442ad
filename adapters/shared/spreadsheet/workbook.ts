import { stat } from 'node:fs/promises';
import type { Worker } from 'node:worker_threads';
import { DropError } from '../drop-error.js';
import type { WorkbookJob, WorkbookMessage } from './workbook-messages.js';
import { withThread } from './workbook-threads.js';

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

/** Gathers what the thread sends for one job; rejects on its error, its death, the timeout or the signal. */
const runJob = (
  worker: Worker,
  job: WorkbookJob,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Sheet[]> =>
  new Promise((resolve, reject) => {
    const sheets: Sheet[] = [];
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
    };
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const onAbort = (): void => {
      fail(signal.reason as Error);
    };
    const onDeath = (cause: unknown): void => {
      fail(toDropError(cause));
    };
    const onMessage = (message: WorkbookMessage): void => {
      if (message.kind === 'sheet') sheets.push({ name: message.name, rows: [] });
      else if (message.kind === 'rows') addRows(sheets.at(-1), message.rows);
      else if (message.kind === 'error') {
        fail(new DropError(message.codigo, message.motivo, null, { cause: message.detail }));
      } else {
        settle();
        resolve(sheets);
      }
    };
    const timer = setTimeout(() => {
      const seconds = String(Math.ceil(timeoutMs / 1000));
      fail(new DropError('LIBRO_ILEGIBLE', `El libro no se pudo leer en ${seconds} s.`));
    }, timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', onMessage).on('error', onDeath).on('exit', onDeath);
    if (signal.aborted) onAbort();
    else worker.postMessage(job);
  });

const addRows = (sheet: Sheet | undefined, rows: readonly string[][]): void => {
  for (const row of rows) sheet?.rows.push(row);
};

/**
 * Reads an .xls (BIFF) or .xlsx as text cells exactly as stored. The parser runs in a worker thread with caps on size,
 * cells, memory and time, so that a hostile or damaged book never blocks the process; abort and timeout end the thread.
 */
export async function readWorkbook(file: string, options: ReadWorkbookOptions): Promise<Sheet[]> {
  const { signal } = options;
  signal.throwIfAborted();
  await checkSize(file, options.maxBytes ?? 64 * MEGABYTE);
  const job: WorkbookJob = {
    file,
    maxInflatedBytes: options.maxInflatedBytes ?? 512 * MEGABYTE,
    maxCells: options.maxCells ?? 10_000_000,
    maxRows: options.maxRows ?? null,
  };
  return withThread(signal, (worker) => runJob(worker, job, signal, options.timeoutMs ?? 60_000));
}
