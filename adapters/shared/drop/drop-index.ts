import type { SourceContext } from '../../contract.js';
import { DropError } from '../drop-error.js';
import type { DropFile, DropFolder } from './drop-folder.js';

/** What the index knows of one file: the summary that its adapter made of it, or why it could not be read. */
export type IndexedFile<T> =
  | { readonly file: DropFile; readonly at: 'read'; readonly summary: T }
  | { readonly file: DropFile; readonly at: 'broken'; readonly error: DropError };

export interface DropIndex<T> {
  /**
   * The files of the folder now, each opened once per version of it, sorted by name. The same list while none changed:
   * what was made of it holds.
   */
  refresh(ctx: Pick<SourceContext, 'signal' | 'origen'>): Promise<readonly IndexedFile<T>[]>;
  close(): void;
}

export interface DropIndexOptions<T> {
  readonly folder: DropFolder;
  /** Reads the title block or headers of a file: entity, period, form… A DropError marks the file as broken. */
  readonly summarize: (path: string, signal: AbortSignal) => Promise<T>;
  /** Files opened at once. */
  readonly concurrency?: number;
}

interface Entry<T> {
  readonly state: string;
  readonly indexed: Promise<IndexedFile<T>>;
}

const stateOf = (file: DropFile): string => `${String(file.size)}:${String(file.mtimeMs)}`;

/** Ends with the reason of the signal, and leaves the work to whoever else waits for it. */
const waitFor = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });

/** At most `places` at once, in order of arrival. */
const createGate = (places: number) => {
  let free = places;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
};

/**
 * Keeps the summary of every file of a drop folder, so that a question does not open again what did not change. A file is
 * read for whoever asks first and shared with all who ask meanwhile: the end of one request does not end it.
 */
export function createDropIndex<T>(options: DropIndexOptions<T>): DropIndex<T> {
  const { folder, summarize } = options;
  const entries = new Map<string, Entry<T>>();
  let last: readonly IndexedFile<T>[] = [];
  const closing = new AbortController();
  const gate = createGate(options.concurrency ?? 2);

  const index = (file: DropFile, origen: SourceContext['origen']): Promise<IndexedFile<T>> =>
    gate(async () => {
      closing.signal.throwIfAborted();
      try {
        const summary = await folder.open(file, { origen }, (path) =>
          summarize(path, closing.signal),
        );
        return { file, at: 'read' as const, summary };
      } catch (error) {
        if (error instanceof DropError) return { file, at: 'broken' as const, error };
        throw error;
      }
    });

  const entryOf = (file: DropFile, origen: SourceContext['origen']): Promise<IndexedFile<T>> => {
    const state = stateOf(file);
    const known = entries.get(file.path);
    if (known?.state === state) return known.indexed;
    const indexed = index(file, origen);
    const entry = { state, indexed };
    entries.set(file.path, entry);
    // A folder that cannot be reached now may be later: only what the file itself says is kept.
    indexed.catch(() => {
      if (entries.get(file.path) === entry) entries.delete(file.path);
    });
    return indexed;
  };

  return {
    async refresh(ctx) {
      await folder.waitReady(ctx);
      const files = await folder.list();
      const listed = new Set(files.map((file) => file.path));
      for (const known of entries.keys()) if (!listed.has(known)) entries.delete(known);
      const all = Promise.all(files.map((file) => entryOf(file, ctx.origen)));
      const found = await waitFor(all, ctx.signal);
      if (found.length !== last.length || found.some((one, at) => one !== last[at])) last = found;
      return last;
    },
    close() {
      closing.abort(new Error('the drop index was closed'));
      entries.clear();
    },
  };
}
