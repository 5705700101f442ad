import { ReservedFieldError, toSourceError } from '../../adapters/errors.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { FetchBucket } from '../rows/row-store.js';
import { maskFor } from './masking.js';

/**
 * What a reader may not see must not decide what is answered either: a filter, an order, a key or a group over it would
 * tell it by probing, value after value. Such a question reaches no cache and no source.
 */
export function refuseProbing(fetch: FetchBucket): FetchBucket {
  return (bucket, keys, operation) => {
    if (!namesPersonal(bucket) || maskFor(bucket.registro, operation.alcance) === null)
      return fetch(bucket, keys, operation);
    const error = toSourceError(new ReservedFieldError(bucket.registro.sistema));
    return Promise.resolve(new Map(keys.map((key) => [key, { at: 'failed', error }])));
  };
}

const known = new WeakMap<Bucket, boolean>();

function namesPersonal(bucket: Bucket): boolean {
  let names = known.get(bucket);
  if (names === undefined) {
    const { campos } = bucket.registro;
    names = camposAsked(bucket).some((campo) => campos[campo]?.clase === 'personal');
    known.set(bucket, names);
  }
  return names;
}

/** Every campo whose value decides which records, in which order or in which group, are answered. */
function camposAsked(bucket: Bucket): readonly string[] {
  const { registro } = bucket;
  if (bucket.op === 'read') return clavesOf(registro, bucket.acceso);
  if (bucket.op === 'measure') {
    const { grano = [], filtro = null } = registro.medidas[bucket.medida] ?? {};
    return [...grano, ...bucket.dims, ...camposOf(filtro)];
  }
  const { filtro, orden } = bucket.list;
  const own = bucket.op === 'top' ? clavesOf(registro, bucket.acceso) : [];
  return [...own, ...camposOf(filtro), ...orden.map(({ campo }) => campo)];
}

const clavesOf = ({ accesos }: Registro, acceso: string): readonly string[] =>
  accesos[acceso]?.claves ?? [];

function camposOf(filtro: Filtro | null): readonly string[] {
  if (filtro === null) return [];
  if (filtro.op === 'and') return filtro.de.flatMap(camposOf);
  return 'campo' in filtro ? [filtro.campo] : [];
}
