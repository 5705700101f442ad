import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Subgraph } from '../subgraph.js';
import { DEPARTAMENTO, ENTIDAD, MUNICIPIO, PROYECTO, REGION } from '../shared/entities.js';
import { table } from './table.js';

export const finanzas: Subgraph = {
  id: 'finanzas',
  sdl: loadSdl('finanzas'),
  entities: {
    Municipio: MUNICIPIO,
    Departamento: DEPARTAMENTO,
    Region: REGION,
    Entidad: ENTIDAD,
    ProyectoInversion: PROYECTO,
  },
  table,
};
