import { createHash } from 'node:crypto';
import { BUCKETS, bucketDigest, compareClaves } from '../../schema/digest.js';
import type { Key } from '../../schema/key.js';

/** A record as the census sees it. Both sides come in the order of their buckets and then of their claves. */
export interface Hoja {
  readonly clave: Key;
  /** `recordDigest`, hex. */
  readonly digest: string;
  readonly bucket: number;
}

export interface Cubeta {
  readonly bucket: number;
  readonly filas: number;
  readonly digest: string;
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
const sha = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Merkle tree hash of RFC 9162 §2.1.1, over any number of leaves. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha();
  if (leaves.length === 1) return sha(LEAF, only);
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return sha(NODE, merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

const EMPTY_BUCKET = bucketDigest([]);

/** The root of a slice: a tree over its 4,096 buckets, the empty ones included. Equal roots mean equal slices. */
export function sliceRoot(cubetas: Iterable<Pick<Cubeta, 'bucket' | 'digest'>>): string {
  const digests = new Array<string>(BUCKETS).fill(EMPTY_BUCKET);
  for (const { bucket, digest } of cubetas) digests[bucket] = digest;
  return merkleRoot(digests.map((digest) => Buffer.from(digest, 'hex'))).toString('hex');
}

/** Reduces ordered records to their buckets. Throws for a clave out of order or twice: such a stream proves nothing. */
export function* foldBuckets(hojas: Iterable<Hoja>): Generator<Cubeta> {
  let bucket = -1;
  let last: Key = '';
  let digests: string[] = [];
  for (const hoja of hojas) {
    if (hoja.bucket === bucket) {
      if (compareClaves(last, hoja.clave) >= 0) throw outOfOrder(bucket);
    } else {
      if (hoja.bucket < bucket) throw outOfOrder(hoja.bucket);
      if (digests.length > 0)
        yield { bucket, filas: digests.length, digest: bucketDigest(digests) };
      ({ bucket } = hoja);
      digests = [];
    }
    digests.push(hoja.digest);
    last = hoja.clave;
  }
  if (digests.length > 0) yield { bucket, filas: digests.length, digest: bucketDigest(digests) };
}

const outOfOrder = (bucket: number): Error =>
  new Error(`bucket ${bucket}: digests out of order or repeated`);

/** Buckets whose contents differ: the only ones that a census opens. */
export function differingBuckets(a: readonly Cubeta[], b: readonly Cubeta[]): number[] {
  const left = new Map(a.map(({ bucket, digest }) => [bucket, digest]));
  const right = new Map(b.map(({ bucket, digest }) => [bucket, digest]));
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((bucket) => (left.get(bucket) ?? EMPTY_BUCKET) !== (right.get(bucket) ?? EMPTY_BUCKET))
    .sort((x, y) => x - y);
}

export interface DiferenciaCubeta {
  readonly iguales: number;
  readonly soloViejo: readonly Key[];
  readonly soloNuevo: readonly Key[];
  readonly distintas: readonly Key[];
}

/** The claves in which the two sides of one bucket differ; both ordered by clave. */
export function diffBucket(viejo: readonly Hoja[], nuevo: readonly Hoja[]): DiferenciaCubeta {
  const soloViejo: Key[] = [];
  const soloNuevo: Key[] = [];
  const distintas: Key[] = [];
  let iguales = 0;
  let i = 0;
  let j = 0;
  while (i < viejo.length || j < nuevo.length) {
    const a = viejo[i];
    const b = nuevo[j];
    const order = a === undefined ? 1 : b === undefined ? -1 : compareClaves(a.clave, b.clave);
    if (order < 0 && a !== undefined) soloViejo.push(a.clave);
    else if (order > 0 && b !== undefined) soloNuevo.push(b.clave);
    else if (a?.digest === b?.digest) iguales += 1;
    else if (a !== undefined) distintas.push(a.clave);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return { iguales, soloViejo, soloNuevo, distintas };
}
