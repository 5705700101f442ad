import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Registro } from '../../../schema/registro.js';
import type { AdapterEstado, Row, SourceContext, Version } from '../../contract.js';
import { BudgetExceededError, SourceTimeoutError, SourceUnavailableError } from '../../errors.js';
import type { Part } from '../acopio/acopio.js';
import type { AdapterTools } from '../tools.js';
import { countQuarantined, toAvisosDeCuarentena } from './cuarentena.js';
import { createDropFolder, toVersion, type DropFile, type DropFolder } from './drop-folder.js';

/**
 * A folder in which each file is one delivery of something named (a slot: a year, an entity and a month). Of each slot the
 * newest complete delivery answers, and what it says lies in the acopio. Slots are loaded when they are first asked for.
 */
export interface Entregas {
  /** Loads what is new of the slots wanted. Throws an AdapterError where the folder never had a delivery. */
  current(wanted: (slot: string) => boolean, ctx: SourceContext): Promise<Vigentes>;
  estado(): AdapterEstado['avisos'];
  close(): void;
}

export interface Slot {
  readonly id: string;
  /** The date that its deliveries speak of, ISO date. */
  readonly corte?: string;
}

export interface Vigentes {
  /** Ids of the parts of the acopio that answer, one per wanted slot that has a complete delivery. */
  readonly parts: readonly string[];
  /** Wanted slots all of whose deliveries are broken: nobody knows what they hold. */
  readonly broken: readonly string[];
  /** Of all deliveries in the folder: what an absence is as of. */
  readonly version: Version;
  /** Latest cut of the folder. */
  readonly corte?: string;
}

type Aviso = AdapterEstado['avisos'][number];

export interface EntregasOptions {
  readonly sistema: string;
  readonly dir: string;
  readonly tools: AdapterTools;
  readonly registros: readonly Registro[];
  /** Said when the folder has no delivery at all. */
  readonly sinEntregas: string;
  /** What each file delivers; a file that is no delivery is left out, with an aviso where somebody should know. */
  readonly slotsOf: (
    files: readonly DropFile[],
    folder: DropFolder,
    ctx: SourceContext,
  ) => Promise<{ readonly slots: ReadonlyMap<DropFile, Slot>; readonly avisos: readonly Aviso[] }>;
  readonly load: (
    file: DropFile,
    slot: Slot,
    path: string,
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly registro: Registro; readonly rows: readonly Row[] }>;
}

/** A folder is listed again after this time. */
const LISTADO_MS = 2_000;

interface Listing {
  readonly slots: ReadonlyMap<string, { readonly slot: Slot; readonly files: readonly DropFile[] }>;
  readonly version: Version;
  readonly corte: string | undefined;
  /** The part that answers a slot, or null; looked for once per listing. */
  readonly chosen: Map<string, Promise<string | null>>;
}

const stateOf = ({ size, mtimeMs }: DropFile): string => `${String(size)}:${String(mtimeMs)}`;

