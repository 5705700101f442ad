import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { SourceObserver } from '../../adapters/index.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

type Origen = Parameters<SourceObserver['call']>[1];

interface CallSeries {
  readonly requests: Counter.Internal;
  readonly times: Histogram.Internal<'sistema' | 'origen'>;
  /** Counted since the counter was last looked at. */
  pending: number;
}

/** Everything that /metrics shows. One registry per gateway: two in one process do not mix. */
export class Metrics {
  readonly registry = new Registry();
  readonly #sourceRequests = new Counter({
    name: 'sugit_source_requests_total',
    help: 'Llamadas a las fuentes: peticiones HTTP o aperturas de archivo.',
    labelNames: ['sistema', 'origen'],
    registers: [this.registry],
    collect: () => {
      this.#countCalls();
    },
  });
  readonly #sourceErrors = new Counter({
    name: 'sugit_source_errors_total',
    help: 'Fallas de las fuentes por código.',
    labelNames: ['sistema', 'code'],
    registers: [this.registry],
  });
  readonly #sourceSeconds = new Histogram({
    name: 'sugit_source_seconds',
    help: 'Duración de las llamadas a las fuentes.',
    labelNames: ['sistema', 'origen'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'sugit_request_seconds',
    help: 'Duración de las consultas por forma de ejecución.',
    labelNames: ['ejecucion'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #declined = new Counter({
    name: 'sugit_plan_declined_total',
    help: 'Operaciones que el planificador dejó a la ejecución cosida.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  /** Series by their labels: looking a series up by labels costs more than counting in it. */
  readonly #calls = {
    consulta: new Map<string, CallSeries>(),
    fondo: new Map<string, CallSeries>(),
  };
  readonly #requestTimes = new Map<string, Histogram.Internal<'ejecucion'>>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly observer: SourceObserver = {
    call: (sistema, origen, seconds) => {
      const series = this.#callsOf(sistema, origen);
      series.pending += 1;
      series.times.observe(seconds);
    },
    error: (sistema, code) => {
      this.#sourceErrors.inc({ sistema, code });
    },
  };

  readonly request = (ejecucion: 'planned' | 'stitched' | 'remembered', seconds: number): void => {
    let times = this.#requestTimes.get(ejecucion);
    if (times === undefined) {
      times = this.#requestSeconds.labels(ejecucion);
      this.#requestTimes.set(ejecucion, times);
    }
    times.observe(seconds);
  };

  #callsOf(sistema: string, origen: Origen): CallSeries {
    const known = this.#calls[origen];
    let series = known.get(sistema);
    if (series === undefined) {
      series = {
        requests: this.#sourceRequests.labels(sistema, origen),
        times: this.#sourceSeconds.labels(sistema, origen),
        pending: 0,
      };
      known.set(sistema, series);
    }
    return series;
  }

  #countCalls(): void {
    for (const known of Object.values(this.#calls)) {
      for (const series of known.values()) {
        series.requests.inc(series.pending);
        series.pending = 0;
      }
    }
  }

  readonly declined = (reason: string): void => {
    this.#declined.inc({ reason });
  };
}
