import type { Clase } from '../route/comparadores.js';
import { isFailure, isSuccess } from '../route/comparadores.js';
import type { Lado, Ventana } from '../route/regreso.js';
import type { Tramo } from '../route/tramo.js';

const SLICE_MS = 1_000;
/** Latencies kept of one slice and side: a bound for memory, far above what a p95 needs. */
const SAMPLES = 200;

interface SideSlice {
  n: number;
  fallas: number;
  readonly ms: number[];
}

interface Slice {
  readonly at: number;
  comparadas: number;
  diferentes: number;
  readonly nuevo: SideSlice;
  readonly viejo: SideSlice;
}

/** What each tramo lived in the last minutes, in memory. Another epoch begins with an empty window. */
export class Ventanas {
  readonly #now: () => number;
  readonly #lengthMs: number;
  readonly #slices = new Map<string, Slice[]>();
  readonly #rezago = new Map<string, number>();

  constructor(now: () => number, lengthMs: number) {
    this.#now = now;
    this.#lengthMs = lengthMs;
  }

  answered(
    tramo: Tramo,
    side: 'viejo' | 'nuevo',
    seen: { n: number; fallas: number; ms: number },
  ): void {
    const into = this.#current(tramo)[side];
    into.n += seen.n;
    into.fallas += seen.fallas;
    // A refusal comes at once: were it a latency, a dead old side would make the new one look slow.
    if (seen.fallas < seen.n && into.ms.length < SAMPLES) into.ms.push(seen.ms);
  }

  compared(tramo: Tramo, clase: Clase): void {
    const slice = this.#current(tramo);
    if (isFailure(clase)) slice.diferentes += 1;
    if (isFailure(clase) || isSuccess(clase)) slice.comparadas += 1;
  }

  /** How far the new side is behind its source, as whoever loads it says. */
  setRezago(tramoId: string, segundos: number): void {
    this.#rezago.set(tramoId, segundos);
  }

  of(tramo: Tramo): Ventana {
    const slices = this.#living(tramo);
    return {
      comparadas: slices.reduce((sum, { comparadas }) => sum + comparadas, 0),
      diferentes: slices.reduce((sum, { diferentes }) => sum + diferentes, 0),
      nuevo: toLado(slices.map(({ nuevo }) => nuevo)),
      viejo: toLado(slices.map(({ viejo }) => viejo)),
      rezagoS: this.#rezago.get(tramo.id) ?? null,
    };
  }

  #current(tramo: Tramo): Slice {
    const slices = this.#living(tramo);
    const last = slices.at(-1);
    const at = Math.floor(this.#now() / SLICE_MS);
    if (last?.at === at) return last;
    const slice: Slice = {
      at,
      comparadas: 0,
      diferentes: 0,
      nuevo: { n: 0, fallas: 0, ms: [] },
      viejo: { n: 0, fallas: 0, ms: [] },
    };
    slices.push(slice);
    return slice;
  }

  #living({ id, epoca }: Tramo): Slice[] {
    const name = `${id}|${epoca}`;
    let slices = this.#slices.get(name);
    if (slices === undefined) {
      for (const other of this.#slices.keys())
        if (other.startsWith(`${id}|`)) this.#slices.delete(other);
      slices = [];
      this.#slices.set(name, slices);
    }
    const oldest = (this.#now() - this.#lengthMs) / SLICE_MS;
    // A clock that was set back leaves slices of the future: they are nobody's last minutes.
    const newest = this.#now() / SLICE_MS;
    while (slices[0] !== undefined && slices[0].at < oldest) slices.shift();
    while ((slices.at(-1)?.at ?? 0) > newest) slices.pop();
    return slices;
  }
}

function toLado(slices: readonly SideSlice[]): Lado {
  const ms = slices.flatMap((slice) => slice.ms).sort((a, b) => a - b);
  return {
    n: slices.reduce((sum, { n }) => sum + n, 0),
    fallas: slices.reduce((sum, { fallas }) => sum + fallas, 0),
    medidas: ms.length,
    p95Ms: ms[Math.ceil(ms.length * 0.95) - 1] ?? 0,
  };
}
