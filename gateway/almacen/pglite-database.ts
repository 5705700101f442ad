/** The directory of a PGlite database, made once. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AlmacenError } from './errors.js';

const CREATE = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/gateway/almacen/pglite-create.js', import.meta.url)
    : new URL('./pglite-create.js', import.meta.url),
);

/**
 * Makes the database where there is none. Making it takes half a gigabyte that a thread of this process would never give
 * back, so it is the work of a process of its own; and it is made aside and put in place whole, so that whoever ends
 * amid it leaves no half of a database. The caller holds the lock of the directory.
 */
export async function ensureDatabase(dataDir: string): Promise<void> {
  const found = await readdir(dataDir).catch((): string[] => []);
  // The first file that PostgreSQL looks for in a directory of its own.
  if (found.includes('PG_VERSION')) return;
  if (found.length > 0) throw failed(new Error(`${dataDir} holds something else than a database`));
  const [folder, prefix] = [path.dirname(dataDir), `${path.basename(dataDir)}.borrador-`];
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const draft = await mkdtemp(path.join(folder, prefix));
  try {
    await promisify(execFile)(process.execPath, [CREATE, draft]);
    await rename(draft, dataDir);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw failed(cause);
  }
}

const failed = (cause: unknown): AlmacenError =>
  new AlmacenError('ALMACEN_CERRADO', 'El almacén no pudo crear su base de datos.', { cause });
