import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { defineRegistro, type Registro } from '../../schema/registro.js';
import type { Almacen } from '../../gateway/almacen/almacen.js';
import { openTestStore } from '../../tests/store.js';
import type { ArchiveManifest, Digest, RecordStore } from '../contract.js';
import { createUnico } from './index.js';
import { contextAt, Gasto, gasto, versionAt } from './testing.js';

const ctx = contextAt();
const ROWS = Array.from({ length: 500 }, (_, i) => {
  const row = gasto(i % 2 === 0 ? '05001' : '05002', `${i}`, { nombre: `«ñ»\n${i}` });
  return i % 7 === 0 ? { ...row, bpin: undefined } : row;
});

async function digestsOf(unico: RecordStore, registro: Registro): Promise<Digest[]> {
  const all: Digest[] = [];
  for await (const digest of unico.digests(registro, {}, ctx)) all.push(digest);
  return all;
}

describe('an archive', () => {
  let from: Almacen;
  let to: Almacen;
  let dir: string;
  let registro: Registro;
  let source: RecordStore;
  let target: RecordStore;
  let tables = 0;

  beforeAll(async () => {
    [from, to] = await Promise.all([openTestStore(), openTestStore()]);
  });
  afterAll(() => Promise.all([from.close(), to.close()]));

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-archivo-'));
    registro = defineRegistro({ ...Gasto, nombre: `Archivo${++tables}` });
    const now = (): number => Date.UTC(2026, 8, 1);
    source = createUnico({ store: from, now, registros: [registro] });
    target = createUnico({ store: to, now, registros: [registro] });
    await source.ingest(registro, { rows: ROWS.slice(0, 300), version: versionAt(1) }, null, ctx);
    await source.ingest(registro, { rows: ROWS.slice(300), version: versionAt(2) }, null, ctx);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const exportAll = () => source.exportArchive(registro, null, dir, {}, ctx);
  const fileOf = ({ archivo }: ArchiveManifest): string => path.join(dir, archivo.nombre);

  /** Writes the records again, and a manifest that agrees with the file but not with them. */
  async function tamper(
    manifest: ArchiveManifest,
    change: (text: string) => string,
  ): Promise<void> {
    const text = gunzipSync(await readFile(fileOf(manifest))).toString();
    const block = gzipSync(change(text));
    await writeFile(fileOf(manifest), block);
    const archivo = {
      ...manifest.archivo,
      bytes: block.length,
      sha256: createHash('sha256').update(block).digest('hex'),
    };
    await writeFile(path.join(dir, 'manifest.json'), JSON.stringify({ ...manifest, archivo }));
  }

  it('gives another store the same digests, and writes nothing when imported again', async () => {
    const manifest = await source.exportArchive(
      registro,
      null,
      dir,
      { certificado: 'c.json' },
      ctx,
    );

    const first = await target.importArchive(dir, ctx);
    const again = await target.importArchive(dir, ctx);

    expect(manifest).toMatchObject({ filas: 500, versiones: ['v1', 'v2'], certificado: 'c.json' });
    expect(first).toMatchObject({ manifest, ingested: { escritas: 500 } });
    expect(again.ingested).toMatchObject({ escritas: 0, iguales: 500 });
    expect(await digestsOf(target, registro)).toEqual(await digestsOf(source, registro));
    const twice = await target.exportArchive(registro, null, `${dir}/otra`, {}, ctx);
    expect(twice.raiz).toBe(manifest.raiz);
  });

  it('holds the records of a cohort only', async () => {
    const cohorte = { op: 'eq', campo: 'entidad', valor: '05001' } as const;

    const manifest = await source.exportArchive(registro, cohorte, dir, {}, ctx);
    await target.importArchive(dir, ctx);

    expect(manifest).toMatchObject({ filas: 250, cohorte });
    expect(await digestsOf(target, registro)).toHaveLength(250);
  });

  it.each<[string, (text: string) => string]>([
    ['an amount was changed', (text) => text.replace('"10.5"', '"10.6"')],
    ['a record is missing', (text) => text.slice(text.indexOf('\n') + 1)],
    ['a record is there twice', (text) => text.slice(0, text.indexOf('\n') + 1) + text],
    ['an amount became a number', (text) => text.replace('"10.5"', '10.5')],
    ['a line is no record', (text) => `null\n${text}`],
    [
      'a record is a list',
      (text) => text.replace('{"fila":{', '{"fila":[{').replace('},"resumen"', '}],"resumen"'),
    ],
    ['the last line is cut', (text) => text.slice(0, -20)],
  ])('is refused whole, and nothing of it is taken in, when %s', async (_title, change) => {
    await tamper(await exportAll(), change);

    await expect(target.importArchive(dir, ctx)).rejects.toMatchObject({ code: 'SOURCE_CONTRACT' });
    expect(await digestsOf(target, registro)).toEqual([]);
  });

  it('is refused when its file is another one, or leads out of its folder', async () => {
    const manifest = await exportAll();
    await writeFile(fileOf(manifest), gzipSync(''));
    await expect(target.importArchive(dir, ctx)).rejects.toMatchObject({ code: 'SOURCE_CONTRACT' });

    const archivo = { ...manifest.archivo, nombre: '../otro.ndjson.gz' };
    await writeFile(path.join(dir, 'manifest.json'), JSON.stringify({ ...manifest, archivo }));
    await expect(target.importArchive(dir, ctx)).rejects.toThrow('manifiesto');
  });

  it('is not made of a record whose columns were changed behind its digest', async () => {
    const table = `unico_archivo${tables}`;
    await from.query(`update ${table} set compromisos = 99 where _fila = 1`);

    await expect(exportAll()).rejects.toMatchObject({ code: 'SOURCE_CONTRACT' });
    await expect(readFile(path.join(dir, 'manifest.json'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
