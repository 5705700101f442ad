import type { Adapter, Key, Outcome, SourceContext } from '../../adapters/contract.js';
import {
  AdapterError,
  InsufficientCapabilityError,
  SourceContractError,
  toSourceError,
} from '../../adapters/errors.js';
import type { SourceError } from '../../adapters/errors.js';
import type { Fila } from '../../schema/registro.js';
import type { Ruteo } from '../route/ruteo.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import { mergeOutcomes, ownedOutcome } from './ownership.js';
import type { AnyOutcome } from './outcome.js';

/** Asks the owners of the keys of one bucket. The one place where the gateway meets adapters. */
export type AskSources = (
  bucket: Bucket,
  keys: readonly Key[],
  ctx: SourceContext,
) => Promise<ReadonlyMap<Key, AnyOutcome>>;

type Owners = Pick<Ruteo, 'ownersOf' | 'ownersOfKey' | 'ownerOfRow'>;

export function createAskSources(
  adapters: ReadonlyMap<string, Adapter>,
  ruteoOf: (epoca: number) => Owners,
  onUnexpected: (error: unknown, sistema: string) => void,
): AskSources {
  return async (bucket, keys, ctx) => {
    // The routes of the epoch with which the request began, not those of now: one answer, one map of owners.
    const ruteo = ruteoOf(ctx.epoca);
    const plans = keysByOwner(ruteo, bucket, keys);
    const answers = await Promise.all(
      [...plans].map(async ([owner, owned]) => {
        const answer = await askOne(adapters.get(owner), owner, bucket, owned, ctx, onUnexpected);
        return { owner, owned, answer };
      }),
    );
    if (plans.size === 1 && answers[0] !== undefined) return answers[0].answer;
    return merge(ruteo, bucket, answers);
  };
}

interface Answer {
  readonly owner: string;
  readonly owned: readonly Key[];
  readonly answer: ReadonlyMap<Key, AnyOutcome>;
}

function keysByOwner(ruteo: Owners, bucket: Bucket, keys: readonly Key[]): Map<string, Key[]> {
  const { registro } = bucket;
  const claves = clavesOf(bucket);
  const byOwner = new Map<string, Key[]>();
  for (const key of keys) {
    const owners =
      bucket.op === 'page' ? ruteo.ownersOf(registro) : ruteo.ownersOfKey(registro, claves, key);
    for (const owner of owners) {
      const owned = byOwner.get(owner);
      if (owned === undefined) byOwner.set(owner, [key]);
      else owned.push(key);
    }
  }
  return byOwner;
}

function clavesOf(bucket: Bucket): readonly string[] {
  const { registro } = bucket;
  if (bucket.op === 'measure') return registro.medidas[bucket.medida]?.grano ?? [];
  return bucket.op === 'page' ? [] : (registro.accesos[bucket.acceso]?.claves ?? []);
}

/** A key that several may own: each answer is kept only as far as its owner owns its rows, then they are merged. */
function merge(ruteo: Owners, bucket: Bucket, answers: readonly Answer[]): Map<Key, AnyOutcome> {
  const merged = new Map<Key, AnyOutcome>();
  for (const { owner, owned, answer } of answers) {
    for (const key of owned) {
      const outcome = answer.get(key);
      if (outcome === undefined) continue;
      const isOwn = (row: Fila): boolean => ruteo.ownerOfRow(bucket.registro, row) === owner;
      const kept = ownedOutcome(outcome, isOwn);
      const before = merged.get(key);
      merged.set(key, before === undefined ? kept : mergeOutcomes(bucket, before, kept));
    }
  }
  return merged;
}

async function askOne(
  adapter: Adapter | undefined,
  owner: string,
  bucket: Bucket,
  keys: readonly Key[],
  ctx: SourceContext,
  onUnexpected: (error: unknown, sistema: string) => void,
): Promise<ReadonlyMap<Key, AnyOutcome>> {
  if (adapter === undefined) {
    return failAll(
      keys,
      new SourceContractError(owner, { mensaje: `El sistema ${owner} no está instalado.` }),
    );
  }
  try {
    const answer = await ask(adapter, bucket, keys, ctx);
    for (const key of keys) {
      if (!answer.has(key))
        throw new Error(`${adapter.id}: a key asked of ${bucket.id} has no outcome`);
    }
    return answer;
  } catch (error) {
    if (error instanceof AdapterError) return failAll(keys, error);
    onUnexpected(error, adapter.id);
    return failAll(keys, new SourceContractError(adapter.id, { cause: error }));
  }
}

async function ask(
  adapter: Adapter,
  bucket: Bucket,
  keys: readonly Key[],
  ctx: SourceContext,
): Promise<ReadonlyMap<Key, AnyOutcome>> {
  const { registro } = bucket;
  const { maxKeys } = adapter.capabilities(registro);
  if (keys.length > maxKeys) throw new InsufficientCapabilityError(adapter.id);
  if (bucket.op === 'read') return adapter.read(registro, bucket.acceso, keys, ctx);
  if (bucket.op === 'measure')
    return adapter.measure(registro, bucket.medida, keys, bucket.dims, ctx);
  const { filtro, orden, options } = bucket.list;
  if (bucket.op === 'top') {
    return adapter.topPerKey(registro, bucket.acceso, keys, filtro, orden, options, ctx);
  }
  const page: Outcome<unknown> = await adapter.page(registro, filtro, orden, options, ctx);
  return new Map(keys.map((key) => [key, page as AnyOutcome]));
}

function failAll(keys: readonly Key[], error: SourceError): Map<Key, AnyOutcome> {
  const failed: AnyOutcome = { at: 'failed', error: toSourceError(error) };
  return new Map(keys.map((key) => [key, failed]));
}
