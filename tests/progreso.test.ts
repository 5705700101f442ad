import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { PassThrough } from 'node:stream';
import { addMigrate } from '../gateway/cli/migrate.js';
import { readSettings } from '../gateway/settings.js';
import { openCasa, TOKEN, type Casa } from './casa-desmonte.js';

/** How far a work has come, wherever it is asked, while it stands in the middle of its source. */
const TOTAL = 40;
const CHUNK = 10;

let casa: Casa;

beforeAll(async () => {
  casa = await openCasa(TOTAL, CHUNK);
  const { mesa } = casa.gateway;
  await mesa.crear({ id: 'raiz', registro: 'RaizFut', cohorte: {} }, 'Ana', 'x');
  const move = { hacia: 'backfill' as const, epoca: 1, personas: ['Ana'], motivo: 'x' };
  await mesa.mover('raiz', move);
}, 60_000);
afterAll(() => casa.close());

interface Held {
  /** Resolves when the walk waits before its last chunk. */
  readonly reached: Promise<void>;
  release(): void;
}

/** Each chunk takes one second of the clock; before the last the walk waits. */
function holdWalk(): Held {
  let release = (): void => undefined;
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const go = new Promise<void>((resolve) => (release = resolve));
  casa.viejo.beforeChunk = async (at) => {
    if (at === TOTAL - CHUNK) {
      reach();
      await go;
    }
    casa.reloj.now += 1_000;
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
  const all = ['migrate', ...args, '--url', casa.url];
  const ended = program.parseAsync(all, { from: 'user' }).then(() => code);
  return { code: ended, printed, drawn: () => drawn };
}

const tareaOf = async (): Promise<unknown> => {
  const fields = 'paso leidas total filasPorSegundo restanteS enCurso';
  const { data } = await casa.ask(`{ tramo(id: "raiz") { tarea { ${fields} } } }`);
  return data?.['tramo']?.['tarea'];
};

/** The load reads ahead: what it read before the chunk that it waits for is counted a moment later. */
async function untilCounted(leidas: number): Promise<unknown> {
  for (;;) {
    const tarea = await tareaOf();
    if ((tarea as { readonly leidas: number }).leidas === leidas) return tarea;
  }
}

const estado = async (accept: string): Promise<string> =>
  (await fetch(`${casa.server.url}/estado`, { headers: { accept } })).text();

describe('a first load, of which nobody knows how long it is', () => {
  it('says how much it read and leaves the total open', async () => {
    const held = holdWalk();
    const load = sugit(['backfill', 'raiz']);
    await held.reached;

    const tarea = await untilCounted(TOTAL - CHUNK);
    const status = sugit(['status', 'raiz']);
    await status.code;
    held.release();

    expect(tarea).toMatchObject({ leidas: 30, total: null, restanteS: null, enCurso: true });
    expect(status.printed.join()).toContain('carga: barrido, 30 leídas');
    expect(await load.code).toBe(0);
    expect(load.drawn()).toContain('total por saber');
  }, 60_000);
});

describe('a load of which the total is known', () => {
  it('tells numbers and time left in GraphQL, /estado, --json and on a terminal', async () => {
    const held = holdWalk();
    casa.viejo.edition = 2;
    const load = sugit(['backfill', 'raiz']);
    await held.reached;

    const graphql = (await untilCounted(TOTAL - CHUNK)) as {
      readonly filasPorSegundo: number;
      readonly restanteS: number;
    };
    const json = JSON.parse(await estado('application/json')) as { tramos: { tarea: unknown }[] };
    const html = await estado('text/html');
    const status = sugit(['status', 'raiz', '--json']);
    await status.code;
    const people = sugit(['status', 'raiz']);
    await people.code;
    held.release();

    const { filasPorSegundo, restanteS } = graphql;
    const seen = { leidas: 30, total: TOTAL, restanteS, enCurso: true };
    expect(graphql).toMatchObject(seen);
    expect(filasPorSegundo).toBeGreaterThan(0);
    expect(restanteS).toBeGreaterThanOrEqual(Math.floor(CHUNK / filasPorSegundo));
    expect(json.tramos[0]?.tarea).toMatchObject(seen);
    expect(html).toContain(
      `<td>30 de 40, ${filasPorSegundo} por segundo</td><td>${restanteS} s</td>`,
    );
    expect(JSON.parse(status.printed.join(''))).toMatchObject([{ tarea: seen }]);
    expect(people.printed.join()).toContain(`30 de 40 leídas, faltan ${restanteS} s`);
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
