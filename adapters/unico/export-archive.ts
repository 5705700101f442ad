import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { DIGEST_VERSION, recordDigest } from '../../schema/digest.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { ArchiveManifest, SourceContext } from '../contract.js';
import { snake } from '../shared/sql/columns.js';
import { broken, FORMATO, MANIFEST, Roots, type Line } from './archive-format.js';
import type { AskTools } from './asker.js';
import { storedOf, type Stored } from './walk.js';

const CHARS_PER_WRITE = 128 * 1_024;

const toLine = ({ row, digest, version, tiempo, mapeo }: Stored): string =>
  `${JSON.stringify({ fila: row, resumen: digest, version, tiempo, mapeo } satisfies Line)}\n`;

export interface ExportOptions {
  readonly registro: Registro;
  readonly filtro: Filtro | null;
  readonly dir: string;
  readonly certificado: string | null;
}

function measureBytes(sha: Hash): { readonly through: Transform; bytes: () => number } {
  let bytes = 0;
  const through = new Transform({
    transform(block: Buffer, _encoding, done) {
      sha.update(block);
      bytes += block.length;
      done(null, block);
    },
  });
  return { through, bytes: () => bytes };
}

/** The manifest comes last: a folder without one is no archive. */
export async function exportTo(
  tools: AskTools,
  { registro, filtro, dir, certificado }: ExportOptions,
  ctx: SourceContext,
): Promise<ArchiveManifest> {
  await mkdir(dir, { recursive: true });
  const nombre = `${snake(registro.nombre)}.ndjson.gz`;
  const draft = path.join(dir, `${nombre}.parcial`);
  await rm(path.join(dir, MANIFEST), { force: true });
  const roots = new Roots();
  const versiones = new Set<string>();
  const lines = async function* (): AsyncGenerator<string> {
    let text = '';
    for await (const stored of storedOf(tools, registro, { filtro }, ctx)) {
      // What stands in the columns must be what was digested when it came in.
      if (recordDigest(registro, stored.row) !== stored.digest) {
        throw broken(registro, `el registro ${stored.clave} no corresponde a su resumen`);
      }
      roots.add(stored.bucket, stored.clave, stored.digest);
      versiones.add(stored.version);
      text += toLine(stored);
      // The compressor is a thread of its own: a line at a time, the way there costs more than the work.
      if (text.length < CHARS_PER_WRITE) continue;
      yield text;
      text = '';
    }
    yield text;
  };
  const sha = createHash('sha256');
  const { through, bytes } = measureBytes(sha);
  await pipeline(
    Readable.from(lines()),
    createGzip({ level: constants.Z_BEST_SPEED }),
    through,
    createWriteStream(draft, { flush: true }),
    { signal: ctx.signal },
  );
  await rename(draft, path.join(dir, nombre));
  const manifest: ArchiveManifest = {
    formato: FORMATO,
    registro: registro.nombre,
    sistema: registro.sistema,
    cohorte: filtro,
    filas: roots.filas,
    digestVersion: DIGEST_VERSION,
    raiz: roots.root(),
    versiones: [...versiones].sort(),
    exportadoEn: new Date(tools.now()).toISOString(),
    archivo: { nombre, bytes: bytes(), sha256: sha.digest('hex') },
    certificado,
  };
  await writeWhole(path.join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.parcial`;
  await pipeline(Readable.from([text]), createWriteStream(draft, { flush: true }));
  await rename(draft, file);
}
