import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTERS } from '../adapters/index.js';
import type { Adapter, Row } from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../adapters/errors.js';
import { Viejo } from '../gateway/desmonte/testing.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { RaizFut } from '../schema/registros/fut.js';
import { createStoreDirectory } from './store.js';

export const TOKEN = 'token-de-ana';
const TOKENS = [
  { token: TOKEN, persona: 'Ana', rol: 'migracion' },
  { token: 'token-de-luis', persona: 'Luis', rol: 'migracion' },
];

/** The n-th record of the old system; each is a ruta of its own, and a group has its own prefix. */
export const raizAt = (n: number, grupo = '05'): Row => ({
  codigoChip: `2101${grupo}${String(n).padStart(3, '0')}`,
  vigencia: 2019,
  periodo: 'T4',
  formulario: 'INGRESOS',
  presupuestoInicial: `${n}.5`,
  canal: 'SD',
});

export interface Answer {
  readonly data?: Record<string, Record<string, unknown> | null> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string };
  }[];
}

export interface Casa {
  readonly gateway: Gateway;
  readonly server: Server;
  readonly viejo: Viejo;
  /** The clock of the gateway. */
  readonly reloj: { now: number };
  readonly url: string;
  ask(query: string, token?: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface OpcionesCasa {
  readonly politica?: 'comprimida' | 'estricta';
  /** While true the new side does not answer reads. */
  readonly caido?: () => boolean;
}

/** A gateway over an old system in memory and the real single store, with persons who migrate. */
export async function openCasa(
  filas: number,
  chunk: number,
  { politica = 'comprimida', caido = () => false }: OpcionesCasa = {},
): Promise<Casa> {
  const folder = await createStoreDirectory();
  const tokensFile = path.join(folder, 'tokens.json');
  await writeFile(tokensFile, JSON.stringify({ tokens: TOKENS }));
  const rows = Array.from({ length: filas }, (_, n) => raizAt(n));
  const viejo = new Viejo(RaizFut, rows, chunk);
  const reloj = { now: Date.parse('2026-03-01T12:00:00Z') };
  const gateway = await openGateway({
    settings: readSettings(
      {
        PORT: '0',
        SUGIT_DATA_DIR: path.join(folder, 'estado'),
        SUGIT_TOKENS_FILE: tokensFile,
        SUGIT_SANDBOX: 'false',
        SUGIT_POLITICA: politica,
        SUGIT_CACHE_TTL_S: '0',
      },
      [],
    ),
    registrations: [
      { id: 'viejo', settings: [], registros: [RaizFut], create: () => viejo },
      ...ADAPTERS.filter((one) => one.isRecordStore === true).map((one) => ({
        ...one,
        create: (...args: Parameters<typeof one.create>) => mortal(one.create(...args), caido),
      })),
    ],
    now: () => reloj.now,
    log: () => undefined,
  });
  const server = await startServer(gateway, null);
  const url = `${server.url}/graphql`;
  return {
    gateway,
    server,
    viejo,
    reloj,
    url,
    ask: async (query, token = TOKEN) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as Answer;
    },
    close: async () => {
      await server.close();
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The single store, which may be down for those who read. */
const mortal = (unico: Adapter, isDown: () => boolean): Adapter => ({
  ...unico,
  read: (registro, acceso, keys, ctx) => {
    if (!isDown()) return unico.read(registro, acceso, keys, ctx);
    const error = toSourceError(new SourceUnavailableError('unico'));
    return Promise.resolve(new Map(keys.map((key) => [key, { at: 'failed', error }])));
  },
});

export const refusalOf = ({ errors }: Answer): readonly [string, string] => [
  errors?.[0]?.extensions.code ?? '',
  errors?.[0]?.message ?? '',
];
