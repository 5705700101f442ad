import { setTimeout as wait } from 'node:timers/promises';
import {
  bulkhead,
  BrokenCircuitError,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  wrap,
} from 'cockatiel';
import type { IBackoff } from 'cockatiel';
import type { SourceContext } from '../../contract.js';
import type { AdapterError } from '../../errors.js';
import { BudgetExceededError, SourceTimeoutError, SourceUnavailableError } from '../../errors.js';
import type { Stoppable } from '../stop.js';
import { allowManyListeners, stoppableOf } from '../stop.js';

/**
 * The one layer that waits, retries and gives up on a source: bulkhead > breaker > retry > attempt. Clients below it
 * never retry on their own.
 */

export interface ResilienceOptions {
  readonly sistema: string;
  readonly maxConcurrent: number;
  /** Requests that may wait for a slot; beyond it the source counts as unavailable. */
  readonly maxQueue?: number;
  /** Longest single attempt. */
  readonly timeoutMs: number;
  /** Further attempts after a passing failure. */
  readonly retries?: number;
  readonly retryBaseMs?: number;
  /** Runs failed one after the other until the breaker opens, and how long it then stays open. */
  readonly breakerFailures?: number;
  readonly breakerOpenMs?: number;
  readonly now: () => number;
  /** Injected by tests; must reject when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface FailureTraits {
  /** Worth another attempt. */
  readonly passing?: boolean;
  /** Speaks of the health of the source, so it counts for the breaker. */
  readonly health?: boolean;
  /** The source asked to wait this long. */
  readonly retryAfterMs?: number;
  /** The source works on the answer (202): repeated until the deadline, not until the retries are used up. */
  readonly processing?: boolean;
}

/** What one attempt throws: the error for the reader and what the layer must know to decide on another attempt. */
export class AttemptFailure extends Error {
  readonly error: AdapterError;
  readonly traits: FailureTraits;

  constructor(error: AdapterError, traits: FailureTraits = {}) {
    super(error.message, { cause: error });
    this.error = error;
    this.traits = traits;
  }
}

export interface ResilienceEstado {
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly enCurso: number;
  readonly enCola: number;
}

/** How long an attempt may take, and who may end it before. */
export interface Limit {
  readonly stop: Stoppable;
  readonly ms: number;
}

/** What an attempt throws when its own time was over. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** One attempt under its limit, which it must obey itself: a signal and a timer for each would cost more than the rest. */
export type Attempt<T> = (limit: Limit) => Promise<T>;

export interface Resilience {
  /** The attempt throws AttemptFailure or TimeLimitError; the result is the value or an AdapterError. */
  run<T>(attempt: Attempt<T>, ctx: SourceContext): Promise<T>;
  readonly estado: () => ResilienceEstado;
}

/** A 202 may be repeated often, yet not for ever: background deadlines are long. */
const MAX_PROCESSING = 30;
/** An attempt cut by the reader's deadline says something about the source only after this wait. */
const SLOW_MS = 3_000;
/** Beyond it a timer would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The reader went away, or could not pay: nothing was learnt about the source. */
const provesNothing = (error: unknown): boolean =>
  (error instanceof AttemptFailure && error.error instanceof CancelledError) ||
  error instanceof BudgetExceededError;

/** The reader went away. Nobody reads it, so it is an ordinary timeout with its own message. */
export class CancelledError extends SourceTimeoutError {
  constructor(sistema: string, cause: unknown) {
    super(sistema, { mensaje: 'La consulta se canceló antes de recibir la respuesta.', cause });
  }
}

const abortableSleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal });
};

/** Asked again after waiting, when the answer may be another. */
const isStopped = (stop: Stoppable): boolean => stop.isStopped;

/** Waits under the parent's signal and a time limit, and leaves neither timer nor listener behind. */
async function withLimit<T>(
  parent: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = (): void => {
    controller.abort(parent.reason);
  };
  if (parent.aborted) follow();
  allowManyListeners(parent);
  parent.addEventListener('abort', follow, { once: true });
  const timer = setTimeout(
    () => {
      controller.abort(new DOMException('time limit', 'TimeoutError'));
    },
    Math.min(Math.max(ms, 0), MAX_TIMER_MS),
  );
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', follow);
  }
}

/** Settles with the work, or rejects as soon as the signal aborts: a queue must not hold a reader who left. */
const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const leave = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', leave);
    });
  });

