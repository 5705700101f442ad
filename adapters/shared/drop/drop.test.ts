import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DropError } from '../drop-error.js';
import { createDropFolder, toVersion } from './drop-folder.js';
import type { DropFile, DropFolder } from './drop-folder.js';
import { createDropIndex } from './drop-index.js';

let dir: string;
let calls: [string, string, number][];
let errors: [string, string][];
let folder: DropFolder;
let clock: number;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'entrega-'));
  calls = [];
  errors = [];
  clock = 0;
  folder = createDropFolder({
    sistema: 'fut',
    dir,
    tools: {
      now: () => clock,
      observer: {
        call: (...call) => calls.push(call),
        error: (...error) => errors.push(error),
      },
    },
  });
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const put = async (name: string, content: string): Promise<void> => {
  await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
  await writeFile(path.join(dir, name), content);
};
const only = async (): Promise<DropFile> => {
  const [file] = await folder.list();
  if (file === undefined) throw new Error('the folder is empty');
  return file;
};
const ctx = (signal: AbortSignal = new AbortController().signal) =>
  ({ signal, origen: 'consulta' }) as const;

describe('list', () => {
  it('gives the files of every depth, sorted, with size and date', async () => {
    await put('b.txt', 'xyz');
    await put('2019/z.txt', '');
    await put('2019/a.txt', '');
    await utimes(path.join(dir, 'b.txt'), 1000, 1000);

    const files = await folder.list();

    expect(files.map((file) => file.name)).toEqual(['2019/a.txt', '2019/z.txt', 'b.txt']);
    expect(files[2]).toMatchObject({ size: 3, mtimeMs: 1_000_000 });
  });

  it('leaves out hidden, temporary and partial files', async () => {
    for (const name of ['.x', '~$l.xlsx', 'a.part', 'a.TMP', 'a.crdownload', '.git/a', 'a.txt~']) {
      await put(name, 'x');
    }
    await put('a.txt', 'x');

    expect((await folder.list()).map((file) => file.name)).toEqual(['a.txt']);
  });

  it('has no files when the folder does not exist', async () => {
    await rm(dir, { recursive: true });

    expect(await folder.list()).toEqual([]);
  });

  it('follows links and does not walk in circles', async () => {
    await put('real/a.txt', 'x');
    await symlink(path.join(dir, 'real/a.txt'), path.join(dir, 'enlace.txt'));
    await symlink(dir, path.join(dir, 'real/arriba'));
    await symlink(path.join(dir, 'nada'), path.join(dir, 'roto.txt'));

    expect((await folder.list()).map((file) => file.name)).toEqual(['enlace.txt', 'real/a.txt']);
  });
});

describe('open', () => {
  it('counts one call with its origin and its seconds, also when reading fails', async () => {
    await put('a.txt', 'x');
    const file = await only();

    const answer = await folder.open(file, ctx(), (opened) => {
      clock += 1500;
      return Promise.resolve(path.basename(opened));
    });
    const failed = folder.open(file, { origen: 'fondo' }, () =>
      Promise.reject(new DropError('LINEA_CORTADA', 'cortada', 3)),
    );

    expect(answer).toBe('a.txt');
    await expect(failed).rejects.toMatchObject({ codigo: 'LINEA_CORTADA' });
    expect(calls).toEqual([
      ['fut', 'consulta', 1.5],
      ['fut', 'fondo', 0],
    ]);
  });

  it('counts one call for a file that is streamed, also when its reader stops early', async () => {
    await put('a.txt', 'x');
    // eslint-disable-next-line @typescript-eslint/require-await
    const numbers = async function* () {
      yield 1;
      yield 2;
    };

    for await (const number of folder.stream(await only(), ctx(), numbers)) {
      expect(number).toBe(1);
      break;
    }

    expect(calls).toEqual([['fut', 'consulta', 0]]);
  });

  it('says that the source is unavailable when the file is gone, without naming its path', async () => {
    await put('a.txt', 'x');
    const file = await only();
    await rm(file.path);

    await expect(folder.digest(file)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      sistema: 'fut',
      mensaje: 'FUT no responde en este momento.',
    });
    expect(errors).toEqual([['fut', 'SOURCE_UNAVAILABLE']]);
  });

  it.each(['../fuera.txt', '/etc/hostname', '.'])(
    'never leaves the folder for %s',
    async (name) => {
      const file = { name, path: name, size: 1, mtimeMs: 1 };

      await expect(folder.open(file, ctx(), () => Promise.resolve(1))).rejects.toThrow(RangeError);
      await expect(folder.digest(file)).rejects.toThrow(RangeError);
      expect(calls).toEqual([]);
    },
  );
});

describe('digest', () => {
  it('is the SHA-256 of the content, and follows a change of it', async () => {
    await put('a.txt', 'abc');
    const first = await folder.digest(await only());
    await put('a.txt', 'abcd');

    expect(first).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(await folder.digest(await only())).not.toBe(first);
  });

  it('is computed once per size and date', async () => {
    await put('a.txt', 'abc');
    const file = await only();
    const first = await folder.digest(file);
    await rm(file.path);

    expect(await folder.digest(file)).toBe(first);
  });
});

