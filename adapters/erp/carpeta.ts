import type { Fila } from '../../schema/registro.js';
import { EjecucionErp, REGISTROS_ERP } from '../../schema/registros/erp.js';
import { keyOf } from '../../schema/key.js';
import { DropError } from '../shared/drop-error.js';
import type { DropFile, DropFolder } from '../shared/drop/drop-folder.js';
import { createEntregas, type Entregas, type EntregasOptions } from '../shared/drop/entregas.js';
import { readDelimited } from '../shared/flat-file/delimited.js';
import type { AdapterTools } from '../shared/tools.js';
import { corteOf, LISTA, type RenglonLista } from './entidades.js';
import { createToEjecucion, type Corte } from './mapper.js';
import { readRenglones } from './tabla.js';

export const SISTEMA = 'erp';
const ROWS_PER_BATCH = 2_000;

/** The folder of exports: one delivery per entity and month. */
export function createCarpeta(dir: string, tools: AdapterTools): Entregas {
  let lista: { readonly state: string; readonly rows: readonly RenglonLista[] } | null = null;
  const cortes = new Map<string, Corte>();

  /** Opened again only when it changed. */
  async function currentLista(
    file: DropFile | undefined,
    folder: DropFolder,
    ctx: Parameters<EntregasOptions['slotsOf']>[2],
  ): Promise<readonly RenglonLista[]> {
    if (file === undefined) return [];
    const state = `${String(file.size)}:${String(file.mtimeMs)}`;
    if (lista?.state === state) return lista.rows;
    const rows = await folder.open(file, ctx, (path) => readLista(path, ctx.signal));
    lista = { state, rows };
    return rows;
  }

  const slotsOf: EntregasOptions['slotsOf'] = async (files, folder, ctx) => {
    const own = files.find(({ name }) => name.toLowerCase() === LISTA);
    const avisos: { codigo: string; mensaje: string; donde: string }[] = [];
    const rows = await currentLista(own, folder, ctx).catch((error: unknown) => {
      if (!(error instanceof DropError)) throw error;
      avisos.push({ codigo: error.codigo, mensaje: error.motivo, donde: LISTA });
      return [];
    });
    const slots = new Map<DropFile, { id: string; corte: string }>();
    for (const file of files) {
      if (file === own) continue;
      const corte = corteOf(file.name, rows);
      if ('motivo' in corte) {
        avisos.push({ codigo: 'ENTREGA_SIN_ENTIDAD', mensaje: corte.motivo, donde: file.name });
        continue;
      }
      cortes.set(file.name, corte);
      slots.set(file, {
        id: keyOf([corte.codigoChip, corte.vigencia, corte.mes]),
        corte: lastDayOf(corte),
      });
      if (corte.muestra) {
        const mensaje = 'Es una muestra de la exportación: sus sumas no son las de la entidad.';
        avisos.push({ codigo: 'MUESTRA', mensaje, donde: file.name });
      }
    }
    return { slots, avisos };
  };

  return createEntregas({
    sistema: SISTEMA,
    dir,
    tools,
    registros: REGISTROS_ERP,
    sinEntregas: 'Ningún ERP territorial ha entregado todavía una exportación.',
    slotsOf,
    async *load(file, _slot, path, signal) {
      const corte = cortes.get(file.name);
      if (corte === undefined) throw new TypeError(`${file.name} was not listed`);
      for await (const rows of readFilas(corte, path, signal))
        yield { registro: EjecucionErp, rows };
    },
  });
}

const lastDayOf = ({ vigencia, mes }: Corte): string =>
  new Date(Date.UTC(vigencia, mes, 0)).toISOString().slice(0, 10);

async function readLista(path: string, signal: AbortSignal): Promise<RenglonLista[]> {
  const required = ['patron', 'codigo_chip'];
  const rows: RenglonLista[] = [];
  const options = { encoding: 'auto', delimiter: ',', required, signal } as const;
  for await (const { header, campos } of readDelimited(path, options)) {
    const cellOf = (label: string): string => campos[header.find(label) ?? -1] ?? '';
    rows.push({
      patron: cellOf('patron'),
      codigo_chip: cellOf('codigo_chip'),
      vigencia: cellOf('vigencia'),
      mes: cellOf('mes'),
      muestra: cellOf('muestra'),
    });
  }
  return rows;
}

async function* readFilas(
  corte: Corte,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Fila[]> {
  const toEjecucion = createToEjecucion(corte);
  let batch: Fila[] = [];
  let total = 0;
  for await (const { raw, linea } of readRenglones(path, signal)) {
    batch.push(toEjecucion(raw, linea));
    total++;
    if (batch.length < ROWS_PER_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (total === 0) throw new DropError('ARCHIVO_VACIO', 'La exportación no tiene renglones.');
  yield batch;
}
