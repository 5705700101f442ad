/**
 * How fast the single store takes records in, and a census reads their digests.
 *
 *   npm run build && node dist/bench/ingest.js [rows]
 *   DATABASE_URL=postgres://… node dist/bench/ingest.js [rows]
 *
 * Rows of the width of a FUT form, made before the clock starts: the source is not the limit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ADAPTERS, isRecordStore } from '../adapters/index.js';
import type { RecordStore, Row, SourceContext } from '../adapters/contract.js';
import { createAcopio } from '../adapters/index.js';
import { openAlmacen } from '../gateway/almacen/almacen.js';
import { FutGastosInversion } from '../schema/registros/fut.js';
import type { Registro, TipoCampo, Valor } from '../schema/registro.js';

const ROWS_PER_CHUNK = 5_000;

const ctx: SourceContext = {
  signal: new AbortController().signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 0,
  origen: 'fondo',
};

const VALUE: Readonly<Record<TipoCampo, (i: number) => Valor>> = {
  texto: (i) => `Servicios de apoyo número ${i % 997}`,
  codigo: (i) => `${i % 1_122}`,
  entero: (i) => i,
  dinero: (i) => `${i * 1_000_003}.5`,
  decimal: (i) => `${i % 100}.25`,
  fecha: () => '2020-12-31',
  fechahora: () => '2021-02-15T10:00:00Z',
  logico: (i) => i % 3 === 0,
};

const rowAt = (registro: Registro, i: number): Row =>
  Object.fromEntries(
    Object.entries(registro.campos).map(([name, { tipo }]) => [name, VALUE[tipo](i)]),
  );

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

function openUnico(store: Awaited<ReturnType<typeof openAlmacen>>): RecordStore {
  const registration = ADAPTERS.find(({ isRecordStore: holds }) => holds === true);
  const adapter = registration?.create(
    {},
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      acopio: createAcopio(store, { now: Date.now }),
      store,
    },
  );
  if (adapter === undefined || !isRecordStore(adapter)) throw new Error('no record store');
  return adapter;
}

const total = Number(process.argv[2] ?? 200_000);
const registro = FutGastosInversion;
const folder = await mkdtemp(path.join(tmpdir(), 'sugit-bench-'));
const databaseUrl = process.env['DATABASE_URL'];
const store = await openAlmacen(databaseUrl === undefined ? { dataDir: folder } : { databaseUrl });
const unico = openUnico(store);
const version = {
  token: 'v1',
  sourceTime: '2021-02-15T10:00:00Z',
  checkedAt: '2026-01-01T00:00:00Z',
};
const chunks = Array.from({ length: Math.ceil(total / ROWS_PER_CHUNK) }, (_, c) =>
  Array.from({ length: Math.min(ROWS_PER_CHUNK, total - c * ROWS_PER_CHUNK) }, (_row, i) =>
    rowAt(registro, c * ROWS_PER_CHUNK + i),
  ),
);
const takeAll = async (): Promise<void> => {
  for (const [i, rows] of chunks.entries()) {
    const checkpoint = { tramo: 'bench', valor: String(i) };
    await unico.ingest(registro, { rows, version }, checkpoint, ctx);
  }
};
const first = await seconds(takeAll);
const again = await seconds(takeAll);
let digests = 0;
const walk = await seconds(async () => {
  for await (const { digest } of unico.digests(registro, {}, ctx)) digests += digest === '' ? 0 : 1;
});
const buckets = await seconds(() => unico.bucketDigests(registro, {}, ctx));
await store.close();
await rm(folder, { recursive: true, force: true });
process.stdout.write(
  `${JSON.stringify({
    engine: store.engine,
    rows: total,
    campos: Object.keys(registro.campos).length,
    ingestPerSecond: Math.round(total / first),
    againPerSecond: Math.round(total / again),
    digests,
    digestsPerSecond: Math.round(total / walk),
    bucketsSeconds: Math.round(buckets * 100) / 100,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  })}\n`,
);
