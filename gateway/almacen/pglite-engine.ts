/** PGlite in a worker thread behind the engine port: one connection, first come first served. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Engine, EngineSession } from './engine.js';
import { AlmacenError, closedError, deadlineError, toSqlError } from './errors.js';
import { ensureDatabase } from './pglite-database.js';
import type { WorkerAnswer, WorkerRequest } from './pglite-wire.js';

/** Workers start from dist/: a `.ts` file is not something that Node can load. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/gateway/almacen/pglite-worker.js', import.meta.url)
  : new URL('./pglite-worker.js', import.meta.url);

export interface PgliteOptions {
  readonly dataDir: string;
  /** PGlite can neither cancel nor time out: a query still running so long after its deadline ends the worker. */
  readonly graceMs?: number;
}

/** A call, not a property: the flag changes while a query runs. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** A line of waiters. Whoever leaves the line early is simply passed over. */
function createTurnstile() {
  let tail: Promise<void> = Promise.resolve();
  const take = async (): Promise<() => void> => {
    let leave: () => void = () => undefined;
    const before = tail;
    tail = new Promise((resolve) => (leave = resolve));
    await before;
    return leave;
  };
  return { take };
}

interface Running {
  readonly worker: Worker;
  readonly ask: (request: WorkerRequest, transfer?: ArrayBuffer[]) => Promise<object[]>;
}

async function startWorker(dataDir: string): Promise<Running> {
  const worker = new Worker(WORKER, { workerData: { dataDir }, execArgv: [] });
  let settle: { resolve: (rows: object[]) => void; reject: (error: unknown) => void } | null = null;
  let dead: AlmacenError | null = null;
  const die = (cause: unknown): void => {
    dead ??= new AlmacenError('ALMACEN_CERRADO', 'El motor del almacén se detuvo.', { cause });
    settle?.reject(dead);
    settle = null;
  };
  const listen = (): Promise<object[]> =>
    new Promise((resolve, reject) => {
      if (dead === null) settle = { resolve, reject };
      else reject(dead);
    });
  worker.on('message', (answer: WorkerAnswer) => {
    const waiting = settle;
    settle = null;
    if (answer.ok) waiting?.resolve(answer.rows);
    else waiting?.reject(toSqlError(answer));
  });
  worker.on('error', die);
  worker.on('exit', die);
  await listen();
  return {
    worker,
    ask: (request, transfer = []) => {
      const answer = listen();
      worker.postMessage(request, transfer);
      return answer;
    },
  };
}

/** Opens the directory; the caller holds its lock. */
export async function openPglite({ dataDir, graceMs = 1000 }: PgliteOptions): Promise<Engine> {
  const turnstile = createTurnstile();
  const locks = new Map<string, Promise<unknown>>();
  await ensureDatabase(dataDir);
  let running: Running | null = await startWorker(dataDir);
  let closed = false;

  const ask = async (request: WorkerRequest, transfer?: ArrayBuffer[]): Promise<object[]> => {
    if (closed) throw closedError();
    running ??= await startWorker(dataDir);
    const current = running;
    try {
      return await current.ask(request, transfer);
    } catch (error) {
      if (error instanceof AlmacenError && error.code === 'ALMACEN_CERRADO') running = null;
      throw error;
    }
  };

  const stop = async (): Promise<void> => {
    const current = running;
    running = null;
    await current?.worker.terminate();
  };

  /** Rejects as soon as the signal aborts; the engine itself is ended only when it does not come back in time. */
  const askUntil = async (request: WorkerRequest, signal?: AbortSignal): Promise<object[]> => {
    if (signal === undefined) return ask(request);
    if (signal.aborted) throw deadlineError(signal.reason);
    const answer = ask(request);
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => void stop(), graceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await answer;
    } catch (error) {
      throw isAborted(signal) ? deadlineError(error) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };

  const copyInto = async (into: string, block: Buffer): Promise<void> => {
    const bytes = new Uint8Array(block);
    await ask({ op: 'copy', into, block: bytes }, [bytes.buffer]);
  };

  const acquire = async (signal?: AbortSignal): Promise<EngineSession> => {
    const leave = await turnstile.take();
    if (closed || signal?.aborted === true) {
      leave();
      throw closed ? closedError() : deadlineError(signal?.reason);
    }
    // A worker that ended takes the transaction of its session along: the session must not go on in a new one.
    const mine = (running ??= await startWorker(dataDir).catch((error: unknown) => {
      leave();
      throw error;
    }));
    return {
      query: <T extends object>(
        text: string,
        params = [] as readonly never[],
        querySignal = signal,
      ) => {
        if (running !== mine) return Promise.reject(deadlineError());
        return askUntil({ op: 'query', text, params }, querySignal) as Promise<T[]>;
      },
      copyBlock: async (into, block) => {
        if (running !== mine) throw deadlineError();
        await copyInto(into, block);
      },
      release: leave,
    };
  };

  const untilAbort = async <T>(work: Promise<T>, signal?: AbortSignal): Promise<T> => {
    if (signal === undefined) return work;
    work.catch(() => undefined);
    // A signal may outlive thousands of queries: what listens to it must go with its query.
    const ended = new AbortController();
    const aborted = once(signal, 'abort', { signal: ended.signal }).then(
      () => Promise.reject(deadlineError(signal.reason)),
      () => work,
    );
    try {
      return await Promise.race([work, aborted]);
    } finally {
      ended.abort();
      aborted.catch(() => undefined);
    }
  };

  return {
    name: 'pglite',
    acquire,
    query: <T extends object>(text: string, params: readonly never[], signal?: AbortSignal) => {
      if (signal?.aborted === true) return Promise.reject(deadlineError(signal.reason));
      const work = (async () => {
        const session = await acquire(signal);
        try {
          return await session.query<T>(text, params);
        } finally {
          session.release();
        }
      })();
      return untilAbort(work, signal);
    },
    async copyBlock(into, block) {
      const session = await acquire();
      try {
        await copyInto(into, block);
      } finally {
        session.release();
      }
    },
    async exclusively(name, wait, work) {
      const before = locks.get(name);
      if (before !== undefined && !wait) return undefined;
      const mine = (before ?? Promise.resolve()).catch(() => undefined).then(work);
      const entry = mine.catch(() => undefined);
      locks.set(name, entry);
      try {
        return await mine;
      } finally {
        if (locks.get(name) === entry) locks.delete(name);
      }
    },
    async close() {
      const leave = await turnstile.take();
      if (!closed) {
        const current = running;
        if (current !== null) {
          await current.ask({ op: 'close' });
          await current.worker.terminate();
        }
        closed = true;
        running = null;
      }
      leave();
    },
  };
}
