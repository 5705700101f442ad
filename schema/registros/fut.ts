import {
  codigo,
  decimal,
  defineRegistro,
  dinero,
  entero,
  fechahora,
  logico,
  texto,
  type Campo,
  type Registro,
} from '../registro.js';

/**
 * FUT, Formulario Único Territorial (Decreto 3402 de 2007): budget and execution of territorial entities, quarter by
 * quarter until 2020, and Cierre Fiscal, which is still reported every year.
 *
 * Amounts are pesos, cumulative within the vigencia: quarters are never added. Subtotals are rows of the same form, so
 * rows are never added either, but the leaves (`esHoja`); what a form says in total is read from RaizFut.
 */

/** Who says it, about which year and quarter (T1 to T4). */
const REPORTE = {
  codigoChip: codigo({ nulo: false }),
  /** Only workbooks say it. */
  nombreEntidad: texto(),
  vigencia: entero({ nulo: false }),
  periodo: codigo({ nulo: false }),
};

/** Which of several receptions of a form it came by: the latest one answers. */
const RECEPCION = {
  /** Unit in which the source wrote the amounts: workbooks until 2016 are in thousands (MILES). */
  unidadOrigen: codigo({ comparador: 'ninguno' }),
  /** SD (submission file) or LIBRO (workbook of the CHIP "Informe al Ciudadano"). */
  canal: codigo({ nulo: false, comparador: 'ninguno' }),
  /** Envío number of a workbook that says it, else the name of the file. */
  recepcion: codigo({ comparador: 'ninguno' }),
  recibidoEn: fechahora({ comparador: 'ninguno' }),
};

/** Why a total is to be read with care; null where nothing was found. */
const REPAROS = {
  /** An identity of the form does not hold. */
  descuadre: texto({ comparador: 'ninguno' }),
  /** Other receptions of the same form state other amounts: which, and what they state. */
  contradiccion: texto({ comparador: 'ninguno' }),
};

const CONCEPTO = {
  concepto: codigo({ nulo: false }),
  nombreConcepto: texto(),
  /** The dimensions after the concepto joined by `/`, in capitals; for a subtotal only its unidad ejecutora, mostly empty. */
  dimensiones: codigo({ nulo: false }),
  /** From 1; more than 1 where the source repeats a row with all dimensions equal. */
  ordinal: entero({ nulo: false }),
  /** A detail with its fuente, or a concepto that nothing opens further. */
  esHoja: logico({ nulo: false }),
  /** The opposite of a leaf: it is never added to its detail. */
  esSubtotal: logico({ nulo: false }),
};

/** Submission files carry the code of the fuente, workbooks its name; no public table joins the two. */
const FUENTE = { fuente: codigo(), nombreFuente: texto() };
const ACTO = { tipoActo: texto(), numeroActo: texto(), fechaActo: texto() };

const PROGRAMADO = { presupuestoInicial: dinero(), presupuestoDefinitivo: dinero() };
const EJECUTADO = { compromisos: dinero(), obligaciones: dinero(), pagos: dinero() };
const RECAUDADO = {
  /** Con situación de fondos. */
  recaudoEfectivo: dinero(),
  recaudoSinSituacion: dinero(),
  /** Total ingresos: both together. */
  recaudo: dinero(),
};

const RUTA = ['codigoChip', 'vigencia'];
const CLAVE_REPORTE = [...RUTA, 'periodo'];

/** Every quarter of a year. */
const porEntidadVigencia = { claves: RUTA, cardinalidad: 'muchos' as const };
const porEntidadPeriodo = { claves: CLAVE_REPORTE, cardinalidad: 'muchos' as const };

const defineFormulario = (nombre: string, campos: Record<string, Campo>): Registro =>
  defineRegistro({
    nombre,
    sistema: 'fut',
    clave: [...CLAVE_REPORTE, 'concepto', 'dimensiones', 'ordinal'],
    ruta: RUTA,
    accesos: { porEntidadVigencia, porEntidadPeriodo },
    campos: { ...REPORTE, ...CONCEPTO, ...campos, ...RECEPCION },
  });

/** FUT_INGRESOS (K12), conceptos TI.*. */
export const FutIngresos = defineFormulario('FutIngresos', {
  ...PROGRAMADO,
  ...RECAUDADO,
  tieneDocumento: texto(),
  numeroDocumento: texto(),
  porcionDestinacion: decimal(),
  valorDestinacion: dinero(),
});

/** FUT_GASTOS_FUNCIONAMIENTO, conceptos 1.*, by unidad ejecutora and fuente. */
export const FutGastosFuncionamiento = defineFormulario('FutGastosFuncionamiento', {
  unidadEjecutora: texto(),
  ...FUENTE,
  ...PROGRAMADO,
  ...EJECUTADO,
});

