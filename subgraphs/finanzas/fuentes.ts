import { fuenteCuipo } from './fuente-cuipo.js';
import { fuenteFut, ULTIMA_VIGENCIA_FUT } from './fuente-fut.js';
import type { FuenteDePresupuesto } from './reporte.js';

/**
 * FUT to 2020, CUIPO from 2021. A rule of this domain between two registros, not a route: nobody moved those years from
 * one system to the other.
 */
export const fuenteOf = (vigencia: number): FuenteDePresupuesto =>
  vigencia <= ULTIMA_VIGENCIA_FUT ? fuenteFut : fuenteCuipo;

/** The series breaks here: what comes before and after is not strictly comparable. */
export const PRIMERA_VIGENCIA_CUIPO = ULTIMA_VIGENCIA_FUT + 1;
