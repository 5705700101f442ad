import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

export const futSettings: readonly SettingDeclaration[] = [
  {
    name: 'FUT_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los archivos del FUT: envíos S/D del CHIP Local y libros del Informe al Ciudadano (.xls y .xlsx)',
  },
];

export interface FutSettings {
  readonly dropDir?: string;
}

export const toFutSettings = ({ FUT_DROP_DIR: dropDir }: SettingValues): FutSettings =>
  dropDir === undefined ? {} : { dropDir };
