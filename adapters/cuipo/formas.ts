import type { Registro } from '../../schema/registro.js';
import {
  EjecucionGasto,
  EjecucionIngreso,
  ProgramacionGasto,
  ProgramacionIngreso,
  RaizEjecucionGasto,
  RaizEjecucionIngreso,
  RaizProgramacionGasto,
  RaizProgramacionIngreso,
} from '../../schema/registros/cuipo.js';

/** The four forms of CUIPO: the same facts under the names of each channel. Everything else here is driven by this table. */
export type LetraForma = 'A' | 'B' | 'C' | 'D';

/** How each channel calls one column. Of a dimension, SODA writes two: `cod_` and `nom_` before its name. */
export interface Columna {
  readonly soda: string;
  readonly libro: string;
  readonly volcado: string;
  /** Later or earlier spellings of the SODA name. */
  readonly alias?: readonly string[];
  /** The channel may lack it: it came with later instructions of the CGR. */
  readonly opcional?: boolean;
}

export interface Forma {
  readonly letra: LetraForma;
  readonly registro: Registro;
  readonly raiz: Registro;
  readonly dataset: string;
  /** Name of the form in the title of a workbook. */
  readonly formulario: string;
  /** Value of the column `tipo` of the dump. */
  readonly tipo: string;
  readonly cuentaRaiz: '1' | '2';
  readonly esGasto: boolean;
  readonly dimensiones: Readonly<Record<string, Columna>>;
  /** Texts that are kept as written, without code. */
  readonly textos: Readonly<Record<string, Columna>>;
  /** Dimensions that only detail rows fill: they tell a detail from the subtotal of the same account. */
  readonly detalle: readonly string[];
  readonly montos: Readonly<Record<string, Columna>>;
}

const columna = (
  soda: string,
  libro: string,
  volcado: string,
  mas: Partial<Columna> = {},
): Columna => ({ soda, libro, volcado, ...mas });

const CPC = columna('cpc', 'CPC', 'CPC');
const FUENTE = columna('fuentes_financiacion', 'FUENTES DE FINANCIACION', 'FUENTES_FINANCIACION');
const POLITICA = columna('politica_publica', 'POLITICA PUBLICA', 'POLITICA_PUBLICA');
const DETALLE = 'DETALLE SECTORIAL';
const BPIN = columna('bpin', 'BPIN', 'BPIN');

const A: Forma = {
  letra: 'A',
  registro: ProgramacionIngreso,
  raiz: RaizProgramacionIngreso,
  dataset: '22ah-ddsj',
  formulario: 'A_PROGRAMACION_DE_INGRESOS',
  tipo: 'pres_ingreso',
  cuentaRaiz: '1',
  esGasto: false,
  dimensiones: {
    detalleSectorial: columna('detalle_sectorial', DETALLE, 'DETALLE_SECTORIAL', {
      opcional: true,
    }),
  },
  textos: {},
  detalle: ['detalleSectorial'],
  montos: {
    presupuestoInicial: columna(
      'presupuesto_inicial',
      'PRESUPUESTO INICIAL',
      'PRESUPUESTO_INICIAL',
    ),
    presupuestoDefinitivo: columna(
      'presupuesto_definitivo',
      'PRESUPUESTO DEFINITIVO',
      'PRESUPUESTO_DEFINITIVO',
    ),
  },
};

