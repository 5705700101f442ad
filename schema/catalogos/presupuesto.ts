import { lettersOf } from '../values/text.js';
import { lazy, readDatos } from './datos.js';
import { groupBy } from '../group-by.js';
import { createLista, type ItemLista, type Lista } from './lista.js';

/** The lists with which territorial budgets are classified. Each is read from its file when first asked for. */

export interface CuentaCcpet extends ItemLista {
  /** Kinds of reporting body (`A439` = municipios) that may use the account. */
  readonly ambitos: readonly string[];
}

export interface Programa extends ItemLista {
  readonly sector: string;
}

export interface Producto extends ItemLista {
  readonly programa: string;
  /** What the same code meant in 2021, where the catalog reused it. */
  readonly nombre2021: string | null;
  /** Only a cut name is known. */
  readonly nombreTruncado: boolean;
}

export interface FuenteFinanciacion extends ItemLista {
  /** Group of Cierre Fiscal (FUT) in which the fuente is consolidated. */
  readonly grupoCierre: string | null;
}

export interface ConceptoFut extends ItemLista {
  readonly formulario: string;
  readonly padre: string | null;
}

export interface DetalleSectorial extends ItemLista {
  readonly grupo: string;
  readonly sector: string;
}

/** A guess by equal names, with its confidence; never an official crosswalk. */
export interface EquivalenciaFut {
  readonly formulario: string;
  readonly codigoFut: string;
  readonly tipoDestino: string;
  readonly destino: string;
  readonly confianza: string;
}

export interface CatalogoPresupuestal {
  ccpet(): Lista<CuentaCcpet>;
  fuentes(): Lista<FuenteFinanciacion>;
  sectores(): Lista;
  programas(): Lista<Programa>;
  productos(): Lista<Producto>;
  cpc(): Lista;
  ambitos(): Lista;
  detallesSectoriales(): Lista<DetalleSectorial>;
  secciones(): Lista;
  vigenciasGasto(): Lista;
  situacionesFondos(): Lista;
  conceptosFut(): Lista<ConceptoFut>;
  /** FUT workbooks carry names of fuentes; their codes are not public. */
  fuentesFut(): readonly string[];
  /** Lines of Cierre Fiscal with their group of fuentes. */
  gruposCierreFut(): ReadonlyMap<string, string>;
  equivalenciasFut(): readonly EquivalenciaFut[];
  /** Accounts of free income (Ley 617 de 2000) by kind of body. */
  cuentasIcld(): ReadonlyMap<string, readonly string[]>;
}

export const loadPresupuesto: () => CatalogoPresupuestal = lazy(() => ({
  ccpet: lazy(readCcpet),
  fuentes: lazy(readFuentes),
  sectores: lazy(readSectores),
  programas: lazy(readProgramas),
  productos: lazy(readProductos),
  cpc: lazy(readCpc),
  ambitos: lazy(readAmbitos),
  detallesSectoriales: lazy(readDetalles),
  secciones: lazy(() => createLista(SECCIONES, { codigoEscrito: seccionSinPrefijo })),
  vigenciasGasto: lazy(() => createLista(VIGENCIAS_GASTO, { alias: abreviaturas })),
  situacionesFondos: lazy(() => createLista(SITUACIONES, { codigoEscrito: situacionPorNumero })),
  conceptosFut: lazy(readConceptosFut),
  fuentesFut: lazy(() =>
    readDatos('fut_fuentes_financiacion_nombres.csv', ['nombre']).map((row) => row.nombre),
  ),
  gruposCierreFut: lazy(readGruposCierre),
  equivalenciasFut: lazy(readEquivalencias),
  cuentasIcld: lazy(readCuentasIcld),
}));

/** The territorial sections whose code is certain. The list goes on to 45, with names that each entity may add. */
const SECCIONES: readonly ItemLista[] = [
  { codigo: '16', nombre: 'ADMINISTRACION CENTRAL' },
  { codigo: '17', nombre: 'CONTRALORIA' },
  { codigo: '18', nombre: 'CONCEJO' },
  { codigo: '19', nombre: 'ASAMBLEA' },
  { codigo: '20', nombre: 'PERSONERIA' },
];

/** `ENTIDADES TERRITORIALES - CONCEJO` is the form in workbooks and open data. */
function seccionSinPrefijo(celda: string): string | undefined {
  const name = lettersOf(celda.replace(/^.*\s-\s/, ''));
  const named = SECCIONES.find((seccion) => lettersOf(seccion.nombre) === name);
  return named?.codigo ?? /^(\d+)(?:\.0)?$/.exec(celda)?.[1];
}

