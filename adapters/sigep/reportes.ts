import type { Registro } from '../../schema/registro.js';
import { EntidadSigep, PlantaEmpleo, Vacante } from '../../schema/registros/sigep.js';
import { alphanumericsOf } from '../../schema/values/text.js';

/**
 * The reports of SIGEP II that are read: three, none of which is about people. Other files of the folder (vinculaciones,
 * contratos, hojas de vida) are never opened.
 */
export interface Reporte {
  /** Name under which SIGEP generates it; the file begins with it. */
  readonly nombre: string;
  readonly registro: Registro;
  /** Own name of each column → labels it is known by, matched without case, accents and blanks. All are required. */
  readonly columnas: Readonly<Record<string, readonly string[]>>;
}

const CODIGO_SIGEP = ['Código SIGEP', 'Código SIGEP de la Entidad'];
const NOMBRE = ['Nombre de la Entidad', 'Entidad', 'Nombre Entidad'];
const EMPLEO = {
  nivel: ['Nivel Jerárquico', 'Nivel'],
  denominacion: ['Denominación', 'Denominación del Cargo', 'Denominación del Empleo'],
  codigoCargo: ['Código del cargo', 'Código'],
  grado: ['Grado', 'Grado del Cargo'],
  dependencia: ['Dependencia'],
};

/** Neither Nombre del Representante Legal nor any telephone or mail is among the columns: they are dropped on read. */
const ENTIDADES: Reporte = {
  nombre: 'consultaGeneralDeEntidades',
  registro: EntidadSigep,
  columnas: {
    codigoSigep: CODIGO_SIGEP,
    nombre: NOMBRE,
    sigla: ['Sigla'],
    nit: ['NIT'],
    digitoVerificacion: ['Dígito de Verificación'],
    codigoDane: ['Código DANE'],
    orden: ['Orden'],
    suborden: ['Suborden'],
    naturalezaJuridica: ['Naturaleza Jurídica'],
    clasificacionOrganica: ['Clasificación Orgánica'],
    sector: ['Sector Administrativo', 'Sector'],
    departamento: ['Departamento'],
    municipio: ['Municipio'],
    categoria: ['Categoría'],
    estado: ['Estado de la Entidad', 'Estado'],
  },
};

const vacancia = (tipo: string): string[] => [
  `Vacancia ${tipo}`,
  `Número de empleos en vacancia ${tipo}`,
];
const provistos = (tipo: string): string[] => [
  `Empleos provistos ${tipo}`,
  `Provistos ${tipo}`,
  `Número de empleos provistos ${tipo}`,
];
const encargos = (tipo: string): string[] => [
  `Empleos provistos por encargo ${tipo}`,
  `Provistos por encargo ${tipo}`,
  `Número de empleos provistos por encargo ${tipo}`,
];

const PLANTA: Reporte = {
  nombre: 'plantaDePersonalEntidadYEmpleosProvistos',
  registro: PlantaEmpleo,
  columnas: {
    codigoSigep: CODIGO_SIGEP,
    nombreEntidad: NOMBRE,
    codigoPlanta: ['Código de la Planta'],
    nombrePlanta: ['Nombre de la planta'],
    tipoPlanta: ['Tipo de planta'],
    codigoEmpleo: ['Código interno del empleo'],
    ...EMPLEO,
    naturalezaEmpleo: ['Naturaleza del Empleo'],
    cargos: ['Número de empleos aprobados por norma'],
    conApropiacion: ['Número de Empleos con Apropiación Presupuestal'],
    vacanciaDefinitiva: vacancia('definitiva'),
    vacanciaTemporal: vacancia('temporal'),
    vacanciaTransitoria: vacancia('transitoria'),
    provistosPermanentes: provistos('permanente'),
    provistosTemporales: provistos('temporal'),
    provistosTransitorios: provistos('transitoria'),
    encargosPermanentes: encargos('permanente'),
    encargosTemporales: encargos('temporal'),
    encargosTransitorios: encargos('transitoria'),
    vigente: ['Vigente?', 'Vigente'],
    definitiva: ['Planta Guardado Definitivo'],
  },
};

const VACANTES: Reporte = {
  nombre: 'vacantesVigentesPorEntidades',
  registro: Vacante,
  columnas: {
    codigoSigep: CODIGO_SIGEP,
    nombreEntidad: NOMBRE,
    departamento: ['Departamento'],
    municipio: ['Municipio'],
    ...EMPLEO,
    vacanciaTemporal: vacancia('temporal'),
    vacanciaDefinitiva: vacancia('definitiva'),
    fechaVacancia: ['Fecha de Vacancia'],
  },
};

export const REPORTES: readonly Reporte[] = [ENTIDADES, PLANTA, VACANTES];

/** Which report a file of the folder is: its name begins with that of the report, in any case and with any separators. */
export function reporteOf(fileName: string): Reporte | null {
  const base = alphanumericsOf(fileName.split('/').at(-1) ?? '');
  return REPORTES.find(({ nombre }) => base.startsWith(alphanumericsOf(nombre))) ?? null;
}

/** The date in the name of a report, `YYYYMMDD` or `dd-MM-yyyy` with or without separators between the parts. */
export function corteOf(fileName: string): string | null {
  const base = fileName.split('/').at(-1) ?? '';
  const iso = /(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)/.exec(base);
  if (iso !== null) return iso.slice(1, 4).join('-');
  const local = /(?<!\d)(0[1-9]|[12]\d|3[01])[-_.](0[1-9]|1[0-2])[-_.](20\d{2})(?!\d)/.exec(base);
  return local === null ? null : local.slice(1, 4).reverse().join('-');
}
