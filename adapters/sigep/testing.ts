import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockAgent } from 'undici';
import type { Registro } from '../../schema/registro.js';
import { contextOf } from '../../tests/adapter-conformance.js';
import { BASE_URL, type SodaFixture } from '../../tests/soda-fake.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createSigepAdapter } from './index.js';

/** What the tests of SIGEP share: an adapter with a folder and a portal that they command. */

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
export const ENTIDADES = 'consultaGeneralDeEntidades_20260417.csv';
export const PLANTA = 'plantaDePersonalEntidadYEmpleosProvistos_20260413.csv';
export const PLANTA_ANTERIOR = 'plantaDePersonalEntidadYEmpleosProvistos_20260406.csv';
export const VACANTES = 'vacantesVigentesPorEntidades_20260413.csv';
export const PERSONAS = JSON.parse(
  readFileSync(fixture('servidores-publicos.json'), 'utf8'),
) as readonly SodaFixture[];

export interface Bench {
  readonly dir: string;
  readonly adapter: Adapter;
  calls: number;
  /** Lets the folder be listed again. */
  later(): void;
}

/** The adapter over an empty folder and an acopio as if nothing had ever been read. */
export async function createBench(
  acopio: Acopio,
  agent: MockAgent,
  token?: string,
): Promise<Bench> {
  for (const { id } of await acopio.parts('sigep')) await acopio.forget('sigep', id);
  const dir = await mkdtemp(path.join(tmpdir(), 'sugit-sigep-'));
  let clock = Date.parse('2026-04-20T12:00:00Z');
  const bench: Bench = {
    dir,
    calls: 0,
    later: () => {
      clock += 60_000;
    },
    adapter: createSigepAdapter(
      {
        baseUrl: BASE_URL,
        dropDir: dir,
        timeoutMs: 2_000,
        ...(token === undefined ? {} : { appToken: token }),
      },
      {
        now: () => clock,
        observer: { call: () => bench.calls++, error: () => undefined },
        acopio,
        dispatcher: agent,
      },
    ),
  };
  return bench;
}

export interface Portal {
  readonly agent: MockAgent;
  readonly asked: URLSearchParams[];
  readonly tokens: (string | undefined)[];
  withdrawn: boolean;
  published: string;
  rows: readonly SodaFixture[];
}

/** The dataset at the outer edge: it may be closed, published anew, or lose a column. */
export function createPortal(): Portal {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const portal: Portal = {
    agent,
    asked: [],
    tokens: [],
    withdrawn: false,
    published: 'Thu, 09 Apr 2026 11:20:31 GMT',
    rows: PERSONAS,
  };
  agent
    .get(BASE_URL)
    .intercept({ path: (text) => text.startsWith('/resource/2jzx-383z.json') })
    .reply(({ path: asked, headers }) => {
      const params = new URL(asked, BASE_URL).searchParams;
      portal.asked.push(params);
      portal.tokens.push((headers as Readonly<Record<string, string>>)['x-app-token']);
      if (portal.withdrawn) {
        const body = { code: 'permission_denied', error: true, message: 'You must be logged in' };
        return { statusCode: 403, data: JSON.stringify(body) };
      }
      const data = JSON.stringify(groupsOf(portal.rows, params));
      return {
        statusCode: 200,
        data,
        responseOptions: { headers: { 'last-modified': portal.published } },
      };
    })
    .persist();
  return portal;
}

function groupsOf(rows: readonly SodaFixture[], params: URLSearchParams): SodaFixture[] {
  const wanted = [...(params.get('$where') ?? '').matchAll(/'([^']*)'/g)].map(([, value]) => value);
  const group = params.get('$group')?.split(',') ?? [];
  const counts = new Map<string, number>();
  for (const row of rows) {
    const code = row['codigosigep'];
    if (typeof code !== 'string' || (wanted.length > 0 && !wanted.includes(code))) continue;
    const key = JSON.stringify(Object.fromEntries(group.map((name) => [name, row[name]])));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({
    ...(JSON.parse(key) as SodaFixture),
    servidores: String(count),
  }));
}

/** Short readings of one bench. */
export const readersOf = (bench: () => Bench) => {
  const ask = async (registro: Registro, codigo: string): Promise<Outcome<Row>> => {
    const byKey = await bench().adapter.read(registro, 'porEntidad', [codigo], contextOf());
    const outcome = byKey.get(codigo);
    if (outcome === undefined) throw new Error('a key without its outcome');
    return outcome;
  };
  return {
    put: async (...names: readonly string[]): Promise<void> => {
      for (const name of names) await copyFile(fixture(name), path.join(bench().dir, name));
    },
    ask,
    rowsOf: async (registro: Registro, codigo: string): Promise<readonly Row[]> => {
      const outcome = await ask(registro, codigo);
      if (outcome.at !== 'found') throw new Error(outcome.at);
      return outcome.rows;
    },
    scanAll: async (registro: Registro): Promise<Row[]> => {
      const rows: Row[] = [];
      for await (const chunk of bench().adapter.scan(registro, null, null, contextOf())) {
        rows.push(...chunk.rows);
      }
      return rows;
    },
  };
};
