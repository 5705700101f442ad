import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTERS } from '../adapters/index.js';
import type { Row } from '../adapters/contract.js';
import { openAlmacen } from '../gateway/almacen/almacen.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { RaizFut } from '../schema/registros/fut.js';
import { rutasOf } from '../gateway/desmonte/rutas.js';
import { Viejo } from '../gateway/desmonte/testing.js';
import { createStoreDirectory } from './store.js';
import { runSugit } from './sugit.js';

/** Moving a tramo as people do it: through the API with a token, and through the command. */
const TOKENS = [
  { token: 'token-de-ana', persona: 'Ana', rol: 'migracion' },
  { token: 'token-de-luis', persona: 'Luis', rol: 'migracion' },
  { token: 'token-de-control', persona: 'Control', rol: 'control' },
];

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
let now = Date.now();

beforeAll(async () => {
  folder = await createStoreDirectory();
  const tokensFile = path.join(folder, 'tokens.json');
  await writeFile(tokensFile, JSON.stringify({ tokens: TOKENS }));
  viejo = new Viejo(
    RaizFut,
    Array.from({ length: 30 }, (_, n) => rowAt(n)),
    10,
  );
  const unico = ADAPTERS.filter(({ isRecordStore }) => isRecordStore === true);
  gateway = await openGateway({
    settings: readSettings(
      {
        PORT: '0',
        SUGIT_DATA_DIR: path.join(folder, 'estado'),
        SUGIT_TOKENS_FILE: tokensFile,
        SUGIT_SANDBOX: 'false',
        SUGIT_POLITICA: 'comprimida',
      },
      [],
    ),
    registrations: [
      { id: 'viejo', settings: [], registros: [RaizFut], create: () => viejo },
      ...unico,
    ],
    now: () => now,
    log: () => undefined,
  });
  server = await startServer(gateway, null);
}, 60_000);
afterAll(async () => {
  await server.close();
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly data?: Record<string, Record<string, unknown> | null> | null;
  readonly errors?: readonly { message: string; extensions: { code: string } }[];
}

async function ask(query: string, token: string | null = 'token-de-ana'): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

const refusal = ({ errors }: Answer): readonly [string, string] => [
  errors?.[0]?.extensions.code ?? '',
  errors?.[0]?.message ?? '',
];

const sugit = (args: readonly string[], env: Record<string, string> = {}) =>
  runSugit(args, {
    SUGIT_TOKEN: 'token-de-ana',
    SUGIT_DATA_DIR: path.join(folder, 'orden'),
    ...env,
  });
const there = (): string => `${server.url}/graphql`;

const crear = (id: string, desde: string): string =>
  `mutation { crearTramo(id: "${id}", registro: "RaizFut", motivo: "ensayo",
    cohorte: [{ campo: "codigoChip", prefijo: "${desde}" }]) { id fase epoca viejo nuevo } }`;

describe('tramos in the API', () => {
  it('are made by who migrates, and by nobody else', async () => {
    for (const token of [null, 'token-de-control'])
      expect(refusal(await ask(crear('raiz', '21010500'), token))[0]).toBe('NO_AUTORIZADO');

    const { data } = await ask(crear('raiz', '21010500'));

    expect(data?.['crearTramo']).toEqual({
      id: 'raiz',
      fase: 'legacy',
      epoca: 1,
      viejo: 'viejo',
      nuevo: 'unico',
    });
  });

  it('refuse a second one over the same records, with the name of the first', async () => {
    const [code, mensaje] = refusal(await ask(crear('otro', '2101050')));

    expect(code).toBe('TRANSITION_NOT_ALLOWED');
    expect(mensaje).toContain('raiz');
  });

  it('are seen by all, the persons behind them only by control and migration', async () => {
    const query = '{ tramo(id: "raiz") { fase transiciones { personas motivo } } }';

    const anonymous = await ask(query, null);
    const control = await ask(query, 'token-de-control');

    expect(anonymous.data?.['tramo']).toMatchObject({ transiciones: [{ personas: null }] });
    expect(control.data?.['tramo']).toMatchObject({ transiciones: [{ personas: ['Ana'] }] });
  });

  it('load what belongs to them, and pass their gate with the mapping tried', async () => {
    await ask(
      'mutation { moverTramo(id: "raiz", hacia: "backfill", epoca: 1, motivo: "x") { fase } }',
    );
    const blocked = await ask(
      'mutation { moverTramo(id: "raiz", hacia: "shadow", epoca: 2, motivo: "x") { fase } }',
    );
    expect(refusal(blocked)[0]).toBe('GATE_NOT_SATISFIED');
    expect(refusal(blocked)[1]).toContain('G1');

    expect((await sugit(['migrate', 'backfill', 'raiz', '--url', there()])).code).toBe(0);
    await ask('mutation { ensayar(id: "raiz", ensayo: MAPEO) { id } }');
    const { data } = await ask(
      'mutation { moverTramo(id: "raiz", hacia: "shadow", epoca: 2, motivo: "x") { fase tarea { leidas } } }',
    );

    expect(data?.['moverTramo']).toEqual({ fase: 'shadow', tarea: { leidas: 10 } });
  }, 60_000);
});

describe('a movement that must not be', () => {
  it.each([
    ['of an old epoch', 'hacia: "canary", epoca: 1', 'STALE_EPOCH', 'época'],
    ['to a phase that there is not', 'hacia: "volar", epoca: 3', 'UNKNOWN_PHASE', 'volar'],
    ['over a step', 'hacia: "primary", epoca: 3', 'TRANSITION_NOT_ALLOWED', 'shadow'],
    ['without its gate', 'hacia: "canary", epoca: 3', 'GATE_NOT_SATISFIED', 'G2'],
  ])('%s is refused, with a reason', async (_what, how, code, word) => {
    const [found, mensaje] = refusal(
      await ask(`mutation { moverTramo(id: "raiz", ${how}, motivo: "x") { fase } }`),
    );

    expect(found).toBe(code);
    expect(mensaje).toContain(word);
  });

  it('without a motive, or of a tramo that there is not, is refused', async () => {
    const silent =
      'mutation { moverTramo(id: "raiz", hacia: "canary", epoca: 3, motivo: " ") { fase } }';
    const nobody =
      'mutation { moverTramo(id: "nadie", hacia: "canary", epoca: 1, motivo: "x") { fase } }';

    expect(refusal(await ask(silent))[0]).toBe('MOTIVO_VACIO');
    expect(refusal(await ask(nobody))[0]).toBe('UNKNOWN_SLICE');
  });

  it('forward does not go by the door of steps back', async () => {
    const query =
      'mutation { retrocederTramo(id: "raiz", hacia: "canary", epoca: 3, motivo: "x") { fase } }';

    expect(refusal(await ask(query))[0]).toBe('TRANSITION_NOT_ALLOWED');
  });

  it('rests on evidence from a clock that was ahead', async () => {
    const real = now;
    now += 30 * 86_400_000;
    await ask('mutation { reunirEvidencia(id: "raiz") { id } }');
    now = real;

    const { data } = await ask('{ tramo(id: "raiz") { compuerta { cumplida faltas } } }');

    expect(JSON.stringify(data)).toContain('fecha futura');
  });

  it('rests on evidence of another mapping', async () => {
    await ask(
      'mutation { cambiarVersion(id: "raiz", cual: MAPEO, epoca: 3, motivo: "otro mapeo") { mapeo } }',
    );

    const { data } = await ask('{ tramo(id: "raiz") { mapeo compuerta { faltas } } }');

    expect(JSON.stringify(data)).toContain('otra versión del mapeo');
  });
});

describe('sugit migrate', () => {
  it('shows tramos to people and to machines', async () => {
    const people = await sugit(['migrate', 'status', '--url', there()]);
    const machines = await sugit(['migrate', 'status', 'raiz', '--json', '--url', there()]);

    expect(people).toMatchObject({ code: 0, out: expect.stringContaining('raiz  shadow') });
    expect(JSON.parse(machines.out)).toMatchObject([{ id: 'raiz', fase: 'shadow' }]);
  }, 30_000);

  it('ends with 1 for a gate that is not met, 2 for a wrong order, 3 for no service', async () => {
    const plan = await sugit(['migrate', 'plan', 'raiz', '--url', there()]);
    const wrong = await sugit(['migrate', 'plan', 'nadie', '--url', there()]);
    const phase = await sugit([
      'migrate',
      'advance',
      'raiz',
      'volar',
      '--motivo',
      'x',
      '--url',
      there(),
    ]);
    const nobody = await sugit(['migrate', 'status', '--url', 'http://127.0.0.1:9/graphql']);

    expect([plan.code, wrong.code, phase.code, nobody.code]).toEqual([1, 2, 2, 3]);
    expect(plan.out).toContain('  - ');
    expect(phase.err).toContain('UNKNOWN_PHASE');
  }, 60_000);

  it('finds with a census what was changed on the old side, and ends with 1', async () => {
    viejo.rows = viejo.rows.map((row, n) =>
      n === 3 ? { ...row, presupuestoInicial: '481516.2342' } : row,
    );
    viejo.edition = 2;

    const census = await sugit(['migrate', 'census', 'raiz', '--url', there()]);
    const report = await sugit(['migrate', 'report', 'raiz', '--url', there()]);

    expect(census.code).toBe(1);
    expect(report.out).toContain('presupuestoInicial');
    expect(report.out).not.toContain('481516');
  }, 90_000);

  it('reports a tramo in Markdown or HTML with its curve as a picture, or in JSON', async () => {
    const to = ['migrate', 'report', 'raiz', '--url', there()];
    const file = path.join(folder, 'informe.html');

    const markdown = await sugit(to);
    const html = await sugit([...to, '--format', 'html', '--out', file]);
    const json = await sugit([...to, '--json']);

    const picture = /!\[[^\]]+\]\(data:image\/svg\+xml;base64,([^)]*)\)/.exec(markdown.out)?.[1];
    expect(markdown).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^# Informe del tramo raiz/),
    });
    expect(Buffer.from(picture ?? '', 'base64').toString()).toMatch(/<svg .*<circle .*<\/svg>/s);
    for (const part of ['## Compuertas', 'época', 'mismatch', 'Ana'])
      expect(markdown.out).toContain(part);
    expect(html).toMatchObject({ code: 0, out: '', err: expect.stringContaining(file) });
    expect(await readFile(file, 'utf8')).toMatch(
      /<h1>Informe del tramo raiz<\/h1>.*<svg .*<circle /s,
    );
    expect(JSON.parse(json.out)).toMatchObject({ id: 'raiz', censos: [{ estado: 'completo' }] });
  }, 90_000);

  it('refuses a report in a form that there is not, over a file that cannot be, or for who may not see people', async () => {
    const to = ['migrate', 'report', 'raiz', '--url', there()];

    const form = await sugit([...to, '--format', 'pdf']);
    const place = await sugit([...to, '--out', path.join(folder, 'no', 'hay', 'x.md')]);
    const anonymous = await sugit(to, { SUGIT_TOKEN: '' });

    expect([form.code, place.code, anonymous.code]).toEqual([2, 2, 2]);
    expect(form.err).toContain('FORMATO_INVALIDO');
    expect(place.err).toContain('ARCHIVO_NO_ESCRITO');
    expect(anonymous.err).toContain('NO_AUTORIZADO');
  }, 90_000);

  it('stops a load whose source answers only a part of what it had, and deletes nothing', async () => {
    viejo.rows = viejo.rows.slice(0, 2);
    viejo.edition = 3;

    const load = await sugit(['migrate', 'backfill', 'raiz', '--url', there()]);

    expect(load).toMatchObject({ code: 1, out: expect.stringContaining('DELETE_LIMIT') });
    const tarea = gateway.mesa.tarea('raiz', new AbortController().signal);
    if ('code' in tarea) throw new Error(tarea.mensaje);
    expect(await rutasOf(tarea, RaizFut.ruta)).toHaveLength(10);
  }, 60_000);
});

describe('a second process on the store', () => {
  it('is refused with the reason, and the first goes on', async () => {
    const dataDir = path.join(folder, 'estado', 'almacen');

    await expect(openAlmacen({ dataDir })).rejects.toThrow(/almac|proceso|uso/i);

    expect((await ask('{ tramos { id } }')).errors).toBeUndefined();
  });
});
