import { codigo, defineRegistro, dinero, entero, fecha, logico, texto } from '../registro.js';

/**
 * SIIF Nación (Decreto 2674 de 2012, compilado en el Decreto 1068 de 2015): the national budget, from the report
 * "Ejecución". Amounts are cumulative within the vigencia. A rubro is the parent of longer ones, so only leaves are added.
 */
const CIFRAS = {
  apropiacionInicial: dinero(),
  apropiacionAdicionada: dinero(),
  apropiacionReducida: dinero(),
  apropiacionVigente: dinero(),
  apropiacionBloqueada: dinero(),
  cdp: dinero(),
  apropiacionDisponible: dinero(),
  compromisos: dinero(),
  obligaciones: dinero(),
  ordenesPago: dinero(),
  pagos: dinero(),
};

export const ApropiacionNacion = defineRegistro({
  nombre: 'ApropiacionNacion',
  sistema: 'siif',
  clave: [
    'vigencia',
    'unidadEjecutora',
    'rubro',
    'fuente',
    'recurso',
    'situacionFondos',
    'ordinal',
  ],
  ruta: ['vigencia'],
  accesos: { porVigencia: { claves: ['vigencia'], cardinalidad: 'muchos' } },
  campos: {
    vigencia: entero({ nulo: false }),
    /** `XXYY`, of the executing unit `XX-YY-ZZ`. */
    seccion: codigo({ nulo: false }),
    unidadEjecutora: codigo({ nulo: false }),
    nombreUnidad: texto(),
    /** `A-02-01…` running costs, `B-…` debt, `C-2201-…` investment. */
    rubro: codigo({ nulo: false }),
    /** A, B or C. */
    tipo: codigo(),
    /** In capitals; empty where the report gives none, since it is part of the key. */
    fuente: codigo({ nulo: false }),
    /** 10 corrientes, 11 otros recursos del tesoro, 13 crédito externo… Empty as above. */
    recurso: codigo({ nulo: false }),
    /** CSF or SSF. Empty as above. */
    situacionFondos: codigo({ nulo: false }),
    descripcion: texto(),
    ...CIFRAS,
    esHoja: logico({ nulo: false }),
    /** From 1; more than 1 where the report repeats a line with all dimensions equal. */
    ordinal: entero({ nulo: false }),
    /** The day up to which the report speaks. */
    corte: fecha(),
  },
  medidas: {
    porUnidad: {
      grano: ['vigencia'],
      dimensiones: ['seccion', 'unidadEjecutora', 'nombreUnidad'],
      filtro: { op: 'hoja' },
      suma: ['apropiacionVigente', 'compromisos', 'obligaciones', 'pagos'],
      version: 1,
    },
  },
});

export const REGISTROS_SIIF = [ApropiacionNacion] as const;
