/** Compiles every TypeScript folder to dist/ with swc (types are checked apart) and copies the data files that code reads. */
import { transformFile } from '@swc/core';
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const SOURCE_FOLDERS = ['schema', 'adapters', 'subgraphs', 'gateway', 'sandbox', 'bench'];
const SKIPPED = new Set(['node_modules', 'dist', 'fixtures', 'peers']);

async function* walk(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* walk(full);
    } else yield full;
  }
}

async function newest() {
  let last = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
  for (const folder of SOURCE_FOLDERS) {
    for await (const file of walk(path.join(root, folder))) {
      last = Math.max(last, (await stat(file)).mtimeMs);
    }
  }
  return last;
}

async function compileFile(file, out) {
  const { code } = await transformFile(file, {
    swcrc: false,
    configFile: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  await mkdir(path.dirname(out), { recursive: true });
  await writeFile(out, code);
}

/** Builds dist/ when it is missing or older than any source file. Answers whether it built. */
export async function build({ force = false } = {}) {
  const stamp = path.join(root, 'dist', '.built');
  const built = await stat(stamp).then(
    (s) => s.mtimeMs,
    () => 0,
  );
  if (!force && built > (await newest())) return false;
  // Built apart and swapped in: a process that runs from dist/ never meets a half-written folder.
  const out = path.join(root, `dist.${process.pid}.tmp`);
  for (const folder of SOURCE_FOLDERS) {
    for await (const file of walk(path.join(root, folder))) {
      const target = path.join(out, path.relative(root, file));
      if (file.endsWith('.test.ts') || file.endsWith('.d.ts')) continue;
      if (file.endsWith('.ts')) await compileFile(file, target.replace(/\.ts$/, '.js'));
      else if (!file.endsWith('.md')) await cp(file, target, { recursive: true });
    }
  }
  await writeFile(path.join(out, 'package.json'), '{ "type": "module" }\n');
  await writeFile(path.join(out, '.built'), '');
  const old = path.join(root, `dist.${process.pid}.old.tmp`);
  await rename(path.join(root, 'dist'), old).catch(() => undefined);
  await rename(out, path.join(root, 'dist'));
  await rm(old, { recursive: true, force: true });
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ force: true });
