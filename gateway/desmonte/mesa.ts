import type { Adapter, RecordStore } from '../../adapters/contract.js';
import { isRecordStore } from '../../adapters/index.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import type { Cohorte, Fase, Tramo } from '../route/tramo.js';
import type { Compuerta, Evaluada, Rechazo } from '../route/transiciones.js';
import { isRechazo, refuse } from '../route/transiciones.js';
import type { OpcionesCarga } from './backfill.js';
import { runBackfill } from './backfill.js';
import type { TramosKeeper } from './keeper.js';
import { saveExencion } from './store.js';
import type { Progreso, Tarea } from './tarea.js';

/** What a work in the background says of itself, also once it ended. */
export interface EstadoTarea extends Progreso {
  readonly enCurso: boolean;
  readonly codigo: string | null;
  readonly motivo: string | null;
}

/** What a work answers: whether it is done, or why it stopped. */
interface Terminada {
  readonly codigo: string | null;
  readonly motivo: string | null;
}

export interface MesaOptions {
  readonly store: SqlStore;
  readonly keeper: TramosKeeper;
  readonly registros: readonly Registro[];
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly now: () => number;
  readonly log: (message: string, error?: unknown) => void;
  /** Whether requests of people wait for a source: the works give way to them. */
  readonly ocupado?: () => boolean;
}

interface EnCurso {
  readonly abort: AbortController;
  estado: EstadoTarea;
  done: Promise<void>;
}

/** The desk at which people move tramos, whatever way they come: it starts works, and hands movements to the keeper. */
export class Mesa {
  readonly options: MesaOptions;
  readonly #works = new Map<string, EnCurso>();

  constructor(options: MesaOptions) {
    this.options = options;
  }

  get keeper(): TramosKeeper {
    return this.options.keeper;
  }

  get store(): SqlStore {
    return this.options.store;
  }

  tareaDe(id: string): EstadoTarea | null {
    return this.#works.get(id)?.estado ?? null;
  }

  async crear(
    nuevo: {
      readonly id: string;
      readonly registro: string;
      readonly cohorte: Cohorte;
      readonly viejo?: string;
    },
    persona: string,
    motivo: string,
  ): Promise<Tramo | Rechazo> {
    const unico = this.#unico();
    if (unico === null) return noUnico();
    const { registro } = nuevo;
    const base = [...this.options.adapters.values()].find(
      (adapter) =>
        !isRecordStore(adapter) && adapter.registros.some(({ nombre }) => nombre === registro),
    );
    const viejo = nuevo.viejo ?? base?.id;
    if (viejo === undefined)
      return refuse('TRANSITION_NOT_ALLOWED', `Nadie responde el registro ${registro}.`);
    return this.keeper.create({ ...nuevo, viejo, nuevo: unico.id }, persona, motivo);
  }

  startBackfill(id: string, opciones: OpcionesCarga): Promise<EstadoTarea | Rechazo> {
    return this.#start(id, 'carga', (tarea) => runBackfill(tarea, opciones));
  }

  /** Stops a work and waits until it stands: what it did so far stays. */
  async detener(id: string): Promise<EstadoTarea | Rechazo> {
    const work = this.#works.get(id);
    if (work === undefined) return refuse('UNKNOWN_SLICE', `El tramo «${id}» no tiene tareas.`);
    work.abort.abort();
    await work.done;
    return work.estado;
  }

  async eximir(
    id: string,
    exencion: { readonly requisito: string; readonly motivo: string; readonly vence: string },
    persona: string,
  ): Promise<Tramo | Rechazo> {
    const tramo = this.tramo(id);
    if (isRechazo(tramo)) return tramo;
    const en = new Date(this.options.now()).toISOString();
    await saveExencion(this.store, id, { ...exencion, persona }, en);
    return tramo;
  }