const B: Forma = {
  letra: 'B',
  registro: EjecucionIngreso,
  raiz: RaizEjecucionIngreso,
  dataset: '9axr-9gnb',
  formulario: 'B_EJECUCION_DE_INGRESOS',
  tipo: 'eje_ingreso',
  cuentaRaiz: '1',
  esGasto: false,
  dimensiones: {
    cpc: CPC,
    detalleSectorial: columna('detalle_sectorial', DETALLE, 'DETALLE_SECTORIAL', {
      opcional: true,
    }),
    fuenteFinanciacion: FUENTE,
    tercero: columna('terceros', 'TERCEROS', 'TERCERO', { alias: ['tercero'] }),
    politicaPublica: POLITICA,
    tipoNorma: columna('tipo_norma', 'TIPO DE NORMA', 'TIPO_NORMA'),
  },
  textos: {
    norma: columna('numero_fecha_norma', 'NUMERO Y FECHA DE LA NORMA', 'NUMERO_NORMA', {
      opcional: true,
    }),
  },
  detalle: ['fuenteFinanciacion', 'cpc'],
  montos: {
    recaudoActualSinFondos: columna(
      'recaudo_vac_ss',
      'RECAUDO VIGEN ACTUAL SIN FONDOS',
      'RECAUDO_VAC_SS',
    ),
    recaudoActualConFondos: columna(
      'recaudo_vac_cs',
      'RECAUDO VIGEN ACTUAL CON FONDOS',
      'RECAUDO_VAC_CS',
    ),
    recaudoAnteriorSinFondos: columna(
      'recaudo_van_ss',
      'RECAUDO VIGEN ANTERIOR SIN FONDO',
      'RECAUDO_VAN_SS',
    ),
    recaudoAnteriorConFondos: columna(
      'recaudo_van_cs',
      'RECAUDO VIGEN ANTERIOR CON FONDO',
      'RECAUDO_VAN_CS',
    ),
    recaudo: columna('total_recaudo', 'TOTAL RECAUDO', 'TOTAL_RECAUDO'),
  },
};

const C: Forma = {
  letra: 'C',
  registro: ProgramacionGasto,
  raiz: RaizProgramacionGasto,
  dataset: 'd9mu-h6ar',
  formulario: 'C_PROGRAMACION_DE_GASTOS',
  tipo: 'pres_gasto',
  cuentaRaiz: '2',
  esGasto: true,
  dimensiones: {
    programaMga: columna('programatico_mga', 'PROGRAMA MGA', 'PROGRAMATICO_MGA'),
    detalleSectorial: columna('detalle_sectorial', DETALLE, 'SECTORIAL', {
      opcional: true,
      alias: ['sectorial'],
    }),
  },
  textos: { bpinOriginal: BPIN },
  detalle: ['programaMga'],
  montos: {
    apropiacionInicial: columna(
      'apropiacion_inicial',
      'APROPIACION INICIAL',
      'APROPIACION_INICIAL',
    ),
    apropiacionDefinitiva: columna(
      'apropiacion_definitiva',
      'APROPIACION DEFINITIVA',
      'APROPIACION_DEFINITIVA',
    ),
  },
};

const D: Forma = {
  letra: 'D',
  registro: EjecucionGasto,
  raiz: RaizEjecucionGasto,
  dataset: '4f7r-epif',
  formulario: 'D_EJECUCION_DE_GASTOS',
  tipo: 'eje_gasto',
  cuentaRaiz: '2',
  esGasto: true,
  dimensiones: {
    productoMga: columna('programatico_mga', 'PRODUCTO MGA', 'PROGRAMATICO_MGA'),
    cpc: CPC,
    detalleSectorial: columna('sectorial', DETALLE, 'SECTORIAL', {
      opcional: true,
      alias: ['detalle_sectorial'],
    }),
    fuenteFinanciacion: FUENTE,
    situacionFondos: columna('situacion_de_fondos', 'SITUACION DE FONDOS', 'SITUACION_DE_FONDOS'),
    politicaPublica: POLITICA,
    tercero: columna('terceros', 'TERCEROS', 'TERCEROS', { alias: ['tercero'] }),
  },
  textos: { bpinOriginal: BPIN },
  detalle: ['fuenteFinanciacion', 'cpc'],
  montos: {
    compromisos: columna('compromisos', 'COMPROMISOS', 'COMPROMISOS'),
    obligaciones: columna('obligaciones', 'OBLIGACIONES', 'OBLIGACIONES'),
    pagos: columna('pagos', 'PAGOS', 'PAGOS'),
  },
};

export const FORMAS: Readonly<Record<LetraForma, Forma>> = { A, B, C, D };

/** The form that a registro is read from; undefined for the directory of entities, which is no form. */
export const formaOf = (registro: Registro): Forma | undefined =>
  Object.values(FORMAS).find(
    (forma) => forma.registro.nombre === registro.nombre || forma.raiz.nombre === registro.nombre,
  );

export const isRaiz = (registro: Registro): boolean =>
  formaOf(registro)?.raiz.nombre === registro.nombre;
