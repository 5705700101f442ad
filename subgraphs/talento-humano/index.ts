import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Subgraph } from '../subgraph.js';
import { DEPARTAMENTO, ENTIDAD, MUNICIPIO, REGION } from '../shared/entities.js';
import { table } from './table.js';

export const talentoHumano: Subgraph = {
  id: 'talento-humano',
  sdl: loadSdl('talento-humano'),
  entities: { Municipio: MUNICIPIO, Departamento: DEPARTAMENTO, Region: REGION, Entidad: ENTIDAD },
  table,
};
