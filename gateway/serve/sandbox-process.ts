import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The sandbox as its own process: the gateway speaks to it over its wires only. */
export interface SandboxHandle {
  /** Base URL by sistema, and drop folder by sistema. */
  readonly urls: Readonly<Record<string, string>>;
  readonly drops: Readonly<Record<string, string>>;
  readonly controlUrl: string;
  /** Whether all its ports answer. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

const READY = z.object({
  urls: z.record(z.string(), z.string()),
  drops: z.record(z.string(), z.string()),
  controlUrl: z.string(),
});

/** Starts the sandbox and answers once it prints where it listens. It ends when this process does. */
export async function startSandboxProcess(options: {
  dropDir: string;
  args?: readonly string[];
}): Promise<SandboxHandle> {
  const script = fileURLToPath(new URL('../../sandbox/main.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [script, '--json', '--drops', options.dropDir, ...(options.args ?? [])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const killChild = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', killChild);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => {
      reject(
        new Error(`el sandbox terminó con código ${code ?? 'desconocido'} antes de estar listo`),
      );
    });
  });
  const ready = READY.parse(JSON.parse(line));
  return {
    ...ready,
    isAlive: async () => {
      const answers = await Promise.all(Object.values(ready.urls).map(answersAt));
      return answers.every(Boolean);
    },
    close: async () => {
      process.off('exit', killChild);
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      killChild();
      await ended;
    },
  };
}

const answersAt = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return true;
    },
    () => false,
  );
