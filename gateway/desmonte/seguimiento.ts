import type { SqlSession } from '../almacen/port.js';
import { INSTANCIA_VIVA_MS } from './keeper-contract.js';
import { sleepFor } from './tarea.js';

/** A movement must hold on every instance within this time. */
export const SEGUIR_MS = 5_000;
const LOOK_MS = 50;

export interface Seguimiento {
  /** Whether every living instance routes by the epoch. */
  readonly todas: boolean;
  readonly segundos: number;
}

/** Waits until every living instance follows an epoch of the routes, and says how long that took. */
export async function followEpoca(
  session: SqlSession,
  epoca: number,
  now: () => number,
  signal: AbortSignal,
): Promise<Seguimiento> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const since = new Date(now() - INSTANCIA_VIVA_MS).toISOString();
  for (;;) {
    const rows = await session.query<{ n: number }>(
      'select count(*)::int as n from instancia where latido >= $1 and epoca < $2',
      [since, epoca],
    );
    const todas = rows[0]?.n === 0;
    if (todas || elapsed() > SEGUIR_MS || signal.aborted)
      return { todas, segundos: elapsed() / 1_000 };
    await sleepFor(LOOK_MS, signal);
  }
}
