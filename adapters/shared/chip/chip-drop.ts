import type { Key } from '../../../schema/key.js';
import type { Registro } from '../../../schema/registro.js';
import type { AdapterEstado, Row, SourceContext, Version } from '../../contract.js';
import { AdapterError, SourceTimeoutError, SourceUnavailableError } from '../../errors.js';
import type { Part, PartState } from '../acopio/acopio.js';
import { countQuarantined, toAvisosDeCuarentena } from '../drop/cuarentena.js';
import { createDropFolder, toVersion } from '../drop/drop-folder.js';
import { createDropIndex } from '../drop/drop-index.js';
import { unpaid } from '../presupuesto.js';
import type { AdapterTools } from '../tools.js';
import { createEspera, type Espera } from './espera.js';
import {
  holdersOf,
  lastReception,
  reporteOfRow,
  reportesOf,
  stateOf,
  versionOf,
  type Indexed,
} from './encabezados.js';
import type { ChipForma } from './forma.js';
import { readReportes } from './read-file.js';
import type { ChipReporte } from './reporte.js';
import { summarizeChip } from './summary.js';

/**
 * A drop folder of CHIP files over the acopio. Headers are read first; the rows of a file only when a question asks for a
 * form and year that it holds. Each file is one part, under the prefix of the adapter that reads it: two adapters may
 * share one folder.
 */
export interface ChipDropOptions {
  readonly sistema: string;
  /** Before the file name in ids of parts. */
  readonly prefijo: string;
  /** Undefined where nobody said one: every question then fails as unavailable. */
  readonly dir: string | undefined;
  readonly tools: AdapterTools;
  readonly formas: readonly ChipForma[];
  readonly registros: readonly Registro[];
  /** Records of a report. Throws a DropError where the report contradicts itself. */
  readonly toFilas: (reporte: ChipReporte) => readonly Filas[];
}

export interface Filas {
  readonly registro: Registro;
  readonly rows: readonly Row[];
}

/** What the folder has for some reports. */
export interface ChipParts {
  /** Parts that answer, loaded. */
  readonly parts: readonly string[];
  /** Reports that only a quarantined file without an earlier good version could tell of. */
  readonly quarantined: ReadonlySet<Key>;
  /** Reports of files that the request could not wait for: they go on being loaded. */
  readonly loading: ReadonlySet<Key>;
  readonly version: Version;
}

export interface ChipDrop {
  /** Makes the files ready that may hold any of these reports (`codigoChip|vigencia`) in these forms. */
  prepare(
    formularios: readonly string[],
    reportes: ReadonlySet<Key>,
    ctx: SourceContext,
  ): Promise<ChipParts>;
  /** All reports of a registro, which lies in these forms, as keys `codigoChip|vigencia`, sorted. */
  listReportes(
    registro: Registro,
    formularios: readonly string[],
    ctx: SourceContext,
  ): Promise<readonly Key[]>;
  version(ctx: SourceContext): Promise<Version>;
  estado(): AdapterEstado;
  close(): void;
}

/** A folder is listed again after this time. */
const LISTADO_MS = 2_000;

/** Which version of a file answers: the one that lies there, the last good one before it, or none. */
type Answers = 'ESTA' | 'ANTERIOR' | 'NADA';

interface Tried {
  readonly state: string;
  readonly answers: Answers;
}

interface Listing {
  readonly at: number;
  readonly files: readonly Indexed[];
  readonly version: Version;
  /** Parts of files that are broken now, and that once were good: they go on answering, whatever the headers still say. */
  readonly surviving: readonly string[];
}

