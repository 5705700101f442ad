import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JWK } from 'jose';
import { z } from 'zod';
import type { RecordStore } from '../../adapters/contract.js';
import { AdapterError } from '../../adapters/errors.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import { stableJson } from '../compose/stable-json.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import type { Tramo } from '../route/tramo.js';
import { FASES, overlap } from '../route/tramo.js';
import {
  CERTIFICADO_FILE,
  contextFor,
  ESTADO_FILE,
  ESTADO_TYP,
  rootsOf,
  type EstadoArchivado,
} from './archivo.js';
import { verifyCertificado, type Certificado, type CuerpoCertificado } from './certificado.js';
import { verifyFirma } from './firma.js';
import {
  advanceEpocaRuteo,
  insertTramo,
  insertTransicion,
  loadEpocaRuteo,
  loadTramos,
} from './store.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';

export interface ImportarOptions {
  readonly store: SqlStore;
  readonly unico: RecordStore;
  readonly registros: readonly Registro[];
  /** SUGIT_ARCHIVE_DIR: one archive, or a folder of them. */
  readonly dir: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Thumbprints of trusted keys; null: each archive is proven whole by the key that it carries. */
  readonly confiables?: readonly string[] | null;
}

export interface Importado {
  /** The tramo, or the folder of what names none. */
  readonly tramo: string;
  readonly estado: 'importado' | 'presente' | 'rechazado';
  readonly motivo: string | null;
  readonly filas: number;
}

class Refusal extends Error {
  constructor(motivo: string) {
    super(motivo);
    this.name = 'Refusal';
  }
}

/**
 * Takes archives into a store that does not know their tramos, and routes those to the new side. What is not whole is
 * refused with its reason, and changes no route; the others go on.
 */
export async function importArchivos(options: ImportarOptions): Promise<readonly Importado[]> {
  const { store, dir } = options;
  await store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
  const folders = await foldersIn(dir);
  if (folders.length === 0) return [refused(dir, 'no hay ningún archivo en la carpeta')];
  const results: Importado[] = [];
  for (const folder of folders) results.push(await importOne(options, folder));
  return results;
}

const refused = (dir: string, motivo: string, tramo = path.basename(dir)): Importado => ({
  tramo,
  estado: 'rechazado',
  motivo,
  filas: 0,
});

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === ESTADO_FILE)) return [dir];
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => path.join(dir, name))
    .sort();
}

async function importOne(options: ImportarOptions, folder: string): Promise<Importado> {
  let tramo: string | undefined;
  try {
    const archivo = await readArchivo(options, folder);
    tramo = archivo.estado.tramo.id;
    const known = await knownAs(options, archivo.estado.tramo);
    if (known !== null) return known;
    const filas = await takeRows(options, folder, archivo);
    await takeTramo(options, archivo);
    return { tramo, estado: 'importado', motivo: null, filas };
  } catch (error) {
    if (error instanceof Refusal) return refused(folder, error.message, tramo);
    if (error instanceof AdapterError) return refused(folder, error.mensaje, tramo);
    throw error;
  }
}

interface Archivo {
  readonly estado: EstadoArchivado;
  readonly registro: Registro;
  readonly certificado: Certificado;
  readonly cuerpo: CuerpoCertificado;
}

/** Everything that can be judged before a row is read. */
async function readArchivo(options: ImportarOptions, folder: string): Promise<Archivo> {
  const { registros, confiables = null } = options;
  const certificado = await readJson(path.join(folder, CERTIFICADO_FILE));
  const proof = await verifyCertificado(certificado, confiables);
  if (!proof.valido) throw new Refusal(`el certificado no vale: ${proof.motivo}`);
  const { cuerpo, kid } = proof;
  const estado = await readEstado(folder, kid);
  const { tramo } = estado;
  if (tramo.fase !== 'retired') throw new Refusal(`el tramo está en ${tramo.fase}, no retirado`);
  const isOfIt =
    cuerpo.id === estado.certificado &&
    cuerpo.tramo === tramo.id &&
    cuerpo.registro === tramo.registro &&
    stableJson(cuerpo.cohorte) === stableJson(tramo.cohorte);
  if (!isOfIt) throw new Refusal('el certificado es de otro tramo');
  const registro = registros.find(({ nombre }) => nombre === tramo.registro);
  if (registro === undefined) throw new Refusal(`no se conoce el registro ${tramo.registro}`);
  const manifest = manifestSchema.safeParse(await readJson(path.join(folder, 'manifest.json')));
  if (!manifest.success) throw new Refusal('el manifiesto no tiene la forma esperada');
  const { data } = manifest;
  if (data.registro !== registro.nombre || data.raiz !== cuerpo.raices.archivo)
    throw new Refusal('los registros no son los que el certificado prueba');
  if (stableJson(data.cohorte) !== stableJson(toFiltro(registro, tramo.cohorte)))
    throw new Refusal('los registros son de otra cohorte');
  return { estado, registro, certificado: certificado as Certificado, cuerpo };
}

