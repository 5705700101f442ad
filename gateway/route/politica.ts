/** Thresholds of the gates and of the automatic step back. Plain data: it is stored with each evaluation. */
export interface Politica {
  readonly nombre: string;
  /** Evidence older than this proves nothing about today. */
  readonly evidenciaMaximaHoras: number;
  /** Confidence of each statistical claim; high because gates are looked at more than once. */
  readonly confianza: number;
  /** Waits before each time that the differing keys of a census are read again: moving data may only be late. */
  readonly relecturasMs: readonly number[];
  readonly g1: { readonly rezagoMaximoS: number };
  readonly g2: {
    readonly paridad: number;
    readonly sombraMinimaHoras: number;
    readonly picosMinimos: number;
    readonly pico: PoliticaPico;
    readonly latenciaRelativaMaxima: number;
    readonly latenciaObservaciones: number;
  };
  readonly g3: {
    readonly paridad: number;
    readonly pasosPpm: readonly number[];
    readonly horasPorPaso: number;
    readonly rezagoMaximoS: number;
  };
  readonly g4: {
    readonly horasSinRespaldo: number;
    readonly cicloHoras: number;
    readonly diaOscuroHoras: number;
  };
  readonly regreso: PoliticaRegreso;
}

/** What a full peak of use is. */
export interface PoliticaPico {
  /** Of the hour, lived in the shadow. */
  readonly minutos: number;
  /** Of what readers ask in the hour of most use of the last weeks. */
  readonly proporcion: number;
}

export interface PoliticaRegreso {
  readonly ventanaMs: number;
  readonly observacionesMinimas: number;
  readonly diferenciaMaxima: number;
  /** How much more of the answers than on the old side may fail (0.005 = half a point). */
  readonly erroresDeMas: number;
  readonly latenciaRelativaMaxima: number;
  /** A p95 that is worse by less than this is noise of the machine, however many times the other it is. */
  readonly latenciaDespreciableMs: number;
  readonly rezagoRelativoMaximo: number;
  readonly rezagoMaximoS: number;
  /** Evaluations in a row that must ask for it: one bad window is noise. */
  readonly histeresis: number;
  readonly pausaMs: number;
  readonly maximoPorDia: number;
  readonly confianza: number;
}

const HORAS_DIA = 24;
const MINUTO_MS = 60_000;

export const POLITICA_ESTRICTA: Politica = {
  nombre: 'estricta',
  evidenciaMaximaHoras: 7 * HORAS_DIA,
  confianza: 0.995,
  relecturasMs: [0, 2_000, 10_000],
  g1: { rezagoMaximoS: HORAS_DIA * 3_600 },
  g2: {
    paridad: 0.999,
    sombraMinimaHoras: 7 * HORAS_DIA,
    picosMinimos: 1,
    pico: { minutos: 60, proporcion: 0.8 },
    latenciaRelativaMaxima: 1,
    latenciaObservaciones: 200,
  },
  g3: {
    paridad: 0.9999,
    pasosPpm: [10_000, 100_000, 500_000, 1_000_000],
    horasPorPaso: HORAS_DIA,
    rezagoMaximoS: HORAS_DIA * 3_600,
  },
  g4: {
    horasSinRespaldo: 14 * HORAS_DIA,
    // Forms that are due once a year: a whole cycle and its late reports.
    cicloHoras: 13 * 31 * HORAS_DIA,
    diaOscuroHoras: HORAS_DIA,
  },
  regreso: {
    ventanaMs: 10 * MINUTO_MS,
    observacionesMinimas: 200,
    diferenciaMaxima: 0.0001,
    erroresDeMas: 0.005,
    latenciaRelativaMaxima: 1.5,
    latenciaDespreciableMs: 5,
    rezagoRelativoMaximo: 2,
    rezagoMaximoS: HORAS_DIA * 3_600,
    histeresis: 2,
    pausaMs: 30 * MINUTO_MS,
    maximoPorDia: 2,
    confianza: 0.95,
  },
};

/** The same requirements with times and populations of a sandbox, so that the whole cycle can be lived in minutes. */
export const POLITICA_COMPRIMIDA: Politica = {
  ...POLITICA_ESTRICTA,
  nombre: 'comprimida',
  evidenciaMaximaHoras: 1,
  confianza: 0.95,
  relecturasMs: [0, 100, 500],
  g2: {
    paridad: 0.99,
    sombraMinimaHoras: 0,
    picosMinimos: 1,
    pico: { minutos: 0, proporcion: 0 },
    latenciaRelativaMaxima: 3,
    latenciaObservaciones: 20,
  },
  g3: { ...POLITICA_ESTRICTA.g3, paridad: 0.999, horasPorPaso: 0 },
  g4: { horasSinRespaldo: 0, cicloHoras: 0, diaOscuroHoras: 0 },
  regreso: {
    ...POLITICA_ESTRICTA.regreso,
    ventanaMs: MINUTO_MS,
    observacionesMinimas: 20,
    latenciaRelativaMaxima: 10,
    latenciaDespreciableMs: 50,
    histeresis: 1,
    pausaMs: 5_000,
    maximoPorDia: 10,
  },
};

export const POLITICAS: Readonly<Record<string, Politica>> = {
  [POLITICA_ESTRICTA.nombre]: POLITICA_ESTRICTA,
  [POLITICA_COMPRIMIDA.nombre]: POLITICA_COMPRIMIDA,
};
