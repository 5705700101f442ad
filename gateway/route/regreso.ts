import { failureLowerBound } from './estadistica.js';
import type { PoliticaRegreso } from './politica.js';
import type { Fase, Tramo } from './tramo.js';

/** What a sliding window saw of a tramo that the new side answers for. */
export interface Ventana {
  /** Keys compared, and those that differ. */
  readonly comparadas: number;
  readonly diferentes: number;
  readonly nuevo: Lado;
  readonly viejo: Lado;
  readonly rezagoS: number | null;
}

export interface Lado {
  readonly n: number;
  readonly fallas: number;
  /** Calls whose time was taken: one answers many keys. */
  readonly medidas: number;
  readonly p95Ms: number;
}

/** What the decision remembers from one evaluation to the next. Plain data. */
export interface MemoriaRegreso {
  /** Bad windows in a row. */
  readonly seguidas: number;
  /** Instants (ms) of the steps back of the last day. */
  readonly regresos: readonly number[];
}

export const SIN_REGRESOS: MemoriaRegreso = { seguidas: 0, regresos: [] };

export type Decision =
  | { readonly que: 'seguir' }
  | { readonly que: 'regresar'; readonly hacia: Fase; readonly motivo: string }
  /** It would step back, and must not move by itself any more: a person has to look. */
  | { readonly que: 'congelar'; readonly motivo: string };

const DIA_MS = 24 * 3_600_000;
const SEGUIR: Decision = { que: 'seguir' };

/** Whether a tramo must step back by itself: from plain numbers, so that an incident can be judged again. */
export function decideRegreso(
  tramo: Pick<Tramo, 'fase'>,
  ventana: Ventana,
  memoria: MemoriaRegreso,
  politica: PoliticaRegreso,
  nowMs: number,
): { readonly decision: Decision; readonly memoria: MemoriaRegreso } {
  // A clock that was set back must not keep the steps of tomorrow.
  const regresos = memoria.regresos.filter((at) => at <= nowMs && nowMs - at < DIA_MS);
  const hacia = BACK[tramo.fase];
  const motivo = hacia === undefined ? null : whyBack(ventana, politica);
  if (hacia === undefined || motivo === null)
    return { decision: SEGUIR, memoria: { seguidas: 0, regresos } };
  const seguidas = memoria.seguidas + 1;
  if (seguidas < politica.histeresis) return { decision: SEGUIR, memoria: { seguidas, regresos } };
  if (regresos.length >= politica.maximoPorDia)
    return { decision: { que: 'congelar', motivo }, memoria: { seguidas, regresos } };
  const last = regresos.at(-1);
  if (last !== undefined && nowMs - last < politica.pausaMs)
    return { decision: SEGUIR, memoria: { seguidas, regresos } };
  return {
    decision: { que: 'regresar', hacia, motivo },
    memoria: { seguidas: 0, regresos: [...regresos, nowMs] },
  };
}

/** To the nearest phase in which the old side answers every key. */
const BACK: Partial<Record<Fase, Fase>> = { canary: 'shadow', primary: 'shadow' };

function whyBack(ventana: Ventana, politica: PoliticaRegreso): string | null {
  const { comparadas, diferentes, nuevo, viejo, rezagoS } = ventana;
  if (rezagoS !== null && rezagoS > politica.rezagoMaximoS * politica.rezagoRelativoMaximo)
    return `el lado nuevo va ${rezagoS} s atrás de la fuente`;
  if (
    comparadas >= politica.observacionesMinimas &&
    failureLowerBound(comparadas, diferentes, politica.confianza) > politica.diferenciaMaxima
  ) {
    return `${diferentes} de ${comparadas} claves comparadas difieren`;
  }
  if (nuevo.n < politica.observacionesMinimas) return null;
  const vieja = viejo.n === 0 ? 0 : viejo.fallas / viejo.n;
  if (nuevo.fallas / nuevo.n > vieja + politica.erroresDeMas)
    return `el lado nuevo falla en ${nuevo.fallas} de ${nuevo.n} claves`;
  if (
    // Of a few calls the p95 is the slowest one, whatever it waited for.
    Math.min(viejo.medidas, nuevo.medidas) >= politica.observacionesMinimas &&
    nuevo.p95Ms > viejo.p95Ms * politica.latenciaRelativaMaxima &&
    nuevo.p95Ms - viejo.p95Ms > politica.latenciaDespreciableMs
  ) {
    return `el p95 nuevo es ${nuevo.p95Ms} ms y el viejo ${viejo.p95Ms} ms`;
  }
  return null;
}