const manifestSchema = z.looseObject({
  registro: z.string(),
  raiz: z.string(),
  cohorte: z.unknown(),
});

const estadoSchema = z.strictObject({
  cuerpo: z.looseObject({
    formato: z.literal('sugit-tramo/1'),
    tramo: z.looseObject({ id: z.string(), registro: z.string(), fase: z.enum(FASES) }),
    transiciones: z.array(z.unknown()),
    certificado: z.string(),
    faseDesde: z.string(),
  }),
  firma: z.string(),
  clave: z.custom<JWK>((value) => typeof value === 'object' && value !== null),
});

async function readEstado(folder: string, kid: string): Promise<EstadoArchivado> {
  const form = estadoSchema.safeParse(await readJson(path.join(folder, ESTADO_FILE)));
  if (!form.success) throw new Refusal('el estado del tramo no tiene la forma esperada');
  const { cuerpo, firma, clave } = form.data;
  const signed = await verifyFirma(firma, clave, ESTADO_TYP).catch(() => null);
  const isWhole =
    signed !== null && new TextDecoder().decode(signed.payload) === stableJson(cuerpo);
  if (!isWhole) throw new Refusal('el estado del tramo no es el que se firmó');
  if (signed.kid !== kid)
    throw new Refusal('el estado y el certificado los firman claves distintas');
  return cuerpo as unknown as EstadoArchivado;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new Refusal(`falta ${path.basename(file)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(`${path.basename(file)} no es JSON`);
  }
}

/** An archive is for a store that does not know its tramo: what is there is never replaced. */
async function knownAs({ store }: ImportarOptions, tramo: Tramo): Promise<Importado | null> {
  const rows = await loadTramos(store, FASES);
  const same = rows.find((row) => row.tramo.id === tramo.id);
  if (same?.tramo.fase === 'retired')
    return { tramo: tramo.id, estado: 'presente', motivo: null, filas: 0 };
  if (same !== undefined)
    throw new Refusal(`el almacén ya tiene el tramo ${tramo.id}, en ${same.tramo.fase}`);
  const other = rows.find(
    (row) => row.tramo.registro === tramo.registro && overlap(row.tramo.cohorte, tramo.cohorte),
  );
  if (other !== undefined) throw new Refusal(`se cruza con el tramo ${other.tramo.id}`);
  return null;
}

async function takeRows(
  options: ImportarOptions,
  folder: string,
  { registro, cuerpo, estado }: Archivo,
): Promise<number> {
  const { unico } = options;
  const ctx = contextFor(options, estado.tramo.epoca);
  await unico.importArchive(folder, ctx);
  const { raiz, filas } = await rootsOf(unico, registro, estado.tramo, ctx);
  if (raiz !== cuerpo.raices.nuevo)
    throw new Refusal('el almacén tiene además otros registros de este tramo');
  return filas;
}

/** The tramo as it was, its trail and its certificate, together; from the next epoch on the routes know it. */
async function takeTramo(
  { store, now }: ImportarOptions,
  { estado, certificado, cuerpo }: Archivo,
): Promise<void> {
  const en = new Date(now()).toISOString();
  const tramo: Tramo = { ...estado.tramo, epoca: estado.tramo.epoca + 1 };
  await store.transaction(async (session) => {
    await loadEpocaRuteo(session, true);
    await insertTramo(session, tramo, estado.faseDesde);
    for (const row of estado.transiciones) await insertTransicion(session, row);
    const epocaRuteo = await advanceEpocaRuteo(session);
    await insertTransicion(session, {
      tramo: tramo.id,
      en,
      personas: [],
      automatica: true,
      desde: 'retired',
      hacia: 'retired',
      epocaVista: estado.tramo.epoca,
      epoca: tramo.epoca,
      epocaRuteo,
      motivo: `Importado de su archivo, certificado ${cuerpo.id}`,
      estado: tramo,
      expediente: null,
    });
    await session.query(
      `insert into certificado (id, tramo, censo, en, cuerpo, firma) values ($1, $2, $3, $4, $5::jsonb, $6)`,
      [
        cuerpo.id,
        tramo.id,
        cuerpo.censo,
        cuerpo.emitido,
        JSON.stringify(certificado),
        certificado.firma,
      ],
    );
  });
}
