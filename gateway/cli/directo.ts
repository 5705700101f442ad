import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTERS } from '../../adapters/index.js';
import { INSTANCIA_VIVA_MS } from '../desmonte/keeper.js';
import { loadInstancias } from '../desmonte/vistas.js';
import type { Gateway } from '../gateway.js';
import { openGateway } from '../gateway.js';
import { startServer } from '../serve/server.js';
import type { Settings } from '../settings.js';
import type { Servicio } from './servicio.js';
import { isListening, RechazoError } from './servicio.js';
import { startNeededSandbox, withSandbox, withSandboxTokens } from './start.js';

interface Orden {
  /** The address that was named, if any: then only that service answers. */
  readonly url: string | undefined;
  /** Whether the order reads systems of origin, for which the sandbox may have to stand in. */
  readonly leeFuentes: boolean;
}

type Say = (text: string) => void;

/** Hands an order the running service; where none runs, one over the store itself, for as long as the order takes. */
export async function withServicio<T>(
  settings: Settings,
  { url, leeFuentes }: Orden,
  say: Say,
  action: (servicio: Servicio) => Promise<T>,
): Promise<T> {
  const { host, port, token } = settings;
  const running = url ?? `http://${host}:${port}/graphql`;
  if (url !== undefined || (await isListening(running))) return action({ url: running, token });
  await refuseWithoutStore(settings, running);
  say(`No hay servicio en ${running}: se abre el almacén.`);
  const direct = await openDirecto(settings, leeFuentes, say);
  try {
    return await action({ url: direct.url, token });
  } finally {
    await direct.close();
  }
}

/** An order over a wrong folder must not make a store there to say that it is empty. */
async function refuseWithoutStore(
  { databaseUrl, dataDir }: Settings,
  running: string,
): Promise<void> {
  if (databaseUrl !== null) return;
  const found = await stat(path.join(dataDir, 'almacen', 'pglite')).catch(() => null);
  if (found === null)
    throw new RechazoError(
      'SIN_ALMACEN',
      `El servicio no responde en ${running} y en ${dataDir} no hay almacén. ¿Está en marcha? (sugit start)`,
    );
}

interface Directo {
  readonly url: string;
  close(): Promise<void>;
}

/** The same API as ever, on a port of its own that nobody else is told. */
async function openDirecto(settings: Settings, leeFuentes: boolean, say: Say): Promise<Directo> {
  const sandbox = leeFuentes ? await startNeededSandbox(settings) : null;
  const closing: (() => Promise<void>)[] = [() => sandbox?.close() ?? Promise.resolve()];
  const close = async (): Promise<void> => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const ready = sandbox === null ? settings : await withSandbox(settings, sandbox);
    const own = { ...(await withSandboxTokens(ready)), host: '127.0.0.1', port: 0 };
    const gateway = await openGateway({
      settings: own,
      registrations: ADAPTERS,
      log: say,
      fondo: false,
    });
    closing.push(() => gateway.close());
    await refuseOthers(gateway);
    const server = await startServer(gateway, null);
    closing.push(() => server.close());
    return { url: `${server.url}/graphql`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A directory has its lock; a database says by their heartbeats whether services stand on it. */
async function refuseOthers({ mesa, settings }: Gateway): Promise<void> {
  if (settings.databaseUrl === null) return;
  const since = new Date(Date.now() - INSTANCIA_VIVA_MS).toISOString();
  const { vivas } = await loadInstancias(mesa.store, since);
  if (vivas > 0)
    throw new RechazoError(
      'SERVICIO_EN_MARCHA',
      `Hay ${vivas} servicios en marcha sobre este almacén: dé la dirección de uno con --url.`,
    );
}
