import { IndiceMipg, MedicionMipg, REGISTROS_MIPG } from '../../schema/registros/mipg.js';
import { parseVigencia } from '../../schema/values/vigencia.js';
import type { SourceContext } from '../contract.js';
import { DropError } from '../shared/drop-error.js';
import type { DropFile, DropFolder } from '../shared/drop/drop-folder.js';
import { createEntregas, type Entregas, type EntregasOptions } from '../shared/drop/entregas.js';
import { readWorkbook } from '../shared/spreadsheet/workbook.js';
import type { AdapterTools } from '../shared/tools.js';
import { toLibro, vigenciaOfTitles, type Publicacion } from './libro.js';

export const SISTEMA = 'mipg';
const ROWS_PER_BATCH = 5_000;
/** Enough to hold any title block. */
const TITLE_ROWS = 12;

/** The folder of results: one delivery per vigencia and scope. A file replaced under its name is a new version. */
export function createCarpeta(dir: string, tools: AdapterTools): Entregas {
  const publicaciones = new Map<string, Publicacion>();
  /** Years read from titles, by file and state: such a file is opened once more than the others. */
  const titles = new Map<string, { readonly state: string; readonly vigencia: number | null }>();

  async function vigenciaOf(
    file: DropFile,
    folder: DropFolder,
    ctx: SourceContext,
  ): Promise<number | null> {
    const [, year] = /vig(?:encia)?[\s_-]*(\d{4})(?!\d)/i.exec(baseOf(file)) ?? [];
    if (year !== undefined) return toVigencia(year);
    const state = `${String(file.size)}:${String(file.mtimeMs)}`;
    const known = titles.get(file.name);
    if (known?.state === state) return known.vigencia;
    const vigencia = await folder.open(file, ctx, (path) => readVigencia(path, ctx.signal));
    titles.set(file.name, { state, vigencia });
    return vigencia;
  }

  const slotsOf: EntregasOptions['slotsOf'] = async (files, folder, ctx) => {
    const slots = new Map<DropFile, { id: string; corte: string }>();
    const avisos: { codigo: string; mensaje: string; donde: string }[] = [];
    for (const file of files) {
      const vigencia = /\.xlsx?$/i.test(file.name) ? await vigenciaOf(file, folder, ctx) : null;
      if (vigencia === null) {
        const mensaje = 'No es un libro de resultados: ni su nombre ni sus títulos dicen vigencia.';
        avisos.push({ codigo: 'ENTREGA_SIN_VIGENCIA', mensaje, donde: file.name });
        continue;
      }
      const ambito = ambitoOf(file);
      publicaciones.set(file.name, { vigencia, ambito });
      // Files that do not say their scope stand each for themselves.
      const id = `${String(vigencia)}|${ambito ?? file.name}`;
      slots.set(file, { id, corte: `${String(vigencia)}-12-31` });
    }
    return { slots, avisos };
  };

  return createEntregas({
    sistema: SISTEMA,
    dir,
    tools,
    registros: REGISTROS_MIPG,
    sinEntregas: 'Función Pública no ha entregado todavía libros de resultados de MIPG.',
    slotsOf,
    async *load(file, _slot, path, signal) {
      const publicacion = publicaciones.get(file.name);
      if (publicacion === undefined) throw new TypeError(`${file.name} was not listed`);
      const { indices, mediciones } = toLibro(await readWorkbook(path, { signal }), publicacion);
      yield { registro: MedicionMipg, rows: mediciones };
      for (let at = 0; at < indices.length; at += ROWS_PER_BATCH) {
        yield { registro: IndiceMipg, rows: indices.slice(at, at + ROWS_PER_BATCH) };
      }
    },
  });
}

const baseOf = ({ name }: DropFile): string => name.slice(name.lastIndexOf('/') + 1);

const toVigencia = (year: string): number | null => {
  const parsed = parseVigencia(year);
  return 'error' in parsed ? null : parsed.vigencia;
};

function ambitoOf(file: DropFile): Publicacion['ambito'] {
  const name = baseOf(file).normalize('NFD').toLowerCase();
  if (name.includes('territori')) return 'TERRITORIO';
  return /naci|nacional/.test(name) ? 'NACION' : null;
}

/** A book that cannot be read says no vigencia; what is wrong with it is told by whoever opens it. */
async function readVigencia(path: string, signal: AbortSignal): Promise<number | null> {
  try {
    const sheets = await readWorkbook(path, { signal, maxRows: TITLE_ROWS });
    return sheets.map(({ rows }) => vigenciaOfTitles(rows)).find((year) => year !== null) ?? null;
  } catch (error) {
    if (error instanceof DropError) return null;
    throw error;
  }
}
