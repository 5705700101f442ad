import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Subgraph } from '../subgraph.js';
import { DEPARTAMENTO, ENTIDAD, MUNICIPIO, PROYECTO } from '../shared/entities.js';
import { CONTRATO } from './contrato.js';
import { table } from './table.js';

export const contratacion: Subgraph = {
  id: 'contratacion',
  sdl: loadSdl('contratacion'),
  entities: {
    Municipio: MUNICIPIO,
    Departamento: DEPARTAMENTO,
    Entidad: ENTIDAD,
    ProyectoInversion: PROYECTO,
    Contrato: CONTRATO,
  },
  table,
};
