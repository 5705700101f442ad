import type { SandboxSystem } from '../system.js';

export const fut: SandboxSystem = {
  sistema: 'fut',
  exports: [
    'muestra_chip_210005400_2019T4_fut_gastos_inversion.xls',
    'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls',
    'muestra_chip_219105091_2024_fut_cierre_fiscal.xlsx',
    'muestra_chip_219105091_2025_fut_cierre_fiscal.xlsx',
  ],
};
