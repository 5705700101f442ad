import {
  codigo,
  defineRegistro,
  dinero,
  entero,
  fechahora,
  logico,
  texto,
  type Campo,
} from '../registro.js';

/**
 * CUIPO, Categoría Única de Información del Presupuesto Ordinario (Resolución Reglamentaria Orgánica 035 de 2020 de la
 * Contraloría General de la República): what territorial entities budget and execute, quarter by quarter since 2021.
 *
 * Amounts are cumulative within the vigencia: quarters are never added. Every parent account is a row of the same form,
 * so rows are never added either, but the leaves (`esHoja`); what a form says in total is read from its RAIZ registro.
 */

/** Who says it, about which year and quarter (T1 to T4). */
const REPORTE = {
  codigoChip: codigo({ nulo: false }),
  nombreEntidad: texto(),
  vigencia: entero({ nulo: false }),
  periodo: codigo({ nulo: false }),
};

/** By which of its channels the row came: several receptions of one form may exist, the latest one answers. */
const RECEPCION = {
  /** SODA (open data), LIBRO (workbook of the CHIP "Informe al Ciudadano") or VOLCADO (dump of earlier years). */
  canal: codigo({ nulo: false, comparador: 'ninguno' }),
  /** Envío number of a workbook; name of the file of a dump; null on SODA, which does not say it. */
  recepcion: codigo({ comparador: 'ninguno' }),
  recibidoEn: fechahora({ comparador: 'ninguno' }),
};

/** Who spends, and on account of which year. */
const GASTO = {
  /** 1 actual, 2 reservas, 3 cuentas por pagar, 4 vigencias futuras, 5 y 6 vigencias futuras de reservas y de CxP. */
  vigenciaGasto: codigo({ nulo: false }),
  nombreVigenciaGasto: texto(),
  /** Its code; where the source gives a name outside the catalog, that name in capitals: a section is part of the key. */
  seccion: codigo({ nulo: false }),
  nombreSeccion: texto(),
};

const CUENTA = {
  cuenta: codigo({ nulo: false }),
  nombreCuenta: texto(),
};

/** What makes a row of an account different from the next one, and whether it may be added. */
const IDENTIDAD = {
  /** The dimensions after the account joined by `/`, each as code or, without code, as name in capitals. */
  dimensiones: codigo({ nulo: false }),
  /** From 1; more than 1 where the source repeats a row with all dimensions equal. */
  ordinal: entero({ nulo: false }),
  esHoja: logico({ nulo: false }),
};

/** The pair in which CUIPO writes a dimension. The code is null where only a name came and the catalog is not sure. */
const par = (name: string): Record<string, Campo> => ({
  [name]: codigo(),
  [`nombre${name.charAt(0).toUpperCase()}${name.slice(1)}`]: texto(),
});

const PROYECTO = {
  /** First two digits of the MGA programme. */
  sector: codigo(),
  programaMga: codigo(),
  /** In the form of PIIP; null where the text is no BPIN. */
  bpin: codigo(),
  bpinOriginal: codigo({ comparador: 'ninguno' }),
};

const PROGRAMADO_INGRESO = { presupuestoInicial: dinero(), presupuestoDefinitivo: dinero() };
const RECAUDADO = {
  recaudoActualSinFondos: dinero(),
  recaudoActualConFondos: dinero(),
  recaudoAnteriorSinFondos: dinero(),
  recaudoAnteriorConFondos: dinero(),
  recaudo: dinero(),
};
const PROGRAMADO_GASTO = { apropiacionInicial: dinero(), apropiacionDefinitiva: dinero() };
const EJECUTADO_GASTO = { compromisos: dinero(), obligaciones: dinero(), pagos: dinero() };

const RUTA = ['codigoChip', 'vigencia'];
const CLAVE_REPORTE = ['codigoChip', 'vigencia', 'periodo'];
const CLAVE_GASTO = [...CLAVE_REPORTE, 'vigenciaGasto', 'seccion'];

/** All quarters of a year: small, because a form has one root row (income) or one per vigencia and section (expense). */
const porEntidadVigencia = { claves: RUTA, cardinalidad: 'muchos' as const };
/** All rows of one quarter. Which quarter is the latest is read from the RAIZ registro first. */
const porEntidadPeriodo = { claves: CLAVE_REPORTE, cardinalidad: 'muchos' as const };
/** Rows that carry a project, of all entities and quarters. */
const porBpin = { claves: ['bpin'], cardinalidad: 'muchos' as const };

/** Why a total is to be read with care; null where nothing was found. */
const REPAROS = {
  /** The leaves of the section do not add up to this root within one peso. */
  descuadre: texto({ comparador: 'ninguno' }),
  /** Other receptions of the same form state other amounts: which, and what they state. */
  contradiccion: texto({ comparador: 'ninguno' }),
};

const defineRaiz = (nombre: string, clave: readonly string[], campos: Record<string, Campo>) =>
  defineRegistro({
    nombre,
    sistema: 'cuipo',
    clave,
    ruta: RUTA,
    accesos: { porEntidadVigencia },
    campos: { ...REPORTE, ...campos, ...REPAROS, ...RECEPCION },
  });

