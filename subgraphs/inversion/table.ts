import type { Table } from '../subgraph.js';
import { proyectosDeDepartamento, proyectosDeMunicipio } from './localizados.js';
import { proyecto, proyectos } from './proyectos.js';
import { deSeguimiento, proyectoInversion } from './proyecto.js';
import { ejecucion, ejecutores, localizaciones, productos } from './partes.js';

export const table: Table = {
  Query: { proyecto, proyectos },
  Municipio: { proyectos: proyectosDeMunicipio },
  Departamento: { proyectos: proyectosDeDepartamento },
  ProyectoInversion: {
    ...proyectoInversion,
    ...deSeguimiento,
    ejecucion,
    productos,
    localizaciones,
    ejecutores,
  },
};
