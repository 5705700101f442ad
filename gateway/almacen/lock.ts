/**
 * The lock of a PGlite directory: two processes on one directory corrupt it without a word. It names its holder by pid,
 * boot and start time, and is taken over only when that process is provably gone; never by age. A lock of another pid
 * namespace (a container on the same volume) proves nothing and is respected.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, unlinkSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { AlmacenError } from './errors.js';

interface Holder {
  readonly pid: number;
  readonly bootId: string | null;
  readonly startedAt: string | null;
  readonly pidNamespace: string | null;
  /** Tells apart two stores opened one after another by the same process. */
  readonly token: string;
}

export interface DirectoryLock {
  release(): Promise<void>;
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const bootId = (): string | null =>
  tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());

const pidNamespace = (): string | null => tryRead(() => readlinkSync('/proc/self/ns/pid'));

/** Start time in clock ticks since boot: field 22 of stat, counted after the name, which may hold spaces. */
function startOf(pid: number): string | null {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether the holder cannot exist any more. What is not known counts as alive. */
export function isProvablyGone(holder: Holder): boolean {
  const boot = bootId();
  if (holder.bootId !== null && boot !== null && holder.bootId !== boot) return true;
  if (holder.pidNamespace !== pidNamespace()) return false;
  if (!isRunning(holder.pid)) return true;
  const start = startOf(holder.pid);
  return holder.startedAt !== null && start !== null && holder.startedAt !== start;
}

function toHolder(text: string): Holder | null {
  const value = tryRead(() => JSON.parse(text) as Partial<Holder> | null);
  if (value === null || typeof value.pid !== 'number' || typeof value.token !== 'string') {
    return null;
  }
  return {
    pid: value.pid,
    token: value.token,
    bootId: value.bootId ?? null,
    startedAt: value.startedAt ?? null,
    pidNamespace: value.pidNamespace ?? null,
  };
}

function occupiedError(file: string, holder: Holder | null): AlmacenError {
  const who = holder === null ? 'otro proceso' : `el proceso ${holder.pid}`;
  return new AlmacenError(
    'ALMACEN_OCUPADO',
    `El almacén ya está abierto por ${who}. Deténgalo, o use otro directorio con SUGIT_DATA_DIR. ` +
      `Si ese proceso ya no existe en ninguna máquina, borre ${file} y vuelva a intentar.`,
  );
}

/** A link is created whole or not at all: no reader sees a lock half written. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { flag: 'wx' });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** Moves a dead lock away. If a living one was caught in between, it is put back. */
async function removeStale(file: string, judged: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  const found = await readFile(aside, 'utf8');
  if (found !== judged) await link(aside, file).catch(() => undefined);
  await unlink(aside);
}

const ATTEMPTS = 5;

/** Takes the lock or throws ALMACEN_OCUPADO, naming the holder. It is removed when the process exits. */
export async function lockDirectory(file: string): Promise<DirectoryLock> {
  const own: Holder = {
    pid: process.pid,
    bootId: bootId(),
    startedAt: startOf(process.pid),
    pidNamespace: pidNamespace(),
    token: randomUUID(),
  };
  const content = JSON.stringify(own);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(file, content)) {
      if ((await readFile(file, 'utf8').catch(() => '')) === content) return held(file, content);
      continue;
    }
    const found = await readFile(file, 'utf8').catch(() => null);
    if (found === null) continue;
    const holder = toHolder(found);
    if (holder === null || !isProvablyGone(holder)) throw occupiedError(file, holder);
    await removeStale(file, found);
  }
  throw occupiedError(file, null);
}

function held(file: string, content: string): DirectoryLock {
  const removeOwn = (): void => {
    if (tryRead(() => readFileSync(file, 'utf8')) === content)
      tryRead(() => {
        unlinkSync(file);
      });
  };
  process.once('exit', removeOwn);
  return {
    release() {
      process.off('exit', removeOwn);
      removeOwn();
      return Promise.resolve();
    },
  };
}
