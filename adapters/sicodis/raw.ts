import type { JsonExact } from '../shared/http/json-exact.js';

/** A record of SICODIS as it writes it. Its routes disagree on spelling: see `fieldOf`. */
export type RecordRaw = Readonly<Record<string, JsonExact>>;

/** `/sgp/resumen_participaciones/{anio}/{DD000}/{DDMMM}` */
export const PARTICIPACION_RAW = {
  anio: ['anio', 'annio'],
  idConcepto: ['id_concepto', 'idconcepto'],
  concepto: ['concepto'],
  total: ['total'],
} as const;

/** `/sgr/resumen_pto_recaudo/{id_vigencia}/{tipo}/{DDMMM}` */
export const PRESUPUESTO_RAW = {
  categoria: ['categoria'],
  concepto: ['concepto'],
  presupuestoTotal: ['presupuesto_total_vigente'],
  presupuestoCorriente: ['presupuesto_corriente'],
  presupuestoOtros: ['presupuesto_otros'],
  cajaCorriente: ['caja_corriente_informada'],
  cajaOtros: ['caja_otros'],
  cajaTotal: ['caja_total'],
  avanceRecaudo: ['avance_iac_presupuesto'],
} as const;

/** `/sgp/vigencias` and `/sgr/vigencias` */
export const VIGENCIA_RAW = {
  anio: ['anio', 'annio'],
  id: ['id_vigencia', 'idvigencia'],
  vigencia: ['vigencia'],
} as const;

const normalize = (name: string): string => name.toLowerCase().replaceAll('-', '_');

/** The first of some spellings; names differ in case and in `-` or `_` from route to route. */
export function fieldOf(record: RecordRaw, names: readonly string[]): JsonExact | undefined {
  for (const [name, value] of Object.entries(record)) {
    if (names.includes(normalize(name))) return value;
  }
  return undefined;
}
