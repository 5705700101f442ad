import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  logico,
  texto,
  type Acceso,
  type Campo,
} from '../registro.js';

/**
 * PIIP, Plataforma Integrada de Inversión Pública (Decreto 2104 de 2023), as DNP publishes it in open data: public
 * investment projects, where they are, how they go on, who pays and what they deliver.
 *
 * A value is always that of the whole project: a project has many places and is never added up over them. Texts are
 * open lists of the source, kept letter by letter. Zero in a programmed value means "not reported": the campo is null
 * and `valorNoReportado` says why.
 */

/** The code in its present form, and as the source wrote it. */
const PROYECTO = {
  bpin: codigo({ nulo: false }),
  bpinOriginal: codigo({ nulo: false, comparador: 'ninguno' }),
};

/** A code says nothing about a place: slices are cohorts of codes, by their year. */
const RUTA = ['bpin'];
const unoPorBpin: Acceso = { claves: RUTA, cardinalidad: 'uno' };
const muchosPorBpin: Acceso = { claves: RUTA, cardinalidad: 'muchos' };

const valorNoReportado = (): Campo => logico({ nulo: false, comparador: 'ninguno' });

export const ProyectoInversion = defineRegistro({
  nombre: 'ProyectoInversion',
  sistema: 'piip',
  clave: ['bpin'],
  ruta: RUTA,
  accesos: { porBpin: unoPorBpin },
  campos: {
    ...PROYECTO,
    nombre: texto(),
    /** The source cuts it at 249 characters. */
    objetivoGeneral: texto(),
    estado: texto(),
    subestado: texto(),
    tipo: texto(),
    sector: texto(),
    /** Four digits: written before the name, else found by the name; null where the name is no programme of the catalog. */
    programa: codigo(),
    nombrePrograma: texto(),
    /** `AAAA-AAAA` as written, and its two years. */
    horizonte: texto(),
    horizonteInicio: entero(),
    horizonteFin: entero(),
    planDesarrollo: texto(),
    /** A municipality and its department are glued together without a separator. */
    entidadResponsable: texto(),
    /** DIVIPOLA of a municipality, two digits of a governorate, or six of a section of the national budget. */
    codigoEntidadResponsable: codigo(),
    valorTotal: dinero(),
    valorVigente: dinero(),
    valorObligado: dinero(),
    valorPagado: dinero(),
    /** The source writes zero in `valorVigente`. */
    valorNoReportado: valorNoReportado(),
    /** The source writes zero in `valorTotal`. */
    valorTotalNoReportado: valorNoReportado(),
    beneficiarios: decimal(),
  },
});

/** Progress of a project. The source repeats a project without a date: see `contradiccion`. */
export const SeguimientoProyecto = defineRegistro({
  nombre: 'SeguimientoProyecto',
  sistema: 'piip',
  clave: ['bpin'],
  ruta: RUTA,
  accesos: { porBpin: unoPorBpin },
  campos: {
    ...PROYECTO,
    /** Percent, 0 to 100. */
    avanceFisico: decimal({ unidad: '%' }),
    avanceFinanciero: decimal({ unidad: '%' }),
    valorVigente: dinero(),
    valorNoReportado: valorNoReportado(),
    horizonte: texto(),
    /** Rows of the source for this project; the one with the greatest progress is kept, because progress never falls. */
    filasFuente: entero({ nulo: false, comparador: 'ninguno' }),
    /** What other rows state that this order cannot explain; null where they are just earlier ones. */
    contradiccion: texto({ comparador: 'ninguno' }),
  },
});

export const LocalizacionProyecto = defineRegistro({
  nombre: 'LocalizacionProyecto',
  sistema: 'piip',
  clave: ['bpin', 'territorio'],
  ruta: RUTA,
  accesos: {
    porBpin: muchosPorBpin,
    porMunicipio: { claves: ['codigoMunicipio'], cardinalidad: 'muchos' },
    /** Rows of the department as a whole and of each of its municipalities. */
    porDepartamento: { claves: ['codigoDepartamento'], cardinalidad: 'muchos' },
  },
  campos: {
    ...PROYECTO,
    /** DIVIPOLA: five digits, or two for the whole department; what the source wrote where that is no code. */
    territorio: codigo({ nulo: false }),
    codigoDepartamento: codigo(),
    /** Null for the whole department. */
    codigoMunicipio: codigo(),
    departamento: texto(),
    municipio: texto(),
    region: texto(),
  },
});

/** Money of a project by year and source of funds. */
export const EjecucionProyecto = defineRegistro({
  nombre: 'EjecucionProyecto',
  sistema: 'piip',
  clave: ['bpin', 'vigencia', 'dimensiones', 'ordinal'],
  ruta: RUTA,
  accesos: { porBpin: muchosPorBpin },
  campos: {
    ...PROYECTO,
    vigencia: entero({ nulo: false }),
    /** Source, its entity and the kind of resource in capitals, joined by `/`. */
    dimensiones: codigo({ nulo: false }),
    ordinal: entero({ nulo: false }),
    fuenteFinanciacion: texto(),
    entidadFuente: texto(),
    tipoRecurso: texto(),
    valorSolicitado: dinero(),
    valorInicial: dinero(),
    valorVigente: dinero(),
    valorComprometido: dinero(),
    valorObligado: dinero(),
    valorPagado: dinero(),
    valorNoReportado: valorNoReportado(),
  },
});

/** What a project delivers. The source names products and indicators; it does not say their codes. */
export const ProductoProyecto = defineRegistro({
  nombre: 'ProductoProyecto',
  sistema: 'piip',
  clave: ['bpin', 'dimensiones', 'ordinal'],
  ruta: RUTA,
  accesos: { porBpin: muchosPorBpin },
  campos: {
    ...PROYECTO,
    /** Product and indicator in capitals, joined by `/`. */
    dimensiones: codigo({ nulo: false }),
    ordinal: entero({ nulo: false }),
    producto: texto({ nulo: false }),
    /** Seven digits where the catalog has one product only by that name, else null. */
    codigoProducto: codigo({ comparador: 'ninguno' }),
    indicador: texto(),
    unidadProducto: texto(),
    unidadIndicador: texto(),
    cantidad: decimal(),
    metaIndicador: decimal(),
    avanceIndicador: decimal(),
    valor: dinero(),
    /** The source writes zero in `valor`. */
    valorNoReportado: valorNoReportado(),
  },
});

export const EjecutorProyecto = defineRegistro({
  nombre: 'EjecutorProyecto',
  sistema: 'piip',
  clave: ['bpin', 'ejecutor'],
  ruta: RUTA,
  accesos: { porBpin: muchosPorBpin },
  campos: {
    ...PROYECTO,
    /** Its code; where the source gives none, its name in capitals. */
    ejecutor: codigo({ nulo: false }),
    codigoEjecutor: codigo(),
    nombre: texto(),
  },
});

export const REGISTROS_PIIP = [
  ProyectoInversion,
  SeguimientoProyecto,
  LocalizacionProyecto,
  EjecucionProyecto,
  ProductoProyecto,
  EjecutorProyecto,
] as const;
