import { setMaxListeners } from 'node:events';
import type { Registro } from '../../schema/registro.js';
import type { AdapterEstado, SourceContext } from '../contract.js';
import {
  SourceQuarantinedError,
  SourceTimeoutError,
  SourceUnavailableError,
  type AdapterError,
} from '../errors.js';
import type { Part, PartState, Question } from '../shared/acopio/acopio.js';
import { DropError } from '../shared/drop-error.js';
import { countQuarantined, toAvisosDeCuarentena } from '../shared/drop/cuarentena.js';
import { createDropFolder, toVersion, type DropFile } from '../shared/drop/drop-folder.js';
import { unpaid } from '../shared/presupuesto.js';
import type { AdapterTools } from '../shared/tools.js';
import {
  createToPlanta,
  createToVacante,
  keepEntidades,
  toEntidad,
  type Mapper,
} from './mapper.js';
import { corteOf, reporteOf, REPORTES, type Reporte } from './reportes.js';
import { readTabla } from './tabla.js';

/** The folder of reports. Each file is a part of the acopio; of each report the newest complete one answers. */
export interface Carpeta {
  /** Where the acopio holds the rows of a registro now. Throws an AdapterError when no file was ever good. */
  question(registro: Registro, ctx: SourceContext): Promise<Question>;
  estado(): AdapterEstado['avisos'];
  close(): void;
}

const SISTEMA = 'sigep';
/** A folder is listed again after this time. */
const LISTADO_MS = 2_000;
const ROWS_PER_BATCH = 5_000;

interface Listing {
  readonly at: number;
  /** Id of the part that answers, or why none does. */
  readonly done: Promise<string | AdapterError>;
}

export function createCarpeta(dir: string, tools: AdapterTools): Carpeta {
  const folder = createDropFolder({ sistema: SISTEMA, dir, tools });
  const { acopio } = tools;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  /** State of each file that the acopio has seen, and whether a version of it answers. */
  const seen = new Map<string, { readonly state: string; readonly good: boolean }>();
  const listings = new Map<string, Listing>();
  const avisos = new Map<string, AdapterEstado['avisos']>();

  /** One look for all who ask meanwhile: the end of one request does not end it. */
  function choose(reporte: Reporte, ctx: SourceContext): Promise<string | AdapterError> {
    const known = listings.get(reporte.nombre);
    if (known !== undefined && tools.now() - known.at < LISTADO_MS) return known.done;
    const done = chooseNow(reporte, { ...unpaid(ctx), signal: closing.signal });
    const own = { at: tools.now(), done };
    listings.set(reporte.nombre, own);
    done.catch(() => {
      if (listings.get(reporte.nombre) === own) listings.delete(reporte.nombre);
    });
    return done;
  }

  async function chooseNow(reporte: Reporte, ctx: SourceContext): Promise<string | AdapterError> {
    await folder.waitReady(ctx);
    const files = (await folder.list()).filter(({ name }) => reporteOf(name) === reporte);
    let chosen: string | null = null;
    for (const file of newestFirst(files)) {
      if (!(await ensureFile(reporte, file, ctx))) continue;
      chosen = file.name;
      break;
    }
    const parts = (await acopio.parts(SISTEMA)).filter(({ id }) => reporteOf(id) === reporte);
    // The last good file may be gone from the folder while the newest ones are broken: what was read of it still stands.
    chosen ??= newestLoaded(parts);
    await forgetOthers(parts, new Set(files.map(({ name }) => name)), chosen);
    avisos.set(reporte.nombre, toAvisosDeCuarentena(parts));
    if (chosen !== null) return chosen;
    return parts.some(({ quarantine }) => quarantine !== null)
      ? new SourceQuarantinedError(SISTEMA)
      : new SourceUnavailableError(SISTEMA, {
          mensaje: `SIGEP no ha entregado todavía el reporte ${reporte.nombre}.`,
        });
  }

  /** Whether some version of this file answers: this one, or the one that it replaced by a broken one. */
  async function ensureFile(
    reporte: Reporte,
    file: DropFile,
    ctx: SourceContext,
  ): Promise<boolean> {
    const state = `${String(file.size)}:${String(file.mtimeMs)}`;
    const known = seen.get(file.name);
    if (known?.state === state) return known.good;
    const loaded = await acopio.ensure(await toPart(reporte, file, ctx), ctx);
    const good = loaded !== null;
    seen.set(file.name, { state, good });
    countQuarantined(tools, SISTEMA, await acopio.parts(SISTEMA), [file.name]);
    return good;
  }

  async function toPart(reporte: Reporte, file: DropFile, ctx: SourceContext): Promise<Part> {
    const corte = corteOf(file.name);
    const { registro } = reporte;
    return {
      sistema: SISTEMA,
      id: file.name,
      version: toVersion(file, await folder.digest(file), tools.now(), corte),
      registros: [registro],
      ...(corte === null ? {} : { corte }),
      load: () =>
        folder.stream(file, ctx, async function* (path) {
          for await (const rows of readFilas(reporte, file.name, path, ctx.signal)) {
            yield { registro, rows };
          }
        }),
    };
  }

  /** Weeks that no longer answer leave the store; what is in quarantine stays while its file is there. */
  async function forgetOthers(
    parts: readonly PartState[],
    listed: ReadonlySet<string>,
    chosen: string | null,
  ): Promise<void> {
    for (const { id, quarantine } of parts) {
      if (id === chosen || (quarantine !== null && listed.has(id))) continue;
      await acopio.forget(SISTEMA, id);
      seen.delete(id);
    }
  }

  return {
    async question(registro, ctx) {
      const reporte = REPORTES.find((known) => known.registro === registro);
      if (reporte === undefined) throw new TypeError(`${registro.nombre} is in no report`);
      // A request that has ended opens nothing.
      if (ctx.signal.aborted) throw new SourceTimeoutError(SISTEMA, { cause: ctx.signal.reason });
      const chosen = await untilAborted(choose(reporte, ctx), ctx.signal);
      if (typeof chosen !== 'string') throw chosen;
      return { sistema: SISTEMA, servidoPor: SISTEMA, registro, parts: [chosen] };
    },
    estado: () => [...avisos.values()].flat(),
    close: () => {
      closing.abort(new Error('the adapter was closed'));
    },
  };
}

