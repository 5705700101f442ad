import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

const BASE_URL = 'https://www.datos.gov.co';
const TIMEOUT_MS = '20000';

export const sigepSettings: readonly SettingDeclaration[] = [
  {
    name: 'SIGEP_BASE_URL',
    kind: 'url',
    default: BASE_URL,
    meaning: 'Portal de datos abiertos (SODA 2.1) con el conjunto de servidores públicos de SIGEP',
  },
  {
    name: 'SIGEP_APP_TOKEN',
    kind: 'text',
    meaning: 'Token de aplicación de datos.gov.co; sin él las consultas comparten un cupo bajo',
    secret: true,
  },
  {
    name: 'SIGEP_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los reportes de SIGEP II (XLSX o CSV): entidades, planta y vacantes, con su fecha en el nombre',
  },
  {
    name: 'SIGEP_TIMEOUT_MS',
    kind: 'int',
    default: TIMEOUT_MS,
    meaning: 'Tiempo máximo de una llamada a datos.gov.co, en milisegundos',
  },
];

export interface SigepSettings {
  readonly baseUrl: string;
  readonly appToken?: string;
  readonly dropDir?: string;
  readonly timeoutMs: number;
}

/** Names the values; their form was checked when they were read. */
export function toSigepSettings(values: SettingValues): SigepSettings {
  const { SIGEP_APP_TOKEN: appToken, SIGEP_DROP_DIR: dropDir } = values;
  return {
    baseUrl: values.SIGEP_BASE_URL ?? BASE_URL,
    ...(appToken === undefined ? {} : { appToken }),
    ...(dropDir === undefined ? {} : { dropDir }),
    timeoutMs: Number(values.SIGEP_TIMEOUT_MS ?? TIMEOUT_MS),
  };
}
