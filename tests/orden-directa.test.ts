import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ADAPTERS } from '../adapters/index.js';
import { openAlmacen } from '../gateway/almacen/almacen.js';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { freePort } from './servers.js';
import { createStoreDirectory } from './store.js';
import { runSugit } from './sugit.js';

/** `sugit migrate` where a service runs, where none does, and where somebody else has the store. */
const TOKENS = [{ token: 'token-de-ana', persona: 'Ana', rol: 'migracion' }];

let folder: string;
let port: number;
let env: Record<string, string>;

const open = (): Promise<Gateway> =>
  openGateway({
    settings: readSettings(env, ADAPTERS),
    registrations: ADAPTERS,
    log: () => undefined,
    fondo: false,
  });

const lockFile = (): string => path.join(folder, 'almacen', 'almacen.lock');
const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sugit-orden-'));
  await rename(await createStoreDirectory(), path.join(folder, 'almacen'));
  const tokensFile = path.join(folder, 'tokens.json');
  await writeFile(tokensFile, JSON.stringify({ tokens: TOKENS }));
  port = await freePort();
  env = {
    PORT: String(port),
    SUGIT_DATA_DIR: folder,
    SUGIT_TOKENS_FILE: tokensFile,
    SUGIT_TOKEN: 'token-de-ana',
    SUGIT_POLITICA: 'comprimida',
  };
  const gateway = await open();
  await gateway.mesa.crear(
    { id: 'cierre', registro: 'CierreFiscal', cohorte: { vigencia: { desde: 2025, hasta: 2025 } } },
    'Ana',
    'primero',
  );
  await gateway.close();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an order where no service runs', () => {
  it('opens the store, answers, moves what it is told, and leaves no lock', async () => {
    const status = await runSugit(['migrate', 'status', '--json'], env);
    const moved = await runSugit(
      ['migrate', 'advance', 'cierre', 'backfill', '--motivo', 'empezar'],
      env,
    );
    const report = await runSugit(['migrate', 'report', 'cierre'], env);

    expect(status).toMatchObject({ code: 0, err: expect.stringContaining('se abre el almacén') });
    expect(JSON.parse(status.out)).toMatchObject([{ id: 'cierre', fase: 'legacy' }]);
    expect(moved).toMatchObject({ code: 0, out: expect.stringContaining('cierre  backfill') });
    expect(report.out).toMatch(/\| legacy \| backfill \|/);
    expect(await isThere(lockFile())).toBe(false);
  }, 120_000);

  it('refuses who has no token, as the service does', async () => {
    const refused = await runSugit(['migrate', 'back', 'cierre', 'legacy', '--motivo', 'x'], {
      ...env,
      SUGIT_TOKEN: 'token-de-nadie',
    });

    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('NO_AUTENTICADO') });
    expect(await isThere(lockFile())).toBe(false);
  }, 60_000);

  it('loads from the sources, and is no instance that others must wait for', async () => {
    const load = await runSugit(['migrate', 'backfill', 'cierre', '--json'], env);

    const gateway = await open();
    const instances = await gateway.mesa.store.query('select id from instancia');
    await gateway.close();
    expect(load.code).toBe(0);
    expect(JSON.parse(load.out)).toMatchObject({ paso: 'terminada', codigo: null });
    expect(instances).toEqual([]);
  }, 240_000);

  it('makes no store where there was none', async () => {
    const nowhere = path.join(folder, 'otra');

    const { code, err } = await runSugit(['migrate', 'status'], {
      ...env,
      SUGIT_DATA_DIR: nowhere,
    });

    expect([code, await isThere(nowhere)]).toEqual([3, false]);
    expect(err).toContain('SIN_ALMACEN');
  }, 30_000);
});

describe('an order where a service runs', () => {
  it('goes through its API and leaves the store to it', async () => {
    const gateway = await open();
    const server = await startServer(gateway, null);

    const { code, out, err } = await runSugit(['migrate', 'status'], env);

    await server.close();
    await gateway.close();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('cierre  backfill');
  }, 60_000);
});

describe('an order where another process has the store', () => {
  it('ends with 3 and names that process', async () => {
    const almacen = await openAlmacen({ dataDir: path.join(folder, 'almacen') });

    const { code, err } = await runSugit(['migrate', 'status'], env);

    expect(code).toBe(3);
    expect(err).toContain(
      `ALMACEN_OCUPADO: El almacén ya está abierto por el proceso ${process.pid}.`,
    );
    expect(await isThere(lockFile())).toBe(true);
    await almacen.close();
  }, 60_000);
});
