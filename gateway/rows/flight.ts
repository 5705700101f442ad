import type { Key } from '../../adapters/contract.js';
import { stoppableOf } from '../../adapters/index.js';
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
import { CallContext } from './context.js';
import { Call, untilStopped } from './call.js';
import type { AnyOutcome } from './outcome.js';
import type { FetchBucket } from './row-store.js';
import type { AskSources } from './sources.js';

/**
 * While a call of a scope is under way the next keys wait for its end together, and at most this long: a source that takes
 * its time is not waited for, and one that is quick is asked a third as often.
 */
const MAX_WAIT_MS = 25;
/** And while requests keep coming in turn after turn, at most this long. */
const MAX_GATHER_MS = 5;

/**
 * Keys asked by different requests in the same turn, or already in flight, become one source call; only inside one
 * scope: same question, access class, as-of and epoch. A request that gives up never cancels another's: the call ends
 * when nobody waits for it any more.
 */
export function createFlights(ask: AskSources, cache: RowCache): FetchBucket {
  const classes = new ScopeClasses();
  const readers = new Readers();
  const fly = (
    own: ScopeClass,
    bucket: Bucket,
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> => {
    let scope = own.scopes.get(bucket.id);
    if (scope === undefined) {
      const keep = (answer: ReadonlyMap<Key, AnyOutcome>): void => {
        if (cache !== noCache) void cache.set(`${own.id}|${bucket.id}`, answer);
      };
      scope = new Scope(bucket, ask, keep, readers, () => own.scopes.delete(bucket.id));
      own.scopes.set(bucket.id, scope);
    }
    return scope.fetch(keys, operation);
  };
  const fetchMissing: FetchBucket = async (bucket, keys, operation) => {
    const own = classes.of(operation);
    const { outcomes: cached, forMs } = await cache.get(`${own.id}|${bucket.id}`, keys);
    operation.lifetime?.limit(forMs);
    const missing = cached.size === 0 ? keys : keys.filter((key) => !cached.has(key));
    if (missing.length === 0) return cached;
    const fetched = await fly(own, bucket, missing, operation);
    operation.lifetime?.limit(cache.ttlMs);
    if (cached.size === 0) return fetched;
    return new Map([...cached, ...fetched]);
  };
  const fetch: FetchBucket =
    cache === noCache
      ? (bucket, keys, operation) => fly(classes.of(operation), bucket, keys, operation)
      : fetchMissing;
  return async (bucket, keys, operation) => {
    readers.enter(operation);
    try {
      return await fetch(bucket, keys, operation);
    } finally {
      readers.leave(operation);
    }
  };
}

/** What operations of one access class, as-of and epoch ask. */
interface ScopeClass extends Pick<OperationContext, 'alcance' | 'corte' | 'epoca'> {
  readonly id: string;
  /** By question, while keys of it wait or are under way. */
  readonly scopes: Map<string, Scope>;
}

/** Told apart field by field, not by a text made for each question; almost always it is the class that asked before. */
class ScopeClasses {
  readonly #classes: ScopeClass[] = [];

  of({ alcance, corte, epoca }: OperationContext): ScopeClass {
    const at = this.#classes.findIndex(
      (known) => known.epoca === epoca && known.alcance === alcance && known.corte === corte,
    );
    const found = this.#classes[at];
    if (found !== undefined) return found;
    const made = {
      id: `${alcance}|${corte ?? ''}|${epoca}`,
      alcance,
      corte,
      epoca,
      scopes: new Map(),
    };
    this.#forgetIdle();
    this.#classes.unshift(made);
    return made;
  }

  /** Epochs pass, and as-of instants are many. */
  #forgetIdle(): void {
    for (let at = this.#classes.length - 1; at >= 0; at--)
      if (this.#classes[at]?.scopes.size === 0) this.#classes.splice(at, 1);
  }
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

class Scope {
  readonly #bucket: Bucket;
  readonly #ask: AskSources;
  readonly #keep: (answer: ReadonlyMap<Key, AnyOutcome>) => void;
  readonly #readers: Readers;
  readonly #onIdle: () => void;
  /** Queued or under way, so that others may join. */
  readonly #calls: Call[] = [];
  #queued: Call | null = null;
  #operation: OperationContext | null = null;
  #busy = 0;

  constructor(
    bucket: Bucket,
    ask: AskSources,
    keep: (answer: ReadonlyMap<Key, AnyOutcome>) => void,
    readers: Readers,
    onIdle: () => void,
  ) {
    this.#readers = readers;
    this.#bucket = bucket;
    this.#ask = ask;
    this.#keep = keep;
    this.#onIdle = onIdle;
  }

  fetch(keys: readonly Key[], operation: OperationContext): Promise<ReadonlyMap<Key, AnyOutcome>> {
    const calls = this.#callsOf(keys, operation);
    const [only] = calls;
    if (calls.size === 1 && only !== undefined) return this.#waitFor(only, keys, operation);
    const parts = [...calls].map((call) => {
      const own = keys.filter((key) => call.has(key));
      return this.#waitFor(call, own, operation);
    });
    return Promise.all(parts).then((all) => new Map(all.flatMap((part) => [...part])));
  }

  async #waitFor(
    call: Call,
    keys: readonly Key[],
    operation: OperationContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> {
    const { isUnderWay } = call.cuenta;
    const pagador = call.join(operation, keys.length);
    const answer = await untilStopped(call, stoppableOf(operation));
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
    if (this.#readers.isAlone && this.#busy === 0) process.nextTick(launch);
    else
      setImmediate(() => {
        // Longer than for who comes now, only while a call of this scope is under way.
        if (this.#busy > 0) setTimeout(launch, MAX_WAIT_MS).unref();
        else this.#gather(call);
      });
    return call;
  }

  /** Launches a call after the first turn in which nobody joined it: who reads many requests at once goes on reading them. */
  #gather(call: Call, since = performance.now(), before = 0): void {
    if (this.#queued !== call) return;
    const now = call.keys.length;
    if (now === before || performance.now() - since > MAX_GATHER_MS) {
      this.#launch();
      return;
    }
    setImmediate(() => {
      this.#gather(call, since, now);
    });
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
    const { pagadores } = cuenta;
    const ctx = new CallContext(operation, call, { deadline: call.deadline, origen, pagadores });
    const end = (answer: ReadonlyMap<Key, AnyOutcome>): void => {
      this.#forget(call);
      this.#busy -= 1;
      call.settle(answer);
      if (!call.stop.isStopped) this.#keep(answer);
      if (this.#queued !== null) this.#gather(this.#queued);
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
