import { codigo, defineRegistro, dinero, entero, logico, texto } from '../registro.js';

/**
 * What the budget books of an entity say, as its own ERP exports them (SAP FM: one row per fund, centre, position,
 * functional area and project). Cumulative within the year, month by month: months are never added.
 *
 * SAP keeps the money in exclusive buckets: what was invoiced has left `Compromiso`. CUIPO and the law speak of a
 * cumulative chain. Both are kept: the buckets as written, and the chain that follows from them.
 */

const RUTA = ['codigoChip', 'vigencia'];
const CLAVE_CORTE = [...RUTA, 'mes'];

const APROPIACION = {
  inicial: dinero({ nulo: false }),
  reducciones: dinero({ nulo: false }),
  adiciones: dinero({ nulo: false }),
  creditos: dinero({ nulo: false }),
  contracreditos: dinero({ nulo: false }),
  /** Inicial − reducciones + adiciones + créditos − contracréditos. */
  total: dinero({ nulo: false }),
};

/** Exclusive: each peso is in one of them. */
const CUBETAS = {
  enDisponibilidad: dinero({ nulo: false }),
  enCompromiso: dinero({ nulo: false }),
  enFactura: dinero({ nulo: false }),
  enPago: dinero({ nulo: false }),
};

/** Cumulative: cdp ≥ compromisos ≥ obligaciones ≥ pagos. */
const CADENA = {
  cdp: dinero({ nulo: false }),
  compromisos: dinero({ nulo: false }),
  obligaciones: dinero({ nulo: false }),
  pagos: dinero({ nulo: false }),
};

export const EjecucionErp = defineRegistro({
  nombre: 'EjecucionErp',
  sistema: 'erp',
  clave: [
    ...CLAVE_CORTE,
    'fondo',
    'centroGestor',
    'posicion',
    'areaFuncional',
    'proyecto',
    'ordinal',
  ],
  ruta: RUTA,
  accesos: { porEntidadMes: { claves: CLAVE_CORTE, cardinalidad: 'muchos' } },
  campos: {
    codigoChip: codigo({ nulo: false }),
    vigencia: entero({ nulo: false }),
    /** 1 to 12: the last month that the export covers. */
    mes: entero({ nulo: false }),
    /** As written; empty text where the export leaves the cell empty, since these five make the identity. */
    fondo: codigo({ nulo: false }),
    centroGestor: codigo({ nulo: false }),
    /** CCPET account without its dots. */
    posicion: codigo({ nulo: false }),
    areaFuncional: codigo({ nulo: false }),
    /** Local number of the project: no BPIN. */
    proyecto: codigo({ nulo: false }),
    /** The CCPET account; null where the position is none of the catalog (entities open accounts of their own below it). */
    cuenta: codigo(),
    /** PPPP + NNN of an area PPPPSSSS.NNNx.zz; null where that is no product of the catalog. */
    productoMga: codigo(),
    nombre: texto(),
    ...APROPIACION,
    ...CUBETAS,
    ...CADENA,
    /** The file is an excerpt of the export: its sums are not those of the entity. */
    muestra: logico({ nulo: false }),
    ordinal: entero({ nulo: false }),
  },
  medidas: {
    /** Expenditure only (CCPET 2). */
    total: {
      grano: RUTA,
      dimensiones: ['mes', 'muestra'],
      filtro: { op: 'prefix', campo: 'posicion', valor: '2' },
      suma: [...Object.keys(APROPIACION), ...Object.keys(CADENA)],
      version: 1,
    },
  },
});

export const REGISTROS_ERP = [EjecucionErp] as const;
