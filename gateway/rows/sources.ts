import type { Adapter, After, Key, Outcome, SourceContext } from '../../adapters/contract.js';
import {
  AdapterError,
  ExpiredCursorError,
  InsufficientCapabilityError,
  SourceContractError,
  toSourceError,
} from '../../adapters/errors.js';
import type { SourceError } from '../../adapters/errors.js';
import type { Fila } from '../../schema/registro.js';
import type { Ruteo } from '../route/ruteo.js';
import type { Tramo } from '../route/tramo.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import { mergeOutcomes, ownedOutcome } from './ownership.js';
import type { AnyOutcome } from './outcome.js';
import { afterOf, epocaOf } from './split-cursor.js';
import { mergeSplitList } from './split-list.js';

/** Asks the owners of the keys of one bucket. The one place where the gateway meets adapters. */
export type AskSources = (
  bucket: Bucket,
  keys: readonly Key[],
  ctx: SourceContext,
  /** The routes with which the operation began. */
  ruteo?: Ruteo,
) => Promise<ReadonlyMap<Key, AnyOutcome>>;

type Owners = Pick<Ruteo, 'ownersOf' | 'ownersOfKey' | 'ownerOfRow'> &
  Partial<Pick<Ruteo, 'respaldoOfKey' | 'tramosOf'>>;

/** Looks on while sources answer. What it does comes after the answer, and what it throws reaches nobody. */
export interface Watch {
  answered(seen: Seen): void;
}

export interface Seen {
  readonly bucket: Bucket;
  readonly claves: readonly string[];
  readonly owner: string;
  readonly keys: readonly Key[];
  readonly answer: ReadonlyMap<Key, AnyOutcome>;
  readonly ms: number;
  readonly tramos: readonly Tramo[];
  readonly ctx: SourceContext;
  /** The old side was asked because the new one was down. */
  readonly respaldo: boolean;
}

const NO_WATCH: Watch = { answered: () => undefined };

