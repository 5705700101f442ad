import { Worker } from 'node:worker_threads';

/** A thread costs 0.15 s to start and a book often less to read, so threads are kept warm; more of them would starve the rest. */
const MAX_THREADS = 2;
const IDLE_MS = 5000;
const HEAP_MB = 1024;

/** Worker threads run the built file: `new Worker` escapes the transform of the tests. */
const workerUrl = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/adapters/shared/spreadsheet/workbook-worker.js', import.meta.url)
    : new URL('./workbook-worker.js', import.meta.url);

interface IdleThread {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
}

const idle: IdleThread[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

const takeTurn = async (signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  if (busy < MAX_THREADS) {
    busy++;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      waiting.splice(waiting.indexOf(onTurn), 1);
      reject(signal.reason as Error);
    };
    const onTurn = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    waiting.push(onTurn);
  });
};

const passTurn = (): void => {
  const next = waiting.shift();
  if (next === undefined) busy--;
  else next();
};

const startThread = (): Worker => {
  const worker = new Worker(workerUrl(), { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  // A thread that dies while nobody reads with it only leaves the list.
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    const at = idle.findIndex((thread) => thread.worker === worker);
    if (at !== -1) idle.splice(at, 1);
  });
  return worker;
};

const takeThread = (): Worker => {
  const thread = idle.pop();
  if (thread === undefined) return startThread();
  clearTimeout(thread.timer);
  thread.worker.ref();
  return thread.worker;
};

/** An idle thread holds neither the process nor, for long, its memory. */
const keepThread = (worker: Worker): void => {
  worker.unref();
  const timer = setTimeout(() => void worker.terminate(), IDLE_MS);
  timer.unref();
  idle.push({ worker, timer });
};

/** Runs one job on a thread of its own. After any failure, abort included, the thread ends: it may still be busy or full. */
export async function withThread<T>(
  signal: AbortSignal,
  run: (worker: Worker) => Promise<T>,
): Promise<T> {
  await takeTurn(signal);
  const worker = takeThread();
  try {
    const result = await run(worker);
    keepThread(worker);
    return result;
  } catch (error) {
    void worker.terminate();
    throw error;
  } finally {
    passTurn();
  }
}