/** FUT_GASTOS_DE_INVERSION (K21), conceptos A.*, by fuente. */
export const FutGastosInversion = defineFormulario('FutGastosInversion', {
  ...FUENTE,
  ...PROGRAMADO,
  ...EJECUTADO,
});

/** FUT_SERVICIO_DEUDA, conceptos T.*, by kind of debt and operation and fuente. */
export const FutServicioDeuda = defineFormulario('FutServicioDeuda', {
  tipoDeuda: texto(),
  tipoOperacion: texto(),
  ...FUENTE,
  ...PROGRAMADO,
  ...EJECUTADO,
});

/** FUT_RESERVAS: reservas presupuestales of the year before; some generators write only what was constituted. */
export const FutReservas = defineFormulario('FutReservas', {
  ...FUENTE,
  ...ACTO,
  presupuestoDefinitivo: dinero(),
  obligaciones: dinero(),
  pagos: dinero(),
});

/** FUT_CUENTAS_POR_PAGAR of the year before. */
export const FutCuentasPorPagar = defineFormulario('FutCuentasPorPagar', {
  ...FUENTE,
  ...ACTO,
  constituidas: dinero(),
  pagos: dinero(),
});

/** FUT_VIGENCIAS_FUTURAS (K37). */
export const FutVigenciasFuturas = defineFormulario('FutVigenciasFuturas', {
  ...FUENTE,
  ...EJECUTADO,
});

/** Registro of each form, by the name that the public schema gives to the form. */
export const REGISTRO_FUT = {
  INGRESOS: FutIngresos,
  GASTOS_FUNCIONAMIENTO: FutGastosFuncionamiento,
  GASTOS_INVERSION: FutGastosInversion,
  SERVICIO_DEUDA: FutServicioDeuda,
  RESERVAS: FutReservas,
  CUENTAS_POR_PAGAR: FutCuentasPorPagar,
  VIGENCIAS_FUTURAS: FutVigenciasFuturas,
} as const;

export type FormularioFut = keyof typeof REGISTRO_FUT;

/** The root row of each form: what it says in total. Campos that a form does not have are absent. */
export const RaizFut = defineRegistro({
  nombre: 'RaizFut',
  sistema: 'fut',
  clave: [...CLAVE_REPORTE, 'formulario'],
  ruta: RUTA,
  accesos: { porEntidadVigencia },
  campos: {
    ...REPORTE,
    formulario: codigo({ nulo: false }),
    ...PROGRAMADO,
    ...EJECUTADO,
    ...RECAUDADO,
    constituidas: dinero(),
    ...REPAROS,
    ...RECEPCION,
  },
});

/** What is retired with the FUT of 2012 to 2020. */
export const REGISTROS_FUT: readonly Registro[] = [...Object.values(REGISTRO_FUT), RaizFut];

/**
 * FUT_CIERRE_FISCAL, form SITUACION_FISCAL (K29): what the entity has and owes on 31 December, by group of funds.
 * CUIPO did not replace it.
 */
export const CierreFiscal = defineRegistro({
  nombre: 'CierreFiscal',
  sistema: 'fut',
  clave: [...RUTA, 'concepto'],
  ruta: RUTA,
  accesos: { porEntidadVigencia },
  campos: {
    codigoChip: codigo({ nulo: false }),
    nombreEntidad: texto(),
    vigencia: entero({ nulo: false }),
    /** Always T4: the form is yearly. */
    periodo: codigo({ nulo: false }),
    concepto: codigo({ nulo: false }),
    nombreConcepto: texto(),
    esHoja: logico({ nulo: false }),
    cajaBancos: dinero(),
    encargosFiduciarios: dinero(),
    patrimoniosAutonomos: dinero(),
    inversionesTemporales: dinero(),
    disponibilidades: dinero(),
    recursosTerceros: dinero(),
    chequesNoCobrados: dinero(),
    cuentasPorPagarVigencia: dinero(),
    cuentasPorPagarAnteriores: dinero(),
    otrasExigibilidades: dinero(),
    reservasPresupuestales: dinero(),
    /** Total exigibilidades y reservas. */
    exigibilidades: dinero(),
    /** Positive: superávit. Negative: déficit. */
    superavit: dinero(),
    /** On the root only. */
    contradiccion: texto({ comparador: 'ninguno' }),
    ...RECEPCION,
  },
});

export const REGISTROS_FUT_CIERRE: readonly Registro[] = [CierreFiscal];