describe('waitReady', () => {
  it('waits until the mark of preparation is gone', async () => {
    await put('.preparando', '');
    let ready = false;
    const waiting = folder.waitReady(ctx()).then(() => {
      ready = true;
    });
    const before = ready;

    await rm(path.join(dir, '.preparando'));
    await waiting;

    expect(before).toBe(false);
    expect(ready).toBe(true);
  });

  it('ends with the reason of its signal', async () => {
    await put('.preparando', '');
    const abort = new AbortController();
    const reason = new Error('plazo');
    const waiting = folder.waitReady(ctx(abort.signal));

    abort.abort(reason);

    await expect(waiting).rejects.toBe(reason);
  });
});

describe('toVersion', () => {
  const file: DropFile = { name: 'a', path: 'a', size: 1, mtimeMs: Date.UTC(2026, 0, 2) };

  it('takes the reception that the file states, in Colombian time, as publication', () => {
    expect(toVersion(file, 'abc', Date.UTC(2026, 4, 1), '2026-03-18 20:48:55')).toEqual({
      token: 'abc',
      sourceTime: '2026-03-19T01:48:55.000Z',
      checkedAt: '2026-05-01T00:00:00.000Z',
    });
  });

  it.each([null, 'ayer'])('takes the date of the file when the reception is %s', (reception) => {
    expect(toVersion(file, 'abc', 0, reception).sourceTime).toBe('2026-01-02T00:00:00.000Z');
  });
});

describe('createDropIndex', () => {
  const indexOf = (opened: string[], fail: () => Error | null = () => null) =>
    createDropIndex({
      folder,
      summarize: (file) => {
        opened.push(path.basename(file));
        const error = fail();
        return error === null ? Promise.resolve(path.basename(file)) : Promise.reject(error);
      },
    });

  it('opens each file once until its size or date changes', async () => {
    const opened: string[] = [];
    const index = indexOf(opened);
    await put('a.txt', 'x');
    await put('b.txt', 'x');
    await index.refresh(ctx());
    await put('b.txt', 'otra');

    const files = await index.refresh(ctx());

    expect(files.map((f) => (f.at === 'read' ? f.summary : null))).toEqual(['a.txt', 'b.txt']);
    expect(opened).toEqual(['a.txt', 'b.txt', 'b.txt']);
    expect(calls).toHaveLength(3);
  });

  it('answers the same list while no file of it changes', async () => {
    const index = indexOf([]);
    await put('a.txt', 'x');
    await put('b.txt', 'x');
    const first = await index.refresh(ctx());

    expect(await index.refresh(ctx())).toBe(first);
    await put('b.txt', 'otra');
    const second = await index.refresh(ctx());
    expect(second).not.toBe(first);
    await rename(path.join(dir, 'a.txt'), path.join(dir, 'a.part'));
    expect(await index.refresh(ctx())).toEqual([second[1]]);
  });

  it('shares one opening between questions asked at once', async () => {
    const opened: string[] = [];
    const index = indexOf(opened);
    await put('a.txt', 'x');

    await Promise.all([index.refresh(ctx()), index.refresh(ctx())]);

    expect(opened).toEqual(['a.txt']);
  });

  it('remembers a broken file, and forgets a file that left', async () => {
    const opened: string[] = [];
    const index = indexOf(opened, () => new DropError('LIBRO_ILEGIBLE', 'dañado'));
    await put('a.txt', 'x');
    await index.refresh(ctx());

    expect(await index.refresh(ctx())).toMatchObject([
      { at: 'broken', error: { codigo: 'LIBRO_ILEGIBLE' } },
    ]);
    expect(opened).toEqual(['a.txt']);
    await rename(path.join(dir, 'a.txt'), path.join(dir, 'a.part'));
    expect(await index.refresh(ctx())).toEqual([]);
  });

  it('tries again after a failure that is not of the file', async () => {
    const failures: (Error | null)[] = [new Error('disco'), null];
    const index = indexOf([], () => failures.shift() ?? null);
    await put('a.txt', 'x');

    await expect(index.refresh(ctx())).rejects.toThrow('disco');
    expect(await index.refresh(ctx())).toMatchObject([{ at: 'read', summary: 'a.txt' }]);
  });

  it('ends one question with its signal and leaves the opening to the others', async () => {
    let finish: (summary: string) => void = () => undefined;
    let started: () => void = () => undefined;
    const opening = new Promise<void>((resolve) => (started = resolve));
    const index = createDropIndex<string>({
      folder,
      summarize: () =>
        new Promise((resolve) => {
          finish = resolve;
          started();
        }),
    });
    await put('a.txt', 'x');
    const abort = new AbortController();
    const reason = new Error('plazo');
    const first = index.refresh(ctx(abort.signal));
    await opening;
    const second = index.refresh(ctx());

    abort.abort(reason);

    await expect(first).rejects.toBe(reason);
    finish('listo');
    expect(await second).toMatchObject([{ at: 'read', summary: 'listo' }]);
  });
});
