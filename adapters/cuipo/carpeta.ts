import { createHash } from 'node:crypto';
import type { Key } from '../../schema/key.js';
import type { Fila, Registro } from '../../schema/registro.js';
import type { AdapterEstado, ByKey, Row, SourceContext, Version } from '../contract.js';
import { SourceTimeoutError } from '../errors.js';
import type { Part, PartState } from '../shared/acopio/acopio.js';
import { DropError } from '../shared/drop-error.js';
import { countQuarantined, toAvisosDeCuarentena } from '../shared/drop/cuarentena.js';
import { createDropFolder, toVersion, type DropFile } from '../shared/drop/drop-folder.js';
import { readDelimited } from '../shared/flat-file/delimited.js';
import { groupBy } from '../../schema/group-by.js';
import { readWorkbook } from '../shared/spreadsheet/workbook.js';
import { unpaid } from '../shared/presupuesto.js';
import type { AdapterTools } from '../shared/tools.js';
import { toReporteLibro } from './canal-libro.js';
import { toLineaVolcado } from './canal-volcado.js';
import { FORMAS, type Forma } from './formas.js';
import { LineaError, type Linea, type Reporte } from './linea.js';
import { toFilas, toRaices } from './mapper.js';

/** The drop folder: workbooks of the CHIP and dumps of earlier years, each file a part of the acopio. */
export interface Carpeta {
  /** Records of all files, every reception of a form among them; null while no file was ever good. */
  read(
    registro: Registro,
    acceso: string,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ByKey<Row> | null>;
  /** Every record of a registro, chunk by chunk. */
  scan(registro: Registro, ctx: SourceContext): AsyncIterable<readonly Row[]>;
  /** Of all files together, as they were last listed; null while none was ever good. */
  version(ctx: SourceContext): Promise<Version | null>;
  estado(): AdapterEstado['avisos'];
  close(): void;
}

const SISTEMA = 'cuipo';
/** A folder is listed again after this time; a thousand files take some ten milliseconds to list. */
const LISTADO_MS = 2_000;
/** Lines of one dump kept in memory, because a leaf is known only from its whole report. */
const MAX_RENGLONES = 400_000;

const REGISTROS = Object.values(FORMAS).flatMap(({ raiz, registro }) => [raiz, registro]);

export function createCarpeta(dir: string, tools: AdapterTools): Carpeta {
  const folder = createDropFolder({ sistema: SISTEMA, dir, tools });
  const { acopio } = tools;
  const closing = new AbortController();
  /** State of each file that the acopio already has seen. */
  const seen = new Map<string, string>();
  const descuadres = new Map<string, AdapterEstado['avisos']>();
  let cuarentena: AdapterEstado['avisos'] = [];
  let version: Version | null = null;
  let listing: { readonly at: number; readonly done: Promise<void> } | null = null;

  /** One listing for all who ask meanwhile: the end of one request does not end it. */
  const refresh = async (ctx: SourceContext): Promise<void> => {
    if (listing === null || tools.now() - listing.at >= LISTADO_MS) {
      const own = { at: tools.now(), done: ensureAll({ ...unpaid(ctx), signal: closing.signal }) };
      listing = own;
      own.done.catch(() => {
        if (listing === own) listing = null;
      });
    }
    await untilAborted(listing.done, ctx.signal);
  };

  async function ensureAll(ctx: SourceContext): Promise<void> {
    await folder.waitReady(ctx);
    const files = await folder.list();
    const tried: string[] = [];
    for (const file of files) {
      const state = `${String(file.size)}:${String(file.mtimeMs)}`;
      if (seen.get(file.name) === state) continue;
      await acopio.ensure(await toPart(file, ctx), ctx);
      seen.set(file.name, state);
      tried.push(file.name);
    }
    const names = new Set(files.map(({ name }) => name));
    for (const { id } of await acopio.parts(SISTEMA)) {
      if (names.has(id)) continue;
      await acopio.forget(SISTEMA, id);
      seen.delete(id);
      descuadres.delete(id);
    }
    const parts = await acopio.parts(SISTEMA);
    version = toCarpetaVersion(parts, tools.now());
    cuarentena = toAvisosDeCuarentena(parts);
    countQuarantined(tools, SISTEMA, parts, tried);
  }

  async function toPart(file: DropFile, ctx: SourceContext): Promise<Part> {
    const digest = await folder.digest(file);
    return {
      sistema: SISTEMA,
      id: file.name,
      version: toVersion(file, digest, tools.now()),
      registros: REGISTROS,
      load: () =>
        folder.stream(file, ctx, async function* (path) {
          // A part answers for every registro, also for those of which it has nothing.
          for (const registro of REGISTROS) yield { registro, rows: [] };
          const reportes = await readReportes(file.name, path, ctx.signal);
          const raices = reportes.map((reporte) => ({ reporte, rows: toRaices(reporte) }));
          descuadres.set(
            file.name,
            avisosOf(
              file.name,
              raices.flatMap(({ rows }) => rows),
            ),
          );
          for (const { reporte, rows } of raices) {
            yield { registro: reporte.forma.raiz, rows };
            yield { registro: reporte.forma.registro, rows: toFilas(reporte) };
          }
        }),
    };
  }

  const question = (registro: Registro) => ({ sistema: SISTEMA, servidoPor: SISTEMA, registro });

  return {
    async read(registro, acceso, keys, ctx) {
      await refresh(ctx);
      return version === null ? null : acopio.read(question(registro), acceso, keys, ctx);
    },
    async *scan(registro, ctx) {
      await refresh(ctx);
      if (version === null) return;
      for await (const { rows } of acopio.scan(question(registro), null, null, ctx)) yield rows;
    },
    async version(ctx) {
      await refresh(ctx);
      return version;
    },
    estado: () => [...cuarentena, ...[...descuadres.values()].flat()],
    close: () => {
      closing.abort(new Error('the adapter was closed'));
    },
  };
}

function toCarpetaVersion(parts: readonly PartState[], now: number): Version | null {
  const versions = parts.flatMap((part) =>
    part.version === null ? [] : [{ ...part.version, id: part.id }],
  );
  if (versions.length === 0) return null;
  const tokens = versions.map(({ id, token }) => `${id}=${token}`).sort();
  const latest = versions
    .flatMap(({ sourceTime }) => sourceTime ?? [])
    .sort()
    .at(-1);
  return {
    token: createHash('sha256').update(tokens.join('\n')).digest('base64url').slice(0, 22),
    checkedAt: new Date(now).toISOString(),
    ...(latest === undefined ? {} : { sourceTime: latest }),
  };
}

const avisosOf = (parte: string, raices: readonly Fila[]): AdapterEstado['avisos'] =>
  raices.flatMap(({ descuadre, codigoChip, vigencia, periodo, seccion }) =>
    typeof descuadre !== 'string'
      ? []
      : [
          {
            codigo: 'TOTALES_NO_CUADRAN',
            mensaje: descuadre,
            donde: [parte, codigoChip, vigencia, periodo, seccion].filter(Boolean).join(' '),
          },
        ],
  );

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

/** One workbook is one report; a dump holds one report per form, with all its entities and quarters. */
async function readReportes(
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly Reporte[]> {
  if (/\.xlsx?$/i.test(name)) return [toReporteLibro(await readWorkbook(path, { signal }))];
  if (/\.csv$/i.test(name)) return readVolcado(name, path, signal);
  throw new DropError('VALOR_INVALIDO', 'No es un libro del CHIP ni un volcado de la CUIPO.');
}

async function readVolcado(
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly Reporte[]> {
  const required = ['PERIODO', 'CODIGO_ENTIDAD', 'CUENTA', 'tipo'];
  const rows = readDelimited(path, { encoding: 'auto', delimiter: ',', required, signal });
  const lineas: { readonly forma: Forma; readonly linea: Linea }[] = [];
  for await (const { header, campos, linea } of rows) {
    if (lineas.length === MAX_RENGLONES) {
      const motivo = `El volcado pasa de ${String(MAX_RENGLONES)} renglones: divídalo por entidad.`;
      throw new DropError('ARCHIVO_DEMASIADO_GRANDE', motivo);
    }
    const raw = Object.fromEntries(header.labels.map((label, at) => [label, campos[at] ?? '']));
    lineas.push(atLine(linea, () => toLineaVolcado(raw)));
  }
  const recepcion = { canal: 'VOLCADO', recepcion: name, recibidoEn: null } as const;
  return [...groupBy(lineas, ({ forma }) => forma)].map(([forma, of]) => ({
    forma,
    recepcion,
    lineas: of.map(({ linea }) => linea),
  }));
}

/** A bad cell breaks the file: it says in which line. */
function atLine<T>(linea: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LineaError)) throw error;
    throw new DropError('VALOR_INVALIDO', `${error.columna} ${error.message}.`, linea);
  }
}