/** Account 1 of form A. */
export const RaizProgramacionIngreso = defineRaiz(
  'RaizProgramacionIngreso',
  CLAVE_REPORTE,
  PROGRAMADO_INGRESO,
);
/** Account 1 of form B. */
export const RaizEjecucionIngreso = defineRaiz('RaizEjecucionIngreso', CLAVE_REPORTE, RECAUDADO);
/** Account 2 of form C, per vigencia del gasto and section. */
export const RaizProgramacionGasto = defineRaiz('RaizProgramacionGasto', CLAVE_GASTO, {
  ...GASTO,
  ...PROGRAMADO_GASTO,
});
/** Account 2 of form D, per vigencia del gasto and section. */
export const RaizEjecucionGasto = defineRaiz('RaizEjecucionGasto', CLAVE_GASTO, {
  ...GASTO,
  ...EJECUTADO_GASTO,
});

/** Totals by MGA sector over the leaves; the leaves without a programme (running costs, debt) are the group null. */
const porSector = (suma: Record<string, Campo>) => ({
  grano: CLAVE_REPORTE,
  dimensiones: ['sector', 'vigenciaGasto'],
  filtro: { op: 'hoja' as const },
  suma: Object.keys(suma),
  version: 1,
});

const CLAVE_DETALLE = ['cuenta', 'dimensiones', 'ordinal'];

/** Form A, A_PROGRAMACION_DE_INGRESOS. */
export const ProgramacionIngreso = defineRegistro({
  nombre: 'ProgramacionIngreso',
  sistema: 'cuipo',
  clave: [...CLAVE_REPORTE, ...CLAVE_DETALLE],
  ruta: RUTA,
  accesos: { porEntidadPeriodo },
  campos: {
    ...REPORTE,
    ...CUENTA,
    ...par('detalleSectorial'),
    ...IDENTIDAD,
    ...PROGRAMADO_INGRESO,
    ...RECEPCION,
  },
});

/** Form B, B_EJECUCION_DE_INGRESOS. */
export const EjecucionIngreso = defineRegistro({
  nombre: 'EjecucionIngreso',
  sistema: 'cuipo',
  clave: [...CLAVE_REPORTE, ...CLAVE_DETALLE],
  ruta: RUTA,
  accesos: { porEntidadPeriodo },
  campos: {
    ...REPORTE,
    ...CUENTA,
    ...par('cpc'),
    ...par('detalleSectorial'),
    ...par('fuenteFinanciacion'),
    ...par('tercero'),
    ...par('politicaPublica'),
    ...par('tipoNorma'),
    /** Free text: `00221-02-2017`, `44-99-1993-1.5 x mil`. */
    norma: texto(),
    ...IDENTIDAD,
    ...RECAUDADO,
    ...RECEPCION,
  },
});

/** Form C, C_PROGRAMACION_DE_GASTOS. Investment is one account, 2.99, opened by programme and BPIN. */
export const ProgramacionGasto = defineRegistro({
  nombre: 'ProgramacionGasto',
  sistema: 'cuipo',
  clave: [...CLAVE_GASTO, ...CLAVE_DETALLE],
  ruta: RUTA,
  accesos: { porEntidadPeriodo },
  campos: {
    ...REPORTE,
    ...GASTO,
    ...CUENTA,
    ...PROYECTO,
    nombreProgramaMga: texto(),
    ...par('detalleSectorial'),
    ...IDENTIDAD,
    ...PROGRAMADO_GASTO,
    ...RECEPCION,
  },
  medidas: { porSector: porSector(PROGRAMADO_GASTO) },
});

/** Form D, D_EJECUCION_DE_GASTOS. Investment is 2.3.*, opened by product, CPC, source of funds and BPIN. */
export const EjecucionGasto = defineRegistro({
  nombre: 'EjecucionGasto',
  sistema: 'cuipo',
  clave: [...CLAVE_GASTO, ...CLAVE_DETALLE],
  ruta: RUTA,
  accesos: { porEntidadPeriodo, porBpin },
  campos: {
    ...REPORTE,
    ...GASTO,
    ...CUENTA,
    ...PROYECTO,
    ...par('productoMga'),
    ...par('cpc'),
    ...par('detalleSectorial'),
    ...par('fuenteFinanciacion'),
    ...par('situacionFondos'),
    ...par('politicaPublica'),
    ...par('tercero'),
    ...IDENTIDAD,
    ...EJECUTADO_GASTO,
    ...RECEPCION,
  },
  medidas: { porSector: porSector(EJECUTADO_GASTO) },
});

/** Directory of the entities that report through CHIP (Contaduría General de la Nación): CHIP code ↔ NIT. */
export const EntidadChip = defineRegistro({
  nombre: 'EntidadChip',
  sistema: 'cuipo',
  clave: ['codigoChip'],
  ruta: ['codigoChip'],
  accesos: {
    porCodigoChip: { claves: ['codigoChip'], cardinalidad: 'uno' },
    porNit: { claves: ['nit'], cardinalidad: 'muchos' },
  },
  campos: {
    codigoChip: codigo({ nulo: false }),
    /** Nine digits, without the check digit. */
    nit: codigo(),
    nombre: texto(),
    departamento: texto(),
    municipio: texto(),
  },
});

/** What of the CUIPO tells of a reporting entity, by its registro name. */
export const REGISTROS_CUIPO = [
  RaizProgramacionIngreso,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizEjecucionGasto,
  ProgramacionIngreso,
  EjecucionIngreso,
  ProgramacionGasto,
  EjecucionGasto,
  EntidadChip,
] as const;
