import type { SandboxSystem } from '../system.js';

export const erp: SandboxSystem = {
  sistema: 'erp',
  exports: ['erp_sap_medellin_ejecucion_2025-03_muestra.csv'],
};
