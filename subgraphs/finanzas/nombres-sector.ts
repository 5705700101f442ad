import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';

/** Name of an MGA sector by its two digits. */
export function nombreSector(codigo: string): string {
  return loadPresupuesto().sectores().get(codigo)?.nombre ?? codigo;
}
