/**
 * How long a census takes over digests that lie in the store, and how quick a load is where the source is not the limit.
 *
 *   npm run bench -- censo            (FILAS=1000000; DATABASE_URL for PostgreSQL)
 *
 * Prints one JSON line. The census compares the last walk again: 10^6 local digests on each side, ten of them planted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createUnico } from '../adapters/unico/index.js';
import { openAlmacen } from '../gateway/almacen/almacen.js';
import { runBackfill } from '../gateway/desmonte/backfill.js';
import { runCenso } from '../gateway/desmonte/censo.js';
import { contextOf } from '../gateway/desmonte/tarea.js';
import {
  filaAt,
  filasTo,
  openTarea,
  registroOf,
  tramoOf,
  versionAt,
  Viejo,
} from '../gateway/desmonte/testing.js';

const FILAS = Number(process.env['FILAS'] ?? 1_000_000);
const CHUNK = 20_000;
const PLANTED = 10;

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1_000, result];
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-bench-censo-'));
  const url = process.env['DATABASE_URL'];
  const store = await openAlmacen(url === undefined ? { dataDir } : { databaseUrl: url });
  try {
    const registro = registroOf(`Medida${Date.now()}`);
    const viejo = new Viejo(registro, filasTo(FILAS), CHUNK);
    const unico = createUnico({ store, now: Date.now, registros: [registro] });
    const tramo = tramoOf(registro, { fase: 'shadow' });
    const ritmo = { filasPorSegundo: 1e9, llamadasPorSegundo: 1e6 };
    const tarea = await openTarea(store, registro, viejo, { unico, tramo, ritmo, now: Date.now });
    const [cargaS, carga] = await timed(() => runBackfill(tarea));
    const rows = Array.from({ length: PLANTED }, (_, i) =>
      filaAt(Math.floor((i * FILAS) / PLANTED), { pagos: '0.01' }),
    );
    const chunk = { rows, version: versionAt(1), mapeo: tramo.mappingVersion, reparar: true };
    await unico.ingest(registro, chunk, null, contextOf(tarea));
    const [barridoS] = await timed(() => runCenso(tarea, { relecturasMs: [] }));
    const [comparacionS, censo] = await timed(() =>
      runCenso(tarea, { reusar: true, relecturasMs: [] }),
    );
    const seconds = (value: number): number => Number(value.toFixed(2));
    process.stdout.write(
      `${JSON.stringify({
        motor: store.engine,
        filas: FILAS,
        carga: { estado: carga.estado, s: seconds(cargaS), filasPorS: Math.round(FILAS / cargaS) },
        censoConBarridoS: seconds(barridoS),
        censoDeDigestsLocalesS: seconds(comparacionS),
        encontradas: censo.distintas,
        plantadas: PLANTED,
        rssMB: Math.round(process.memoryUsage().rss / 1e6),
      })}\n`,
    );
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
