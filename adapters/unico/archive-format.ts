/** The archive of what a system said: a folder with its records, one per line, and a manifest that proves them. */
import { bucketDigest, compareClaves, rootDigest } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import type { BucketDigest, Row } from '../contract.js';
import { SourceContractError } from '../errors.js';

export const FORMATO = 'sugit-archivo/1';
export const MANIFEST = 'manifest.json';

/** One line of the file. */
export interface Line {
  readonly fila: Row;
  readonly resumen: string;
  readonly version: string;
  readonly tiempo: number;
  readonly mapeo: number;
}

/** Collects digests that come in the order of bucket and clave. */
export class Roots {
  readonly #buckets: BucketDigest[] = [];
  #bucket = -1;
  #last = '';
  #digests: string[] = [];
  filas = 0;

  /** Whether the record follows the one before it. */
  add(bucket: number, clave: string, digest: string): boolean {
    const follows =
      bucket > this.#bucket || (bucket === this.#bucket && compareClaves(clave, this.#last) > 0);
    if (bucket !== this.#bucket) this.#close();
    this.#bucket = bucket;
    this.#last = clave;
    this.#digests.push(digest);
    this.filas++;
    return follows;
  }

  root(): string {
    this.#close();
    return rootDigest(this.#buckets);
  }

  #close(): void {
    if (this.#digests.length === 0) return;
    this.#buckets.push({
      bucket: this.#bucket,
      filas: this.#digests.length,
      digest: bucketDigest(this.#digests),
    });
    this.#digests = [];
  }
}

export const broken = (registro: Registro, problem: string, cause?: unknown): SourceContractError =>
  new SourceContractError(registro.sistema, {
    cause,
    mensaje: `El archivo de ${registro.nombre} no es lo que su manifiesto dice: ${problem}.`,
  });
