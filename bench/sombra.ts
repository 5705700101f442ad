/**
 * I4: what a comparison costs the reader whose answer is compared, also when the side that is asked hangs, fails or is slow.
 *
 *   npm run build && node dist/bench/sombra.js            (RONDAS=9, PETICIONES=400)
 *
 * One gateway per case, all in this process, asked in interleaved rounds; each round is paired with the one without comparison
 * next to it, so that the load of the machine falls on both. Prints one JSON line; ends with 1 beyond 1 ms of p50 or 5 % of p99.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'undici';
import type { Adapter, RecordStore } from '../adapters/contract.js';
import { ADAPTERS, isRecordStore } from '../adapters/index.js';
import { SourceUnavailableError } from '../adapters/errors.js';
import { Viejo } from '../gateway/desmonte/testing.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { partsOf } from '../schema/key.js';
import {
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../schema/registros/cuipo.js';
import { median } from './load.js';

const RONDAS = Number(process.env['RONDAS'] ?? 9);
const PETICIONES = Number(process.env['PETICIONES'] ?? 400);
const SLOW_MS = 50;
const MOST_P50_MS = 1;
const MOST_P99_RATIO = 1.05;

const RAICES = [
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
];

type Read = Viejo['read'];

/** A side in memory that has a row for every key: the work around it is what is measured. */
class Lado extends Viejo {
  override readonly registros = RAICES;
  override read: Read = (registro, _acceso, keys) => {
    const version = { token: 'v1', checkedAt: '2026-01-01T00:00:00.000Z' };
    const { nombre, sistema } = registro;
    const origin = {
      sistema,
      registro: nombre,
      modo: 'FILAS' as const,
      version,
      servidoPor: this.id,
    };
    const rows = keys.map((key) => [key, { at: 'found' as const, rows: [rowOf(key)], origin }]);
    return Promise.resolve(new Map(rows as never));
  };
}

const AMOUNTS = Object.fromEntries(
  [
    ...['presupuestoInicial', 'presupuestoDefinitivo', 'recaudo', 'apropiacionInicial'],
    ...['apropiacionDefinitiva', 'compromisos', 'obligaciones', 'pagos'],
  ].map((campo) => [campo, '100.5']),
);

function rowOf(key: string): Record<string, string | number> {
  const [codigoChip = '', vigencia] = partsOf(key);
  const base = { codigoChip, vigencia: Number(vigencia), periodo: 'T4', vigenciaGasto: '1' };
  return { ...base, ...AMOUNTS };
}

const lado = new Lado(RaizEjecucionGasto, []);
const CASES: Readonly<Record<string, Read | null>> = {
  'sin comparar': null,
  compara: lado.read,
  'se cuelga': () => new Promise(() => undefined),
  falla: () => Promise.reject(new SourceUnavailableError('unico')),
  'es lento': (...args) =>
    new Promise((resolve, reject) => {
      setTimeout(() => {
        lado.read(...args).then(resolve, reject);
      }, SLOW_MS);
    }),
};

async function openCase(dataDir: string, read: Read | null): Promise<Gateway> {
  const gateway = await openGateway({
    settings: readSettings(
      { PORT: '0', SUGIT_DATA_DIR: dataDir, SUGIT_SANDBOX: 'false', SUGIT_CACHE_TTL_S: '0' },
      [],
    ),
    registrations: [
      { id: 'viejo', settings: [], registros: RAICES, create: () => lado },
      ...ADAPTERS.filter((one) => one.isRecordStore === true).map((one) => ({
        ...one,
        create: (...args: Parameters<typeof one.create>): Adapter => {
          const unico = one.create(...args);
          return read !== null && isRecordStore(unico) ? broken(unico, read) : unico;
        },
      })),
    ],
    log: () => undefined,
  });
  if (read === null) return gateway;
  await gateway.mesa.crear(
    { id: 't', registro: RaizEjecucionGasto.nombre, cohorte: {} },
    'bench',
    'medir',
  );
  // Straight into shadow: what leads there is not what is measured.
  await gateway.mesa.store.query(`update tramo set fase = 'shadow', epoca = epoca + 1`);
  await gateway.mesa.store.query('update ruteo_epoca set epoca = epoca + 1');
  await gateway.tramos.refresh();
  return gateway;
}

const broken = (unico: RecordStore, read: Read): RecordStore => ({ ...unico, read });

/** Every question asks a key that was never compared, so that each one is compared. */
const codigos = loadTerritorio().municipios.flatMap(({ codigo, chip }) =>
  chip === null ? [] : [codigo],
);
const VIGENCIAS = [2021, 2022, 2023, 2024, 2025];
const bodyAt = (n: number): string => {
  const vigencia = VIGENCIAS[Math.floor(n / codigos.length) % VIGENCIAS.length];
  const codigo = codigos[n % codigos.length];
  const query = `query ($codigo: CodigoDivipola!, $vigencia: Int!) { municipio(codigo: $codigo) {
    presupuesto(vigencia: $vigencia) { gastos { pagos } } } }`;
  return JSON.stringify({ query, variables: { codigo, vigencia } });
};

async function round(client: Client, from: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let n = from; n < from + PETICIONES; n++) {
    const started = performance.now();
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: bodyAt(n),
    });
    const text = await body.text();
    latencies.push(performance.now() - started);
    if (statusCode !== 200 || !text.includes('"pagos":"100.5"'))
      throw new Error(text.slice(0, 300));
  }
  return latencies.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function main(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-bench-sombra-'));
  const names = Object.keys(CASES);
  const closing: (() => Promise<void>)[] = [];
  const clients: Client[] = [];
  for (const [i, name] of names.entries()) {
    const gateway = await openCase(path.join(dataDir, String(i)), CASES[name] ?? null);
    const server = await startServer(gateway, null);
    const client = new Client(server.url);
    clients.push(client);
    closing.push(async () => {
      await client.close();
      await server.close();
      await gateway.close();
    });
  }
  const p50 = names.map((): number[] => []);
  const p99 = names.map((): number[] => []);
  try {
    for (let n = -1; n < RONDAS; n++) {
      const order = names.map((_name, i) => i);
      if (n % 2 === 1) order.reverse();
      for (const i of order) {
        const sorted = await round(clients[i] as Client, (n + 1) * PETICIONES);
        // The first round warms up.
        if (n < 0) continue;
        p50[i]?.push(at(sorted, 0.5));
        p99[i]?.push(at(sorted, 0.99));
      }
    }
  } finally {
    for (const close of closing) await close();
    await rm(dataDir, { recursive: true, force: true });
  }
  tell(names, p50, p99);
}

function tell(names: readonly string[], p50: number[][], p99: number[][]): void {
  const short = (value: number): number => Number(value.toFixed(3));
  const casos = names.map((caso, i) => {
    const paired = (of: number[][], how: (a: number, b: number) => number): number =>
      short(median((of[i] ?? []).map((value, n) => how(value, of[0]?.[n] ?? 0))));
    return {
      caso,
      p50Ms: short(median(p50[i] ?? [])),
      p99Ms: short(median(p99[i] ?? [])),
      deMasP50Ms: paired(p50, (a, b) => a - b),
      razonP99: paired(p99, (a, b) => a / b),
    };
  });
  process.stdout.write(`${JSON.stringify({ rondas: RONDAS, peticiones: PETICIONES, casos })}\n`);
  const isBad = casos.some(
    ({ deMasP50Ms, razonP99 }) => deMasP50Ms > MOST_P50_MS || razonP99 > MOST_P99_RATIO,
  );
  process.exitCode = isBad ? 1 : 0;
}

await main();
