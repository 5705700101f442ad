import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { ADAPTERS } from '../adapters/index.js';
import type { Row } from '../adapters/contract.js';
import { addMigrate } from '../gateway/cli/migrate.js';
import { Viejo } from '../gateway/desmonte/testing.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { RaizFut } from '../schema/registros/fut.js';
import { createStoreDirectory } from './store.js';

/** How far a work has come, wherever it is asked, while it stands in the middle of its source. */
const TOKEN = 'token-de-ana';
const TOTAL = 40;
const CHUNK = 10;

const rowAt = (n: number): Row => ({
  codigoChip: `2101050${String(n).padStart(2, '0')}`,
  vigencia: 2019,
  periodo: 'T4',
  formulario: 'INGRESOS',
  presupuestoInicial: `${n}.5`,
  canal: 'SD',
});

let folder: string;
let gateway: Gateway;
let server: Server;
let viejo: Viejo;
let now = Date.parse('2026-03-01T12:00:00Z');

beforeAll(async () => {
  folder = await createStoreDirectory();
  const tokensFile = path.join(folder, 'tokens.json');
  const tokens = [{ token: TOKEN, persona: 'Ana', rol: 'migracion' }];
  await writeFile(tokensFile, JSON.stringify({ tokens }));
  const rows = Array.from({ length: TOTAL }, (_, n) => rowAt(n));
  viejo = new Viejo(RaizFut, rows, CHUNK);
  const env = {
    PORT: '0',
    SUGIT_DATA_DIR: path.join(folder, 'estado'),
    SUGIT_TOKENS_FILE: tokensFile,
    SUGIT_TOKEN: TOKEN,
    SUGIT_SANDBOX: 'false',
  };
  gateway = await openGateway({
    settings: readSettings(env, []),
    registrations: [
      { id: 'viejo', settings: [], registros: [RaizFut], create: () => viejo },
      ...ADAPTERS.filter(({ isRecordStore }) => isRecordStore === true),
    ],
    now: () => now,
    log: () => undefined,
  });
  server = await startServer(gateway, null);
  await gateway.mesa.crear({ id: 'raiz', registro: 'RaizFut', cohorte: {} }, 'Ana', 'x');
  const move = { hacia: 'backfill' as const, epoca: 1, personas: ['Ana'], motivo: 'x' };
  await gateway.mesa.mover('raiz', move);
}, 60_000);
afterAll(async () => {
  await server.close();
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

interface Held {
  /** Resolves when the walk waits before its third chunk. */
  readonly reached: Promise<void>;
  release(): void;
}

/** Each chunk takes one second of the clock; before the third the walk waits. */
function holdWalk(): Held {
  let release = (): void => undefined;
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const go = new Promise<void>((resolve) => (release = resolve));
  viejo.beforeChunk = async (at) => {
    if (at === 2 * CHUNK) {
      reach();
      await go;
    }
    now += 1_000;
  };
  return {
    reached,
    release: () => {
      release();
    },
  };
}

interface Run {
  readonly code: Promise<number>;
  readonly printed: string[];
  readonly drawn: () => string;
}

/** The command in this process, on a terminal that is remembered. */
function sugit(args: readonly string[]): Run {
  const printed: string[] = [];
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  let drawn = '';
  terminal.on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  const program = new Command('sugit').exitOverride();
  let code = 0;
  addMigrate(program, {
    settings: () => readSettings({ SUGIT_TOKEN: TOKEN }, []),
    print: (text) => printed.push(text),
    say: (text) => printed.push(text),
    terminal,
    setCode: (next) => (code = next),
  });
  const all = ['migrate', ...args, '--url', `${server.url}/graphql`];
  const ended = program.parseAsync(all, { from: 'user' }).then(() => code);
  return { code: ended, printed, drawn: () => drawn };
}

const tareaOf = async (): Promise<unknown> => {
  const query =
    '{ tramo(id: "raiz") { tarea { paso leidas total filasPorSegundo restanteS enCurso } } }';
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { tramo: { tarea: unknown } } };
  return data.tramo.tarea;
};

const estado = async (accept: string): Promise<string> =>
  (await fetch(`${server.url}/estado`, { headers: { accept } })).text();

describe('a first load, of which nobody knows how long it is', () => {
  it('says how much it read and leaves the total open', async () => {
    const held = holdWalk();
    const load = sugit(['backfill', 'raiz']);
    await held.reached;

    const tarea = await tareaOf();
    const status = sugit(['status', 'raiz']);
    await status.code;
    held.release();

    expect(tarea).toMatchObject({ leidas: 20, total: null, restanteS: null, enCurso: true });
    expect(status.printed.join()).toContain('carga: barrido, 20 leídas');
    expect(await load.code).toBe(0);
    expect(load.drawn()).toContain('total por saber');
  }, 60_000);
});

describe('a load of which the total is known', () => {
  it('tells numbers and time left in GraphQL, /estado, --json and on a terminal', async () => {
    const held = holdWalk();
    viejo.edition = 2;
    const load = sugit(['backfill', 'raiz']);
    await held.reached;

    const graphql = await tareaOf();
    const json = JSON.parse(await estado('application/json')) as { tramos: { tarea: unknown }[] };
    const html = await estado('text/html');
    const status = sugit(['status', 'raiz', '--json']);
    await status.code;
    const people = sugit(['status', 'raiz']);
    await people.code;
    held.release();

    const seen = { leidas: 20, total: TOTAL, filasPorSegundo: 10, restanteS: 2, enCurso: true };
    expect(graphql).toMatchObject(seen);
    expect(json.tramos[0]?.tarea).toMatchObject(seen);
    expect(html).toContain('<td>20 de 40, 10 por segundo</td><td>2 s</td>');
    expect(JSON.parse(status.printed.join(''))).toMatchObject([{ tarea: seen }]);
    expect(people.printed.join()).toContain('20 de 40 leídas, faltan 2 s');
    expect(await load.code).toBe(0);
    expect(load.drawn()).toMatch(/█+░* \d+ % \d+\/40 /);
    expect(load.printed.join()).toContain('carga terminada: 40 leídas');
  }, 60_000);

  it('draws nothing where machines read', async () => {
    holdWalk().release();

    const load = sugit(['backfill', 'raiz', '--json']);

    expect(await load.code).toBe(0);
    expect(load.drawn()).toBe('');
    expect(JSON.parse(load.printed.join(''))).toMatchObject({ paso: 'terminada', enCurso: false });
  }, 60_000);
});
