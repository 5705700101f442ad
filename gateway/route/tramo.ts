import { createHash } from 'node:crypto';
import type { Fila, Valor } from '../../schema/registro.js';

/** A slice (tramo) = registro × cohort over the campos of its ruta, on its way from one system to the single store. */
export interface Tramo {
  readonly id: string;
  readonly registro: string;
  readonly cohorte: Cohorte;
  /** Adapter of the system that is being replaced. */
  readonly viejo: string;
  readonly nuevo: string;
  readonly fase: Fase;
  /** In canary: parts per million of keys that the new side answers; never used in another phase. */
  readonly canaryPpm: number;
  /** In canary: keys that the new side answers whatever their bucket. */
  readonly canaryCohorte: Cohorte | null;
  /** Fixed for ever when the tramo is made: another salt would move keys that nobody decided to move. */
  readonly salt: string;
  /** Evidence gathered under other versions counts for no gate. */
  readonly mappingVersion: number;
  readonly comparatorVersion: number;
  /** Grows with each transition; a transition names the epoch it saw. */
  readonly epoca: number;
  /** Since when nobody may ask the old side, to try a day without it; absent while nothing is tried. */
  readonly oscuroDesde?: string;
}

/** The old side may not be asked for it: it is retired, or a day without it is being tried. */
export const isBlocked = ({ fase, oscuroDesde }: Tramo): boolean =>
  fase === 'retired' || oscuroDesde !== undefined;

export const FASES = [
  'legacy',
  'backfill',
  'shadow',
  'canary',
  'primary',
  'draining',
  'retired',
] as const;
export type Fase = (typeof FASES)[number];

export const isFase = (text: string): text is Fase => (FASES as readonly string[]).includes(text);

/** Conditions on campos of the ruta, all of which must hold; {} is the whole registro. */
export type Cohorte = Readonly<Record<string, Condicion>>;
export type Condicion =
  | { readonly en: readonly string[] }
  | { readonly desde: number; readonly hasta: number }
  | { readonly prefijo: string };

type ValueOf = (campo: string) => Valor | undefined;

export function belongs(cohorte: Cohorte, valueOf: ValueOf): boolean {
  for (const campo in cohorte) {
    const condicion = cohorte[campo];
    const value = valueOf(campo);
    if (condicion === undefined) continue;
    if (value === undefined || value === null) return false;
    if ('en' in condicion) {
      if (!condicion.en.includes(String(value))) return false;
    } else if ('prefijo' in condicion) {
      if (!String(value).startsWith(condicion.prefijo)) return false;
    } else if (Number(value) < condicion.desde || Number(value) > condicion.hasta) return false;
  }
  return true;
}

export const rowBelongs = (cohorte: Cohorte, row: Fila): boolean =>
  belongs(cohorte, (campo) => row[campo]);

/**
 * Whether some record may belong to both. Two conditions on one campo that exclude each other prove that none does; what
 * is not proven counts as overlapping, for a key has one tramo only.
 */
export function overlap(a: Cohorte, b: Cohorte): boolean {
  return !Object.keys(a).some((campo) => {
    const left = a[campo];
    const right = b[campo];
    return left !== undefined && right !== undefined && exclude(left, right);
  });
}

function exclude(a: Condicion, b: Condicion): boolean {
  if ('en' in a) return !a.en.some((value) => meets(b, value));
  if ('en' in b) return exclude(b, a);
  if ('prefijo' in a && 'prefijo' in b)
    return !a.prefijo.startsWith(b.prefijo) && !b.prefijo.startsWith(a.prefijo);
  if ('desde' in a && 'desde' in b) return a.hasta < b.desde || b.hasta < a.desde;
  return false;
}

const meets = (condicion: Condicion, value: string): boolean =>
  belongs({ campo: condicion }, () => value);

const BUCKETS = 1_000_000;
const BUCKET_BYTES = 6;

/**
 * The bucket of a data key: the same on every instance, in every process, for ever. Raising the share of canary only moves
 * keys from the old side to the new one; lowering it returns exactly the ones last added.
 */
export function bucketOf(salt: string, tramoId: string, rutaKey: string): number {
  const digest = createHash('sha256').update(`${salt}|${tramoId}|${rutaKey}`).digest();
  return digest.readUIntBE(0, BUCKET_BYTES) % BUCKETS;
}

const REMEMBERED = 200_000;
const buckets = new Map<string, number>();

/** The hash costs more than everything else in a decision; it never changes, so it is remembered. */
function rememberedBucket(salt: string, tramoId: string, rutaKey: string): number {
  const id = `${salt}|${tramoId}|${rutaKey}`;
  let bucket = buckets.get(id);
  if (bucket === undefined) {
    if (buckets.size >= REMEMBERED) buckets.clear();
    bucket = bucketOf(salt, tramoId, rutaKey);
    buckets.set(id, bucket);
  }
  return bucket;
}

/** Which side answers a key of the tramo: a pure function of the key and the tramo's state. */
export function sideOf(tramo: Tramo, rutaKey: string, valueOf: ValueOf): 'viejo' | 'nuevo' {
  switch (tramo.fase) {
    case 'legacy':
    case 'backfill':
    case 'shadow':
      return 'viejo';
    case 'canary':
      if (tramo.canaryCohorte !== null && belongs(tramo.canaryCohorte, valueOf)) return 'nuevo';
      return rememberedBucket(tramo.salt, tramo.id, rutaKey) < tramo.canaryPpm ? 'nuevo' : 'viejo';
    case 'primary':
    case 'draining':
    case 'retired':
      return 'nuevo';
  }
}

/** Phases in which some key of the tramo may still be answered by the old side. */
export const asksOld = ({ fase }: Tramo): boolean =>
  fase === 'legacy' || fase === 'backfill' || fase === 'shadow' || fase === 'canary';
export const asksNew = ({ fase }: Tramo): boolean =>
  fase === 'canary' || fase === 'primary' || fase === 'draining' || fase === 'retired';
