import { loadPresupuesto } from '../../schema/catalogos/presupuesto.js';
import type { Lista } from '../../schema/catalogos/lista.js';
import { isBlank, normalizeName } from '../../schema/values/text.js';
import { VACIO, type Par } from './linea.js';

/** Workbooks and dumps write names only: their codes are looked up in the catalogs that CHIP offers to the entities. */

const LISTAS: Readonly<Record<string, () => Lista>> = {
  vigenciaGasto: () => loadPresupuesto().vigenciasGasto(),
  seccion: () => loadPresupuesto().secciones(),
  programaMga: () => loadPresupuesto().programas(),
  productoMga: () => loadPresupuesto().productos(),
  cpc: () => loadPresupuesto().cpc(),
  detalleSectorial: () => loadPresupuesto().detallesSectoriales(),
  fuenteFinanciacion: () => loadPresupuesto().fuentes(),
  situacionFondos: () => loadPresupuesto().situacionesFondos(),
};

/** Dimensions in whose list `NO APLICA` has the code 0. A tercero that does not apply is 0 or 1: its name must do. */
const WITH_CERO = new Set([
  'programaMga',
  'productoMga',
  'cpc',
  'detalleSectorial',
  'politicaPublica',
]);

/** The name as written, with its code when one and only one code has it. */
export function parByName(dimension: string, text: string): Par {
  const nombre = text.trim();
  const name = normalizeName(nombre);
  if (isBlank(nombre) || name === 'NO DEFINIDO') return VACIO;
  if (name === 'NO APLICA') return { codigo: WITH_CERO.has(dimension) ? '0' : null, nombre };
  return { codigo: LISTAS[dimension]?.().codigoDe(nombre) ?? null, nombre };
}