export function createEntregas(options: EntregasOptions): Entregas {
  const { sistema, tools } = options;
  const { acopio } = tools;
  const folder = createDropFolder(options);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  /** State of each file that the acopio has seen, and whether a version of it answers. */
  const seen = new Map<string, { readonly state: string; readonly good: boolean }>();
  let last: { readonly at: number; readonly done: Promise<Listing> } | null = null;
  let avisos: readonly Aviso[] = [];
  let cuarentena: readonly Aviso[] = [];

  /** One look for all who ask meanwhile: the end of one request does not end it. */
  function list(ctx: SourceContext): Promise<Listing> {
    if (last !== null && tools.now() - last.at < LISTADO_MS) return last.done;
    const own = { at: tools.now(), done: listNow({ ...ctx, signal: closing.signal }) };
    last = own;
    own.done.catch(() => {
      if (last === own) last = null;
    });
    return own.done;
  }

  async function listNow(ctx: SourceContext): Promise<Listing> {
    await folder.waitReady(ctx);
    const files = await folder.list();
    const found = await options.slotsOf(files, folder, ctx);
    avisos = found.avisos;
    const slots = new Map<string, { slot: Slot; files: DropFile[] }>();
    for (const [file, slot] of found.slots) {
      const known = slots.get(slot.id);
      if (known === undefined) slots.set(slot.id, { slot, files: [file] });
      else known.files.push(file);
    }
    for (const known of slots.values()) known.files.sort(newestFirst);
    // An empty folder is more likely a share that is not mounted than a withdrawal: nothing is read anew on its return.
    if (files.length > 0) await forgetOthers(new Set(files.map(({ name }) => name)));
    const cortes = [...slots.values()].flatMap(({ slot }) => slot.corte ?? []).sort();
    const version = versionOf([...found.slots.keys()], tools.now());
    return { slots, version, corte: cortes.at(-1), chosen: new Map() };
  }

  async function forgetOthers(listed: ReadonlySet<string>): Promise<void> {
    for (const { id } of await acopio.parts(sistema)) {
      if (listed.has(id)) continue;
      await acopio.forget(sistema, id);
      seen.delete(id);
    }
  }

  function choose(listing: Listing, id: string, ctx: SourceContext): Promise<string | null> {
    const known = listing.chosen.get(id);
    // Who began it could not pay for it: that is no reason for who waits.
    if (known !== undefined) {
      return known.catch((error: unknown) => {
        if (error instanceof BudgetExceededError) return choose(listing, id, ctx);
        throw error;
      });
    }
    const own = chooseNow(listing, id, { ...ctx, signal: closing.signal });
    listing.chosen.set(id, own);
    own.catch(() => {
      listing.chosen.delete(id);
    });
    return own;
  }

  async function chooseNow(
    { slots }: Listing,
    id: string,
    ctx: SourceContext,
  ): Promise<string | null> {
    const known = slots.get(id);
    for (const file of known?.files ?? []) {
      if (known !== undefined && (await ensureFile(file, known.slot, ctx))) return file.name;
    }
    return null;
  }

  async function ensureFile(file: DropFile, slot: Slot, ctx: SourceContext): Promise<boolean> {
    const state = stateOf(file);
    const known = seen.get(file.name);
    if (known?.state === state) return known.good;
    const loaded = await acopio.ensure(await toPart(file, slot, ctx), ctx);
    seen.set(file.name, { state, good: loaded !== null });
    const parts = await acopio.parts(sistema);
    cuarentena = toAvisosDeCuarentena(parts);
    countQuarantined(tools, sistema, parts, [file.name]);
    return loaded !== null;
  }

  async function toPart(file: DropFile, slot: Slot, ctx: SourceContext): Promise<Part> {
    const { registros } = options;
    return {
      sistema,
      id: file.name,
      version: toVersion(file, await folder.digest(file), tools.now()),
      registros,
      ...(slot.corte === undefined ? {} : { corte: slot.corte }),
      load: () =>
        folder.stream(file, ctx, async function* (path) {
          // A part answers for every registro, also for those of which it has nothing.
          for (const registro of registros) yield { registro, rows: [] };
          yield* options.load(file, slot, path, ctx.signal);
        }),
    };
  }

  async function current(wanted: (slot: string) => boolean, ctx: SourceContext): Promise<Vigentes> {
    const listing = await list(ctx);
    const { slots, version, corte, chosen } = listing;
    const parts: string[] = [];
    const broken: string[] = [];
    for (const id of [...slots.keys()].filter(wanted)) {
      // One at a time: a load already uses what the machine has.
      const part = await choose(listing, id, ctx);
      if (part === null) broken.push(id);
      else parts.push(part);
    }
    if (slots.size === 0 && chosen.size === 0) {
      throw new SourceUnavailableError(sistema, { mensaje: options.sinEntregas });
    }
    return { parts, broken, version, ...(corte === undefined ? {} : { corte }) };
  }

  return {
    async current(wanted, ctx) {
      // A request that has ended opens nothing.
      if (ctx.signal.aborted) throw new SourceTimeoutError(sistema, { cause: ctx.signal.reason });
      return untilAborted(sistema, current(wanted, ctx), ctx.signal);
    },
    estado: () => [...avisos, ...cuarentena],
    close: () => {
      closing.abort(new Error('the adapter was closed'));
    },
  };
}

/** For a system whose folder is not set: it answers nothing, and says why. */
export const sinCarpeta = (sistema: string, mensaje: string): Entregas => ({
  current: () => Promise.reject(new SourceUnavailableError(sistema, { mensaje })),
  estado: () => [],
  close: () => undefined,
});

const newestFirst = (a: DropFile, b: DropFile): number =>
  b.mtimeMs - a.mtimeMs || (a.name < b.name ? 1 : -1);

function versionOf(files: readonly DropFile[], now: number): Version {
  const token = createHash('sha256')
    .update(
      files
        .map((file) => `${file.name}=${stateOf(file)}`)
        .sort()
        .join('\n'),
    )
    .digest('base64url')
    .slice(0, 22);
  const latest = Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs));
  const checkedAt = new Date(now).toISOString();
  return latest === 0
    ? { token, checkedAt }
    : { token, checkedAt, sourceTime: new Date(latest).toISOString() };
}

/** Waits for a work that others wait for too, until this request ends. */
async function untilAborted<T>(sistema: string, work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new SourceTimeoutError(sistema, { cause: signal.reason }));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
