import type { FormularioFut } from '../../schema/registros/fut.js';
import type { ChipColumna, ChipForma } from '../shared/chip/forma.js';

/** The budget forms as the two channels write them; labels differ by year, so a column has several. */

const col = (...libro: string[]): ChipColumna => ({ libro });
const opcional = (...libro: string[]): ChipColumna => ({ libro, opcional: true });

/** Inversión says `FUENTES DE FINANCIACION`, funcionamiento `FUENTES DE RECURSOS`, deuda `FUENTE DE RECURSOS`. */
const FUENTE = col(
  'FUENTES DE FINANCIACION',
  'FUENTE DE FINANCIACION',
  'FUENTES DE RECURSOS',
  'FUENTE DE RECURSOS',
  'FUENTE',
);
const PROGRAMADO = {
  presupuestoInicial: col('PRESUPUESTO INICIAL'),
  presupuestoDefinitivo: col('PRESUPUESTO DEFINITIVO'),
};
const EJECUTADO = {
  compromisos: col('COMPROMISOS'),
  obligaciones: col('TOTAL OBLIGACIONES', 'OBLIGACIONES'),
  pagos: col('PAGOS'),
};
const ACTO = {
  tipoActo: opcional('TIPO ACTO ADMINISTRATIVO', 'TIPO DE ACTO ADMINISTRATIVO', 'TIPO ACTO'),
  numeroActo: opcional(
    'NUMERO ACTO ADMINISTRATIVO',
    'NUMERO DE ACTO ADMINISTRATIVO',
    'NUMERO ACTO',
  ),
  fechaActo: opcional('FECHA ACTO ADMINISTRATIVO', 'FECHA DE ACTO ADMINISTRATIVO', 'FECHA ACTO'),
};
const CADENA = [...Object.keys(PROGRAMADO), ...Object.keys(EJECUTADO)];

type Forma = ChipForma & { readonly formulario: FormularioFut };

const INGRESOS: Forma = {
  formulario: 'INGRESOS',
  nombres: ['INGRESOS'],
  textos: {
    tieneDocumento: opcional(
      'OTRAS DEST - TIENE DOC SOPORTE',
      'TIENE DOCUMENTO',
      'TIENE DOCUMENTO SOPORTE',
    ),
    numeroDocumento: opcional(
      'OTRAS DEST - NRO DOCUMENTO',
      'NUMERO DOCUMENTO',
      'NUMERO DE DOCUMENTO',
    ),
  },
  montos: {
    ...PROGRAMADO,
    recaudoEfectivo: col('RECAUDO EFECTIVO', 'RECAUDO'),
    recaudoSinSituacion: col('SIN SITUACION DE FONDOS', 'RECAUDO SIN SITUACION DE FONDOS'),
    recaudo: col('TOTAL INGRESOS', 'TOTAL RECAUDO'),
    porcionDestinacion: {
      // Known from `otrasdestdestinaciónpocen`, a name cut after 32 characters.
      ...opcional(
        'OTRAS DEST - % DESTINACION POCENTAJE',
        'OTRAS DEST - DESTINACION POCENTAJE',
        'OTRAS DEST - DESTINACION PORCENTAJE',
        'PORCENTAJE DESTINACION',
        'PORCION DESTINACION',
      ),
      sinUnidad: true,
    },
    valorDestinacion: opcional('OTRAS DEST - VALOR DESTINACION', 'VALOR DESTINACION'),
  },
  layouts: [
    [
      'codigo',
      ...Object.keys(PROGRAMADO),
      'recaudoEfectivo',
      'recaudoSinSituacion',
      'recaudo',
      'tieneDocumento',
      'numeroDocumento',
      'porcionDestinacion',
      'valorDestinacion',
    ],
  ],
  detalle: null,
  dimensiones: [],
  bloque: null,
  unica: true,
};

const GASTOS_FUNCIONAMIENTO: Forma = {
  formulario: 'GASTOS_FUNCIONAMIENTO',
  nombres: ['GASTOS_FUNCIONAMIENTO'],
  textos: { unidadEjecutora: opcional('UNIDAD EJECUTORA', 'UNIDADES EJECUTORAS'), fuente: FUENTE },
  montos: { ...PROGRAMADO, ...EJECUTADO },
  layouts: [['codigo', 'unidadEjecutora', 'fuente', ...CADENA]],
  detalle: 'fuente',
  dimensiones: ['unidadEjecutora', 'fuente'],
  bloque: 'unidadEjecutora',
  unica: true,
};

