import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

export const erpSettings: readonly SettingDeclaration[] = [
  {
    name: 'ERP_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con las exportaciones de los ERP territoriales (CSV o libros de SAP) y su lista entidades.csv',
  },
];

export interface ErpSettings {
  readonly dropDir?: string;
}

export const toErpSettings = ({ ERP_DROP_DIR: dropDir }: SettingValues): ErpSettings =>
  dropDir === undefined ? {} : { dropDir };
