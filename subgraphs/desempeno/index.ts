import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Subgraph } from '../subgraph.js';
import { ENTIDAD, MUNICIPIO } from '../shared/entities.js';
import { table } from './table.js';

export const desempeno: Subgraph = {
  id: 'desempeno',
  sdl: loadSdl('desempeno'),
  entities: { Municipio: MUNICIPIO, Entidad: ENTIDAD },
  table,
};
