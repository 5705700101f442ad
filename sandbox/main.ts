import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createControlServer } from './control.js';
import { prepareDrops } from './drops.js';
import { FaultBoard } from './faults.js';
import { closeServer, listen } from './http.js';
import { createWorld, type World } from './seed.js';
import { SystemServer } from './soda/server.js';
import { SYSTEMS } from './systems/index.js';

/** The one application token that the sandbox knows at first. */
export const SANDBOX_TOKEN = 'token-del-sandbox';

export interface SandboxOptions {
  readonly seed?: string;
  readonly escala?: World['escala'];
  /** Ports by sistema, and `control`; free ones where not given. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly dropDir: string;
  /** Whether SoQL windows and `|>` work. */
  readonly windows?: boolean;
  /** Only these systems; all where not given. */
  readonly sistemas?: readonly string[];
}

export interface Sandbox {
  /** Base URL by sistema, for those that speak HTTP. */
  readonly urls: Readonly<Record<string, string>>;
  /** Drop folder by sistema, for those that deliver files. */
  readonly drops: Readonly<Record<string, string>>;
  readonly controlUrl: string;
  /** Settles when every drop file is written. */
  readonly dropsReady: Promise<void>;
  close(): Promise<void>;
}

/** Starts one server per system and the control door; the drops are written after it returns. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { seed = 'sugit', escala = 'normal', ports = {}, windows = true } = options;
  const systems = SYSTEMS.filter(({ sistema }) => options.sistemas?.includes(sistema) ?? true);
  const world = createWorld(seed, escala);
  const board = new FaultBoard(windows, [SANDBOX_TOKEN]);
  const control = createControlServer(board);
  const servers = [control];
  const urls: Record<string, string> = {};
  for (const system of systems) {
    const datasets = system.soda?.(world) ?? [];
    const rest = system.rest?.(world);
    if (datasets.length === 0 && !rest) continue;
    const { sistema } = system;
    const { server } = new SystemServer({ sistema, datasets, rest, board, seed });
    urls[sistema] = await listen(server, ports[sistema] ?? 0);
    servers.push(server);
  }
  const controlUrl = await listen(control, ports['control'] ?? 0);
  const prepared = await prepareDrops(systems, options.dropDir, world);
  const stop = new AbortController();
  const dropsReady = prepared.start(stop.signal);
  // Whoever cares awaits dropsReady; nobody having to must not end the process.
  dropsReady.catch(() => undefined);
  return {
    urls,
    drops: prepared.drops,
    controlUrl,
    dropsReady,
    close: async () => {
      stop.abort();
      await Promise.all(servers.map(closeServer));
      await dropsReady.catch(() => undefined);
    },
  };
}

function portsOf(list: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    list.map((item): [string, number] => {
      const [name = '', port = ''] = item.split('=');
      return [name, Number(port)];
    }),
  );
}

async function runCommand(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      semilla: { type: 'string', default: 'sugit' },
      escala: { type: 'string', default: 'normal' },
      drops: { type: 'string', default: path.join(tmpdir(), 'sugit-sandbox') },
      'sin-ventanas': { type: 'boolean', default: false },
      puerto: { type: 'string', multiple: true, default: [] },
    },
  });
  const sandbox = await startSandbox({
    seed: values.semilla,
    escala: values.escala === 'nacional' ? 'nacional' : 'normal',
    ports: portsOf(values.puerto),
    dropDir: values.drops,
    windows: !values['sin-ventanas'],
  });
  const { urls, drops, controlUrl } = sandbox;
  const lines = values.json
    ? [JSON.stringify({ urls, drops, controlUrl })]
    : [...Object.entries({ ...urls, ...drops }), ['control', controlUrl]].map((e) => e.join('  '));
  process.stdout.write(`${lines.join('\n')}\n`);
  const close = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', close);
  process.once('SIGINT', close);
  await sandbox.dropsReady;
}

const [, script] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) await runCommand();