export function createAskSources(
  adapters: ReadonlyMap<string, Adapter>,
  ruteoOf: (epoca: number) => Owners,
  onUnexpected: (error: unknown, sistema: string) => void,
  watch: Watch = NO_WATCH,
): AskSources {
  const askMoving = async (
    ruteo: Owners,
    tramos: readonly Tramo[],
    bucket: Bucket,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> => {
    const plans = keysByOwner(ruteo, bucket, keys);
    const split = splitOf(ruteo, bucket, keys, plans, ctx);
    if (split === 'expired') return failAll(keys, new ExpiredCursorError(bucket.registro.sistema));
    const ask = async (
      owner: string,
      owned: readonly Key[],
      respaldo: boolean,
      asked = split === null ? bucket : split.of(owner),
    ) => {
      const started = performance.now();
      const answer = await askOne(adapters.get(owner), owner, asked, owned, ctx, onUnexpected);
      if (tramos.length > 0) {
        const ms = performance.now() - started;
        const claves = clavesOf(bucket);
        look(watch, { bucket, claves, owner, keys: owned, answer, ms, tramos, ctx, respaldo });
      }
      return answer;
    };
    const answers = await Promise.all(
      [...plans].map(async ([owner, owned]) => {
        const answer = await ask(owner, owned, false);
        const stood = await standIn(ruteo, bucket, owned, answer, (other, down) =>
          ask(other, down, true),
        );
        return { owner, owned, answer: stood };
      }),
    );
    if (plans.size === 1 && answers[0] !== undefined) return answers[0].answer;
    if (split === null) return merge(ruteo, bucket, answers);
    return mergeLists(ruteo, split, keys, answers, (owner, key, after) =>
      ask(owner, [key], false, withAfter(split.bucket, after)),
    );
  };
  return (bucket, keys, ctx, given) => {
    // The routes of the epoch with which the request began, not those of now: one answer, one map of owners.
    const ruteo = given ?? ruteoOf(ctx.epoca);
    const tramos = ruteo.tramosOf?.(bucket.registro);
    if (tramos?.length === 0) {
      const [owner, ...others] = ruteo.ownersOf(bucket.registro);
      // Nothing of it moves: one owner, and no key need be looked at.
      if (owner !== undefined && others.length === 0)
        return askOne(adapters.get(owner), owner, bucket, keys, ctx, onUnexpected);
    }
    return askMoving(ruteo, tramos ?? NO_TRAMOS, bucket, keys, ctx);
  };
}

type ListBucket = Extract<Bucket, { readonly op: 'top' | 'page' }>;

/** A list of which several own a part: each is asked from its own version on. */
interface Split {
  readonly bucket: ListBucket;
  readonly epoca: number;
  of(owner: string): Bucket;
}

const withAfter = (bucket: ListBucket, after: After | null): Bucket => ({
  ...bucket,
  list: { ...bucket.list, options: { ...bucket.list.options, after } },
});

/** Null where each key has one owner. */
function splitOf(
  ruteo: Owners,
  bucket: Bucket,
  keys: readonly Key[],
  plans: ReadonlyMap<string, readonly Key[]>,
  ctx: SourceContext,
): Split | 'expired' | null {
  if (bucket.op !== 'top' && bucket.op !== 'page') return null;
  const asked = [...plans.values()].reduce((sum, owned) => sum + owned.length, 0);
  if (asked === keys.length) return null;
  const epoca = epocaOf(ruteo, bucket.registro, ctx.epoca);
  const { after } = bucket.list.options;
  if (after === null) return { bucket, epoca, of: () => bucket };
  const owners = [...plans.keys()];
  const own = new Map(owners.map((owner) => [owner, afterOf(after, owners, epoca, owner)]));
  if ([...own.values()].includes(null)) return 'expired';
  return { bucket, epoca, of: (owner) => withAfter(bucket, own.get(owner) ?? null) };
}

/** Every key of a split list has the same owners. */
async function mergeLists(
  ruteo: Owners,
  { bucket, epoca }: Split,
  keys: readonly Key[],
  answers: readonly Answer[],
  more: (owner: string, key: Key, after: After) => Promise<ReadonlyMap<Key, AnyOutcome>>,
): Promise<ReadonlyMap<Key, AnyOutcome>> {
  const { registro, list } = bucket;
  const merged = keys.map(async (key): Promise<[Key, AnyOutcome]> => {
    const outcome = await mergeSplitList({
      registro,
      list,
      epoca,
      answers: answers.map(({ owner, answer }) => ({ owner, outcome: outcomeOf(answer, key) })),
      ownerOf: (row) => ruteo.ownerOfRow(registro, row),
      more: async (owner, after) => outcomeOf(await more(owner, key, after), key),
    });
    return [key, outcome];
  });
  return new Map(await Promise.all(merged));
}

function outcomeOf(answer: ReadonlyMap<Key, AnyOutcome>, key: Key): AnyOutcome {
  const outcome = answer.get(key);
  if (outcome === undefined) throw new Error('a key that was asked has no outcome');
  return outcome;
}

const NO_TRAMOS: readonly Tramo[] = [];

function look(watch: Watch, seen: Seen): void {
  try {
    watch.answered(seen);
  } catch {
    // The watch counts its own failures; an answer does not wait for them.
  }
}

/** What says that a side is down, and nothing about what it holds: «not found» is an answer and needs no stand-in. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_TIMEOUT']);

/** In `primary` the old side answers the keys that the new one could not be asked for. */
async function standIn(
  ruteo: Owners,
  bucket: Bucket,
  keys: readonly Key[],
  answer: ReadonlyMap<Key, AnyOutcome>,
  ask: (owner: string, keys: readonly Key[]) => Promise<ReadonlyMap<Key, AnyOutcome>>,
): Promise<ReadonlyMap<Key, AnyOutcome>> {
  if (ruteo.respaldoOfKey === undefined || bucket.op === 'page') return answer;
  if (ruteo.tramosOf?.(bucket.registro).length === 0) return answer;
  const down = new Map<string, Key[]>();
  for (const key of keys) {
    const outcome = answer.get(key);
    if (outcome?.at !== 'failed' || !UNAVAILABLE.has(outcome.error.code)) continue;
    const other = ruteo.respaldoOfKey(bucket.registro, clavesOf(bucket), key);
    if (other === null) continue;
    const same = down.get(other);
    if (same === undefined) down.set(other, [key]);
    else same.push(key);
  }
  if (down.size === 0) return answer;
  const whole = new Map(answer);
  for (const [other, lost] of down) {
    for (const [key, outcome] of await ask(other, lost)) {
      if (outcome.at !== 'failed') whole.set(key, { ...outcome, respaldo: true });
    }
  }
  return whole;
}

interface Answer {
  readonly owner: string;
  readonly owned: readonly Key[];
  readonly answer: ReadonlyMap<Key, AnyOutcome>;
}

function keysByOwner(
  ruteo: Owners,
  bucket: Bucket,
  keys: readonly Key[],
): ReadonlyMap<string, readonly Key[]> {
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
      merged.set(key, before === undefined ? kept : mergeOutcomes(before, kept));
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

function ask(
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
  return adapter
    .page(registro, filtro, orden, options, ctx)
    .then((page: Outcome<unknown>) => new Map(keys.map((key) => [key, page as AnyOutcome])));
}

function failAll(keys: readonly Key[], error: SourceError): Map<Key, AnyOutcome> {
  const failed: AnyOutcome = { at: 'failed', error: toSourceError(error) };
  return new Map(keys.map((key) => [key, failed]));
}
