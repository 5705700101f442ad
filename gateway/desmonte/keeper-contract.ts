import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import type { Expediente } from '../route/compuertas.js';
import type { Politica } from '../route/politica.js';
import type { Ruteo } from '../route/ruteo.js';
import type { Cohorte, Fase, Tramo } from '../route/tramo.js';
import type { Compuerta, Evaluada, Movimiento, Rechazo } from '../route/transiciones.js';
import type { EpochChannel } from './epoch-channel.js';
import type { TramoRow } from './store.js';

/** How long an instance may go by an old epoch: the poll of the store. */
export const POLL_MS = 2_000;
/** A store that has said nothing for so long counts as gone: one that hangs tells nobody that it does. */
export const LATE_MS = 10_000;
/** An instance that has not been heard of for so long is not alive. */
export const INSTANCIA_VIVA_MS = 15_000;

export interface NuevoTramo {
  readonly id: string;
  readonly registro: string;
  readonly cohorte: Cohorte;
  readonly viejo: string;
  readonly nuevo: string;
  readonly mappingVersion?: number;
  readonly comparatorVersion?: number;
}

export interface TramosKeeper {
  /** The routes of now. A request takes them once, at its start. */
  readonly current: Ruteo;
  readonly rows: readonly TramoRow[];
  /** DEGRADADA: the store does not answer, or names an unknown phase. The last known routes stand and nothing moves. */
  readonly salud: 'SANA' | 'DEGRADADA';
  readonly politica: Politica;
  row(id: string): TramoRow | undefined;
  /** Reads the store now. Never throws. */
  refresh(): Promise<void>;
  create(nuevo: NuevoTramo, persona: string, motivo: string): Promise<Tramo | Rechazo>;
  /** Keeps one person's approval of a step, as seen from an epoch. */
  approve(
    tramo: string,
    paso: { readonly hacia: Fase; readonly epoca: number },
    persona: string,
    motivo: string,
  ): Promise<Rechazo | null>;
  transition(tramo: string, move: Movimiento, automatica?: boolean): Promise<Tramo | Rechazo>;
  /** Another mapping or other comparators: all evidence so far counts for nothing. */
  bumpVersion(
    tramo: string,
    epoca: number,
    cual: 'mapping' | 'comparator',
    persona: string,
    motivo: string,
  ): Promise<Tramo | Rechazo>;
  /** Blocks the old side of a tramo in `primary` on every instance, or lets it be asked again. Nobody: it ended by itself. */
  darken(
    tramo: string,
    epoca: number,
    isDark: boolean,
    personas: readonly string[],
    motivo: string,
  ): Promise<Tramo | Rechazo>;
  /** Begins an epoch of all routes that changes none of them: how soon all follow it can be measured. Throws without store. */
  announce(): Promise<number>;
  /** The gate as it stands: of the next step forward, or the one named. Null where there is none. */
  evaluate(
    tramo: string,
    compuerta?: Compuerta,
  ): Promise<{ readonly expediente: Expediente; readonly evaluada: Evaluada } | null>;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface KeeperOptions {
  readonly store: SqlStore;
  readonly registros: readonly Registro[];
  /** Who answers a registro as long as nothing moved, by its name. */
  readonly base: ReadonlyMap<string, string>;
  readonly politica: Politica;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  readonly channel?: EpochChannel | null;
  /** 0: only by `refresh`, for tests. */
  readonly pollMs?: number;
  /** Null: it serves nobody, so it is no instance that a movement must wait for. */
  readonly instancia?: string | null;
  /** Phases that this program knows; a test may know fewer. */
  readonly fases?: readonly Fase[];
}
