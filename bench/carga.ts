/**
 * How many records a second a load takes in where the source is not the limit, beside what the engine itself takes.
 *
 *   npm run bench -- carga [--filas=200000] [--trozo=5000]
 *
 * In PGlite, and with DATABASE_URL (an empty database) in PostgreSQL too. One JSON line for each engine: `copy` is the
 * engine's own limit, the same rows ready made and copied into the same table with its indexes; `ingest` is the single
 * store alone; `carga` is the whole backfill; `repetida` is the same load again, which writes nothing. Rows have the
 * width of a FUT form. `cpuUs` is what the process spends on a record of the load, on all its threads.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { RecordStore, Row } from '../adapters/contract.js';
import { createUnico } from '../adapters/unico/index.js';
import { copyColumns, copyLines } from '../adapters/unico/copy-lines.js';
import { createToIncoming } from '../adapters/unico/ingest.js';
import { createTableSql, indexesOf, tableName } from '../adapters/unico/table.js';
import { openAlmacen, type Almacen } from '../gateway/almacen/almacen.js';
import { runBackfill } from '../gateway/desmonte/backfill.js';
import { contextOf, type Tarea } from '../gateway/desmonte/tarea.js';
import { openTarea, tramoOf, versionAt, Viejo } from '../gateway/desmonte/testing.js';
import { FutGastosInversion } from '../schema/registros/fut.js';
import type { Registro, TipoCampo, Valor } from '../schema/registro.js';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    filas: { type: 'string', default: '200000' },
    trozo: { type: 'string', default: '5000' },
  },
});
const FILAS = Number(values.filas);
const TROZO = Number(values.trozo);

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
const CAMPOS = Object.entries(FutGastosInversion.campos);
const rowAt = (i: number): Row =>
  Object.fromEntries(CAMPOS.map(([name, { tipo }]) => [name, VALUE[tipo](i)]));
const ROWS = Array.from({ length: FILAS }, (_, i) => rowAt(i));

function* trozos(): Generator<readonly Row[]> {
  for (let at = 0; at < FILAS; at += TROZO) yield ROWS.slice(at, at + TROZO);
}

/** A table of its own for each measure. */
const registroOf = (what: string): Registro => ({
  ...FutGastosInversion,
  nombre: `Medida${what}${Date.now()}`,
});

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round((FILAS * 1_000) / (performance.now() - started));
}

/** The same bytes into the same table, and nothing else. */
async function measureCopy(store: Almacen): Promise<number> {
  const registro = registroOf('Copy');
  await store.query(createTableSql(registro));
  for (const { sql } of indexesOf(registro)) await store.query(sql);
  const columns = copyColumns(registro);
  const toIncoming = createToIncoming(registro);
  const stamped = { version: 'v1', tiempo: 1, mapeo: 1 };
  const ready = Array.from(trozos(), (rows) => [
    ...copyLines(
      registro,
      rows.map((row) => toIncoming(row, stamped)),
      1,
    ),
  ]);
  return perSecond(async () => {
    for (const rows of ready)
      await store.transaction((session) => session.copy(tableName(registro), columns, rows));
  });
}

async function openMedida(store: Almacen, what: string): Promise<Tarea & { unico: RecordStore }> {
  const registro = registroOf(what);
  const unico = createUnico({ store, now: Date.now, registros: [registro] });
  const tramo = tramoOf(registro, { fase: 'backfill' });
  const ritmo = { filasPorSegundo: 1e9, llamadasPorSegundo: 1e6 };
  const viejo = new Viejo(registro, ROWS, TROZO);
  return openTarea(store, registro, viejo, { unico, tramo, ritmo, now: Date.now });
}

async function measureIngest(store: Almacen): Promise<number> {
  const tarea = await openMedida(store, 'Ingest');
  const { unico, registro } = tarea;
  await unico.version(registro, contextOf(tarea));
  return perSecond(async () => {
    for (const rows of trozos())
      await unico.ingest(registro, { rows, version: versionAt(1) }, null, contextOf(tarea));
  });
}

async function measureCarga(store: Almacen) {
  const tarea = await openMedida(store, 'Carga');
  const load = async (): Promise<void> => {
    const { estado, motivo } = await runBackfill(tarea);
    if (estado !== 'completa') throw new Error(`the load stopped: ${String(motivo)}`);
  };
  const before = process.cpuUsage();
  const carga = await perSecond(load);
  const { user, system } = process.cpuUsage(before);
  return { carga, cpuUs: Math.round((user + system) / FILAS), repetida: await perSecond(load) };
}

async function measure(store: Almacen): Promise<void> {
  try {
    const copy = await measureCopy(store);
    const ingest = await measureIngest(store);
    const load = await measureCarga(store);
    const porCopy = Number((load.carga / copy).toFixed(2));
    const peakMb = Math.round(process.resourceUsage().maxRSS / 1_024);
    const found = { motor: store.engine, filas: FILAS, campos: CAMPOS.length, copy, ingest };
    process.stdout.write(`${JSON.stringify({ ...found, ...load, porCopy, peakMb })}\n`);
  } finally {
    await store.close();
  }
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-bench-carga-'));
try {
  await measure(await openAlmacen({ dataDir }));
  const databaseUrl = process.env['DATABASE_URL'];
  if (databaseUrl !== undefined) await measure(await openAlmacen({ databaseUrl }));
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
