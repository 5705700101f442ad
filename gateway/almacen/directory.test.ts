import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStoreDirectory, openTestStore } from '../../tests/store.js';
import { openAlmacen } from './almacen.js';

describe('a new directory', () => {
  it('gets its database whole, whatever a process that ended amid making one left there', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-almacen-'));
    const draft = path.join(dataDir, 'pglite.borrador-x1y2z3');
    await mkdir(path.join(draft, 'base'), { recursive: true });
    await writeFile(path.join(draft, 'PG_VERSION'), '18\n');

    const store = await openAlmacen({ dataDir });

    expect(await store.query('select 1 as a')).toEqual([{ a: 1 }]);
    expect((await readdir(dataDir)).sort()).toEqual(['almacen.lock', 'pglite']);
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  it('stays free to be opened after its database could not be made', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'sugit-almacen-'));
    await mkdir(path.join(dataDir, 'pglite', 'ajeno'), { recursive: true });

    await expect(openAlmacen({ dataDir })).rejects.toMatchObject({ code: 'ALMACEN_CERRADO' });

    expect(await readdir(dataDir)).toEqual(['pglite']);
    await rm(dataDir, { recursive: true });
  });
});

describe('lock of a directory', () => {
  const lockOf = (dataDir: string): string => path.join(dataDir, 'almacen.lock');

  it('refuses a second opener and names the process that holds it', async () => {
    const store = await openTestStore();

    const second = openAlmacen({ dataDir: store.dataDir });

    await expect(second).rejects.toMatchObject({
      code: 'ALMACEN_OCUPADO',
      message: expect.stringContaining(`el proceso ${process.pid}`),
    });
    await store.close();
  });

  it('disappears with close, so that the directory opens again', async () => {
    const store = await openTestStore();
    await store.query('create table queda (a int)');

    const again = await store.reopen();

    expect(await again.query('select * from queda')).toEqual([]);
    await again.close();
  });

  it('is taken over when a process that was killed had it, and its data stand', async () => {
    const dataDir = await createStoreDirectory();
    const module = new URL('../../dist/gateway/almacen/almacen.js', import.meta.url);
    const script = `const { openAlmacen } = await import(${JSON.stringify(module.href)});
      const store = await openAlmacen({ dataDir: process.argv[1] });
      await store.query('create table t as select 7::int as a');
      process.stdout.write('ready'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect((await stat(lockOf(dataDir))).isFile()).toBe(true);

    const store = await openAlmacen({ dataDir });

    expect(await store.query('select a from t')).toEqual([{ a: 7 }]);
    await store.close();
  });

  it('is not taken over from a living process, however old the file', async () => {
    const dataDir = await createStoreDirectory();
    const holder = await openAlmacen({ dataDir });
    const text = await readFile(lockOf(dataDir), 'utf8');
    await holder.close();
    await writeFile(lockOf(dataDir), text);

    await expect(openAlmacen({ dataDir })).rejects.toMatchObject({ code: 'ALMACEN_OCUPADO' });
  });

  it('is taken over when its pid now belongs to a process that started at another time', async () => {
    const dataDir = await createStoreDirectory();
    const holder = await openAlmacen({ dataDir });
    const own = JSON.parse(await readFile(lockOf(dataDir), 'utf8')) as { startedAt: string | null };
    await holder.close();
    await writeFile(lockOf(dataDir), JSON.stringify({ ...own, startedAt: '1', token: 'old' }));

    const opening = openAlmacen({ dataDir });

    // Only where the system tells start times can it be proven.
    if (own.startedAt === null) {
      await expect(opening).rejects.toMatchObject({ code: 'ALMACEN_OCUPADO' });
    } else await (await opening).close();
  });

  it('is respected when nobody can read who holds it', async () => {
    const dataDir = await createStoreDirectory();
    await writeFile(lockOf(dataDir), '');

    await expect(openAlmacen({ dataDir })).rejects.toMatchObject({
      code: 'ALMACEN_OCUPADO',
      message: expect.stringContaining('otro proceso'),
    });
  });
});
