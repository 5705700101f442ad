import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

const BASE_URL = 'https://sicodis.dnp.gov.co/apiws/ApiSicodisNew';

export const sicodisSettings: readonly SettingDeclaration[] = [
  {
    name: 'SICODIS_BASE_URL',
    kind: 'url',
    default: BASE_URL,
    meaning: 'Servicio REST público de SICODIS (DNP): distribuciones del SGP y presupuesto del SGR',
  },
  {
    name: 'SICODIS_TIMEOUT_MS',
    kind: 'int',
    default: '15000',
    meaning: 'Tiempo máximo de una llamada a SICODIS, en milisegundos',
  },
  {
    name: 'SICODIS_COSECHA_PAUSA_MS',
    kind: 'int',
    default: '100',
    meaning:
      'Pausa entre llamadas de la cosecha de SICODIS, que lee de fondo una vigencia entidad por entidad',
  },
  {
    name: 'SICODIS_COSECHA_HORAS',
    kind: 'int',
    default: '24',
    meaning:
      'Horas tras las que se verifica de fondo si una vigencia ya cosechada cambió en SICODIS',
  },
];

export interface SicodisSettings {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly pausaMs: number;
  readonly vigenciaCosechaMs: number;
}

const HOUR_MS = 3_600_000;

/** Names the values; their form was checked when they were read. */
export const toSicodisSettings = (values: SettingValues): SicodisSettings => ({
  baseUrl: values.SICODIS_BASE_URL ?? BASE_URL,
  timeoutMs: Number(values.SICODIS_TIMEOUT_MS ?? '15000'),
  pausaMs: Number(values.SICODIS_COSECHA_PAUSA_MS ?? '100'),
  vigenciaCosechaMs: Number(values.SICODIS_COSECHA_HORAS ?? '24') * HOUR_MS,
});
