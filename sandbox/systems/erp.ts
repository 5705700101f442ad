import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxSystem } from '../system.js';

/** Says whose the export is, since nothing in it does. */
const LISTA = ['patron,codigo_chip,vigencia,mes,muestra', 'erp_sap_medellin_*,210105001,,,si', ''];

/** Medellín's own books, real; no other entity exports any. */
export const erp: SandboxSystem = {
  sistema: 'erp',
  exports: ['erp_sap_medellin_ejecucion_2025-03_muestra.csv'],
  writeDrop: (dir) => writeFile(path.join(dir, 'entidades.csv'), LISTA.join('\n')),
};
