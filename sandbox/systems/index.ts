import type { SandboxSystem } from '../system.js';
import { cuipo } from './cuipo.js';
import { erp } from './erp.js';
import { fut } from './fut.js';

/** One line per legacy system. */
export const SYSTEMS: readonly SandboxSystem[] = [cuipo, erp, fut];
