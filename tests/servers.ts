/**
 * Real servers for contract tests: found on this machine, started on a free port in a directory of their own, stopped by
 * pid. Where one is missing the case says so; with CI_SERVIDORES=obligatorio it fails instead.
 */
import { afterAll, describe, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server that a test may lose. */
export interface MortalServer extends TestServer {
  /** Ends it as a crash does: at once, and with nothing put in order. */
  kill(): Promise<void>;
  /** Starts it again over what it left. */
  restart(): Promise<void>;
}

async function findBinary(name: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of [...folders, ...(process.env['PATH'] ?? '').split(path.delimiter)]) {
    const file = path.join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

/** Debian keeps the servers of each major version apart, out of the PATH. */
async function postgresFolders(): Promise<string[]> {
  const root = path.join(path.parse(process.cwd()).root, 'usr', 'lib', 'postgresql');
  const versions = await readdir(root).catch(() => []);
  return versions.sort((a, b) => Number(a) - Number(b)).map((v) => path.join(root, v, 'bin'));
}

/** A bus port of a Redis cluster lies 10 000 above: free ports are taken below 55 536. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    if (port < 55_536) return port;
  }
}

/** Written down where a server is missing; where servers are obligatory, a failure. */
function sayMissing(what: string): void {
  const line = `no corrido: ${what} no está instalado en esta máquina`;
  if (process.env['CI_SERVIDORES'] === 'obligatorio') throw new Error(line);
  process.stderr.write(`${line}\n`);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses root: there, the unprivileged account of the system runs it. */
async function unprivileged(): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null;
  const idOf = async (flag: string): Promise<number> =>
    Number((await run('id', [flag, 'nobody'])).stdout.trim());
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Its own log says when it is ready; a process that ends first never will be. */
async function untilLine(child: ChildProcess, mark: RegExp, port: number): Promise<void> {
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (mark.test(seen)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', () => {
      reject(new Error(`the server ended before it was ready: ${seen.slice(-500)}`));
    });
    child.once('error', reject);
  });
  if (!(await answers(port))) throw new Error(`the server does not answer on port ${port}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Its children too: an orphan that is not told yet would answer one more question. */
async function crash(child: ChildProcess): Promise<void> {
  const pid = String(child.pid);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  await end(child, 'SIGKILL');
  for (const orphan of children.split(' ').filter((one) => one !== '')) {
    try {
      process.kill(Number(orphan), 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
}

/** A PostgreSQL (15 where installed) with nothing in it, or null where it is not installed. */
export async function startPostgres(): Promise<MortalServer | null> {
  const folders = await postgresFolders();
  const initdb = await findBinary('initdb', folders);
  const postgres = await findBinary('postgres', initdb === null ? [] : [path.dirname(initdb)]);
  if (initdb === null || postgres === null) return null;
  const owner = await unprivileged();
  const folder = await mkdtemp(path.join(tmpdir(), 'sugit-postgres-'));
  if (owner !== null) await chown(folder, owner.uid, owner.gid);
  const identity = { ...owner, cwd: folder };
  const data = path.join(folder, 'data');
  await run(initdb, ['-D', data, '-U', 'sugit', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
    ...identity,
  });
  const port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((s) => ['-c', s])];
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(postgres, args, { ...identity, stdio: ['ignore', 'pipe', 'pipe'] });
    await untilLine(started, /ready to accept connections/, port);
    return started;
  };
  let child = await start();
  return {
    url: `postgres://sugit@127.0.0.1:${port}/postgres`,
    kill: () => crash(child),
    restart: async () => {
      child = await again(start);
    },
    stop: async () => {
      await end(child, 'SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ATTEMPTS = 200;

/** The orphans of a killed server hold its memory a moment longer: until they are gone it refuses to start. */
async function again(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** A Redis without persistence, or null where it is not installed. */
export async function startRedis(): Promise<TestServer | null> {
  const redis = await findBinary('redis-server', []);
  if (redis === null) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'sugit-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn(redis, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await untilLine(child, /[Rr]eady to accept connections/, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await end(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function using(
  what: string,
  start: () => Promise<TestServer | null>,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const server = await start();
  if (server === null) {
    sayMissing(what);
    return;
  }
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}

/** Runs the work against a server of its own; absent, the case says `no corrido`. */
export const withPostgres = (work: (url: string) => Promise<void>): Promise<void> =>
  using('PostgreSQL', startPostgres, work);
export const withRedis = (work: (url: string) => Promise<void>): Promise<void> =>
  using('Redis', startRedis, work);

/**
 * A describe whose cases share one server. Where it is missing there is one case instead of them, and its name says so.
 */
async function describeWith<S extends TestServer>(
  what: string,
  start: () => Promise<S | null>,
  title: string,
  define: (url: () => string, server: S) => void,
): Promise<void> {
  const server = await start();
  describe(title, () => {
    if (server === null) {
      it(`no corrido: ${what} no está instalado en esta máquina`, () => {
        sayMissing(what);
      });
      return;
    }
    define(() => server.url, server);
    afterAll(() => server.stop());
  });
}

/** Awaited at the top of a test file. */
export const describeWithPostgres = (
  title: string,
  define: (url: () => string, server: MortalServer) => void,
): Promise<void> => describeWith('PostgreSQL', startPostgres, title, define);
export const describeWithRedis = (
  title: string,
  define: (url: () => string) => void,
): Promise<void> => describeWith('Redis', startRedis, title, define);
