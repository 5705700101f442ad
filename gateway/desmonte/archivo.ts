import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JWK } from 'jose';
import type { ArchiveManifest, RecordStore, SourceContext } from '../../adapters/contract.js';
import { rootDigest } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import { stableJson } from '../compose/stable-json.js';
import { toFiltro } from '../route/cohorte-filtro.js';
import { sliceRoot } from '../route/merkle.js';
import type { Tramo } from '../route/tramo.js';
import type { Certificado } from './certificado.js';
import type { Firmante } from './firma.js';
import { isMissing } from './firma.js';
import { loadTransiciones, saveEvidencia, type TransicionRow } from './store.js';
import { Detenida } from './tarea.js';
import { loadCertificado } from './vistas.js';

export const ESTADO_FILE = 'tramo.json';
export const CERTIFICADO_FILE = 'certificado.json';
/** Written by the single store, beside the records. */
const MANIFEST_FILE = 'manifest.json';
export const ESTADO_TYP = 'sugit-tramo+json';

/** State of a tramo as its archive keeps it, signed: whoever changes the cohort would route other records. */
export interface EstadoArchivado {
  readonly formato: 'sugit-tramo/1';
  readonly escrito: string;
  readonly tramo: Tramo;
  readonly faseDesde: string;
  readonly transiciones: readonly TransicionRow[];
  /** Id of the certificate beside it. */
  readonly certificado: string;
}

