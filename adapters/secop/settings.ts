import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

const PORTAL = 'https://www.datos.gov.co';
const TIMEOUT_MS = '20000';

export const secopSettings: readonly SettingDeclaration[] = [
  {
    name: 'SECOP_BASE_URL',
    kind: 'url',
    default: PORTAL,
    meaning: 'Portal de datos abiertos (SODA 2.1) que publica SECOP II',
  },
  {
    name: 'SECOP_APP_TOKEN',
    kind: 'text',
    meaning: 'Token de aplicación de datos.gov.co; sin él las consultas comparten un cupo bajo',
    secret: true,
  },
  {
    name: 'SECOP_TIMEOUT_MS',
    kind: 'int',
    default: TIMEOUT_MS,
    meaning: 'Tiempo máximo de una llamada a datos.gov.co, en milisegundos',
  },
  {
    name: 'SECOP_SODA_VENTANAS',
    kind: 'bool',
    default: 'false',
    meaning:
      'El portal admite funciones de ventana (row_number): listas cortas por entidad en una llamada',
  },
];

export interface SecopSettings {
  readonly baseUrl: string;
  readonly appToken?: string;
  readonly timeoutMs: number;
  readonly windows: boolean;
}

/** Names the values; their form was checked when they were read. */
export function toSecopSettings(values: SettingValues): SecopSettings {
  const { SECOP_APP_TOKEN: appToken } = values;
  return {
    baseUrl: values.SECOP_BASE_URL ?? PORTAL,
    ...(appToken === undefined ? {} : { appToken }),
    timeoutMs: Number(values.SECOP_TIMEOUT_MS ?? TIMEOUT_MS),
    windows: values.SECOP_SODA_VENTANAS === 'true',
  };
}
