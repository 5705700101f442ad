/** Every registro of the house, one line per file: what the single store can hold. */
import type { Registro } from '../registro.js';
import { REGISTROS_CUIPO } from './cuipo.js';
import { REGISTROS_ERP } from './erp.js';
import { REGISTROS_FUT, REGISTROS_FUT_CIERRE } from './fut.js';
import { REGISTROS_MDM, REGISTROS_MIPG } from './mipg.js';
import { REGISTROS_PIIP } from './piip.js';
import { REGISTROS_SECOP } from './secop.js';
import { REGISTROS_SICODIS } from './sicodis.js';
import { REGISTROS_SIGEP } from './sigep.js';
import { REGISTROS_SIIF } from './siif.js';

export const TODOS: readonly Registro[] = [
  ...REGISTROS_CUIPO,
  ...REGISTROS_ERP,
  ...REGISTROS_FUT,
  ...REGISTROS_FUT_CIERRE,
  ...REGISTROS_MDM,
  ...REGISTROS_MIPG,
  ...REGISTROS_PIIP,
  ...REGISTROS_SECOP,
  ...REGISTROS_SICODIS,
  ...REGISTROS_SIGEP,
  ...REGISTROS_SIIF,
];
