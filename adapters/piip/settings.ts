import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

const BASE_URL = 'https://www.datos.gov.co';
const TIMEOUT_MS = '20000';

export const piipSettings: readonly SettingDeclaration[] = [
  {
    name: 'PIIP_BASE_URL',
    kind: 'url',
    default: BASE_URL,
    meaning:
      'Portal de datos abiertos (SODA 2.1) en el que el DNP publica los proyectos de inversión',
  },
  {
    name: 'PIIP_APP_TOKEN',
    kind: 'text',
    meaning: 'Token de aplicación de datos.gov.co; sin él las consultas comparten un cupo bajo',
    secret: true,
  },
  {
    name: 'PIIP_TIMEOUT_MS',
    kind: 'int',
    default: TIMEOUT_MS,
    meaning: 'Tiempo máximo de una llamada a datos.gov.co, en milisegundos',
  },
];

export interface PiipSettings {
  readonly baseUrl: string;
  readonly appToken?: string;
  readonly timeoutMs: number;
}

/** Names the values; their form was checked when they were read. */
export function toPiipSettings(values: SettingValues): PiipSettings {
  const { PIIP_APP_TOKEN: appToken } = values;
  return {
    baseUrl: values.PIIP_BASE_URL ?? BASE_URL,
    ...(appToken === undefined ? {} : { appToken }),
    timeoutMs: Number(values.PIIP_TIMEOUT_MS ?? TIMEOUT_MS),
  };
}
