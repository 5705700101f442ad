import type { SandboxSystem } from '../system.js';
import { siif } from './siif.js';
import { sicodis } from './sicodis.js';
import { cuipo } from './cuipo.js';
import { erp } from './erp.js';
import { fut } from './fut.js';
import { mdm, mipg } from './mipg.js';
import { secop } from './secop.js';
import { sigep } from './sigep.js';
import { piip } from './piip.js';

/** One line per legacy system. Drops are written in this order: SIGEP's, which the crosswalk waits for, comes first. */
export const SYSTEMS: readonly SandboxSystem[] = [
  sigep,
  cuipo,
  erp,
  fut,
  piip,
  secop,
  sicodis,
  siif,
  mipg,
  mdm,
];
