import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTERS } from '../../adapters/index.js';
import { openGateway } from '../gateway.js';
import type { SandboxHandle } from '../serve/sandbox-process.js';
import { startSandboxProcess } from '../serve/sandbox-process.js';
import { startServer } from '../serve/server.js';
import { isSource } from '../settings.js';
import type { Settings } from '../settings.js';

type AdapterValues = Settings['adapters'][string];
type Say = (text: string) => void;

/** Starts everything and stays until it is told to end. */
export async function runStart(settings: Settings, say: Say): Promise<void> {
  await mkdir(settings.dataDir, { recursive: true });
  const sandbox = await startNeededSandbox(settings);
  const ready = sandbox === null ? settings : await withSandbox(settings, sandbox);
  const gateway = await openGateway({
    settings: ready,
    registrations: ADAPTERS,
    log: (message, error) => {
      say(error instanceof Error ? `${message}: ${error.stack ?? error.message}` : message);
    },
  });
  const server = await startServer(gateway, sandbox);
  say(`SUGIT escucha en ${server.url} (GraphQL en ${server.url}/graphql)`);
  if (sandbox !== null)
    say(
      `Sandbox: ${Object.keys({ ...sandbox.urls, ...sandbox.drops }).join(', ')}; control en ${sandbox.controlUrl}`,
    );
  if (ready.tokensFile !== null && settings.tokensFile === null)
    say(`Tokens del sandbox: ${ready.tokensFile}`);
  if (ready.calentamiento) gateway.calentamiento.start();
  await untilStopped(async () => {
    await server.close();
    await gateway.close();
    await sandbox?.close();
  }, say);
}

/** Only the sandbox, with its addresses on standard output. */
export async function runSandbox(
  settings: Settings,
  args: readonly string[],
  print: Say,
): Promise<void> {
  const sandbox = await startSandboxProcess({
    dropDir: path.join(settings.dataDir, 'sandbox'),
    args,
  });
  print(
    JSON.stringify(
      { urls: sandbox.urls, drops: sandbox.drops, controlUrl: sandbox.controlUrl },
      null,
      2,
    ),
  );
  await untilStopped(
    () => sandbox.close(),
    () => undefined,
  );
}

/** A system whose source is given is read there; the sandbox stands in for the others. */
const needsSandbox = ({ sandbox, adapters }: Settings): boolean =>
  sandbox && Object.values(adapters).some(({ given }) => !given);

export async function startNeededSandbox(settings: Settings): Promise<SandboxHandle | null> {
  if (!needsSandbox(settings)) return null;
  return startSandboxProcess({ dropDir: path.join(settings.dataDir, 'sandbox') });
}

/** The persons of the sandbox, for who needs none of its sources. */
export async function withSandboxTokens(settings: Settings): Promise<Settings> {
  if (settings.tokensFile !== null || !needsSandbox(settings)) return settings;
  return { ...settings, tokensFile: await sandboxTokens(settings) };
}

export async function withSandbox(settings: Settings, sandbox: SandboxHandle): Promise<Settings> {
  const adapters: Settings['adapters'] = Object.fromEntries(
    Object.entries(settings.adapters).map(([id, { values, given }]): [string, AdapterValues] => {
      if (given) return [id, { values, given }];
      const filled = Object.keys(values)
        .filter(isSource)
        .map((name) => {
          const found = name.endsWith('_BASE_URL') ? sandbox.urls : sandbox.drops;
          // Two adapters may read one source of the sandbox, which the name of the setting tells.
          const system = name.replace(/_(?:BASE_URL|DROP_DIR)$/, '').toLowerCase();
          return [name, found[id] ?? found[system]] as const;
        });
      return [id, { values: { ...values, ...Object.fromEntries(filled) }, given }];
    }),
  );
  return {
    ...settings,
    adapters,
    tokensFile: settings.tokensFile ?? (await sandboxTokens(settings)),
  };
}

/** Two persons of role migracion, one control, one tablero: known to everybody, for the sandbox only. */
async function sandboxTokens({ dataDir }: Settings): Promise<string> {
  const file = path.join(dataDir, 'sandbox', 'tokens.json');
  const tokens = [
    { token: 'sandbox-migracion-1', persona: 'Ana (sandbox)', rol: 'migracion' },
    { token: 'sandbox-migracion-2', persona: 'Luis (sandbox)', rol: 'migracion' },
    { token: 'sandbox-control', persona: 'Contraloría (sandbox)', rol: 'control' },
    { token: 'sandbox-tablero', persona: 'Tablero (sandbox)', rol: 'tablero' },
  ];
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ tokens }, null, 2)}\n`);
  return file;
}

/** Ends on the first signal; a second one ends at once. */
function untilStopped(close: () => Promise<void>, say: Say): Promise<void> {
  return new Promise((resolve, reject) => {
    let closing = false;
    const stop = (): void => {
      if (closing) process.exit(130);
      closing = true;
      say('Cerrando…');
      close().then(resolve, reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