  /** The gate of the next step, and where it leads. */
  async compuerta(
    id: string,
    compuerta?: Compuerta,
  ): Promise<{ readonly hacia: Fase; readonly evaluada: Evaluada } | null> {
    const found = await this.keeper.evaluate(id, compuerta);
    if (found === null) return null;
    return { hacia: HACIA[found.evaluada.compuerta], evaluada: found.evaluada };
  }

  tramo(id: string): Tramo | Rechazo {
    return this.keeper.row(id)?.tramo ?? refuse('UNKNOWN_SLICE', `No existe el tramo «${id}».`);
  }

  /** What a long work over a tramo stands on; a refusal where one of its two sides is not here. */
  tarea(id: string, signal: AbortSignal): Tarea | Rechazo {
    const tramo = this.tramo(id);
    if (isRechazo(tramo)) return tramo;
    const { adapters, registros, store, now, ocupado } = this.options;
    const registro = registros.find(({ nombre }) => nombre === tramo.registro);
    const viejo = adapters.get(tramo.viejo);
    const unico = this.#unico();
    if (unico === null) return noUnico();
    if (registro === undefined || viejo === undefined)
      return refuse(
        'TRANSITION_NOT_ALLOWED',
        `El sistema ${tramo.viejo} ya no está en esta instalación.`,
      );
    return { tramo, registro, viejo, unico, store, now, signal, ...(ocupado && { ocupado }) };
  }

  async close(): Promise<void> {
    const works = [...this.#works.values()];
    for (const { abort } of works) abort.abort();
    await Promise.all(works.map(({ done }) => done));
  }

  #unico(): RecordStore | null {
    return [...this.options.adapters.values()].find(isRecordStore) ?? null;
  }

  /** Begins a work and answers at once. */
  #start(
    id: string,
    nombre: Progreso['tarea'],
    run: (tarea: Tarea) => Promise<Terminada>,
  ): Promise<EstadoTarea | Rechazo> {
    const running = this.#works.get(id);
    if (running?.estado.enCurso === true) {
      return Promise.resolve(
        refuse('TASK_RUNNING', `El tramo ${id} ya tiene en curso: ${running.estado.tarea}.`),
      );
    }
    const abort = new AbortController();
    const tarea = this.tarea(id, abort.signal);
    if ('code' in tarea) return Promise.resolve(tarea);
    const work: EnCurso = { abort, estado: beginning(id, nombre), done: Promise.resolve() };
    this.#works.set(id, work);
    const onProgreso = (progreso: Progreso): void => {
      work.estado = { ...work.estado, ...progreso };
    };
    work.done = run({ ...tarea, onProgreso }).then(
      ({ codigo, motivo }) => {
        const paso = codigo === null ? 'terminada' : 'detenida';
        work.estado = { ...work.estado, paso, codigo, motivo, enCurso: false };
      },
      (error: unknown) => {
        this.options.log(`tramo ${id}: la tarea terminó con un error inesperado`, error);
        const motivo = 'Error interno del servicio: véase su registro.';
        work.estado = {
          ...work.estado,
          paso: 'detenida',
          codigo: 'ERROR_INTERNO',
          motivo,
          enCurso: false,
        };
      },
    );
    return Promise.resolve(work.estado);
  }
}

const HACIA: Readonly<Record<Compuerta, Fase>> = {
  G1: 'shadow',
  G2: 'canary',
  G3: 'primary',
  G4: 'draining',
  G5: 'retired',
};

const noUnico = (): Rechazo =>
  refuse('TRANSITION_NOT_ALLOWED', 'Esta instalación no tiene el almacén único.');

const beginning = (tramo: string, tarea: Progreso['tarea']): EstadoTarea => ({
  tramo,
  tarea,
  paso: 'barrido',
  pasada: 1,
  leidas: 0,
  escritas: 0,
  cuarentena: 0,
  total: null,
  filasPorSegundo: 0,
  restanteS: null,
  enCurso: true,
  codigo: null,
  motivo: null,
});
