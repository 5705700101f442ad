import type { Table } from '../subgraph.js';
import { cierreFiscal } from './cierre-fiscal.js';
import { ejecucion, GASTOS, gastosDeProyecto, INGRESOS } from './ejecucion.js';
import {
  chipOfEntidad,
  chipOfMunicipio,
  entidadesOfDepartamento,
  entidadesOfRegion,
} from './entidades.js';
import { ejecucionErp } from './ejecucion-erp.js';
import { presupuestoDeEntidad, presupuestoSumado } from './presupuesto.js';
import { apropiacionNacion } from './nacion.js';
import { registrosFut } from './registros-fut.js';
import { gastosDePunto, ingresosDePunto, serie } from './serie.js';
import { porSector } from './sectores.js';
import { sgp, sgr, transferencias } from './transferencias.js';

export const table: Table = {
  Municipio: {
    presupuesto: presupuestoDeEntidad(chipOfMunicipio),
    serie,
    cierreFiscal: cierreFiscal(chipOfMunicipio),
    registrosFut: registrosFut(chipOfMunicipio),
    transferencias,
    ejecucionGastos: ejecucion(GASTOS, chipOfMunicipio),
    ejecucionIngresos: ejecucion(INGRESOS, chipOfMunicipio),
  },
  Departamento: { presupuesto: presupuestoSumado(entidadesOfDepartamento), transferencias },
  Region: { presupuesto: presupuestoSumado(entidadesOfRegion) },
  Entidad: { presupuesto: presupuestoDeEntidad(chipOfEntidad), ejecucionErp },
  ProyectoInversion: { gastos: gastosDeProyecto },
  Presupuesto: { porSector },
  PuntoSerie: { gastos: gastosDePunto, ingresos: ingresosDePunto },
  Transferencias: { sgp, sgr },
  Query: { apropiacionNacion },
};