export function createChipDrop(options: ChipDropOptions): ChipDrop {
  const { sistema, prefijo, dir, tools, formas } = options;
  const { acopio, now } = tools;
  if (dir === undefined) return createUnavailable(sistema);
  const folder = createDropFolder({ sistema, dir, tools });
  const summarize = (path: string, signal: AbortSignal) => summarizeChip(path, formas, signal);
  const index = createDropIndex({ folder, summarize });
  /** A load is for all who wait for it: the end of one request does not end it. */
  const closing = new AbortController();
  const idOf = ({ file }: Indexed): string => `${prefijo}/${file.name}`;
  /** Files at a state that the acopio has tried. */
  const tried = new Map<string, Tried>();
  const avisos = new Map<string, AdapterEstado['avisos']>();
  let listing: Listing | null = null;
  let later: Promise<void> = Promise.resolve();

  const refresh = async (ctx: SourceContext): Promise<Listing> => {
    if (listing !== null && now() - listing.at < LISTADO_MS) return listing;
    const at = now();
    const files = await index.refresh(ctx);
    // A folder that is not mounted looks empty: what it held stands, and says that it is stale.
    if (files.length === 0) return (listing = await toStale(at));
    const known = await forgetRemoved(files);
    const surviving: string[] = [];
    for (const each of files) {
      if (!(await isDoubtful(each, known.get(idOf(each))))) continue;
      if ((await ensure(each, unpaid(ctx))) === 'ANTERIOR') surviving.push(idOf(each));
    }
    listing = { at, files, version: versionOf(files, at), surviving };
    return listing;
  };

  const toStale = async (at: number): Promise<Listing> => {
    const known = (await acopio.parts(sistema)).filter(
      ({ id, version }) => id.startsWith(`${prefijo}/`) && version !== null,
    );
    if (known.length === 0) throw new SourceUnavailableError(sistema);
    const before = listing?.version ?? known[0]?.version ?? versionOf([], at);
    return {
      at,
      files: [],
      version: { ...before, stale: true },
      surviving: known.map((p) => p.id),
    };
  };

  const forgetRemoved = async (
    files: readonly Indexed[],
  ): Promise<ReadonlyMap<string, PartState>> => {
    const present = new Set(files.map(idOf));
    const known = new Map<string, PartState>();
    for (const part of await acopio.parts(sistema)) {
      const { id } = part;
      if (present.has(id)) known.set(id, part);
      if (!id.startsWith(`${prefijo}/`) || present.has(id)) continue;
      await acopio.forget(sistema, id);
      tried.delete(id);
      avisos.delete(id);
    }
    return known;
  };

  /**
   * A file that was good and is another now is read whole before its headers are believed: those of a cut one say less
   * than what answers, and reports that it no longer reaches are not absent.
   */
  const isDoubtful = async (each: Indexed, known: PartState | undefined): Promise<boolean> => {
    if (each.at === 'broken') return true;
    const last = tried.get(idOf(each));
    if (last?.state === stateOf(each)) return last.answers === 'ANTERIOR';
    return known?.version != null && known.version.token !== (await folder.digest(each.file));
  };

  const ensure = async (each: Indexed, ctx: SourceContext): Promise<Answers> => {
    const id = idOf(each);
    const state = stateOf(each);
    const known = tried.get(id);
    if (known?.state === state) return known.answers;
    const part = await toPart(each, ctx);
    const loaded = await acopio.ensure(part, ctx);
    const isOwn = loaded?.version.token === part.version.token;
    const answers = loaded === null ? 'NADA' : isOwn ? 'ESTA' : 'ANTERIOR';
    const own = (await acopio.parts(sistema)).filter((one) => one.id === id);
    avisos.set(
      id,
      toAvisosDeCuarentena(own, () => each.file.name),
    );
    countQuarantined(tools, sistema, own, [id]);
    tried.set(id, { state, answers });
    return answers;
  };

  const toPart = async (each: Indexed, ctx: SourceContext): Promise<Part> => {
    const { file } = each;
    const received = each.at === 'read' ? lastReception(each.summary) : null;
    return {
      sistema,
      id: idOf(each),
      version: toVersion(file, await folder.digest(file), now(), received),
      registros: options.registros,
      load: () =>
        folder.stream(file, ctx, async function* (path) {
          if (each.at === 'broken') throw each.error;
          const { signal } = closing;
          const reportes = readReportes(path, file.name, formas, each.summary, signal);
          for await (const reporte of reportes) yield* options.toFilas(reporte);
        }),
    };
  };

  const ensureInTime = async (
    each: Indexed,
    ctx: SourceContext,
    { signal }: Espera,
  ): Promise<Answers | 'CARGANDO'> => {
    const known = tried.get(idOf(each));
    if (known?.state === stateOf(each)) return known.answers;
    ctx.signal.throwIfAborted();
    // Nothing is begun for a request that will not wait for it.
    if (signal.aborted) return 'CARGANDO';
    try {
      return await ensure(each, { ...ctx, signal });
    } catch (error) {
      if (isAborted(signal) && !isAborted(ctx.signal)) return 'CARGANDO';
      throw error;
    }
  };

  /** What was asked for is loaded even if whoever asked could not wait: the next one finds it. */
  const loadLater = (files: readonly Indexed[], ctx: SourceContext): void => {
    if (files.length === 0) return;
    const behind: SourceContext = { ...unpaid(ctx), origen: 'fondo', signal: closing.signal };
    const work = async (): Promise<void> => {
      for (const each of files) await ensure(each, behind);
    };
    // What goes wrong is said to the next one who asks.
    later = later.then(work).catch(() => undefined);
  };

  /** What a request cannot wait for is a source that did not answer in time. */
  const guard = async <T>(ctx: SourceContext, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (ctx.signal.aborted && !(error instanceof AdapterError)) {
        throw new SourceTimeoutError(sistema, { cause: error });
      }
      throw error;
    }
  };

  return {
    prepare: (formularios, reportes, ctx) =>
      guard(ctx, async () => {
        const { files, version, surviving } = await refresh(ctx);
        const found = { parts: [...surviving], quarantined: new Set<Key>(), version };
        const loading = new Set<Key>();
        const answered = new Set<Key>();
        const behind: Indexed[] = [];
        const espera = createEspera(ctx, now());
        try {
          for (const { each, asked, doubtful } of holdersOf(files, formularios, reportes)) {
            const answers = await ensureInTime(each, ctx, espera);
            if (answers === 'CARGANDO') behind.push(each);
            else if (answers !== 'NADA') found.parts.push(idOf(each));
            const isKnown = answers === 'ESTA' || answers === 'ANTERIOR';
            const others = answers === 'CARGANDO' ? loading : found.quarantined;
            for (const key of isKnown ? [] : doubtful) others.add(key);
            for (const key of asked) (isKnown ? answered : others).add(key);
          }
        } finally {
          espera.close();
        }
        loadLater(behind, ctx);
        for (const key of answered) found.quarantined.delete(key);
        return { ...found, loading };
      }),
    listReportes: (registro, formularios, ctx) =>
      guard(ctx, async () => {
        const { files, surviving } = await refresh(ctx);
        const keys = new Set(files.flatMap((each) => reportesOf(each, formularios)));
        const question = { sistema, servidoPor: sistema, registro, parts: surviving };
        const chunks = surviving.length === 0 ? [] : acopio.scan(question, null, null, ctx);
        for await (const { rows } of chunks) for (const row of rows) keys.add(reporteOfRow(row));
        return [...keys].sort();
      }),
    version: (ctx) => guard(ctx, async () => (await refresh(ctx)).version),
    estado: () => ({ avisos: [...avisos.values()].flat() }),
    close: () => {
      closing.abort(new Error('the adapter was closed'));
      index.close();
    },
  };
}

const createUnavailable = (sistema: string): ChipDrop => {
  const refuse = () => Promise.reject(new SourceUnavailableError(sistema));
  const nothing = (): void => undefined;
  const estado = () => ({ avisos: [] });
  return { prepare: refuse, listReportes: refuse, version: refuse, estado, close: nothing };
};

/** A call, not a property: the flag changes while something is awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
