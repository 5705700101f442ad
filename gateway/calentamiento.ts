import { setTimeout as wait } from 'node:timers/promises';
import type { PublicError } from './access/errors.js';
import { READY_QUERIES } from './pages/ready-queries.js';

/** One question that the service asks itself, so that what it reads is there before somebody needs it. */
export interface Paso {
  readonly titulo: string;
  readonly query: string;
}

export interface EstadoCalentamiento {
  readonly activo: boolean;
  readonly hechos: number;
  readonly total: number;
  readonly enCurso: string | null;
  /** Steps some source of which did not answer. */
  readonly fallas: readonly { readonly titulo: string; readonly codigos: readonly string[] }[];
  readonly terminado: string | null;
}

export interface CalentamientoOptions {
  readonly pasos: readonly Paso[];
  /** Asks in the name of the background: counted apart, and charged to nobody. */
  readonly ask: (query: string, signal: AbortSignal) => Promise<readonly PublicError[]>;
  /** Whether people wait for rows right now. */
  readonly ocupado: () => boolean;
  readonly now: () => number;
  readonly log: (message: string, error: unknown) => void;
  /** Injected by tests; ends early when the signal aborts. */
  readonly pausa?: (signal: AbortSignal) => Promise<void>;
}

/** Between steps, and while people wait: a step is begun only when nobody does. */
const PAUSA_MS = 250;
/** How often one step gives way at most: it must come some day. */
const CESIONES_MAXIMAS = 120;

const PAUSA = async (signal: AbortSignal): Promise<void> => {
  await wait(PAUSA_MS, undefined, { signal });
};

/** A list that has to wait for its harvest has done what it was asked for: the harvest began. */
const ES_COSECHA = 'CAPACIDAD_INSUFICIENTE';

/**
 * Warms, once and behind the requests, what a first question would wait for: files are read into the acopio and long
 * lists begin to be harvested. One step after the other, by the way that every question goes.
 */
export class Calentamiento {
  readonly #options: CalentamientoOptions;
  readonly #stop = new AbortController();
  readonly #fallas: { readonly titulo: string; readonly codigos: readonly string[] }[] = [];
  #work: Promise<void> | null = null;
  #hechos = 0;
  #enCurso: string | null = null;
  #terminado: number | null = null;

  constructor(options: CalentamientoOptions) {
    this.#options = options;
  }

  start(): void {
    this.#work ??= this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#options.log('calentamiento: error inesperado', error);
    });
  }

  /** Settles when it has ended, or at once when it never began. */
  async ended(): Promise<void> {
    await this.#work;
  }

  estado(): EstadoCalentamiento {
    return {
      activo: this.#work !== null,
      hechos: this.#hechos,
      total: this.#options.pasos.length,
      enCurso: this.#enCurso,
      fallas: this.#fallas,
      terminado: this.#terminado === null ? null : new Date(this.#terminado).toISOString(),
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const isClosed = (): boolean => this.#stop.signal.aborted;
    for (const { titulo, query } of this.#options.pasos) {
      await this.#giveWay();
      if (isClosed()) return;
      this.#enCurso = titulo;
      const errors = await this.#options.ask(query, signal);
      if (isClosed()) return;
      const codes = new Set(errors.map(({ extensions }) => String(extensions['code'])));
      const codigos = [...codes].filter((code) => code !== ES_COSECHA);
      if (codigos.length > 0) this.#fallas.push({ titulo, codigos });
      this.#hechos += 1;
    }
    this.#enCurso = null;
    this.#terminado = this.#options.now();
  }

  /** Lets some time pass, and more of it while people wait. */
  async #giveWay(): Promise<void> {
    const { pausa = PAUSA, ocupado } = this.#options;
    for (let left = CESIONES_MAXIMAS; left > 0; left--) {
      await pausa(this.#stop.signal);
      if (!ocupado()) return;
    }
  }
}

const unaVigencia = (vigencia: number): Paso => ({
  titulo: `Presupuesto de ${String(vigencia)}`,
  query: `{ municipio(codigo: "05400") { serie(desde: ${String(vigencia)}, hasta: ${String(vigencia)}) { gastos { pagos } ingresos { recaudo } } } }`,
});

const VIGENCIAS_FUT = [2020, 2019, 2018, 2017, 2016, 2015, 2014, 2013, 2012];

/** What the ready queries ask, what a national question about the same would need, and the years before the break. */
export const PASOS: readonly Paso[] = [
  ...READY_QUERIES,
  {
    titulo: 'Presupuesto de la nación por sección',
    query: '{ apropiacionNacion(vigencia: 2025) { seccion } }',
  },
  {
    titulo: 'Desempeño y ejecución según el ERP',
    query:
      '{ municipio(codigo: "05001") { desempeno(vigencia: 2023) { idi { codigo } } alcaldia { ejecucionErp(vigencia: 2025) { pagos } } } }',
  },
  ...VIGENCIAS_FUT.map(unaVigencia),
  {
    titulo: 'Transferencias de todos los municipios (empieza su cosecha)',
    query:
      '{ municipios(first: 1200) { edges { node { transferencias(vigencia: 2025) { sgp { valor } sgr { valor } } } } } }',
  },
];
