/** What every measured process tells its parent beside its work: CPU used, memory, calls. Never over its own HTTP. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

export interface Reading {
  /** User and system time of the process, ms. */
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** Highest resident size since the peak was last reset. */
  readonly peakMiB: number;
  readonly calls: number;
}

type Question =
  { readonly ask: 'read' } | { readonly ask: 'settle' } | { readonly latency: number };

/** Samples from a thread of its own: the resident size is that of the process, and the main thread may be busy. */
const SAMPLER = `
const { workerData } = require('node:worker_threads');
const peak = new Float64Array(workerData);
setInterval(() => { const now = process.memoryUsage.rss(); if (now > peak[0]) peak[0] = now; }, 10);
`;

const MIB = 1024 * 1024;

/** Opens the door in a child and says where it listens. */
export function openDoor(
  url: string,
  options: { readonly calls?: () => number; readonly setLatency?: (ms: number) => void } = {},
): void {
  const peak = new Float64Array(new SharedArrayBuffer(8));
  new Worker(SAMPLER, { eval: true, workerData: peak.buffer }).unref();
  const read = (): Reading => {
    const { user, system } = process.cpuUsage();
    const rss = process.memoryUsage.rss();
    const peakMiB = Math.max(peak[0] ?? 0, rss) / MIB;
    return {
      cpuMs: (user + system) / 1000,
      rssMiB: rss / MIB,
      peakMiB,
      calls: options.calls?.() ?? 0,
    };
  };
  process.on('message', (question: Question) => {
    if ('latency' in question) options.setLatency?.(question.latency);
    else if (question.ask === 'settle') {
      global.gc?.();
      peak[0] = 0;
    }
    process.send?.(read());
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}

export interface Child {
  readonly url: string;
  read(): Promise<Reading>;
  /** Collects garbage and starts a new peak. */
  settle(): Promise<Reading>;
  setLatency(ms: number): Promise<Reading>;
  close(): Promise<void>;
}

/** With these `npm start` runs the product; every contender on Node gets the same. */
function flagsOfStart(): readonly string[] {
  const file = new URL('../../package.json', import.meta.url);
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** Starts a measured process from dist/. Its output goes to stderr: stdout belongs to the results. */
export async function startChild(script: string, args: readonly string[]): Promise<Child> {
  const file = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const child = fork(file, [...args], {
    execArgv: ['--expose-gc', ...flagsOfStart()],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const { url } = (await nextMessage(child)) as { url: string };
  const ask = async (question: Question): Promise<Reading> => {
    const answer = nextMessage(child);
    child.send(question);
    return (await answer) as Reading;
  };
  return {
    url,
    read: () => ask({ ask: 'read' }),
    settle: () => ask({ ask: 'settle' }),
    setLatency: (latency) => ask({ latency }),
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

const nextMessage = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`a measured process ended with ${code ?? 'a signal'}`));
    };
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
