import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { SourceContext, Version } from '../../contract.js';
import { SourceUnavailableError } from '../../errors.js';
import type { AdapterTools } from '../tools.js';

/** One file of a drop folder, at the state that the listing saw. */
export interface DropFile {
  /** Path below the folder with `/`, which is what operators know it by. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface DropFolder {
  /** Complete files, at any depth, sorted by name. A folder that does not exist has none. */
  list(): Promise<readonly DropFile[]>;
  /** Runs `read` over one file of the folder and counts it as one call of the system, however it ends. */
  open<T>(
    file: DropFile,
    ctx: Pick<SourceContext, 'origen'>,
    read: (path: string) => Promise<T>,
  ): Promise<T>;
  /** The same for readers that stream. */
  stream<T>(
    file: DropFile,
    ctx: Pick<SourceContext, 'origen'>,
    read: (path: string) => AsyncIterable<T>,
  ): AsyncGenerator<T>;
  /** SHA-256 of the content, computed once per size and date. Belongs to the opening it precedes: not a call of its own. */
  digest(file: DropFile): Promise<string>;
  /** Waits while whoever fills the folder keeps its `.preparando` mark there. */
  waitReady(ctx: Pick<SourceContext, 'signal'>): Promise<void>;
}

export interface DropFolderOptions {
  readonly sistema: string;
  readonly dir: string;
  readonly tools: Pick<AdapterTools, 'now' | 'observer'>;
}

/** Whoever fills a folder in several steps keeps this file in it until all files are whole. */
export const PREPARING_MARK = '.preparando';

/** A mark is looked for again after this time: shared and network folders give no reliable change events. */
const MARK_POLL_MS = 50;

/** Hidden files, locks of office programs and files still being copied or downloaded. */
const IGNORED = /^[.~]|\.(part|partial|tmp|temp|crdownload|swp|filepart)$|~$/i;
const IGNORED_NAMES = new Set(['thumbs.db', 'desktop.ini']);

const isIgnored = (name: string): boolean =>
  IGNORED.test(name) || IGNORED_NAMES.has(name.toLowerCase());

/** Errors of Node itself are known by their fields: `instanceof` fails where tests run in a realm of their own. */
const isMissing = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';

const isFileSystemError = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | null)?.syscall !== undefined;

const entriesOf = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Links are followed, so a folder already walked is left out: a link to a parent would never end. */
async function* walk(
  root: string,
  below: string,
  walked: ReadonlySet<string>,
): AsyncGenerator<DropFile> {
  const folder = path.join(root, below);
  for (const entry of await entriesOf(folder)) {
    if (isIgnored(entry)) continue;
    const full = path.join(folder, entry);
    const name = below === '' ? entry : `${below}/${entry}`;
    // A file may go, or a link may lead nowhere, between the listing and this look.
    const state = await stat(full).catch(() => null);
    if (state?.isFile() === true) {
      yield { name, path: full, size: state.size, mtimeMs: state.mtimeMs };
    } else if (state?.isDirectory() === true) {
      const real = await realpath(full);
      if (!walked.has(real)) yield* walk(root, name, new Set([...walked, real]));
    }
  }
}

const byName = (a: DropFile, b: DropFile): number => (a.name < b.name ? -1 : 1);

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

class LocalDropFolder implements DropFolder {
  readonly #sistema: string;
  readonly #dir: string;
  readonly #tools: DropFolderOptions['tools'];
  readonly #digests = new Map<string, { readonly state: string; readonly hex: Promise<string> }>();

  constructor({ sistema, dir, tools }: DropFolderOptions) {
    this.#sistema = sistema;
    this.#dir = path.resolve(dir);
    this.#tools = tools;
  }

