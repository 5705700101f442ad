import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAlmacen, type Almacen } from '../gateway/almacen/almacen.js';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/sugit/', import.meta.url));
const TEMPLATE = path.join(CACHE, 'almacen-0.5.16');

/** Creating a database costs seconds and hundreds of MB; copying an empty one costs a tenth of a second. */
async function ensureTemplate(): Promise<string> {
  if (await stat(TEMPLATE).catch(() => null)) return TEMPLATE;
  await mkdir(CACHE, { recursive: true });
  const draft = path.join(CACHE, `borrador-${randomUUID()}`);
  const almacen = await openAlmacen({ dataDir: draft });
  await almacen.close();
  // Whoever comes first wins; another worker's draft is as good as ours.
  await rename(draft, TEMPLATE).catch(() => rm(draft, { recursive: true, force: true }));
  return TEMPLATE;
}

export interface TestStore extends Almacen {
  readonly dataDir: string;
  /** Closes the store and opens it again on the same directory, as a restart would. */
  reopen(): Promise<TestStore>;
}

/** An empty directory for a store, already initialised. */
export async function createStoreDirectory(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sugit-almacen-'));
  await cp(await ensureTemplate(), folder, { recursive: true });
  return folder;
}

async function openIn(dataDir: string): Promise<TestStore> {
  const almacen = await openAlmacen({ dataDir });
  return {
    ...almacen,
    dataDir,
    async reopen() {
      await almacen.close();
      return openIn(dataDir);
    },
    async close() {
      await almacen.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A fresh PGlite store of its own; close() removes it. */
export async function openTestStore(): Promise<TestStore> {
  return openIn(await createStoreDirectory());
}
