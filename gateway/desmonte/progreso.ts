import type { Progreso, Tarea } from './tarea.js';

const SECOND_MS = 1_000;
/** How much the newest chunk weighs in the rate. */
const WEIGHT = 0.3;

/** Counts a work and tells it. The rate comes from the time of each chunk, so that a clock that jumps spoils one of them. */
export class Conteo {
  #state: Progreso;
  #last: number;
  readonly #tarea: Tarea;

  constructor(tarea: Tarea, nombre: Progreso['tarea'], total: number | null) {
    this.#tarea = tarea;
    this.#last = tarea.now();
    this.#state = {
      tramo: tarea.tramo.id,
      tarea: nombre,
      paso: 'barrido',
      pasada: 1,
      leidas: 0,
      escritas: 0,
      cuarentena: 0,
      total,
      filasPorSegundo: 0,
      restanteS: null,
    };
  }

  get state(): Progreso {
    return this.#state;
  }

  /** A new step, or where a walk goes on from. */
  set(change: Partial<Progreso>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell();
  }

  add(leidas: number, escritas: number, cuarentena: number): void {
    const now = this.#tarea.now();
    const seconds = (now - this.#last) / SECOND_MS;
    this.#last = now;
    const { filasPorSegundo: before, total } = this.#state;
    const rate = seconds > 0 ? leidas / seconds : before;
    const filasPorSegundo = before === 0 ? rate : before * (1 - WEIGHT) + rate * WEIGHT;
    const read = this.#state.leidas + leidas;
    const left = total === null ? null : Math.max(0, total - read);
    this.#state = {
      ...this.#state,
      leidas: read,
      escritas: this.#state.escritas + escritas,
      cuarentena: this.#state.cuarentena + cuarentena,
      filasPorSegundo,
      restanteS: left === null || filasPorSegundo === 0 ? null : Math.ceil(left / filasPorSegundo),
    };
    this.#tell();
  }

  /** Who watches must not be able to stop the work. */
  #tell(): void {
    try {
      this.#tarea.onProgreso?.(this.#state);
    } catch {
      // A bar that cannot be drawn costs nothing but the bar.
    }
  }
}