/** By the date in the name; a file without one counts as of the day it was written. */
const orderOf = ({ name, mtimeMs }: DropFile): string =>
  `${corteOf(name) ?? new Date(mtimeMs).toISOString().slice(0, 10)} ${name}`;

const newestFirst = (files: readonly DropFile[]): readonly DropFile[] =>
  [...files].sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));

const newestLoaded = (parts: readonly PartState[]): string | null =>
  parts
    .filter(({ version }) => version !== null)
    .map(({ id, version }) => ({ id, order: corteOf(id) ?? version?.sourceTime ?? '' }))
    .sort((a, b) => (a.order < b.order ? 1 : -1))[0]?.id ?? null;

const mapperOf = ({ nombre }: Reporte): Mapper => {
  if (nombre.startsWith('planta')) return createToPlanta();
  return nombre.startsWith('vacantes') ? createToVacante() : toEntidad;
};

/** A report of the whole State has rows: one without any is not a complete week. */
async function* readFilas(
  reporte: Reporte,
  file: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly NonNullable<ReturnType<Mapper>>[]> {
  const map = mapperOf(reporte);
  const isRegister = reporte.registro.accesos['porEntidad']?.cardinalidad === 'uno';
  let batch: NonNullable<ReturnType<Mapper>>[] = [];
  let total = 0;
  for await (const renglon of readTabla(reporte, file, path, signal)) {
    const fila = map(renglon);
    if (fila === null) continue;
    total++;
    batch.push(fila);
    // Repeated entities are only found in the whole register, which is some thousands of rows.
    if (isRegister || batch.length < ROWS_PER_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (total === 0)
    throw new DropError('ARCHIVO_VACIO', 'El reporte no tiene filas con código SIGEP.');
  yield isRegister ? [...keepEntidades(batch)] : batch;
}

/** Waits for a work that others wait for too, until this request ends. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new SourceTimeoutError(SISTEMA, { cause: signal.reason }));
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
