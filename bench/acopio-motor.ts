/**
 * Which engine holds the acopio: loads one CUIPO quarter of real grain and asks it what requests ask.
 *
 *   npm run build && node dist/bench/acopio-motor.js pglite
 *   DATABASE_URL=postgres://… node dist/bench/acopio-motor.js postgres
 *   DUCKDB_MODULE=<file: URL of @duckdb/node-api, installed elsewhere> node dist/bench/acopio-motor.js duckdb
 *
 * One process per engine, so that the memory is its own. The rows come from a fixed seed.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { openAlmacen } from '../gateway/almacen/almacen.js';
import { codigo, defineRegistro, dinero, entero, logico, texto } from '../schema/registro.js';
import { keyOf } from '../schema/key.js';
import type { Row, SourceContext } from '../adapters/contract.js';

const ENTIDADES = 3_700;
const BATCH = 10_000;

const registro = defineRegistro({
  nombre: 'EjecucionGastoMedida',
  sistema: 'cuipo',
  clave: [
    'entidad',
    'periodo',
    'cuenta',
    'seccion',
    'vigencia',
    'fuente',
    'cpc',
    'bpin',
    'ordinal',
  ],
  ruta: ['entidad'],
  accesos: {
    porEntidadPeriodo: { claves: ['entidad', 'periodo'], cardinalidad: 'muchos' },
    porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
  },
  campos: {
    entidad: codigo({ nulo: false }),
    periodo: entero({ nulo: false }),
    cuenta: codigo({ nulo: false }),
    nombreCuenta: texto(),
    seccion: codigo({ nulo: false }),
    vigencia: codigo({ nulo: false }),
    programa: codigo(),
    producto: codigo(),
    fuente: codigo({ nulo: false }),
    situacionFondos: codigo(),
    politica: codigo(),
    tercero: codigo(),
    cpc: codigo({ nulo: false }),
    sectorial: codigo(),
    bpin: codigo({ nulo: false }),
    ordinal: entero({ nulo: false }),
    compromisos: dinero(),
    obligaciones: dinero(),
    pagos: dinero(),
    esHoja: logico(),
  },
  medidas: {
    gasto: {
      grano: ['entidad', 'periodo'],
      dimensiones: [],
      filtro: { op: 'hoja' },
      suma: ['compromisos', 'obligaciones', 'pagos'],
      version: 1,
    },
  },
});

const entidadAt = (i: number): string => `2${String(10_000_000 + i * 7)}`;

/** A small generator with a fixed seed: every engine gets the same rows. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Sizes around the median of 268 rows; a few capitals and departments have thousands. */
function* generate(): Generator<Row[]> {
  const random = createRandom(42);
  let batch: Row[] = [];
  for (let i = 0; i < ENTIDADES; i++) {
    const size = i % 150 === 0 ? 4_000 : 100 + random(340);
    for (let j = 0; j < size; j++) {
      const value = String(random(2 ** 30) * 100 + random(100));
      batch.push({
        entidad: entidadAt(i),
        periodo: 202512,
        cuenta: `2.${1 + (j % 4)}.${random(9)}.${random(30)}.${random(90)}`,
        nombreCuenta: 'Servicios de apoyo al sector público y otros gastos de funcionamiento',
        seccion: String(16 + random(4)),
        vigencia: String(1 + random(4)),
        programa: String(1000 + random(4000)),
        producto: String(1_000_000 + random(4_000_000)),
        fuente: `1.2.${random(9)}.${random(9)}.00`,
        situacionFondos: 'C',
        politica: 'NO APLICA',
        tercero: null,
        cpc: String(10_000 + random(80_000)),
        sectorial: null,
        bpin: String(202_400_000_000_000 + random(60_000)),
        ordinal: j,
        compromisos: `${value}.5`,
        obligaciones: value,
        pagos: value,
        esHoja: j % 5 !== 0,
      });
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
      }
    }
  }
  yield batch;
}

const context = (): SourceContext => ({
  signal: new AbortController().signal,
  deadline: Number.MAX_SAFE_INTEGER,
  alcance: 'publico',
  corte: null,
  epoca: 1,
  origen: 'fondo',
});

interface Figures {
  rows: number;
  loadMs: number;
  one: number;
  fifty: number;
  national: number;
  diskMb: number;
}

interface Subject {
  load(): Promise<number>;
  read(entidades: readonly string[]): Promise<number>;
  sum(): Promise<number>;
  size(): Promise<number>;
  close(): Promise<void>;
}

async function diskOf(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return total / 2 ** 20;
}

