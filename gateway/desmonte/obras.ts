import type { Rechazo } from '../route/transiciones.js';
import { refuse } from '../route/transiciones.js';
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

/** A long work over a tramo. */
export type Obra = (tarea: Tarea) => Promise<Terminada>;

interface EnCurso {
  readonly abort: AbortController;
  estado: EstadoTarea;
  done: Promise<void>;
}

/** The works of this instance, one per tramo at a time. What they did stays when they are stopped. */
export class Obras {
  readonly #works = new Map<string, EnCurso>();
  readonly #log: (message: string, error?: unknown) => void;

  constructor(log: (message: string, error?: unknown) => void) {
    this.#log = log;
  }

  estado(id: string): EstadoTarea | null {
    return this.#works.get(id)?.estado ?? null;
  }

  /** Begins a work and answers at once. */
  start(
    id: string,
    nombre: Progreso['tarea'],
    tareaOf: (signal: AbortSignal) => Tarea | Rechazo,
    run: Obra,
  ): EstadoTarea | Rechazo {
    const running = this.#works.get(id);
    if (running?.estado.enCurso === true) {
      return refuse('TASK_RUNNING', `El tramo ${id} ya tiene en curso: ${running.estado.tarea}.`);
    }
    const abort = new AbortController();
    const tarea = tareaOf(abort.signal);
    if ('code' in tarea) return tarea;
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
        this.#log(`tramo ${id}: la tarea terminó con un error inesperado`, error);
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
    return work.estado;
  }

  /** Stops a work and waits until it stands: what it did so far stays. */
  async stop(id: string): Promise<EstadoTarea | Rechazo> {
    const work = this.#works.get(id);
    if (work === undefined) return refuse('UNKNOWN_SLICE', `El tramo «${id}» no tiene tareas.`);
    work.abort.abort();
    await work.done;
    return work.estado;
  }

  async close(): Promise<void> {
    const works = [...this.#works.values()];
    for (const { abort } of works) abort.abort();
    await Promise.all(works.map(({ done }) => done));
  }
}

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
