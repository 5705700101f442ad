import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Row } from '../adapters/contract.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { partsOf } from '../schema/key.js';
import {
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../schema/registros/cuipo.js';
import { FakeAdapter } from './fake-adapter.js';
import { createStoreDirectory } from './store.js';

export const RAICES = [
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
];
const AMOUNTS = [
  ...['presupuestoInicial', 'presupuestoDefinitivo', 'recaudo', 'apropiacionInicial'],
  ...['apropiacionDefinitiva', 'compromisos', 'obligaciones', 'pagos'],
];

function rootRows(key: string): readonly Row[] | null {
  const [codigoChip, vigencia] = partsOf(key);
  if (codigoChip !== '219105091') return null;
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, '100.5']));
  return [
    { codigoChip, vigencia: Number(vigencia), periodo: 'T4', vigenciaGasto: '1', ...amounts },
  ];
}

export const QUERY =
  '{ municipio(codigo: "05091") { nombre presupuesto(vigencia: 2025) { gastos { pagos } } } }';

export interface Reply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Record<string, unknown>;
  }[];
  readonly extensions?: {
    readonly fuentes: readonly Record<string, unknown>[];
    readonly avisos?: readonly Record<string, unknown>[];
  };
}
export const codeOf = ({ body }: { body: Reply }): unknown => body.errors?.[0]?.extensions['code'];

/** A gateway that listens, over a CUIPO in memory: one for all cases of a file. */
interface CasaHttp {
  readonly cuipo: FakeAdapter;
  readonly url: string;
  readonly gateway: Gateway;
  /** What the gateway did not expect. */
  readonly logged: readonly string[];
  readonly send: (body: unknown, headers?: Record<string, string>) => Promise<Sent>;
}

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Reply;
}

export function setUpHttp({ cacheTtlS = 0 } = {}): CasaHttp {
  let folder: string;
  let gateway: Gateway;
  let server: Server;
  const logged: string[] = [];
  const cuipo = new FakeAdapter({
    id: 'cuipo',
    registros: RAICES,
    rowsOf: (_registro, _acceso, key) => rootRows(key),
    version: { stale: true },
  });

  beforeAll(async () => {
    folder = await createStoreDirectory();
    const dataDir = path.join(folder, 'estado');
    const tokensFile = path.join(folder, 'tokens.json');
    const tokens = [{ token: 'secreto-de-ana', persona: 'Ana', rol: 'control' }];
    await writeFile(tokensFile, JSON.stringify({ tokens }));
    const env = {
      PORT: '0',
      SUGIT_DATA_DIR: dataDir,
      SUGIT_TOKENS_FILE: tokensFile,
      SUGIT_CACHE_TTL_S: String(cacheTtlS),
      SUGIT_SANDBOX: 'false',
    };
    gateway = await openGateway({
      settings: readSettings(env, []),
      registrations: [
        {
          id: 'cuipo',
          settings: [],
          registros: RAICES,
          create: (_values, { observer, now }) => {
            const read = cuipo.read.bind(cuipo);
            cuipo.read = async (...args) => {
              const since = now();
              const answer = await read(...args);
              observer.call('cuipo', args[3].origen, (now() - since) / 1_000);
              if (cuipo.dead) observer.error('cuipo', 'SOURCE_UNAVAILABLE');
              return answer;
            };
            return cuipo;
          },
        },
      ],
      log: (message, error) => logged.push(`${message} ${String(error)}`),
    });
    server = await startServer(gateway, null);
  });
  afterAll(async () => {
    await server.close();
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
    expect(logged).toEqual([]);
  });
  beforeEach(() => {
    cuipo.dead = false;
    cuipo.before = () => Promise.resolve();
    cuipo.calls.length = 0;
  });

  async function send(body: unknown, headers: Record<string, string> = {}): Promise<Sent> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Reply,
    };
  }

  return {
    cuipo,
    logged,
    send,
    get gateway() {
      return gateway;
    },
    get url() {
      return server.url;
    },
  };
}
