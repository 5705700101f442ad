import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The acid test: a system is retired with proof, its folder and its one line are deleted, and nothing else notices. The
 * copy runs the tests that cross folders, once; what lies beside one adapter does not change when another goes away.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const run = promisify(execFile);
const MINUTE = 60_000;
/** In the test command, those that ask the retired system or look at the whole house; the long form runs every folder. */
const CRUZAN =
  process.env['ACIDA'] === 'completa'
    ? ['tests/', 'gateway/', 'subgraphs/', 'schema/']
    : ['tests/fut', 'tests/architecture', 'tests/same-answer', 'tests/ready-queries', 'subgraphs/'];
const RETIRED = 'fut';

let folder: string;
let copia: string;
let archivo: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sugit-acida-'));
  copia = path.join(folder, 'copia');
  archivo = path.join(folder, 'datos', 'archivo');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What an order prints, whether it ends well or not. */
async function order(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const own = { ...process.env, NODE_OPTIONS: '', ...env };
  const options = { cwd, env: own, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await run(process.execPath, [...args], options);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

async function copyTree(): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const file of stdout.split('\n')) {
    if (file === '' || file.startsWith(`adapters/${RETIRED}/`)) continue;
    const found = await stat(path.join(ROOT, file)).catch(() => null);
    if (found?.isFile() !== true) continue;
    await mkdir(path.dirname(path.join(copia, file)), { recursive: true });
    await cp(path.join(ROOT, file), path.join(copia, file));
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(copia, 'node_modules'));
  await forgetLine(path.join(copia, 'adapters', 'index.ts'));
}

/** The line of a system is its import and its name in the list. */
async function forgetLine(file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const kept = lines.filter(
    (line) =>
      line !== `import { ${RETIRED} } from './${RETIRED}/index.js';` && line !== `  ${RETIRED},`,
  );
  if (lines.length - kept.length !== 2) throw new Error('the line of the system was not found');
  await writeFile(file, kept.join('\n'));
}

describe('the FUT, retired', () => {
  it(
    'is proven to be, and leaves its archive',
    async () => {
      const script = path.join('scripts', 'retire-fut.js');
      const args = [
        '--reducido',
        '--sin-sandbox',
        '--sin-danos',
        '--datos',
        path.join(folder, 'datos'),
      ];
      const { code, text } = await order([script, ...args], ROOT);

      expect(text.trim().split('\n').at(-1)).toMatch(/^PROBADO/);
      expect(code).toBe(0);
    },
    15 * MINUTE,
  );

  it(
    'can be deleted: types and printed schema are what they were',
    async () => {
      await copyTree();

      const types = await order(['node_modules/typescript/bin/tsc', '--noEmit'], copia);
      const schema = await order(['scripts/schema.js', '--check'], copia);

      expect(types).toEqual({ code: 0, text: '' });
      expect(schema).toEqual({ code: 0, text: '' });
    },
    15 * MINUTE,
  );

  it(
    'is missed by no test that crosses folders',
    async () => {
      const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--forceExit'];
      const skipped = ['--testPathIgnorePatterns', 'tests/acid', 'node_modules', 'dist/'];
      const { code, text } = await order([...jest, ...CRUZAN, ...skipped], copia, {
        SUGIT_ARCHIVE_DIR: archivo,
      });

      expect({ code, failures: text.split('\n').filter((line) => /^FAIL|●/.test(line)) }).toEqual({
        code: 0,
        failures: [],
      });
    },
    40 * MINUTE,
  );
});
