import type { Subgraph } from './subgraph.js';
import { contratacion } from './contratacion/index.js';
import { desempeno } from './desempeno/index.js';
import { finanzas } from './finanzas/index.js';
import { talentoHumano } from './talento-humano/index.js';
import { inversion } from './inversion/index.js';
import { territorio } from './territorio/index.js';

/** One line per domain. */
export const subgraphs: readonly Subgraph[] = [
  territorio,
  finanzas,
  talentoHumano,
  inversion,
  contratacion,
  desempeno,
];
