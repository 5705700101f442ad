import type { SourceContext } from '../../contract.js';

/** Kept of the time of a request for what comes after the files that it waits for: at most a fifth of it. */
const RESERVA_MS = 2_000;
/** What a timer can take. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Espera {
  /** Ends with the request, or a little before its deadline. */
  readonly signal: AbortSignal;
  close(): void;
}

/** How long a request may wait for files, so that what is loaded by then can still be answered. */
export function createEspera({ signal, deadline }: SourceContext, now: number): Espera {
  const own = new AbortController();
  const left = deadline - now;
  const end = (): void => {
    own.abort(new Error('the files took too long'));
  };
  if (left <= 0) end();
  const ms = Math.min(left - Math.min(RESERVA_MS, left / 5), MAX_TIMER_MS);
  const timer = setTimeout(end, Math.max(0, ms));
  return {
    signal: AbortSignal.any([signal, own.signal]),
    close: () => {
      clearTimeout(timer);
    },
  };
}