export function createResilience(options: ResilienceOptions): Resilience {
  const { sistema, now, timeoutMs, maxConcurrent } = options;
  const { maxQueue = 1_000, retries = 2, retryBaseMs = 200 } = options;
  const sleep = options.sleep ?? abortableSleep;
  const slots = bulkhead(maxConcurrent, maxQueue);
  // A reader who leaves during the half-open probe proves nothing: cockatiel would take an unhandled error for a success.
  const breaker = circuitBreaker(
    handleWhen(
      (error) =>
        (error instanceof AttemptFailure && error.traits.health === true) ||
        (provesNothing(error) && breaker.state === CircuitState.HalfOpen),
    ),
    {
      halfOpenAfter: options.breakerOpenMs ?? 10_000,
      breaker: new ConsecutiveBreaker(options.breakerFailures ?? 5),
    },
  );
  const outer = wrap(slots, breaker);

  const stopped = (cause: unknown, ctx: SourceContext, since: number): AttemptFailure => {
    const waited = now() - since;
    const stop = stoppableOf(ctx);
    if (stop.isStopped && now() < ctx.deadline) {
      const { reason } = stop;
      const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
      if (!timedOut) return new AttemptFailure(new CancelledError(sistema, reason));
    }
    return new AttemptFailure(new SourceTimeoutError(sistema, { cause }), {
      passing: true,
      health: waited >= Math.min(timeoutMs, SLOW_MS),
    });
  };

  async function attemptOnce<T>(attempt: Attempt<T>, ctx: SourceContext): Promise<T> {
    const stop = stoppableOf(ctx);
    const since = now();
    const left = ctx.deadline - since;
    if (left <= 0 || isStopped(stop)) throw stopped(stop.reason, ctx, since);
    try {
      return await attempt({ stop, ms: Math.min(timeoutMs, left) });
    } catch (error) {
      if (isStopped(stop)) throw stopped(stop.reason, ctx, since);
      if (error instanceof TimeLimitError) throw stopped(error, ctx, since);
      throw error;
    }
  }

  async function retrying<T>(attempt: Attempt<T>, ctx: SourceContext): Promise<T> {
    let backoff: IBackoff<unknown> | null = null;
    let failures = 0;
    let repeats = 0;
    let delay = 0;
    // Decides on another attempt and how long to wait for it; a wait that would pass the deadline is not begun.
    const again = (error: unknown): boolean => {
      if (!(error instanceof AttemptFailure)) return false;
      const { passing, processing, retryAfterMs } = error.traits;
      if (
        processing === true ? ++repeats > MAX_PROCESSING : passing !== true || ++failures > retries
      )
        return false;
      backoff = backoff
        ? backoff.next(undefined)
        : new ExponentialBackoff({ initialDelay: retryBaseMs, maxDelay: 10_000 }).next();
      delay = Math.max(retryAfterMs ?? 0, backoff.duration);
      return !stoppableOf(ctx).isStopped && now() + delay < ctx.deadline;
    };
    for (;;) {
      try {
        return await attemptOnce(attempt, ctx);
      } catch (error) {
        if (!again(error)) throw error;
      }
      const since = now();
      await sleep(delay, ctx.signal).catch(() => {
        throw stopped(ctx.signal.reason, ctx, since);
      });
    }
  }

  function toAdapterError(error: unknown, stop: Stoppable, ctx: SourceContext): unknown {
    if (error instanceof AttemptFailure) return error.error;
    if (error instanceof BrokenCircuitError) {
      return new SourceUnavailableError(sistema, { cause: error });
    }
    if (error instanceof BulkheadRejectedError) {
      const mensaje = `Hay demasiadas consultas en espera de ${sistema.toUpperCase()}.`;
      return new SourceUnavailableError(sistema, { mensaje, cause: error });
    }
    if (stop.isStopped) return stopped(stop.reason, ctx, now()).error;
    return error;
  }

  /** With a free slot nobody waits in the queue: every attempt has its own limit, and no other is needed. */
  async function runAtOnce<T>(attempt: Attempt<T>, ctx: SourceContext): Promise<T> {
    try {
      return await outer.execute(() => retrying(attempt, ctx));
    } catch (error) {
      throw toAdapterError(error, stoppableOf(ctx), ctx);
    }
  }

  return {
    run: (attempt, ctx) => {
      if (slots.executionSlots > 0 && !stoppableOf(ctx).isStopped) return runAtOnce(attempt, ctx);
      return withLimit(ctx.signal, ctx.deadline - now(), async (signal) => {
        try {
          return await orAborted(
            outer.execute(() => retrying(attempt, ctx), signal),
            signal,
          );
        } catch (error) {
          throw toAdapterError(error, stoppableOf({ signal }), ctx);
        }
      });
    },
    estado: () => ({
      breaker:
        breaker.state === CircuitState.Closed
          ? 'closed'
          : breaker.state === CircuitState.HalfOpen
            ? 'half-open'
            : 'open',
      enCurso: maxConcurrent - slots.executionSlots,
      enCola: maxQueue - slots.queueSlots,
    }),
  };
}