  async list(): Promise<readonly DropFile[]> {
    const files: DropFile[] = [];
    try {
      const real = await realpath(this.#dir).catch(() => this.#dir);
      for await (const file of walk(this.#dir, '', new Set([real]))) files.push(file);
    } catch (error) {
      throw this.#toSourceError(error);
    }
    const listed = new Set(files.map((file) => file.path));
    for (const known of this.#digests.keys()) if (!listed.has(known)) this.#digests.delete(known);
    return files.sort(byName);
  }

  async open<T>(
    file: DropFile,
    ctx: Pick<SourceContext, 'origen'>,
    read: (path: string) => Promise<T>,
  ): Promise<T> {
    const inside = this.#pathInside(file);
    const start = this.#tools.now();
    try {
      return await read(inside);
    } catch (error) {
      throw this.#toSourceError(error);
    } finally {
      this.#count(ctx, start);
    }
  }

  async *stream<T>(
    file: DropFile,
    ctx: Pick<SourceContext, 'origen'>,
    read: (path: string) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const inside = this.#pathInside(file);
    const start = this.#tools.now();
    try {
      yield* read(inside);
    } catch (error) {
      throw this.#toSourceError(error);
    } finally {
      this.#count(ctx, start);
    }
  }

  async digest(file: DropFile): Promise<string> {
    const inside = this.#pathInside(file);
    const state = `${String(file.size)}:${String(file.mtimeMs)}`;
    const known = this.#digests.get(file.path);
    if (known?.state === state) return known.hex;
    const hex = digestOf(inside).catch((error: unknown) => {
      this.#digests.delete(file.path);
      throw this.#toSourceError(error);
    });
    this.#digests.set(file.path, { state, hex });
    return hex;
  }

  async waitReady({ signal }: Pick<SourceContext, 'signal'>): Promise<void> {
    const mark = path.join(this.#dir, PREPARING_MARK);
    for (;;) {
      signal.throwIfAborted();
      const preparing = await access(mark).then(
        () => true,
        () => false,
      );
      if (!preparing) return;
      await delay(MARK_POLL_MS, undefined, { signal }).catch(() => {
        signal.throwIfAborted();
      });
    }
  }

  #count(ctx: Pick<SourceContext, 'origen'>, start: number): void {
    const seconds = (this.#tools.now() - start) / 1000;
    this.#tools.observer.call(this.#sistema, ctx.origen, seconds);
  }

  /** A name that leads out of the folder is a mistake of the caller, never a file of the source. */
  #pathInside(file: DropFile): string {
    const full = path.resolve(this.#dir, file.path);
    const below = path.relative(this.#dir, full);
    if (below === '' || below.startsWith('..') || path.isAbsolute(below)) {
      throw new RangeError(`not a file of the drop folder: ${file.name}`);
    }
    return full;
  }

  #toSourceError(error: unknown): unknown {
    if (!isFileSystemError(error)) return error;
    this.#tools.observer.error(this.#sistema, 'SOURCE_UNAVAILABLE');
    return new SourceUnavailableError(this.#sistema, { cause: error });
  }
}

export const createDropFolder = (options: DropFolderOptions): DropFolder =>
  new LocalDropFolder(options);

/** CHIP writes the local time of Colombia, which keeps no daylight saving. */
const toInstant = (fechaRecepcion: string): string | null => {
  const text = fechaRecepcion.trim().replace(' ', 'T');
  const complete = text.includes('T') ? text : `${text}T00:00:00`;
  const instant = new Date(`${complete}-05:00`);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
};

/**
 * Version of a file: its digest. The source published it when CHIP received it, where the file says so
 * (`2026-03-18 20:48:55`), else when the file was written.
 */
export const toVersion = (
  file: DropFile,
  digest: string,
  now: number,
  fechaRecepcion: string | null = null,
): Version => ({
  token: digest,
  sourceTime:
    (fechaRecepcion === null ? null : toInstant(fechaRecepcion)) ??
    new Date(file.mtimeMs).toISOString(),
  checkedAt: new Date(now).toISOString(),
});
