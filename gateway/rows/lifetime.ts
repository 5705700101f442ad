/** How long what one operation read may be kept: as long as the row that goes first. Measured on a clock that never jumps. */
export class Lifetime {
  #until = Number.POSITIVE_INFINITY;

  get until(): number {
    return this.#until;
  }

  limit(forMs: number): void {
    this.#until = Math.min(this.#until, performance.now() + forMs);
  }
}