const VIGENCIAS_GASTO: readonly ItemLista[] = [
  { codigo: '1', nombre: 'VIGENCIA ACTUAL' },
  { codigo: '2', nombre: 'RESERVAS' },
  { codigo: '3', nombre: 'CUENTAS POR PAGAR' },
  { codigo: '4', nombre: 'VIGENCIAS FUTURAS - VIGENCIA ACTUAL' },
  { codigo: '5', nombre: 'VIGENCIAS FUTURAS - RESERVAS' },
  { codigo: '6', nombre: 'VIGENCIAS FUTURAS - CUENTAS POR PAGAR' },
];

const abreviaturas = ({ nombre }: ItemLista): readonly string[] => [
  nombre.replace('VIGENCIAS FUTURAS', 'VF'),
];

const SITUACIONES: readonly ItemLista[] = [
  { codigo: 'C', nombre: 'CON SITUACION DE FONDOS' },
  { codigo: 'S', nombre: 'SIN SITUACION DE FONDOS' },
];

const situacionPorNumero = (celda: string): string | undefined =>
  ({ '1': 'C', '2': 'S' })[celda.replace(/\.0$/, '')];

const AMBITO_COLUMN = /^a\d{3}$/;

function readCcpet(): Lista<CuentaCcpet> {
  const ambitos = readAmbitos().items.map((item) => item.codigo.toLowerCase());
  const rows = readDatos('ccpet_cuipo_2023-03.csv', ['codigo', 'nombre', ...ambitos]);
  // Few combinations repeat over thousands of accounts, so that accounts share their lists.
  const shared = new Map<string, readonly string[]>();
  return createLista(
    rows.map((row) => {
      const marks = ambitos.filter((ambito) => AMBITO_COLUMN.test(ambito) && row[ambito] === '1');
      const key = marks.join(' ');
      const list = shared.get(key) ?? marks.map((mark) => mark.toUpperCase());
      shared.set(key, list);
      return { codigo: row.codigo ?? '', nombre: row.nombre ?? '', ambitos: list };
    }),
  );
}

const readFuentes = (): Lista<FuenteFinanciacion> =>
  createLista(
    readDatos('cuipo_fuentes_financiacion.csv', [
      'codigo',
      'nombre',
      'grupo_consolidacion_cierre_fut',
    ]).map((row) => ({
      codigo: row.codigo,
      nombre: row.nombre,
      grupoCierre: orNull(row.grupo_consolidacion_cierre_fut),
    })),
    { alias: nombresAnteriores },
  );

/** As the reports of 2021 to 2023 spell some of them. */
const nombresAnteriores = ({ nombre }: ItemLista): readonly string[] => [
  nombre.replace('PROPOSITO GENERAL-', 'PROPOSITO GENERAL-PROPOSITO GENERAL '),
  nombre.replace('SGSSS', 'SISTEMA GENERAL DE SEGURIDAD SOCIAL EN SALUD'),
  nombre.replace(' CON DESTINACION ESPECIFICA LEGAL', ''),
];

const programaRows = lazy(() =>
  readDatos('programas.csv', ['codigo', 'codigo_sector', 'sector', 'nombre', 'nombre_2022_2023']),
);

function readSectores(): Lista {
  const sectores = new Map(programaRows().map((row) => [row.codigo_sector, row.sector]));
  return createLista([...sectores].map(([codigo, nombre]) => ({ codigo, nombre })));
}

function readProgramas(): Lista<Programa> {
  const later = new Map(programaRows().map((row) => [row.codigo, row.nombre_2022_2023]));
  const offered = new Map(
    readDatos('programa_mga_cuipo.csv', ['codigo_programa', 'programa']).map((row) => [
      row.codigo_programa,
      row.programa,
    ]),
  );
  return createLista(
    programaRows().map(({ codigo, nombre, codigo_sector: sector }) => ({ codigo, nombre, sector })),
    {
      alias: ({ codigo }) => [later.get(codigo) ?? '', offered.get(codigo) ?? ''],
      codigoEscrito: (celda) => /^(\d{2})\.?(\d{2})(?=\s|$)/.exec(celda)?.slice(1).join(''),
    },
  );
}

/**
 * A cell is read against the table that CUIPO prints, where homonyms carry their code and a bare name is one product
 * (almost always). A search by name alone keeps every code of the catalog that has it.
 */
