import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { bucketOf, claveOf, DIGEST_VERSION, recordDigest } from '../../schema/digest.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { ArchiveManifest, Ingested, SourceContext } from '../contract.js';
import { SourceContractError } from '../errors.js';
import { createCamposCheck } from '../shared/sql/columns.js';
import { broken, FORMATO, MANIFEST, Roots, type Line } from './archive-format.js';
import { createToIncoming, type Batch, type Incoming } from './ingest.js';

const ROWS_PER_BATCH = 5_000;
const BLOCK_BYTES = 256 * 1_024;

const manifestSchema = z.object({
  formato: z.literal(FORMATO),
  registro: z.string(),
  sistema: z.string(),
  cohorte: z.custom<Filtro | null>((value) => value === null || typeof value === 'object'),
  filas: z.int().nonnegative(),
  digestVersion: z.literal(DIGEST_VERSION),
  raiz: z.string(),
  versiones: z.array(z.string()),
  exportadoEn: z.iso.datetime(),
  // A name, never a way out of the folder.
  archivo: z.object({
    nombre: z.string().regex(/^[\w-]+\.ndjson\.gz$/),
    bytes: z.int(),
    sha256: z.string(),
  }),
  certificado: z.string().nullable(),
});

/** Asked of every record of a nation: by hand, for a schema takes as long as the digest. */
function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  const { fila, resumen, version, tiempo, mapeo } = value as Partial<Record<keyof Line, unknown>>;
  return (
    typeof fila === 'object' &&
    fila !== null &&
    !Array.isArray(fila) &&
    typeof resumen === 'string' &&
    typeof version === 'string' &&
    Number.isSafeInteger(tiempo) &&
    Number.isSafeInteger(mapeo)
  );
}

async function readManifest(dir: string): Promise<ArchiveManifest> {
  const text = await readFile(path.join(dir, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new SourceContractError('unico', {
      mensaje: 'La carpeta no tiene el manifiesto de un archivo.',
      cause,
    });
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SourceContractError('unico', {
      mensaje: 'El manifiesto del archivo no tiene la forma esperada.',
      cause,
    });
  }
}

async function sha256Of(file: string): Promise<string> {
  const sha = createHash('sha256');
  for await (const block of createReadStream(file)) sha.update(block as Buffer);
  return sha.digest('hex');
}

/** Lines of the file, as many at a time as a block holds; a file that ends early or is no gzip throws. */
async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
  const unzipped = createGunzip({ chunkSize: BLOCK_BYTES });
  const reading = pipeline(createReadStream(file), unzipped, { signal });
  reading.catch(() => undefined);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const block of unzipped) {
    const lines = (rest + decoder.decode(block as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield lines.map((text): unknown => JSON.parse(text));
  }
  await reading;
  if (rest !== '') throw new SyntaxError('the last line has no end');
}

/** Everything is proven before anything is written. */
async function verify(
  registro: Registro,
  manifest: ArchiveManifest,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const sha256 = await sha256Of(file).catch(() => null);
  if (sha256 === null) throw broken(registro, 'falta el archivo de los registros');
  if (sha256 !== manifest.archivo.sha256) throw broken(registro, 'su SHA-256 es otro');
  const roots = new Roots();
  const check = createCamposCheck(registro, Object.keys(registro.campos));
  for await (const lines of linesOf(file, signal)) {
    for (const line of lines) {
      if (!isLine(line)) throw broken(registro, 'una línea no es un registro');
      const { fila, resumen } = line;
      check(fila, roots.filas + 1);
      const clave = claveOf(registro, fila);
      if (recordDigest(registro, fila) !== resumen) {
        throw broken(registro, `el registro ${clave} no corresponde a su resumen`);
      }
      if (!roots.add(bucketOf(clave), clave, resumen)) {
        throw broken(registro, `el registro ${clave} está repetido o fuera de orden`);
      }
    }
  }
  if (roots.filas !== manifest.filas) throw broken(registro, 'tiene otro número de registros');
  if (roots.root() !== manifest.raiz) throw broken(registro, 'su raíz es otra');
}

async function* batchesOf(
  registro: Registro,
  manifest: ArchiveManifest,
  file: string,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const exportado = Date.parse(manifest.exportadoEn);
  const toIncoming = createToIncoming(registro);
  const batch = (incoming: readonly Incoming[]): Batch => ({
    registro,
    incoming,
    source: { fuente: Math.max(...incoming.map(({ tiempo }) => tiempo)), verificada: exportado },
    reparar: false,
    checkpoint: null,
  });
  let incoming: Incoming[] = [];
  for await (const lines of linesOf(file, signal)) {
    // Every line of this file was proven.
    for (const { fila, ...stamped } of lines as readonly Line[])
      incoming.push(toIncoming(fila, stamped));
    if (incoming.length < ROWS_PER_BATCH) continue;
    yield batch(incoming);
    incoming = [];
  }
  if (incoming.length > 0) yield batch(incoming);
}

export interface CheckOptions {
  readonly registros: readonly Registro[];
  readonly dir: string;
}

export interface ImportOptions extends CheckOptions {
  readonly write: (batch: Batch, ctx: SourceContext) => Promise<Ingested>;
}

interface Checked {
  readonly manifest: ArchiveManifest;
  readonly registro: Registro;
  readonly file: string;
}

/** Reads an archive to its last record, as an import does, and takes nothing in. */
export async function checkArchive(
  { registros, dir }: CheckOptions,
  { signal }: SourceContext,
): Promise<Checked> {
  const manifest = await readManifest(dir);
  const registro = registros.find(({ nombre }) => nombre === manifest.registro);
  if (registro === undefined) {
    throw new SourceContractError('unico', {
      mensaje: `El archivo es de ${manifest.registro}, que no se conoce.`,
    });
  }
  const file = path.join(dir, manifest.archivo.nombre);
  try {
    await verify(registro, manifest, file, signal);
  } catch (cause) {
    if (cause instanceof SourceContractError || signal.aborted) throw cause;
    throw broken(registro, 'no se puede leer por completo', cause);
  }
  return { manifest, registro, file };
}

const plus = (a: Ingested, b: Ingested): Ingested => ({
  escritas: a.escritas + b.escritas,
  iguales: a.iguales + b.iguales,
  reemplazadas: a.reemplazadas + b.reemplazadas,
  obsoletas: a.obsoletas + b.obsoletas,
  conflictos: a.conflictos + b.conflictos,
});

export async function importFrom(
  { write, ...options }: ImportOptions,
  ctx: SourceContext,
): Promise<{ readonly manifest: ArchiveManifest; readonly ingested: Ingested }> {
  const { manifest, registro, file } = await checkArchive(options, ctx);
  let ingested: Ingested = {
    escritas: 0,
    iguales: 0,
    reemplazadas: 0,
    obsoletas: 0,
    conflictos: 0,
  };
  for await (const batch of batchesOf(registro, manifest, file, ctx.signal)) {
    ingested = plus(ingested, await write(batch, ctx));
  }
  return { manifest, ingested };
}