async function openStore(engine: string, folder: string): Promise<Subject> {
  const databaseUrl = process.env['DATABASE_URL'] ?? '';
  const store = await openAlmacen(engine === 'pglite' ? { dataDir: folder } : { databaseUrl });
  const acopio = createAcopio(store, { now: () => Date.now() });
  const question = { sistema: 'cuipo', servidoPor: 'cuipo', registro };
  const all = Array.from({ length: ENTIDADES }, (_, i) => keyOf([entidadAt(i), 202512]));
  return {
    async load() {
      const loaded = await acopio.ensure(
        {
          sistema: 'cuipo',
          id: '202512',
          version: { token: String(Date.now()), checkedAt: new Date().toISOString() },
          async *load() {
            for (const rows of generate()) yield await Promise.resolve({ registro, rows });
          },
        },
        context(),
      );
      return loaded?.rows ?? 0;
    },
    async read(entidades) {
      const keys = entidades.map((entidad) => keyOf([entidad, 202512]));
      const answer = await acopio.read(question, 'porEntidadPeriodo', keys, context());
      return [...answer.values()].reduce((n, o) => n + (o.at === 'found' ? o.rows.length : 0), 0);
    },
    sum: async () => (await acopio.measure(question, 'gasto', all, [], context())).size,
    async size() {
      const rows = await store.query<{ bytes: bigint }>(
        "select pg_total_relation_size('acopio_ejecucion_gasto_medida') as bytes",
      );
      return Number(rows[0]?.bytes ?? 0n) / 2 ** 20;
    },
    close: () => store.close(),
  };
}

interface DuckConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRowObjects(): unknown[] }>;
  closeSync(): void;
}

/** DuckDB reads a file of text and casts: the way it is quickest. Writing that file counts, as our encoding does. */
async function openDuck(folder: string): Promise<Subject> {
  const { DuckDBInstance } = (await import(process.env['DUCKDB_MODULE'] ?? '')) as {
    DuckDBInstance: { create(file: string): Promise<{ connect(): Promise<DuckConnection> }> };
  };
  const db = await (await DuckDBInstance.create(path.join(folder, 'a.duckdb'))).connect();
  const money = new Set(['compromisos', 'obligaciones', 'pagos']);
  const names = Object.keys(registro.campos);
  return {
    async load() {
      const file = path.join(folder, 'a.csv');
      const out = createWriteStream(file);
      let count = 0;
      for (const rows of generate()) {
        count += rows.length;
        const text = rows.map((row) => names.map((n) => row[n] ?? '').join(';')).join('\n');
        if (!out.write(`${text}\n`)) await once(out, 'drain');
      }
      out.end();
      await once(out, 'finish');
      const cast = names.map((n) => (money.has(n) ? `cast(${n} as decimal(18,2)) as ${n}` : n));
      await db.run(`create table t as select ${cast.join(', ')} from read_csv('${file}',
        all_varchar=true, header=false, delim=';', names=[${names.map((n) => `'${n}'`).join(',')}])`);
      await db.run('create index porEntidad on t (entidad)');
      await db.run('checkpoint');
      await rm(file);
      return count;
    },
    async read(entidades) {
      const list = entidades.map((e) => `'${e}'`).join(',');
      return (await db.runAndReadAll(`select * from t where entidad in (${list})`)).getRowObjects()
        .length;
    },
    async sum() {
      const result = await db.runAndReadAll(`select entidad, sum(compromisos)::varchar a,
        sum(obligaciones)::varchar b, sum(pagos)::varchar c from t where esHoja = 'true' group by entidad`);
      return result.getRowObjects().length;
    },
    size: () => diskOf(folder),
    close: () => {
      db.closeSync();
      return Promise.resolve();
    },
  };
}

async function medianMs(times: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const spent: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work(i);
    spent.push(performance.now() - start);
  }
  return spent.sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN;
}

async function measure(subject: Subject): Promise<Figures> {
  const start = performance.now();
  const rows = await subject.load();
  const loadMs = performance.now() - start;
  const one = await medianMs(101, (i) => subject.read([entidadAt(i * 31 + 1)]));
  const fifty = await medianMs(11, (i) =>
    subject.read(Array.from({ length: 50 }, (_, j) => entidadAt(i * 60 + j))),
  );
  const national = await medianMs(11, () => subject.sum());
  return { rows, loadMs, one, fifty, national, diskMb: await subject.size() };
}

const engine = process.argv[2] ?? 'pglite';
const folder = await mkdtemp(path.join(tmpdir(), 'sugit-bench-'));
const subject = engine === 'duckdb' ? await openDuck(folder) : await openStore(engine, folder);
const figures = await measure(subject);
const peakMb = process.resourceUsage().maxRSS / 1024;
await subject.close();
await rm(folder, { recursive: true, force: true });
process.stdout.write(
  `${JSON.stringify({ engine, ...figures, peakMb }, (_k, v: unknown) =>
    typeof v === 'number' ? Math.round(v * 10) / 10 : v,
  )}\n`,
);
