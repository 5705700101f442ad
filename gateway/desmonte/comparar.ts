import type { RecordStore } from '../../adapters/contract.js';
import { rootDigest } from '../../schema/digest.js';
import { groupBy } from '../../schema/group-by.js';
import type { Key } from '../../schema/key.js';
import type { Filtro } from '../../schema/registro.js';
import type { Cubeta, Hoja } from '../route/merkle.js';
import { diffBucket, differingBuckets, sliceRoot } from '../route/merkle.js';
import type { Barrido } from './barrido.js';
import { cubetasOf, hojasOf } from './barrido.js';
import type { Tarea } from './tarea.js';
import { contextOf, Detenida } from './tarea.js';

/** Both sides of a tramo by digest. viejo = iguales + distintas + soloViejo, and nuevo likewise. */
export interface Comparado {
  readonly viejo: number;
  readonly nuevo: number;
  readonly iguales: number;
  readonly soloViejo: number;
  readonly soloNuevo: number;
  readonly distintas: number;
  /** At most `MOST_CLAVES` of each. */
  readonly claves: {
    readonly soloViejo: readonly Key[];
    readonly soloNuevo: readonly Key[];
    readonly distintas: readonly Key[];
  };
  readonly raizViejo: string;
  readonly raizNuevo: string;
  /** Root of the new side as an archive writes it. */
  readonly raizArchivo: string;
}

export const MOST_CLAVES = 50_000;
const ROWS_PER_BATCH = 200_000;
/** Buckets that lie so near are asked in one statement. */
const GAP = 16;
const ATTEMPTS = 5;

/** Compares a walk over the old side with the new one as it stands: buckets first, then the claves of those that differ. */
export async function compareBarrido(
  tarea: Tarea,
  barrido: Barrido,
  filtro: Filtro | null,
): Promise<Comparado> {
  const { unico, registro, store } = tarea;
  const viejo = await cubetasOf(store, barrido);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ctx = contextOf(tarea);
    const before = await unico.version(registro, ctx);
    const nuevo = await unico.bucketDigests(registro, { filtro }, ctx);
    const comparado = await descend(tarea, barrido, filtro, viejo, nuevo);
    const after = await unico.version(registro, contextOf(tarea));
    // Buckets of one instant and claves of another would not add up.
    if (before.token === after.token) return comparado;
  }
  throw new Detenida(
    'STORE_MOVING',
    'El lado nuevo cambia más rápido de lo que se compara; repita el censo.',
  );
}

interface Found {
  soloViejo: Key[];
  soloNuevo: Key[];
  distintas: Key[];
}

async function descend(
  tarea: Tarea,
  barrido: Barrido,
  filtro: Filtro | null,
  viejo: readonly Cubeta[],
  nuevo: readonly Cubeta[],
): Promise<Comparado> {
  const different = new Set(differingBuckets(viejo, nuevo));
  const counts = { iguales: 0, soloViejo: 0, soloNuevo: 0, distintas: 0 };
  for (const { bucket, filas } of viejo) if (!different.has(bucket)) counts.iguales += filas;
  const claves: Found = { soloViejo: [], soloNuevo: [], distintas: [] };
  for (const batch of batchesOf([...different], viejo, nuevo)) {
    const left = groupByBucket(await hojasOf(tarea.store, barrido, batch));
    const right = groupByBucket(await nuevoOf(tarea, batch, filtro));
    for (const bucket of batch) {
      const diff = diffBucket(left.get(bucket) ?? [], right.get(bucket) ?? []);
      counts.iguales += diff.iguales;
      for (const kind of ['soloViejo', 'soloNuevo', 'distintas'] as const) {
        counts[kind] += diff[kind].length;
        const room = MOST_CLAVES - claves[kind].length;
        claves[kind].push(...diff[kind].slice(0, Math.max(0, room)));
      }
    }
  }
  return {
    ...counts,
    claves,
    viejo: sumOf(viejo),
    nuevo: sumOf(nuevo),
    raizViejo: sliceRoot(viejo),
    raizNuevo: sliceRoot(nuevo),
    raizArchivo: rootDigest(nuevo),
  };
}

const sumOf = (cubetas: readonly Cubeta[]): number =>
  cubetas.reduce((sum, { filas }) => sum + filas, 0);

const groupByBucket = (hojas: readonly Hoja[]): Map<number, Hoja[]> =>
  groupBy(hojas, ({ bucket }) => bucket);

/** Buckets in batches of so many rows that both sides fit in memory. */
function* batchesOf(
  buckets: readonly number[],
  viejo: readonly Cubeta[],
  nuevo: readonly Cubeta[],
): Generator<readonly number[]> {
  const filas = new Map<number, number>();
  for (const cubeta of [...viejo, ...nuevo])
    filas.set(cubeta.bucket, (filas.get(cubeta.bucket) ?? 0) + cubeta.filas);
  let batch: number[] = [];
  let rows = 0;
  for (const bucket of buckets) {
    batch.push(bucket);
    rows += filas.get(bucket) ?? 0;
    if (rows < ROWS_PER_BATCH) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  if (batch.length > 0) yield batch;
}

async function nuevoOf(
  tarea: Tarea,
  buckets: readonly number[],
  filtro: Filtro | null,
): Promise<readonly Hoja[]> {
  const wanted = new Set(buckets);
  const found: Hoja[] = [];
  for (const range of rangesOf(buckets)) {
    for await (const digest of digestsOf(tarea, range, filtro))
      if (wanted.has(digest.bucket)) found.push(digest);
  }
  return found;
}

const digestsOf = (
  tarea: Tarea,
  buckets: readonly [number, number],
  filtro: Filtro | null,
): ReturnType<RecordStore['digests']> =>
  tarea.unico.digests(tarea.registro, { buckets, filtro }, contextOf(tarea));

function rangesOf(buckets: readonly number[]): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const bucket of buckets) {
    const last = ranges.at(-1);
    if (last !== undefined && bucket - last[1] <= GAP) last[1] = bucket;
    else ranges.push([bucket, bucket]);
  }
  return ranges;
}
