import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Subgraph } from '../subgraph.js';
import { DEPARTAMENTO, MUNICIPIO, PROYECTO } from '../shared/entities.js';
import { table } from './table.js';

export const inversion: Subgraph = {
  id: 'inversion',
  sdl: loadSdl('inversion'),
  entities: { Municipio: MUNICIPIO, Departamento: DEPARTAMENTO, ProyectoInversion: PROYECTO },
  table,
};
