/**
 * Completes package-lock.json with the optional packages of other platforms. A registry mirror that offers only one
 * platform's binaries leaves them out, and `npm ci` then refuses the lock everywhere. Run after changing a dependency.
 *
 *   node scripts/complete-lock.js [folder of another package]
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OSES = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
  aix: 'aix',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  sunos: 'sunos',
};
const CPUS = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  armhf: 'arm',
  gnueabihf: 'arm',
  musleabihf: 'arm',
  eabi: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  wasm32: 'wasm32',
  universal: undefined,
};

function platformOf(name) {
  const parts = name.split(/[-/]/);
  const find = (table) => parts.map((part) => table[part]).find((value) => value !== undefined);
  const os = find(OSES);
  const cpu = find(CPUS);
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }) };
}

const folder = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const file = path.join(folder, 'package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8'));
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    // Only exact versions: binaries of one release, which their parent pins.
    if (key in lock.packages || !/^\d/.test(version)) continue;
    lock.packages[key] = {
      version,
      optional: true,
      ...(entry.dev && { dev: true }),
      ...platformOf(name),
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
await writeFile(
  file,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
);
process.stderr.write(`${added} paquetes de otras plataformas añadidos al lock\n`);