function readProductos(): Lista<Producto> {
  const printed = createLista(
    readDatos('producto_mga_cuipo.csv', ['codigo_producto', 'producto'])
      .filter((row) => row.codigo_producto !== '0')
      .map((row) => ({ codigo: row.codigo_producto, nombre: row.producto })),
  );
  const columns = [
    'codigo',
    'codigo_programa',
    'nombre',
    'nombre_2021',
    'nombre_truncado',
  ] as const;
  const all = createLista(
    readDatos('catalogo-productos.csv', columns).map((row): Producto => ({
      codigo: row.codigo,
      nombre: row.nombre,
      programa: row.codigo_programa,
      nombre2021: orNull(row.nombre_2021),
      nombreTruncado: row.nombre_truncado === '1',
    })),
  );
  return {
    ...all,
    codigosPorNombre: (nombre) => [
      ...new Set([...printed.codigosPorNombre(nombre), ...all.codigosPorNombre(nombre)]),
    ],
    codigoDe(celda) {
      const text = celda.trim();
      const written = productoEscrito(text);
      if (written !== undefined && all.has(written)) return written;
      const codes = printed.codigosPorNombre(text);
      return codes.length === 0
        ? all.codigoDe(text)
        : codes.length === 1
          ? (codes[0] ?? null)
          : null;
    },
  };
}

/** `2402041`, `45.99.031 - SECTOR - …` (2021) or `Via terciaria mejorada2402041`. */
const productoEscrito = (celda: string): string | undefined =>
  /^(\d{2})\.?(\d{2})\.?(\d{3})(?=\s|$)/.exec(celda)?.slice(1).join('') ??
  /(?<!\d)\d{7}$/.exec(celda)?.[0];

const readCpc = (): Lista =>
  createLista(readItems('cpc_cuipo.csv').filter((row) => row.codigo !== '0'));

const readAmbitos = (): Lista =>
  createLista(
    readDatos('cuipo_ambitos.csv', ['ambito_codigo', 'nombre']).map((row) => ({
      codigo: row.ambito_codigo,
      nombre: row.nombre,
    })),
  );

const readDetalles = (): Lista<DetalleSectorial> =>
  createLista(
    ['cuipo_detalle_sectorial_educacion.csv', 'cuipo_detalle_sectorial_salud.csv']
      .flatMap((file) => readDatos(file, ['codigo', 'concepto', 'grupo', 'sector']))
      .map(({ codigo, concepto, grupo, sector }) => ({ codigo, nombre: concepto, grupo, sector })),
  );

/** `VAL`, the control total of every form, is no concept. */
const readConceptosFut = (): Lista<ConceptoFut> =>
  createLista(
    readDatos('fut_conceptos.csv', ['formulario', 'codigo', 'nombre', 'codigo_padre'])
      .filter((row) => row.codigo !== 'VAL')
      .map((row) => ({
        codigo: row.codigo,
        nombre: row.nombre,
        formulario: row.formulario,
        padre: orNull(row.codigo_padre),
      })),
  );

const readGruposCierre = (): ReadonlyMap<string, string> =>
  new Map(
    readDatos('fut_cierre_a_grupo_fuente.csv', ['codigo_fut_cierre', 'grupo_consolidacion'])
      .filter((row) => row.grupo_consolidacion !== '')
      .map((row) => [row.codigo_fut_cierre, row.grupo_consolidacion]),
  );

const readEquivalencias = (): readonly EquivalenciaFut[] =>
  readDatos('fut_a_ccpet_derivado.csv', [
    'formulario_fut',
    'codigo_fut',
    'destino_tipo',
    'destino',
    'confianza',
  ]).map((row) => ({
    formulario: row.formulario_fut,
    codigoFut: row.codigo_fut,
    tipoDestino: row.destino_tipo,
    destino: row.destino,
    confianza: row.confianza,
  }));

function readCuentasIcld(): ReadonlyMap<string, readonly string[]> {
  const rows = readDatos('cgr_cuentas_icld.csv', ['ambito_codigo', 'cuenta_ccpet']);
  const groups = groupBy(rows, (row) => row.ambito_codigo);
  return new Map([...groups].map(([ambito, own]) => [ambito, own.map((row) => row.cuenta_ccpet)]));
}

const readItems = (file: string): ItemLista[] => readDatos(file, ['codigo', 'nombre']);

const orNull = (text: string): string | null => (text === '' ? null : text);
