import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

export const siifSettings: readonly SettingDeclaration[] = [
  {
    name: 'SIIF_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los reportes de Ejecución (agregada o desagregada) exportados de SIIF Nación, en CSV o XLSX',
  },
];

export interface SiifSettings {
  readonly dropDir?: string;
}

/** Names the values; their form was checked when they were read. */
export const toSiifSettings = ({ SIIF_DROP_DIR: dropDir }: SettingValues): SiifSettings =>
  dropDir === undefined ? {} : { dropDir };
