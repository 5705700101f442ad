import { createHash } from 'node:crypto';
import { codigo, defineRegistro, entero, fecha, texto } from '../../schema/registro.js';
import { ApropiacionNacion } from '../../schema/registros/siif.js';
import type { AdapterEstado, SourceContext, Version } from '../contract.js';
import { SourceQuarantinedError, SourceTimeoutError } from '../errors.js';
import type { Part, PartState } from '../shared/acopio/acopio.js';
import { countQuarantined, toAvisosDeCuarentena } from '../shared/drop/cuarentena.js';
import { createDropFolder, toVersion, type DropFile } from '../shared/drop/drop-folder.js';
import { unpaid } from '../shared/presupuesto.js';
import type { AdapterTools } from '../shared/tools.js';
import { readReporte } from './client.js';
import { toEjecucion } from './mapper.js';
import { toTitulo } from './titulo.js';

/** The drop folder of SIIF: of each vigencia, the report with the latest date answers. */
export interface Carpeta {
  refresh(ctx: SourceContext): Promise<Vigentes>;
  estado(): AdapterEstado['avisos'];
  close(): void;
}

export interface Vigentes {
  /** File that answers, by vigencia. */
  readonly archivos: ReadonlyMap<string, string>;
  readonly version: Version;
  /** A file that could never be read: what it holds is not known, so nothing is absent for certain. */
  readonly dudoso: boolean;
}

const SISTEMA = 'siif';
/** A folder is listed again after this time. */
const LISTADO_MS = 2_000;

/** Which file speaks of which vigencia, kept with the rows so that a restart opens nothing again. */
const ReporteSiif = defineRegistro({
  nombre: 'ReporteSiif',
  sistema: SISTEMA,
  clave: ['archivo'],
  ruta: ['vigencia'],
  accesos: { porVigencia: { claves: ['vigencia'], cardinalidad: 'muchos' } },
  campos: {
    archivo: texto({ nulo: false }),
    vigencia: entero({ nulo: false }),
    corte: fecha({ nulo: false }),
    modificado: codigo({ nulo: false }),
  },
});
const REGISTROS = [ReporteSiif, ApropiacionNacion];

export function createCarpeta(dir: string, tools: AdapterTools): Carpeta {
  const { acopio, now } = tools;
  const folder = createDropFolder({ sistema: SISTEMA, dir, tools });
  const closing = new AbortController();
  /** State of each file that the acopio has already seen. */
  const seen = new Map<string, string>();
  let cuarentena: AdapterEstado['avisos'] = [];
  let listing: { readonly at: number; readonly done: Promise<Vigentes> } | null = null;
  let known: Vigentes | null = null;

  async function toPart(file: DropFile, ctx: SourceContext): Promise<Part> {
    return {
      sistema: SISTEMA,
      id: file.name,
      version: toVersion(file, await folder.digest(file), now()),
      registros: REGISTROS,
      load: () =>
        folder.stream(file, ctx, async function* (path) {
          for (const registro of REGISTROS) yield { registro, rows: [] };
          const raw = await readReporte(file.name, path, ctx.signal);
          if (raw === null) return;
          const titulo = toTitulo(raw.titulo);
          if (!titulo.esActual) return;
          const { vigencia, corte } = titulo;
          const modificado = new Date(file.mtimeMs).toISOString();
          const { filas } = toEjecucion(titulo, raw.lineas);
          yield {
            registro: ReporteSiif,
            rows: [{ archivo: file.name, vigencia, corte, modificado }],
          };
          yield { registro: ApropiacionNacion, rows: filas };
        }),
    };
  }

  async function ensureAll(ctx: SourceContext): Promise<Vigentes> {
    await folder.waitReady(ctx);
    const files = await folder.list();
    const tried: string[] = [];
    let moved = known === null;
    for (const file of files) {
      const state = `${String(file.size)}:${String(file.mtimeMs)}`;
      if (seen.get(file.name) === state) continue;
      await acopio.ensure(await toPart(file, ctx), ctx);
      seen.set(file.name, state);
      tried.push(file.name);
      moved = true;
    }
    const names = new Set(files.map(({ name }) => name));
    for (const { id } of await acopio.parts(SISTEMA)) {
      if (names.has(id)) continue;
      await acopio.forget(SISTEMA, id);
      seen.delete(id);
      moved = true;
    }
    if (!moved && known !== null) {
      return { ...known, version: { ...known.version, checkedAt: new Date(now()).toISOString() } };
    }
    const parts = await acopio.parts(SISTEMA);
    cuarentena = toAvisosDeCuarentena(parts);
    countQuarantined(tools, SISTEMA, parts, tried);
    return {
      archivos: await findLatest(parts, ctx),
      version: toFolderVersion(parts, now()),
      dudoso: parts.some(({ version }) => version === null),
    };
  }

  /** The file of each vigencia with the latest cut; of equal cuts, the one written last. */
  async function findLatest(
    parts: readonly PartState[],
    ctx: SourceContext,
  ): Promise<ReadonlyMap<string, string>> {
    const latest = new Map<string, { readonly order: string; readonly archivo: string }>();
    if (parts.every(({ version }) => version === null)) return new Map();
    const question = { sistema: SISTEMA, servidoPor: SISTEMA, registro: ReporteSiif };
    for await (const { rows } of acopio.scan(question, null, null, ctx)) {
      for (const { archivo, vigencia, corte, modificado } of rows) {
        const order = [corte, modificado, archivo].join(' ');
        const best = latest.get(String(vigencia));
        if (best === undefined || order > best.order) {
          latest.set(String(vigencia), { order, archivo: String(archivo) });
        }
      }
    }
    return new Map([...latest].map(([vigencia, { archivo }]) => [vigencia, archivo]));
  }

  return {
    async refresh(ctx) {
      if (listing === null || now() - listing.at >= LISTADO_MS) {
        const own = { at: now(), done: ensureAll({ ...unpaid(ctx), signal: closing.signal }) };
        listing = own;
        own.done.then(
          (vigentes) => {
            known = vigentes;
          },
          () => {
            if (listing === own) listing = null;
          },
        );
      }
      return untilAborted(listing.done, ctx.signal);
    },
    estado: () => cuarentena,
    close: () => {
      closing.abort(new Error('the adapter was closed'));
    },
  };
}

/** Why a key without a report is not simply absent. */
export const dudosa = (): SourceQuarantinedError =>
  new SourceQuarantinedError(SISTEMA, {
    mensaje:
      'Hay un reporte de SIIF en cuarentena que nunca se pudo leer: no se sabe si habla de esta vigencia.',
  });

function toFolderVersion(parts: readonly PartState[], now: number): Version {
  const tokens = parts.flatMap(({ id, version }) =>
    version === null ? [] : [`${id}=${version.token}`],
  );
  const times = parts.flatMap(({ version }) => version?.sourceTime ?? []).sort();
  const latest = times.at(-1);
  return {
    token: createHash('sha256').update(tokens.sort().join('\n')).digest('base64url').slice(0, 22),
    checkedAt: new Date(now).toISOString(),
    ...(latest === undefined ? {} : { sourceTime: latest }),
  };
}

/** Waits for a work that others wait for too, until this request ends. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
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
    signal.removeEventListener('abort', stop);
  }
}
