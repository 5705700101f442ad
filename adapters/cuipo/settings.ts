import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

export const cuipoSettings: readonly SettingDeclaration[] = [
  {
    name: 'CUIPO_BASE_URL',
    kind: 'url',
    default: 'https://www.datos.gov.co',
    meaning: 'Portal de datos abiertos (SODA 2.1) que publica la CUIPO',
  },
  {
    name: 'CUIPO_APP_TOKEN',
    kind: 'text',
    meaning: 'Token de aplicación de datos.gov.co; sin él las consultas comparten un cupo bajo',
    secret: true,
  },
  {
    name: 'CUIPO_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los libros del CHIP (Informe al Ciudadano) y con los volcados de la CUIPO 2021-2023',
  },
  {
    name: 'CUIPO_TIMEOUT_MS',
    kind: 'int',
    default: '20000',
    meaning: 'Tiempo máximo de una llamada a datos.gov.co, en milisegundos',
  },
  {
    name: 'CUIPO_SODA_VENTANAS',
    kind: 'bool',
    default: 'false',
    meaning:
      'El portal admite funciones de ventana (row_number): listas cortas por entidad en una llamada',
  },
];

export interface CuipoSettings {
  readonly baseUrl: string;
  readonly appToken?: string;
  readonly dropDir?: string;
  readonly timeoutMs: number;
  readonly windows: boolean;
}

/** Names the values; their form was checked when they were read. */
export function toCuipoSettings(values: SettingValues): CuipoSettings {
  const { CUIPO_APP_TOKEN: appToken, CUIPO_DROP_DIR: dropDir } = values;
  return {
    baseUrl: values.CUIPO_BASE_URL ?? 'https://www.datos.gov.co',
    ...(appToken === undefined ? {} : { appToken }),
    ...(dropDir === undefined ? {} : { dropDir }),
    timeoutMs: Number(values.CUIPO_TIMEOUT_MS ?? '20000'),
    windows: values.CUIPO_SODA_VENTANAS === 'true',
  };
}
