import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'graphql';
import { ADAPTERS } from '../adapters/index.js';
import { ANONYMOUS } from '../gateway/access/tokens.js';
import { withSandbox } from '../gateway/cli/start.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Answer } from '../gateway/graph.js';
import { readSettings } from '../gateway/settings.js';
import { toFuentes } from '../gateway/serve/fuentes.js';
import type { Fuente } from '../gateway/serve/fuentes.js';
import type { Sandbox } from '../sandbox/main.js';
import { startSandbox } from '../sandbox/main.js';

export interface WholeSystem {
  readonly gateway: Gateway;
  readonly sandbox: Sandbox;
  ask(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Answer & { fuentes: readonly Fuente[] }>;
  /** Calls that reached the sandbox since the last reset, by dataset or path. */
  calls(): Promise<Record<string, number>>;
  resetCalls(): Promise<void>;
  close(): Promise<void>;
}

/** The gateway over the sandbox, in a folder of its own: what `npm start` runs, but its HTTP. */
export async function openWholeSystem(options: {
  readonly sistemas: readonly string[];
  readonly cacheTtlS?: number;
  readonly now?: () => number;
}): Promise<WholeSystem> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sugit-whole-'));
  const sandbox = await startSandbox({
    dropDir: path.join(folder, 'drops'),
    sistemas: options.sistemas,
  });
  const env = { SUGIT_DATA_DIR: folder, SUGIT_CACHE_TTL_S: String(options.cacheTtlS ?? 0) };
  const handle = { ...sandbox, isAlive: () => Promise.resolve(true) };
  const settings = await withSandbox(readSettings(env, ADAPTERS), handle);
  const unexpected: unknown[] = [];
  const gateway = await openGateway({
    settings: { ...settings, deadlineMs: 120_000 },
    registrations: ADAPTERS,
    ...(options.now === undefined ? {} : { now: options.now }),
    log: (message, error) => unexpected.push(message, error),
  });
  return {
    gateway,
    sandbox,
    ask: async (query, variables = {}) => {
      const operation = {
        document: parse(query),
        documentId: query,
        operationName: null,
        variables,
      };
      const context = gateway.newContext(ANONYMOUS, { signal: AbortSignal.timeout(120_000) });
      const answer = await gateway.executor.execute(operation, context);
      if (unexpected.length > 0) throw new Error(unexpected.map(String).join('\n'));
      return { ...answer, fuentes: toFuentes(context.store.usage()) };
    },
    calls: async () =>
      countsOf((await (await fetch(`${sandbox.controlUrl}/counts`)).json()) as Counts),
    resetCalls: async () => {
      await fetch(`${sandbox.controlUrl}/counts`, { method: 'DELETE' });
    },
    close: async () => {
      await gateway.close();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Counts {
  readonly calls: readonly {
    readonly dataset: string;
    readonly path: string;
    readonly count: number;
  }[];
}

function countsOf({ calls }: Counts): Record<string, number> {
  const byDataset: Record<string, number> = {};
  for (const { dataset, path: route, count } of calls) {
    const name = dataset === '' ? route : dataset;
    byDataset[name] = (byDataset[name] ?? 0) + count;
  }
  return byDataset;
}
