import type { Adapter, Key, SourceContext, Top } from '../../adapters/contract.js';
import { partsOf } from '../../schema/key.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { Clase } from '../route/comparadores.js';
import type { Tramo } from '../route/tramo.js';
import { belongs } from '../route/tramo.js';
import type { AnyOutcome } from '../rows/outcome.js';
import type { Seen } from '../rows/sources.js';

export type Outcomes = ReadonlyMap<Key, AnyOutcome>;

export const pairOf = (key: Key, answer: Outcomes): [Key, AnyOutcome][] => {
  const outcome = answer.get(key);
  return outcome === undefined ? [] : [[key, outcome]];
};

/** Keys of the tramo; those that do not say are kept, and their rows are told apart. */
export function keysOf({ cohorte }: Tramo, { claves, keys }: Seen): readonly Key[] {
  if (!Object.keys(cohorte).every((campo) => claves.includes(campo))) return keys;
  return keys.filter((key) => {
    const parts = partsOf(key);
    return belongs(cohorte, (campo) => parts[claves.indexOf(campo)]);
  });
}

export async function readSide(
  adapter: Adapter | undefined,
  bucket: Bucket,
  keys: readonly Key[],
  ctx: SourceContext,
): Promise<Outcomes> {
  if (adapter === undefined) throw new Error('the other side is not installed');
  if (bucket.op === 'read') return adapter.read(bucket.registro, bucket.acceso, keys, ctx);
  if (bucket.op === 'measure')
    return adapter.measure(bucket.registro, bucket.medida, keys, bucket.dims, ctx);
  if (bucket.op === 'top') {
    const { filtro, orden, options } = bucket.list;
    return adapter.topPerKey(bucket.registro, bucket.acceso, keys, filtro, orden, options, ctx);
  }
  throw new Error('a page is not compared');
}

export function errorClass(viejo?: AnyOutcome, nuevo?: AnyOutcome): Clase | null {
  const oldFailed = viejo === undefined || viejo.at === 'failed';
  const newFailed = nuevo === undefined || nuevo.at === 'failed';
  if (oldFailed && newFailed) return 'both_error_equal';
  if (oldFailed) return 'legacy_error';
  if (!newFailed) return null;
  return nuevo?.at === 'failed' && nuevo.error.code === 'SOURCE_TIMEOUT' ? 'timeout' : 'new_error';
}

export const rowsOf = (outcome: AnyOutcome | undefined): readonly unknown[] =>
  outcome?.at === 'found'
    ? outcome.rows.flatMap((row): readonly unknown[] =>
        'hasNext' in row && Array.isArray(row.rows) ? (row as Top).rows : [row],
      )
    : [];
