import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { World } from './seed.js';
import type { SandboxSystem } from './system.js';

/** Lies in a drop while its files are being written: who reads the drop waits until it is gone. */
export const PREPARING_MARK = '.preparando';
/** Says what the drop was generated from, so that a second start needn't write it again. */
const DONE_MARK = '.sandbox.json';
/** To be raised when a generator changes what it writes. */
const GENERATION = 2;

const EXPORTS = new URL('./exports/', import.meta.url);

export interface Drops {
  readonly drops: Readonly<Record<string, string>>;
  /** Writes what is missing; settles when all is written or the signal is aborted. */
  start(signal: AbortSignal): Promise<void>;
}

function stampOf(world: World): string {
  const { seed, escala } = world;
  return `${JSON.stringify({ seed, escala, generation: GENERATION })}\n`;
}

async function isDone(dir: string, stamp: string): Promise<boolean> {
  const known = await readFile(path.join(dir, DONE_MARK), 'utf8').catch(() => '');
  return known === stamp;
}

async function fillDrop(
  system: SandboxSystem,
  dir: string,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  for (const name of system.exports ?? []) {
    await copyFile(new URL(name, EXPORTS), path.join(dir, name));
  }
  await system.writeDrop?.(dir, world, signal);
  // A drop that was left half way keeps its mark.
  if (signal.aborted) return;
  await writeFile(path.join(dir, DONE_MARK), stampOf(world));
  await rm(path.join(dir, PREPARING_MARK), { force: true });
}

/** Makes the folders and their marks now; the files come when `start` is called. */
export async function prepareDrops(
  systems: readonly SandboxSystem[],
  root: string,
  world: World,
): Promise<Drops> {
  const drops: Record<string, string> = {};
  const pending: { readonly system: SandboxSystem; readonly dir: string }[] = [];
  for (const system of systems) {
    if (!system.writeDrop && !system.exports) continue;
    const dir = path.join(root, system.sistema);
    drops[system.sistema] = dir;
    await mkdir(dir, { recursive: true });
    const left = await readFile(path.join(dir, PREPARING_MARK)).catch(() => undefined);
    if (left === undefined && (await isDone(dir, stampOf(world)))) continue;
    await writeFile(path.join(dir, PREPARING_MARK), '');
    pending.push({ system, dir });
  }
  return {
    drops,
    start: async (signal) => {
      for (const { system, dir } of pending) {
        if (signal.aborted) return;
        await fillDrop(system, dir, world, signal);
      }
    },
  };
}
