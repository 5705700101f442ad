import type { Adapter, RecordStore, SourceContext, Version } from '../../adapters/contract.js';
import { AdapterError } from '../../adapters/errors.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import { CohorteError } from '../route/cohorte-filtro.js';
import type { Fase, Tramo } from '../route/tramo.js';
import type { PoliticaRitmo } from './ritmo.js';

/** What a long work over a tramo stands on. The clock and the pauses are given, so that a test owns time. */
export interface Tarea {
  readonly tramo: Tramo;
  readonly registro: Registro;
  readonly viejo: Adapter;
  readonly unico: RecordStore;
  readonly store: SqlStore;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly ritmo?: Partial<PoliticaRitmo>;
  /** Whether requests of people are waiting for the source right now. */
  readonly ocupado?: () => boolean;
  readonly onProgreso?: (progreso: Progreso) => void;
}

/** For the bar of a terminal, /estado, GraphQL and --json alike. */
export interface Progreso {
  readonly tramo: string;
  readonly tarea: 'carga' | 'censo' | 'cotejo';
  readonly paso: 'barrido' | 'comparacion' | 'relectura' | 'ausencias' | 'terminada' | 'detenida';
  readonly pasada: number;
  readonly leidas: number;
  readonly escritas: number;
  readonly cuarentena: number;
  /** As many as the last complete scan met; null before there was one. */
  readonly total: number | null;
  readonly filasPorSegundo: number;
  readonly restanteS: number | null;
}

export type CodigoDetenida =
  | 'RESUME_REFUSED'
  | 'SOURCE_MOVED'
  | 'DELETE_LIMIT'
  | 'TASK_RUNNING'
  | 'TASK_ABORTED'
  | 'COHORT_UNSUPPORTED'
  | 'STORE_UNAVAILABLE'
  | 'UNEXPECTED'
  | (string & {});

/** Why a work stopped. What is done so far stays, and the next run goes on from there. */
export class Detenida extends Error {
  readonly code: CodigoDetenida;
  readonly mensaje: string;

  constructor(code: CodigoDetenida, mensaje: string, cause?: unknown) {
    super(mensaje, { cause });
    this.name = 'Detenida';
    this.code = code;
    this.mensaje = mensaje;
  }
}

/** While a tramo is in another phase, no work reads its old side. */
export const FASES_QUE_LEEN: readonly Fase[] = ['backfill', 'shadow', 'canary', 'primary'];

/** Errors that tell a person what to do; any other is a defect and is thrown. */
export function toDetenida(error: unknown, { signal }: Pick<Tarea, 'signal'>): Detenida {
  if (error instanceof Detenida) return error;
  const isSource = error instanceof AdapterError;
  const isStore = error instanceof Error && error.name === 'AlmacenError';
  if (signal.aborted && (isSource || isStore || error === signal.reason)) return aborted(error);
  if (error instanceof CohorteError)
    return new Detenida('COHORT_UNSUPPORTED', error.mensaje, error);
  if (isSource) return new Detenida(error.code, error.mensaje, error);
  if (isStore) return new Detenida('STORE_UNAVAILABLE', 'El almacén no responde.', error);
  throw error;
}

export const aborted = (cause?: unknown): Detenida =>
  new Detenida('TASK_ABORTED', 'La tarea fue interrumpida; al repetirla sigue donde iba.', cause);

/** State of the source before and after a scan: what the scan speaks of lies between. */
export interface MarcaAgua {
  readonly baja: Version;
  readonly alta: Version;
}

const PLAZO_MS = 10 * 60_000;

export const contextOf = ({ tramo, now, signal }: Tarea): SourceContext => ({
  signal,
  deadline: now() + PLAZO_MS,
  // The whole record is moved; what a reader may see of it is decided when it is read.
  alcance: 'control',
  corte: null,
  epoca: tramo.epoca,
  origen: 'fondo',
});

/** Resolves early, without an error, when the work is aborted: the next step sees it. */
export const sleepFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || ms <= 0) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
