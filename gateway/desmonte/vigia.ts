import type { Adapter } from '../../adapters/contract.js';
import type { SqlStore } from '../almacen/port.js';
import type { Regla } from '../route/comparadores.js';
import type { Watch } from '../rows/sources.js';
import { Bitacora } from './bitacora.js';
import type { TramosKeeper } from './keeper.js';
import { DiaOscuro } from './oscuro.js';
import { RegresoAutomatico } from './regreso-loop.js';
import { loadReglas } from './reunir.js';
import { Sombra } from './sombra.js';
import { createTokenBucket } from './token-bucket.js';
import { Ventanas } from './ventanas.js';

/** How often differences are written and windows judged: within it a bad tramo is back. */
export const LOOK_MS = 2_000;
const FLUSH_MS = 10_000;
/** Reads of the old side that a comparison in canary and primary may make. */
const LEGACY_PER_SECOND = 2;
const LEGACY_BURST = 10;

export interface Vigia {
  readonly watch: Watch;
  readonly sombra: Sombra;
  readonly ventanas: Ventanas;
  readonly bitacora: Bitacora;
  readonly oscuro: DiaOscuro;
  /** Writes what is in memory, now. */
  flush(): Promise<void>;
  /** Judges the windows, now. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface VigiaOptions {
  readonly tramos: TramosKeeper;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly store: SqlStore;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  /** Where the fences around the old sides write too. */
  readonly bitacora?: Bitacora;
  /** 0: no timer, for tests. */
  readonly lookMs?: number;
}

/** Watches over what moves: compares behind the answers, keeps what it finds, and steps back by itself. */
export function createVigia(options: VigiaOptions): Vigia {
  const { tramos, adapters, store, now, log, lookMs = LOOK_MS } = options;
  const { bitacora = new Bitacora() } = options;
  const ventanas = new Ventanas(now, tramos.politica.regreso.ventanaMs);
  const reglas = new Map<string, readonly Regla[]>();
  const sombra = new Sombra({
    adapters,
    bitacora,
    ventanas,
    reglasOf: (id) => reglas.get(id) ?? [],
    legacyBudget: createTokenBucket(LEGACY_PER_SECOND, LEGACY_BURST, now),
    now,
  });
  let flushing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (tramos.rows.length === 0) return;
    try {
      for (const { tramo } of tramos.rows) reglas.set(tramo.id, await loadReglas(store, tramo.id));
      await bitacora.flush(store, new Date(now()).toISOString());
    } catch (error) {
      log('tramos: no se pudo guardar lo comparado', error);
    }
  };
  // One after another: two would write the same lines twice.
  const flush = (): Promise<void> => (flushing = flushing.then(write));
  const regreso = new RegresoAutomatico({ tramos, ventanas, store, now, log, flush });
  const oscuro = new DiaOscuro({ tramos, store, now, log, flush });
  const look = async (): Promise<void> => {
    sombra.tick();
    await regreso.evaluate();
    await oscuro.look();
  };
  let timer: NodeJS.Timeout | null = null;
  let lastFlush = 0;
  let looking: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      looking = look()
        .then(() => {
          if (Math.abs(now() - lastFlush) < FLUSH_MS) return undefined;
          lastFlush = now();
          return flush();
        })
        .then(schedule);
    }, lookMs).unref();
  };
  if (lookMs > 0) schedule();
  return {
    watch: sombra,
    sombra,
    ventanas,
    bitacora,
    oscuro,
    flush,
    look,
    close: async () => {
      sombra.close();
      await looking;
      if (timer !== null) clearTimeout(timer);
      await flush();
    },
  };
}
