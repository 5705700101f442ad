import type { SettingDeclaration, SettingValues } from '../shared/settings.js';

/** One folder for all of the FUT: whoever has the files does not part the living form from the retired ones. */
export const futCierreSettings: readonly SettingDeclaration[] = [
  {
    name: 'FUT_DROP_DIR',
    kind: 'dir',
    meaning:
      'Carpeta con los archivos del FUT: envíos S/D del CHIP Local y libros del Informe al Ciudadano (.xls y .xlsx)',
  },
];

export interface FutCierreSettings {
  readonly dropDir?: string;
}

export const toFutCierreSettings = ({ FUT_DROP_DIR: dropDir }: SettingValues): FutCierreSettings =>
  dropDir === undefined ? {} : { dropDir };
