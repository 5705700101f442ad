import { codigo, decimal, defineRegistro, dinero, entero, logico, texto } from '../registro.js';

/**
 * SICODIS (Departamento Nacional de Planeación): what the Nation distributes to each territory. A departamento here is
 * its own share as an entity, never the sum of its municipios.
 *
 * Both lists come as trees: totals, groups and details are rows of the same form, so rows are not added but within one
 * level (`padre` null, or `esHoja`).
 */

const TERRITORIO = {
  /** DIVIPOLA, two or five digits. */
  codigoTerritorio: codigo({ nulo: false }),
};

const ARBOL = {
  /** The nearest group above that came in the same answer. */
  padre: codigo(),
  esTotal: logico({ nulo: false }),
  /** Carries money and has nothing below: the leaves add up to the total. */
  esHoja: logico({ nulo: false }),
  /** From 1; more than 1 where the source repeats a concept. */
  ordinal: entero({ nulo: false }),
};

/** Sistema General de Participaciones, by year and concept (Ley 715 de 2001, Ley 1176 de 2007). */
export const DistribucionSgp = defineRegistro({
  nombre: 'DistribucionSgp',
  sistema: 'sicodis',
  clave: ['codigoTerritorio', 'vigencia', 'idConcepto', 'ordinal'],
  ruta: ['codigoTerritorio', 'vigencia'],
  accesos: {
    porTerritorioVigencia: { claves: ['codigoTerritorio', 'vigencia'], cardinalidad: 'muchos' },
  },
  campos: {
    ...TERRITORIO,
    vigencia: entero({ nulo: false }),
    /** `0101` educación … `0108` resguardos, six digits below them, `99` the total. */
    idConcepto: codigo({ nulo: false }),
    concepto: texto(),
    valor: dinero(),
    ...ARBOL,
  },
});

/** Sistema General de Regalías, by biennium and category (Ley 2056 de 2020). Never split into years. */
export const PresupuestoSgr = defineRegistro({
  nombre: 'PresupuestoSgr',
  sistema: 'sicodis',
  clave: ['codigoTerritorio', 'bienio', 'categoria', 'ordinal'],
  ruta: ['codigoTerritorio', 'bienio'],
  accesos: {
    porTerritorioBienio: { claves: ['codigoTerritorio', 'bienio'], cardinalidad: 'muchos' },
  },
  campos: {
    ...TERRITORIO,
    bienio: codigo({ nulo: false }),
    /** `1`, `1.1`, `1.1.1`…; `total` or a negative number for totals. */
    categoria: codigo({ nulo: false }),
    concepto: texto(),
    presupuestoTotal: dinero(),
    presupuestoCorriente: dinero(),
    presupuestoOtros: dinero(),
    cajaCorriente: dinero(),
    cajaOtros: dinero(),
    cajaTotal: dinero(),
    /** Share of the current budget that was collected. */
    avanceRecaudo: decimal(),
    ...ARBOL,
  },
});

export const REGISTROS_SICODIS = [DistribucionSgp, PresupuestoSgr] as const;
