/** Runs PGlite off the main thread: a long query there would stop every request. Started from dist/. */
import { PGlite } from '@electric-sql/pglite';
import { parentPort, workerData } from 'node:worker_threads';
import { OID } from './engine.js';
import type { WorkerAnswer, WorkerRequest } from './pglite-wire.js';

const port = parentPort;
if (port === null) throw new Error('pglite-worker runs in a worker thread');

const asText = (value: string): string => value;
const db = await PGlite.create({
  dataDir: (workerData as { dataDir: string }).dataDir,
  parsers: {
    [OID.int8]: (value: string) => BigInt(value),
    [OID.date]: asText,
    [OID.timestamp]: asText,
    [OID.timestamptz]: asText,
    [OID.numeric]: asText,
  },
});

async function answer(request: WorkerRequest): Promise<object[]> {
  if (request.op === 'query') {
    if (request.params.length === 0) {
      const results = await db.exec(request.text);
      return results.at(-1)?.rows ?? [];
    }
    return (await db.query<object>(request.text, [...request.params])).rows;
  }
  if (request.op === 'copy') {
    await db.query(`copy ${request.into} from '/dev/blob'`, [], {
      blob: new Blob([request.block]),
    });
    return [];
  }
  await db.close();
  return [];
}

function toFailure(error: unknown): { message: string; code: string | undefined } {
  const raw = error as { message?: unknown; code?: unknown };
  return {
    message: typeof raw.message === 'string' ? raw.message : 'sin detalle',
    code: typeof raw.code === 'string' ? raw.code : undefined,
  };
}

port.on('message', (request: WorkerRequest) => {
  answer(request).then(
    (rows) => {
      port.postMessage({ ok: true, rows } satisfies WorkerAnswer);
      if (request.op === 'close') port.close();
    },
    (error: unknown) => {
      port.postMessage({ ok: false, ...toFailure(error) } satisfies WorkerAnswer);
    },
  );
});
port.postMessage({ ok: true, rows: [] } satisfies WorkerAnswer);
