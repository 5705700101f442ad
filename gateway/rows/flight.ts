import type { Key, Pagador } from '../../adapters/contract.js';
import {
  BudgetExceededError,
  SourceContractError,
  SourceTimeoutError,
  toSourceError,
} from '../../adapters/errors.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import type { RowCache } from '../cache/cache.js';
import { noCache } from '../cache/cache.js';
import type { OperationContext } from './context.js';
import { toSourceContext } from './context.js';
import { Cuenta } from './cuenta.js';
import type { AnyOutcome } from './outcome.js';
import type { FetchBucket } from './row-store.js';
import type { AskSources } from './sources.js';

/**
 * While a call of a scope is under way the next keys wait for its end together, and at most this long: a source that takes
 * its time is not waited for, and one that is quick is asked a third as often.
 */
const MAX_WAIT_MS = 25;

/**
 * Keys asked by different requests in the same turn, or already in flight, become one source call; only inside one
 * scope: same question, access class, as-of and epoch. A request that gives up never cancels another's: the call ends
 * when nobody waits for it any more.
 */
export function createFlights(ask: AskSources, cache: RowCache): FetchBucket {
  const scopes = new Map<string, Scope>();
  const readers = new Readers();
  const fly = (
    id: string,
    bucket: Bucket,
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> => {
    let scope = scopes.get(id);
    if (scope === undefined) {
      scope = new Scope(id, bucket, ask, cache, readers, () => scopes.delete(id));
      scopes.set(id, scope);
    }
    return scope.fetch(keys, operation);
  };
  const fetchMissing = async (
    bucket: Bucket,
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> => {
    const id = `${operation.alcance}|${operation.corte ?? ''}|${operation.epoca}|${bucket.id}`;
    if (cache === noCache) return fly(id, bucket, keys, operation);
    const cached = await cache.get(id, keys);
    const missing = cached.size === 0 ? keys : keys.filter((key) => !cached.has(key));
    if (missing.length === 0) return cached;
    const fetched = await fly(id, bucket, missing, operation);
    if (cached.size === 0) return fetched;
    return new Map([...cached, ...fetched]);
  };
  return async (bucket, keys, operation) => {
    readers.enter(operation);
    try {
      return await fetchMissing(bucket, keys, operation);
    } finally {
      readers.leave(operation);
    }
  };
}

/** The operations that wait for rows. One that is alone has nobody to wait for. */
class Readers {
  readonly #waiting = new Map<OperationContext, number>();

  get isAlone(): boolean {
    return this.#waiting.size <= 1;
  }

  enter(operation: OperationContext): void {
    this.#waiting.set(operation, (this.#waiting.get(operation) ?? 0) + 1);
  }

  leave(operation: OperationContext): void {
    const left = (this.#waiting.get(operation) ?? 1) - 1;
    if (left === 0) this.#waiting.delete(operation);
    else this.#waiting.set(operation, left);
  }
}

/** One call and those who wait for it. */
class Call {
  readonly keys: Key[] = [];
  readonly cuenta = new Cuenta();
  /** Made when somebody else looks for a key: who asks alone brings each key once. */
  #known: Set<Key> | null = null;
  readonly startedOrQueued = Date.now();
  readonly answer: Promise<ReadonlyMap<Key, AnyOutcome>>;
  settle!: (answer: ReadonlyMap<Key, AnyOutcome>) => void;
  readonly #abort = new AbortController();
  readonly #onAbandoned: (call: Call) => void;
  #waiting = 0;
  deadline = 0;

  constructor(onAbandoned: (call: Call) => void) {
    this.#onAbandoned = onAbandoned;
    this.answer = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  has(key: Key): boolean {
    this.#known ??= new Set(this.keys);
    return this.#known.has(key);
  }

  /** Keys that the call has not yet. */
  add(keys: readonly Key[]): void {
    for (const key of keys) {
      this.keys.push(key);
      this.#known?.add(key);
    }
  }

  join(operation: OperationContext, claves: number): Pagador | null {
    this.#waiting += 1;
    this.deadline = Math.max(this.deadline, operation.deadline);
    return this.cuenta.join(operation, claves);
  }

  leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Forgotten before it is stopped: who asks from now on needs a call of its own.
    this.#onAbandoned(this);
    this.#abort.abort();
  }
}

class Scope {
  readonly #id: string;
  readonly #bucket: Bucket;
  readonly #ask: AskSources;
  readonly #cache: RowCache;
  readonly #readers: Readers;
  readonly #onIdle: () => void;
  /** Queued or under way, so that others may join. */
  readonly #calls: Call[] = [];
  #queued: Call | null = null;
  #operation: OperationContext | null = null;
  #busy = 0;

  constructor(
    id: string,
    bucket: Bucket,
    ask: AskSources,
    cache: RowCache,
    readers: Readers,
    onIdle: () => void,
  ) {
    this.#id = id;
    this.#readers = readers;
    this.#bucket = bucket;
    this.#ask = ask;
    this.#cache = cache;
    this.#onIdle = onIdle;
  }

  async fetch(
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> {
    const calls = this.#callsOf(keys, operation);
    const [only] = calls;
    if (calls.size === 1 && only !== undefined) return this.#waitFor(only, keys, operation);
    const parts = await Promise.all(
      [...calls].map((call) => {
        const own = keys.filter((key) => call.has(key));
        return this.#waitFor(call, own, operation);
      }),
    );
    return new Map(parts.flatMap((part) => [...part]));
  }

  async #waitFor(
    call: Call,
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> {
    const { isUnderWay } = call.cuenta;
    const pagador = call.join(operation, keys.length);
    const answer = await untilAborted(call, operation.signal);
    const isPaid = pagador?.impago !== true || call.cuenta.pagadores.length === 1;
    // Others could not pay for it before this one came: it asks for itself.
    if (isUnderWay && pagador?.impago === false && answer !== null && isRefused(answer))
      return this.fetch(keys, operation);
    // Who asked for all that the call brought may have it as it is.
    if (answer !== null && answer.size === keys.length && isPaid) return answer;
    const none = isPaid ? this.#timedOut() : this.#excessive();
    return new Map(keys.map((key) => [key, (isPaid ? answer?.get(key) : null) ?? none]));
  }

  /** The calls that bring these keys: those that already do, and the next one for the rest. */
  #callsOf(keys: readonly Key[], operation: OperationContext): ReadonlySet<Call> {
    // Nothing under way: all of them wait for the next call.
    if (this.#calls.length === 0) {
      const queued = this.#enqueue(operation);
      queued.add(keys);
      return new Set([queued]);
    }
    const calls = new Set<Call>();
    for (const key of keys) {
      const flying = this.#calls.find((call) => call.has(key));
      if (flying !== undefined) calls.add(flying);
      else {
        const queued = this.#queued ?? this.#enqueue(operation);
        queued.add([key]);
        calls.add(queued);
      }
    }
    return calls;
  }

  #enqueue(operation: OperationContext): Call {
    const call = new Call((abandoned) => {
      this.#forget(abandoned);
    });
    this.#queued = call;
    this.#operation = operation;
    this.#calls.push(call);
    const launch = (): void => {
      this.#launch();
    };
    // One turn for the keys of other requests; longer only while a call of this scope is under way.
    const launchInTurn = (): void => {
      if (this.#busy === 0) this.#launch();
      else setTimeout(launch, MAX_WAIT_MS).unref();
    };
    if (this.#readers.isAlone && this.#busy === 0) process.nextTick(launch);
    else setImmediate(launchInTurn);
    return call;
  }

  #launch(): void {
    const call = this.#queued;
    const operation = this.#operation;
    if (call === null || operation === null) return;
    this.#queued = null;
    this.#busy += 1;
    const { keys, cuenta } = call;
    cuenta.launch(keys.length);
    const origen = cuenta.isOfRequest ? 'consulta' : 'fondo';
    const ctx = {
      ...toSourceContext(operation, call),
      origen,
      pagadores: cuenta.pagadores,
    } as const;
    const end = (answer: ReadonlyMap<Key, AnyOutcome>): void => {
      this.#forget(call);
      this.#busy -= 1;
      call.settle(answer);
      if (!call.signal.aborted) void this.#cache.set(this.#id, answer);
      if (this.#queued !== null) this.#launch();
      else if (this.#calls.length === 0) this.#onIdle();
    };
    void this.#ask(this.#bucket, keys, ctx, operation.ruteo).then(end, (cause: unknown) => {
      // Nobody may wait for ever, whatever broke on the way to the source.
      end(new Map(keys.map((key) => [key, this.#broken(cause)])));
    });
  }

  /** Takes a call out of what others may join. */
  #forget(call: Call): void {
    if (this.#queued === call) this.#queued = null;
    const at = this.#calls.indexOf(call);
    if (at !== -1) this.#calls.splice(at, 1);
    if (this.#busy === 0 && this.#calls.length === 0) this.#onIdle();
  }

  #broken(cause: unknown): AnyOutcome {
    const { sistema } = this.#bucket.registro;
    return { at: 'failed', error: toSourceError(new SourceContractError(sistema, { cause })) };
  }

  #excessive(): AnyOutcome {
    const { sistema } = this.#bucket.registro;
    return { at: 'failed', error: toSourceError(new BudgetExceededError(sistema)) };
  }

  #timedOut(): AnyOutcome {
    return {
      at: 'failed',
      error: toSourceError(new SourceTimeoutError(this.#bucket.registro.sistema)),
    };
  }
}

const isRefused = (answer: ReadonlyMap<Key, AnyOutcome>): boolean => {
  for (const outcome of answer.values())
    if (outcome.at === 'failed' && outcome.error.code === 'CONSULTA_EXCESIVA') return true;
  return false;
};

/** The answer of a call, or null when this reader's time is over first. */
function untilAborted(
  call: Call,
  signal: AbortSignal,
): Promise<ReadonlyMap<Key, AnyOutcome> | null> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      call.leave();
      resolve(null);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    void call.answer.then((answer) => {
      signal.removeEventListener('abort', onAbort);
      resolve(answer);
    });
  });
}
