import { codigo, defineRegistro, entero, fecha, logico, texto } from '../registro.js';

/**
 * SIGEP II, Sistema de Información y Gestión del Empleo Público (Ley 909 de 2004, art. 18; Decreto 1083 de 2015): which
 * public bodies exist, which posts they have and how many are filled. Posts and counts only: no registro here has a campo
 * for a person (Ley 1581 de 2012).
 */

const RUTA = ['codigoSigep'];
const porEntidad = { claves: RUTA, cardinalidad: 'muchos' as const };

const ENTIDAD = {
  /** Text of at least four digits, leading zeros kept. */
  codigoSigep: codigo({ nulo: false }),
  nombreEntidad: texto(),
};

/** What a post is, as nomenclature names it (Decretos Ley 785 y 770 de 2005). The pair (regime, code) identifies a title. */
const EMPLEO = {
  /** Capitals without accents: the sources write TECNICO and TÉCNICO. */
  nivel: codigo(),
  denominacion: texto(),
  /** Three digits in the territory, four in the nation; text, `005` is no number. */
  codigoCargo: codigo(),
  grado: codigo(),
  dependencia: texto(),
};

/** The register of bodies (`consultaGeneralDeEntidades`): the only report that joins the SIGEP code to NIT and DIVIPOLA. */
export const EntidadSigep = defineRegistro({
  nombre: 'Entidad',
  sistema: 'sigep',
  clave: ['codigoSigep'],
  ruta: RUTA,
  accesos: {
    porEntidad: { claves: RUTA, cardinalidad: 'uno' },
    /** A departamento and its secretarías share one NIT. */
    porNit: { claves: ['nit'], cardinalidad: 'muchos' },
  },
  campos: {
    codigoSigep: codigo({ nulo: false }),
    nombre: texto(),
    sigla: texto(),
    nit: codigo(),
    digitoVerificacion: codigo(),
    /** Two or five digits; null where SIGEP leaves it blank or writes no DIVIPOLA. */
    codigoDane: codigo(),
    orden: codigo(),
    suborden: codigo(),
    naturalezaJuridica: texto(),
    clasificacionOrganica: texto(),
    sector: texto(),
    departamento: texto(),
    municipio: texto(),
    categoria: texto(),
    estado: texto(),
  },
});

const PROVISTOS = {
  provistosPermanentes: entero(),
  provistosTemporales: entero(),
  provistosTransitorios: entero(),
  encargosPermanentes: entero(),
  encargosTemporales: entero(),
  encargosTransitorios: entero(),
};

/** One post of one planta (`plantaDePersonalEntidadYEmpleosProvistos`), with how many of it there are and are filled. */
export const PlantaEmpleo = defineRegistro({
  nombre: 'PlantaEmpleo',
  sistema: 'sigep',
  clave: ['codigoSigep', 'planta', 'empleo', 'ordinal'],
  ruta: RUTA,
  accesos: { porEntidad },
  campos: {
    ...ENTIDAD,
    /** Its code; its name in capitals where it has no code. */
    planta: codigo({ nulo: false }),
    nombrePlanta: texto(),
    tipoPlanta: texto(),
    /** Internal code of the post; nivel, cargo, grado and dependencia where it has none. */
    empleo: codigo({ nulo: false }),
    /** From 1; more where the report repeats a row. */
    ordinal: entero({ nulo: false }),
    ...EMPLEO,
    naturalezaEmpleo: texto(),
    /** Of a planta in force and finally saved: drafts and plantas of the past are never added. */
    vigente: logico({ nulo: false }),
    cargos: entero(),
    conApropiacion: entero(),
    vacanciaDefinitiva: entero(),
    vacanciaTemporal: entero(),
    vacanciaTransitoria: entero(),
    ...PROVISTOS,
    /** Sum of the six; whoever holds a post by encargo fills it. More than `cargos` happens, and is shown as it is. */
    provistos: entero(),
    /** Definitive and temporary. */
    vacantes: entero(),
  },
  medidas: {
    porNivel: {
      grano: RUTA,
      dimensiones: ['nivel'],
      filtro: { op: 'eq', campo: 'vigente', valor: true },
      suma: ['cargos', 'conApropiacion', 'provistos', 'vacantes'],
      version: 1,
    },
  },
});

/** A vacancy in force (`vacantesVigentesPorEntidades`). The same post is repeated for each of its vacancies. */
export const Vacante = defineRegistro({
  nombre: 'Vacante',
  sistema: 'sigep',
  clave: ['codigoSigep', 'empleo', 'ordinal'],
  ruta: RUTA,
  accesos: { porEntidad },
  campos: {
    ...ENTIDAD,
    empleo: codigo({ nulo: false }),
    ordinal: entero({ nulo: false }),
    ...EMPLEO,
    departamento: texto(),
    municipio: texto(),
    vacanciaTemporal: entero(),
    vacanciaDefinitiva: entero(),
    fechaVacancia: fecha(),
  },
});

/** Servants of the public extract (`2jzx-383z`), counted by the source: no row about a person is ever asked for. */
export const ServidoresResumen = defineRegistro({
  nombre: 'ServidoresResumen',
  sistema: 'sigep',
  clave: ['codigoSigep', 'grupo'],
  ruta: RUTA,
  accesos: { porEntidad },
  campos: {
    codigoSigep: codigo({ nulo: false }),
    /** `nivel/tipoNombramiento`, either one empty where the source leaves it out. */
    grupo: codigo({ nulo: false }),
    nivel: codigo(),
    tipoNombramiento: codigo(),
    servidores: entero({ nulo: false, unidad: 'personas' }),
  },
});

export const REGISTROS_SIGEP = [EntidadSigep, PlantaEmpleo, Vacante, ServidoresResumen] as const;
