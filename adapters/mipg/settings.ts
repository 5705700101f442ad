import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

export const mipgSettings: readonly SettingDeclaration[] = [
  {
    name: 'MIPG_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los libros de resultados de Función Pública (Resultados_vigAAAA_nacion.xlsx y _territorio.xlsx)',
  },
];

export const mdmSettings: readonly SettingDeclaration[] = [
  {
    name: 'MIPG_BASE_URL',
    kind: 'url',
    default: 'https://www.datos.gov.co',
    meaning: 'Portal de datos abiertos (SODA 2.1) en que el DNP publica la MDM',
  },
  {
    name: 'MIPG_APP_TOKEN',
    kind: 'text',
    meaning: 'Token de aplicación de datos.gov.co; sin él las consultas comparten un cupo bajo',
    secret: true,
  },
  {
    name: 'MIPG_TIMEOUT_MS',
    kind: 'int',
    default: '20000',
    meaning: 'Tiempo máximo de una llamada a datos.gov.co por la MDM, en milisegundos',
  },
];

export interface MipgSettings {
  readonly dropDir?: string;
}

export interface MdmSettings {
  readonly baseUrl: string;
  readonly appToken?: string;
  readonly timeoutMs: number;
}

export const toMipgSettings = ({ MIPG_DROP_DIR: dropDir }: SettingValues): MipgSettings =>
  dropDir === undefined ? {} : { dropDir };

/** Names the values; their form was checked when they were read. */
export function toMdmSettings(values: SettingValues): MdmSettings {
  const { MIPG_APP_TOKEN: appToken } = values;
  return {
    baseUrl: values['MIPG_BASE_URL'] ?? 'https://www.datos.gov.co',
    ...(appToken === undefined ? {} : { appToken }),
    timeoutMs: Number(values['MIPG_TIMEOUT_MS'] ?? '20000'),
  };
}
