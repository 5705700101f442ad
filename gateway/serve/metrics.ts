import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { SourceObserver } from '../../adapters/index.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Everything that /metrics shows. One registry per gateway: two in one process do not mix. */
export class Metrics {
  readonly registry = new Registry();
  readonly #sourceRequests = new Counter({
    name: 'sugit_source_requests_total',
    help: 'Llamadas a las fuentes: peticiones HTTP o aperturas de archivo.',
    labelNames: ['sistema', 'origen'],
    registers: [this.registry],
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

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly observer: SourceObserver = {
    call: (sistema, origen, seconds) => {
      this.#sourceRequests.inc({ sistema, origen });
      this.#sourceSeconds.observe({ sistema, origen }, seconds);
    },
    error: (sistema, code) => {
      this.#sourceErrors.inc({ sistema, code });
    },
  };

  readonly request = (ejecucion: 'planned' | 'stitched', seconds: number): void => {
    this.#requestSeconds.observe({ ejecucion }, seconds);
  };

  readonly declined = (reason: string): void => {
    this.#declined.inc({ reason });
  };
}