export interface ArchivoOptions {
  readonly store: SqlStore;
  readonly unico: RecordStore;
  readonly registro: Registro;
  readonly tramo: Tramo;
  readonly faseDesde: string;
  /** SUGIT_DATA_DIR: the archive lies in `archivo/<tramo>/`. */
  readonly dataDir: string;
  readonly firmante: Firmante;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface Archivado {
  readonly dir: string;
  readonly manifest: ArchiveManifest;
  readonly certificado: Certificado;
}

export const archivoDirOf = (dataDir: string, tramo: string): string =>
  // A name may hold a colon, and must lead to no other folder.
  path.join(
    dataDir,
    'archivo',
    encodeURIComponent(tramo).replace(/^\.+$/, (dots) => `_${dots}`),
  );

export const contextFor = (
  { now, signal }: Pick<ArchivoOptions, 'now' | 'signal'>,
  epoca: number,
): SourceContext => ({
  signal,
  deadline: now() + PLAZO_MS,
  alcance: 'control',
  corte: null,
  epoca,
  origen: 'fondo',
});

const PLAZO_MS = 30 * 60_000;

/**
 * Writes what the system said: records, certificate and state of the tramo. It is read back and verified before it takes
 * its place; an archive that is not what the certificate speaks of is refused.
 */
export async function writeArchivo(options: ArchivoOptions): Promise<Archivado> {
  const { store, unico, registro, tramo, dataDir, now } = options;
  const certificado = await certificadoOf(store, tramo);
  const ctx = contextFor(options, tramo.epoca);
  const dir = archivoDirOf(dataDir, tramo.id);
  // Before it is retired, an archive is evidence: who asks for it again wants it proven again.
  const standing = tramo.fase === 'retired' ? await standingOf(options, certificado, dir) : null;
  if (standing !== null) {
    await replaceJson(
      path.join(dir, ESTADO_FILE),
      await signEstado(options, certificado.cuerpo.id),
    );
    return { dir, manifest: standing, certificado };
  }
  const draft = path.join(dataDir, 'archivo', `.borrador-${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    await writeJson(path.join(draft, CERTIFICADO_FILE), certificado);
    await writeJson(
      path.join(draft, ESTADO_FILE),
      await signEstado(options, certificado.cuerpo.id),
    );
    const filtro = toFiltro(registro, tramo.cohorte);
    const manifest = await unico.exportArchive(
      registro,
      filtro,
      draft,
      { certificado: CERTIFICADO_FILE },
      ctx,
    );
    if (manifest.raiz !== certificado.cuerpo.raices.archivo) throw stale();
    // From the file and not from memory; and the new side must not have moved while it was written.
    const releido = await unico.checkArchive(draft, ctx);
    const { archivo } = await rootsOf(unico, registro, tramo, ctx);
    if (releido.raiz !== archivo) throw stale();
    await replaceFolder(draft, dir);
    const valor = { releido: true, raiz: certificado.cuerpo.raices.nuevo };
    await saveEvidencia(store, tramo, { tipo: 'archivo', valor }, new Date(now()).toISOString());
    return { dir, manifest, certificado };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The manifest of an archive that stands already: made under the same certificate, its file as it was written, and the
 * new side still with the same records. Then only the state of the tramo is news.
 */
async function standingOf(
  options: ArchivoOptions,
  certificado: Certificado,
  dir: string,
): Promise<ArchiveManifest | null> {
  const [before, manifest] = await Promise.all([
    readJson<Certificado>(path.join(dir, CERTIFICADO_FILE)),
    readJson<ArchiveManifest>(path.join(dir, MANIFEST_FILE)),
  ]);
  const { id, raices } = certificado.cuerpo;
  if (before?.cuerpo.id !== id || manifest?.raiz !== raices.archivo) return null;
  const { unico, registro, tramo } = options;
  const { archivo } = await rootsOf(unico, registro, tramo, contextFor(options, tramo.epoca));
  if (archivo !== raices.archivo) return null;
  const sha256 = await sha256Of(path.join(dir, path.basename(manifest.archivo.nombre)));
  return sha256 === manifest.archivo.sha256 ? manifest : null;
}

const readJson = async <T>(file: string): Promise<T | null> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    // Not there, or not whole: then it is written anew.
    return null;
  }
};

async function sha256Of(file: string): Promise<string | null> {
  const sha = createHash('sha256');
  try {
    for await (const block of createReadStream(file)) sha.update(block as Buffer);
  } catch {
    return null;
  }
  return sha.digest('hex');
}

const stale = (): Detenida =>
  new Detenida(
    'ARCHIVE_DIFFERS',
    'Lo archivado no es lo que dice el certificado: haga un censo, certifíquelo y archive otra vez.',
  );

async function certificadoOf(store: SqlStore, tramo: Tramo): Promise<Certificado> {
  const found = await loadCertificado(store, tramo.id);
  const certificado = found?.cuerpo as Certificado | undefined;
  const isOfThis =
    certificado?.cuerpo.versiones.mapeo === tramo.mappingVersion &&
    certificado.cuerpo.versiones.comparadores === tramo.comparatorVersion;
  if (certificado === undefined || !isOfThis)
    throw new Detenida('PARITY_NOT_PROVEN', 'El tramo no tiene un certificado de estas versiones.');
  return certificado;
}

async function signEstado(
  { store, tramo, faseDesde, firmante, now }: ArchivoOptions,
  certificado: string,
): Promise<{ readonly cuerpo: EstadoArchivado; readonly firma: string; readonly clave: JWK }> {
  const cuerpo: EstadoArchivado = {
    formato: 'sugit-tramo/1',
    escrito: new Date(now()).toISOString(),
    tramo,
    faseDesde,
    transiciones: await loadTransiciones(store, tramo.id),
    certificado,
  };
  const payload = new TextEncoder().encode(stableJson(cuerpo));
  const firma = await firmante.sign(ESTADO_TYP, payload);
  return { cuerpo, firma, clave: firmante.publica };
}

const writeJson = (file: string, value: unknown): Promise<void> =>
  writeFile(file, `${JSON.stringify(value, null, 2)}\n`, { flush: true });

async function replaceJson(file: string, value: unknown): Promise<void> {
  const draft = `${file}.${randomUUID()}.parcial`;
  await writeJson(draft, value);
  await rename(draft, file);
}

async function replaceFolder(draft: string, dir: string): Promise<void> {
  const old = `${dir}.anterior`;
  await rm(old, { recursive: true, force: true });
  await rename(dir, old).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await rename(draft, dir);
  await rm(old, { recursive: true, force: true });
}

/** Both roots of what the single store holds of a tramo now. */
export async function rootsOf(
  unico: RecordStore,
  registro: Registro,
  tramo: Pick<Tramo, 'cohorte'>,
  ctx: SourceContext,
): Promise<{ readonly raiz: string; readonly archivo: string; readonly filas: number }> {
  const filtro = toFiltro(registro, tramo.cohorte);
  const cubetas = await unico.bucketDigests(registro, { filtro }, ctx);
  const filas = cubetas.reduce((sum, cubeta) => sum + cubeta.filas, 0);
  return { raiz: sliceRoot(cubetas), archivo: rootDigest(cubetas), filas };
}
