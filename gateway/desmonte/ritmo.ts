/** How politely a source is read: a budget, less of it when the source suffers, and people first. */
export interface PoliticaRitmo {
  readonly filasPorSegundo: number;
  readonly llamadasPorSegundo: number;
  /** A chunk that takes longer halves the budget; a quicker one gives a part of it back. */
  readonly latenciaObjetivoMs: number;
  /** How long one call waits at most for people: the load must end some day. */
  readonly cesionMaximaMs: number;
  /** Attempts in a row before a dead source stops the work. */
  readonly intentos: number;
  readonly esperaErrorMs: number;
}

export const RITMO: PoliticaRitmo = {
  filasPorSegundo: 100_000,
  llamadasPorSegundo: 20,
  latenciaObjetivoMs: 5_000,
  cesionMaximaMs: 2_000,
  intentos: 5,
  esperaErrorMs: 500,
};

interface RitmoOptions {
  readonly politica: PoliticaRitmo;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly ocupado: () => boolean;
}

const STEP_UP = 0.05;
const STEP_DOWN = 0.5;
const LOWEST = 0.02;
const CESION_MS = 50;
const SECOND_MS = 1_000;

/** A token bucket of calls and one of rows, whose common factor rises by steps and falls by halves (AIMD). */
export class Ritmo {
  /** Share of the budget that is used now. */
  factor = 1;
  #calls = 1;
  #rows = 0;
  #last: number;
  #failures = 0;
  readonly #options: RitmoOptions;

  constructor(options: RitmoOptions) {
    this.#options = options;
    this.#last = options.now();
  }

  /** Waits for the turn of one call. */
  async turn(): Promise<void> {
    await this.#yieldToPeople();
    this.#refill();
    const { filasPorSegundo, llamadasPorSegundo } = this.#options.politica;
    const wait = Math.max(
      (1 - this.#calls) / (llamadasPorSegundo * this.factor),
      -this.#rows / (filasPorSegundo * this.factor),
    );
    if (wait > 0) {
      await this.#options.sleep(Math.ceil(wait * SECOND_MS));
      // Counted as slept, whatever the clock says: a clock that stands still must not stop the work.
      this.#credit(wait);
      this.#last = this.#options.now();
    }
    this.#calls -= 1;
  }

  succeeded(filas: number, ms: number): void {
    this.#rows -= filas;
    this.#failures = 0;
    const slow = ms > this.#options.politica.latenciaObjetivoMs;
    this.factor = slow
      ? Math.max(LOWEST, this.factor * STEP_DOWN)
      : Math.min(1, this.factor + STEP_UP);
  }

  /** Waits longer after each failure in a row. False when it is enough. */
  async failed(): Promise<boolean> {
    this.factor = Math.max(LOWEST, this.factor * STEP_DOWN);
    this.#failures += 1;
    const { intentos, esperaErrorMs } = this.#options.politica;
    if (this.#failures >= intentos) return false;
    await this.#options.sleep(esperaErrorMs * 2 ** (this.#failures - 1));
    return true;
  }

  async #yieldToPeople(): Promise<void> {
    const turns = this.#options.politica.cesionMaximaMs / CESION_MS;
    for (let i = 0; i < turns && this.#options.ocupado(); i++) {
      await this.#options.sleep(CESION_MS);
    }
  }

  #refill(): void {
    const now = this.#options.now();
    // A clock that jumps gives at most one second of budget, and never takes any.
    const seconds = Math.min(1, Math.max(0, (now - this.#last) / SECOND_MS));
    this.#last = now;
    this.#credit(seconds);
  }

  #credit(seconds: number): void {
    const { filasPorSegundo, llamadasPorSegundo } = this.#options.politica;
    this.#calls = Math.min(1, this.#calls + seconds * llamadasPorSegundo * this.factor);
    this.#rows = Math.min(0, this.#rows + seconds * filasPorSegundo * this.factor);
  }
}
