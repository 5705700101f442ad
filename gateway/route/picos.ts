import type { PoliticaPico } from './politica.js';

/** What readers asked of a tramo within one hour of the clock, and what the shadow of now made of it. */
export interface HoraDeUso {
  /** ISO 8601, to the hour: `2026-03-02T14`. */
  readonly hora: string;
  /** By readers, in whatever phase the tramo was. */
  readonly preguntas: number;
  /** Keys that this shadow compared, and that it found no room for. */
  readonly comparadas: number;
  readonly descartadas: number;
}

const HORA_MS = 3_600_000;
const MINUTO_MS = 60_000;
/** Colombia has no other hour all year round. */
const BOGOTA_MS = -5 * HORA_MS;

const startOf = ({ hora }: HoraDeUso): number => Date.parse(`${hora}:00:00.000Z`);
const dayOf = (hora: HoraDeUso): string =>
  new Date(startOf(hora) + BOGOTA_MS).toISOString().slice(0, 10);

/**
 * Full peaks of use that a shadow saw: hours that it lived whole, in which readers asked about as much as they ever do, and
 * of which it compared more than it dropped. Several of one day are one peak. A comparison that nobody asked for is none.
 */
export function countPicos(
  horas: readonly HoraDeUso[],
  { desde, ahora }: { readonly desde: string; readonly ahora: string },
  { minutos, proporcion }: PoliticaPico,
): number {
  const most = Math.max(0, ...horas.map(({ preguntas }) => preguntas));
  const livedMs = (hora: HoraDeUso): number =>
    Math.min(startOf(hora) + HORA_MS, Date.parse(ahora)) -
    Math.max(startOf(hora), Date.parse(desde));
  const full = horas.filter(
    (hora) =>
      livedMs(hora) >= minutos * MINUTO_MS &&
      hora.preguntas >= most * proporcion &&
      hora.comparadas > hora.descartadas,
  );
  return new Set(full.map(dayOf)).size;
}
