/** What the single store can do beyond answering: take records in, tell what it holds, and hand over an archive. */
import type { Huella } from '../../schema/digest.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { Adapter, Key, Row, SourceContext, Version } from '../contract.js';

/** Records of one version of their source. */
export interface IngestChunk {
  readonly rows: readonly Row[];
  /** `huellaOf` each row in its place, from a caller that needed them itself. */
  readonly huellas?: readonly Huella[];
  /** Version of the source. Its order is that of `sourceTime`, of `checkedAt` where the source says no time. */
  readonly version: Version;
  /** Version of the mapping that made the rows; a later one replaces what an earlier one made of the same source. */
  readonly mapeo?: number;
  /** Replaces also what the same version left here with another content: the repair of a difference found. */
  readonly reparar?: boolean;
}

/** How far a tramo has come; opaque to the store. */
export interface Checkpoint {
  readonly tramo: string;
  readonly valor: string;
}

/** rows = escritas + iguales + obsoletas. */
export interface Ingested {
  /** Versions written, of new and of known records. */
  readonly escritas: number;
  /** Already here with this content, or repeated within the chunk. */
  readonly iguales: number;
  /** Of those written, how many replaced another version or a tombstone. */
  readonly reemplazadas: number;
  /** Not written: a newer version is here. */
  readonly obsoletas: number;
  /** Seen with two contents in one and the same version of the source: it contradicts itself, or a repair is due. */
  readonly conflictos: number;
}

export interface Digest {
  readonly clave: Key;
  /** `recordDigest`, hex. */
  readonly digest: string;
  /** `bucketOf(clave)`. */
  readonly bucket: number;
}

export interface DigestScope {
  /** First and last bucket, both included; all of them where absent. */
  readonly buckets?: readonly [number, number];
  /** The cohort; the whole registro where absent or null. */
  readonly filtro?: Filtro | null;
}

/** SHA-256 over the digests of one bucket in the order of their claves, as `bucketDigest` makes it. */
export interface BucketDigest {
  readonly bucket: number;
  readonly filas: number;
  readonly digest: string;
}

/** One version that was recorded, in the order in which that happened. */
export interface Change {
  readonly clave: Key;
  /** Null: a tombstone. */
  readonly row: Row | null;
  readonly version: Version;
  readonly registradoEn: string;
  /** Token for `since`. */
  readonly cursor: string;
}

/** What an archive says of itself, in `manifest.json`. */
export interface ArchiveManifest {
  readonly formato: string;
  readonly registro: string;
  readonly sistema: string;
  readonly cohorte: Filtro | null;
  readonly filas: number;
  readonly digestVersion: number;
  /** SHA-256 over the bucket digests: equal for equal records, however the file was made. */
  readonly raiz: string;
  /** Version tokens of the source that the rows carry. */
  readonly versiones: readonly string[];
  readonly exportadoEn: string;
  readonly archivo: { readonly nombre: string; readonly bytes: number; readonly sha256: string };
  /** File name of the parity certificate beside it. */
  readonly certificado: string | null;
}

/** The single store: one more adapter, and the place into which systems are retired. */
export interface RecordStore extends Adapter {
  /** Rows and checkpoint in one transaction. Taking the same rows again writes nothing. */
  ingest(
    registro: Registro,
    chunk: IngestChunk,
    checkpoint: Checkpoint | null,
    ctx: SourceContext,
  ): Promise<Ingested>;
  /** The last checkpoint of a tramo. */
  checkpoint(tramo: string): Promise<string | null>;
  /**
   * Marks claves as gone since a version of the source, under the same guard as rows: a newer version of a record stays.
   * Answers how many tombstones were written. `reparar` removes also what the same version put here.
   */
  tombstone(
    registro: Registro,
    claves: readonly Key[],
    version: Version,
    ctx: SourceContext,
    options?: { readonly mapeo?: number; readonly reparar?: boolean },
  ): Promise<number>;
  /** Digests of current records, by bucket and then by clave; all as of one instant. */
  digests(registro: Registro, scope: DigestScope, ctx: SourceContext): AsyncIterable<Digest>;
  /** The same, already reduced to buckets by the engine; empty buckets are left out. */
  bucketDigests(
    registro: Registro,
    scope: DigestScope,
    ctx: SourceContext,
  ): Promise<readonly BucketDigest[]>;
  /** Keys over some campos of the current records, each once, in no order; a part that is null is empty. */
  distinctKeys(
    registro: Registro,
    campos: readonly string[],
    filtro: Filtro | null,
    ctx: SourceContext,
  ): Promise<readonly Key[]>;
  /** What was recorded after a cursor; from the beginning for null. */
  changes(registro: Registro, since: string | null, ctx: SourceContext): AsyncIterable<Change>;
  /** Writes current records and `manifest.json` into a folder, which is made. */
  exportArchive(
    registro: Registro,
    filtro: Filtro | null,
    dir: string,
    options: { readonly certificado?: string | null },
    ctx: SourceContext,
  ): Promise<ArchiveManifest>;
  /** Reads an archive to its last record, with the reader of the import, and takes nothing in. */
  checkArchive(dir: string, ctx: SourceContext): Promise<ArchiveManifest>;
  /** Verifies an archive as a whole, and then takes it in. Importing it again writes nothing. */
  importArchive(
    dir: string,
    ctx: SourceContext,
  ): Promise<{ readonly manifest: ArchiveManifest; readonly ingested: Ingested }>;
}

/** Whether an adapter is the single store: the engine of migration asks, and names no folder. */
export const isRecordStore = (adapter: Adapter): adapter is RecordStore =>
  'ingest' in adapter && 'importArchive' in adapter;
