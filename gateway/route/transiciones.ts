import type { Cohorte, Fase, Tramo } from './tramo.js';
import { FASES } from './tramo.js';

/** A request to move a tramo. `epoca` is the one its author saw: an older one is refused. */
export interface Movimiento {
  readonly hacia: Fase;
  readonly epoca: number;
  /** People who decide it; nobody, for an automatic step back. */
  readonly personas: readonly string[];
  readonly motivo: string;
  readonly canaryPpm?: number;
  readonly canaryCohorte?: Cohorte | null;
  /** Version of the mapping that the running program declares; forward needs it to be the one of the tramo. */
  readonly mappingVersion?: number;
}

export type CodigoRechazo =
  | 'STALE_EPOCH'
  | 'UNKNOWN_PHASE'
  | 'TRANSITION_NOT_ALLOWED'
  | 'GATE_NOT_SATISFIED'
  | 'APPROVALS_MISSING'
  | 'MAPPING_CHANGED'
  | 'UNKNOWN_SLICE'
  | 'STORE_UNAVAILABLE'
  | 'TASK_RUNNING';

export interface Rechazo {
  readonly code: CodigoRechazo;
  readonly mensaje: string;
}

/** The gate that guards each step forward. */
export const COMPUERTA: Partial<Record<Fase, Compuerta>> = {
  shadow: 'G1',
  canary: 'G2',
  primary: 'G3',
  draining: 'G4',
  retired: 'G5',
};
export type Compuerta = 'G1' | 'G2' | 'G3' | 'G4' | 'G5';

/** Steps forward that no machine and no single person takes. */
const APPROVALS: Partial<Record<Fase, number>> = { draining: 2, retired: 2 };

const BACK: Readonly<Record<Fase, readonly Fase[]>> = {
  legacy: [],
  backfill: ['legacy'],
  shadow: ['backfill', 'legacy'],
  canary: ['shadow', 'backfill', 'legacy'],
  primary: ['canary', 'shadow', 'backfill', 'legacy'],
  draining: ['primary', 'canary', 'shadow'],
  retired: [],
};

export interface Evaluada {
  readonly compuerta: Compuerta;
  readonly cumplida: boolean;
  /** Spanish, one line per requirement that is not met. */
  readonly faltas: readonly string[];
}

/**
 * Decides a movement from plain data: the tramo as stored, the movement asked, and its gate as evaluated from stored
 * evidence. One step forward at a time; back may skip; forward is a person's decision.
 */
export function decideTransition(
  tramo: Tramo,
  move: Movimiento,
  gate: Evaluada | null,
): Tramo | Rechazo {
  if (!FASES.includes(move.hacia))
    return refuse('UNKNOWN_PHASE', `No existe la fase «${move.hacia}».`);
  if (move.epoca !== tramo.epoca) {
    return refuse(
      'STALE_EPOCH',
      `El tramo va en la época ${tramo.epoca} y la orden se dio viendo la ${move.epoca}.`,
    );
  }
  const isBack = BACK[tramo.fase].includes(move.hacia);
  const widens = tramo.fase === 'canary' && move.hacia === 'canary';
  if (isBack) return moved(tramo, move);
  const problem =
    shareProblem(move) ?? (widens ? needsPeople(move, 1) : forwardProblem(tramo, move, gate));
  return problem ?? moved(tramo, move);
}

const PPM = 1_000_000;

function shareProblem({ canaryPpm }: Movimiento): Rechazo | null {
  const isGood =
    canaryPpm === undefined || (Number.isInteger(canaryPpm) && canaryPpm >= 0 && canaryPpm <= PPM);
  return isGood
    ? null
    : refuse('TRANSITION_NOT_ALLOWED', `La parte del canario va de 0 a ${PPM} por millón.`);
}

function forwardProblem(tramo: Tramo, move: Movimiento, gate: Evaluada | null): Rechazo | null {
  if (FASES.indexOf(move.hacia) !== FASES.indexOf(tramo.fase) + 1) {
    return refuse('TRANSITION_NOT_ALLOWED', `De ${tramo.fase} no se pasa a ${move.hacia}.`);
  }
  if (move.mappingVersion !== undefined && move.mappingVersion !== tramo.mappingVersion) {
    return refuse(
      'MAPPING_CHANGED',
      `El mapeo del programa es el ${move.mappingVersion} y el tramo se prueba con el ${tramo.mappingVersion}.`,
    );
  }
  const wanted = COMPUERTA[move.hacia];
  if (wanted !== undefined && (gate === null || gate.compuerta !== wanted || !gate.cumplida)) {
    const faltas = gate?.faltas.join('; ') ?? 'sin evaluar';
    return refuse('GATE_NOT_SATISFIED', `La compuerta ${wanted} no se cumple: ${faltas}.`);
  }
  return needsPeople(move, APPROVALS[move.hacia] ?? 1);
}

function needsPeople({ personas }: Movimiento, count: number): Rechazo | null {
  return new Set(personas).size >= count
    ? null
    : refuse(
        'APPROVALS_MISSING',
        `Se necesitan ${count} personas distintas y hay ${new Set(personas).size}.`,
      );
}

export const refuse = (code: CodigoRechazo, mensaje: string): Rechazo => ({ code, mensaje });

export const isRechazo = (result: Tramo | Rechazo): result is Rechazo => 'code' in result;

const cohorteOf = (tramo: Tramo, { canaryCohorte }: Movimiento): Cohorte | null =>
  canaryCohorte === undefined ? tramo.canaryCohorte : canaryCohorte;

/** A rehearsal without the old side ends with the phase: where the old side owns keys again, it must be asked. */
export function withLight(tramo: Tramo): Tramo {
  const lit: { -readonly [K in keyof Tramo]: Tramo[K] } = { ...tramo };
  delete lit.oscuroDesde;
  return lit;
}

function moved(tramo: Tramo, move: Movimiento): Tramo {
  const canary = move.hacia === 'canary';
  return {
    ...withLight(tramo),
    fase: move.hacia,
    epoca: tramo.epoca + 1,
    canaryPpm: canary ? (move.canaryPpm ?? tramo.canaryPpm) : 0,
    canaryCohorte: canary ? cohorteOf(tramo, move) : null,
  };
}
