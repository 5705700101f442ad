import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import iconv from 'iconv-lite';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Registro } from '../../schema/registro.js';
import { FutGastosInversion, RaizFut } from '../../schema/registros/fut.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { mockContext } from '../shared/http/testing.js';
import { createFutAdapter } from './index.js';

export const ctx = mockContext({ deadline: Date.now() + 120_000 });

/** A form as its lines are sent: header, control total, subtotals, and details with their fuente. */
export const HEAD = ['S', '219105091', '11012', '2019', 'FUT_GASTOS_DE_INVERSION'];
export const d = (codigo: string, fuente: string, ...montos: string[]): string[] => [
  'D',
  codigo,
  fuente,
  ...montos,
];
export const INVERSION = [
  d('VAL', '700', '300.00', '450.50', '400', '350', '300'),
  d('A', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1.2', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1.2', '410', '100', '150.50', '150', '120', '100'),
  d('A.1.2', '300', '200.00', '300', '250', '230', '200'),
];
export const sd = (...lines: readonly string[][]): string =>
  lines.map((fields) => `${fields.join('\t')}\r\n`).join('');
export const rowsOf = (outcome: Outcome<Row> | undefined): readonly Row[] => {
  if (outcome?.at !== 'found') throw new Error(`not found: ${JSON.stringify(outcome)}`);
  return outcome.rows;
};

/** What a case has before it: an empty folder, and an adapter over it that never read a thing. */
export interface Fut {
  readonly dir: string;
  readonly adapter: Adapter;
  readonly origenes: readonly string[];
  readonly errors: readonly string[];
  readonly now: number;
  calls: number;
  readonly write: (name: string, text: string) => Promise<void>;
  /** The folder is listed at most every two seconds. */
  readonly later: () => void;
  readonly restart: () => Promise<void>;
  readonly readOne: (registro?: Registro, key?: string) => Promise<Outcome<Row> | undefined>;
  readonly raizOf: (key?: string) => Promise<Row>;
}

/** Called once for the cases that share a store. */
export function setUpFut(): Fut {
  let store: TestStore;
  let dir: string;
  let adapter: Adapter;
  let origenes: string[];
  let errors: string[];
  let now: number;
  const openAcopio = () => createAcopio(store, { now: () => now });
  const openAdapter = (): Adapter =>
    createFutAdapter(
      { dropDir: dir },
      {
        now: () => now,
        observer: {
          call: (_sistema, origen) => {
            fut.calls += 1;
            origenes.push(origen);
          },
          error: (_sistema, code) => errors.push(code),
        },
        acopio: openAcopio(),
      },
    );

  beforeAll(async () => {
    store = await openTestStore();
  }, 60_000);
  afterAll(() => store.close());

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
    fut.calls = 0;
    origenes = [];
    errors = [];
    now = Date.parse('2026-11-23T12:00:00Z');
    adapter = openAdapter();
  });
  afterEach(async () => {
    const acopio = openAcopio();
    await adapter.close();
    for (const { id } of await acopio.parts('fut')) await acopio.forget('fut', id);
    await rm(dir, { recursive: true, force: true });
  });

  const fut: Fut = {
    get dir() {
      return dir;
    },
    get adapter() {
      return adapter;
    },
    get origenes() {
      return origenes;
    },
    get errors() {
      return errors;
    },
    get now() {
      return now;
    },
    calls: 0,
    write: (name, text) => writeFile(path.join(dir, name), iconv.encode(text, 'win1252')),
    later: () => {
      now += 5_000;
    },
    restart: async () => {
      await adapter.close();
      adapter = openAdapter();
    },
    readOne: async (registro = FutGastosInversion, key = '219105091|2019') =>
      (await adapter.read(registro, 'porEntidadVigencia', [key], ctx)).get(key),
    raizOf: async (key) => rowsOf(await fut.readOne(RaizFut, key))[0] ?? {},
  };
  return fut;
}