const GASTOS_INVERSION: Forma = {
  formulario: 'GASTOS_INVERSION',
  nombres: ['GASTOS_INVERSION'],
  textos: { fuente: FUENTE },
  montos: { ...PROGRAMADO, ...EJECUTADO },
  layouts: [['codigo', 'fuente', ...CADENA]],
  detalle: 'fuente',
  dimensiones: ['fuente'],
  bloque: null,
  unica: true,
};

const SERVICIO_DEUDA: Forma = {
  formulario: 'SERVICIO_DEUDA',
  nombres: ['SERVICIO_DEUDA'],
  textos: {
    tipoDeuda: opcional('TIPO DEUDA', 'TIPO DE DEUDA', 'TIPO DEUDA PUBLICA'),
    tipoOperacion: opcional('TIPO OPERACION', 'TIPO DE OPERACION'),
    fuente: FUENTE,
  },
  montos: { ...PROGRAMADO, ...EJECUTADO },
  layouts: [['codigo', 'tipoDeuda', 'tipoOperacion', 'fuente', ...CADENA]],
  detalle: 'fuente',
  dimensiones: ['tipoDeuda', 'tipoOperacion', 'fuente'],
  bloque: null,
  unica: true,
};

const RESERVAS: Forma = {
  formulario: 'RESERVAS',
  nombres: ['RESERVAS', 'RESERVAS_PRESUPUESTALES'],
  textos: { fuente: FUENTE, ...ACTO },
  montos: {
    presupuestoDefinitivo: col(
      'PRESUPUESTO DEFINITIVO',
      'RESERVAS CONSTITUIDAS',
      'RESERVA CONSTITUIDA',
    ),
    obligaciones: opcional('TOTAL OBLIGACIONES', 'OBLIGACIONES', 'OBLIGADO'),
    pagos: opcional('PAGOS', 'PAGADO'),
  },
  layouts: [
    [
      'codigo',
      'fuente',
      'tipoActo',
      'numeroActo',
      'fechaActo',
      'presupuestoDefinitivo',
      'obligaciones',
      'pagos',
    ],
    ['codigo', 'presupuestoDefinitivo'],
  ],
  detalle: 'fuente',
  dimensiones: ['fuente', 'tipoActo', 'numeroActo', 'fechaActo'],
  bloque: null,
  unica: false,
};

const CUENTAS_POR_PAGAR: Forma = {
  formulario: 'CUENTAS_POR_PAGAR',
  nombres: ['CUENTAS_POR_PAGAR', 'CUENTAS_X_PAGAR', 'CXP'],
  textos: { ...ACTO, fuente: FUENTE },
  montos: {
    constituidas: col('CUENTAS POR PAGAR CONSTITUIDAS', 'CONSTITUIDAS', 'VALOR CONSTITUIDO'),
    pagos: col('PAGOS', 'PAGADO'),
  },
  layouts: [['codigo', 'tipoActo', 'numeroActo', 'fechaActo', 'fuente', 'constituidas', 'pagos']],
  detalle: 'fuente',
  dimensiones: ['tipoActo', 'numeroActo', 'fechaActo', 'fuente'],
  bloque: null,
  unica: false,
};

const VIGENCIAS_FUTURAS: Forma = {
  formulario: 'VIGENCIAS_FUTURAS',
  nombres: ['VIGENCIAS_FUTURAS'],
  textos: { fuente: FUENTE },
  montos: EJECUTADO,
  layouts: [['codigo', 'fuente', ...Object.keys(EJECUTADO)]],
  detalle: 'fuente',
  dimensiones: ['fuente'],
  bloque: null,
  unica: true,
};

export const FORMAS: readonly Forma[] = [
  INGRESOS,
  GASTOS_FUNCIONAMIENTO,
  GASTOS_INVERSION,
  SERVICIO_DEUDA,
  RESERVAS,
  CUENTAS_POR_PAGAR,
  VIGENCIAS_FUTURAS,
];
