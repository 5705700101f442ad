import type { Fila } from '../../schema/registro.js';
import { SourceContractError } from '../errors.js';
import {
  chipOf,
  createNombres,
  createPares,
  cuentaOf,
  montoOf,
  once,
  periodoOf,
  textoOf,
} from './celdas-soda.js';
import { FORMAS, type Columna, type Forma } from './formas.js';
import { isRoot } from './hoja.js';
import { LineaError, VACIO, type Linea, type Par, type Recepcion, type Reporte } from './linea.js';
import { createRaices, joinRepeated } from './mapper.js';
import type { SodaRaw } from './raw.js';

/** Rows of datos.gov.co → lines. */

export const RECEPCION_SODA: Recepcion = { canal: 'SODA', recepcion: null, recibidoEn: null };

const columnasDeReporte = (forma: Forma): string[] => [
  'periodo',
  'codigo_entidad',
  'cuenta',
  ...(forma.esGasto ? ['cod_vigencia_del_gasto', 'cod_seccion_presupuestal'] : []),
  ...Object.values(forma.montos).map((columna) => columna.soda),
];

/** What a root row needs: a few columns of the many. Form A also those under which it is published shifted. */
export const columnasDeRaiz = (forma: Forma): string[] => [
  ...columnasDeReporte(forma),
  'nombre_entidad',
  ...(forma.esGasto ? ['nom_vigencia_del_gasto', 'nom_seccion_presupuestal'] : []),
  ...(forma === FORMAS.A
    ? ['ambito_codigo', 'cod_detalle_sectorial', 'nom_detalle_sectorial']
    : []),
];

/** The rows of an answer as one report: whether a row may be added is known only from all of them. */
export function toReporteSoda(forma: Forma, rows: readonly SodaRaw[]): Reporte {
  const lineas: Linea[] = [];
  readLineas(forma, rows, forma, (linea) => lineas.push(linea));
  return { forma, lineas, recepcion: RECEPCION_SODA };
}

/** An answer that holds root rows alone → their records. A root needs no other line, so none is kept. */
export function toRaicesSoda(forma: Forma, rows: readonly SodaRaw[]): Fila[] {
  const raices: Fila[] = [];
  const toRaiz = createRaices(forma, RECEPCION_SODA);
  readLineas(forma, rows, SIN_DIMENSIONES, (linea) => {
    if (isRoot(forma, linea)) raices.push(toRaiz(linea, null));
  });
  return joinRepeated(forma, raices);
}

/** By what the rows open. A root opens by nothing. */
type Apertura = Pick<Forma, 'dimensiones' | 'textos'>;
const SIN_DIMENSIONES: Apertura = { dimensiones: {}, textos: {} };

/** Hands on line by line. A cell or a column out of form is a changed contract, and none of the answer counts. */
function readLineas(
  forma: Forma,
  rows: readonly SodaRaw[],
  apertura: Apertura,
  use: (linea: Linea) => void,
): void {
  const toLinea = createLector(forma, apertura);
  let unseen = Object.keys(forma.montos);
  const isUnseen =
    ({ montos }: Linea) =>
    (monto: string): boolean =>
      montos[monto] === null;
  try {
    for (const row of rows) {
      const linea = toLinea(row);
      if (unseen.length > 0) unseen = unseen.filter(isUnseen(linea));
      use(linea);
    }
    const [missing] = unseen;
    if (rows.length > 0 && missing !== undefined)
      throw new LineaError(missing, 'no viene en ninguna fila');
  } catch (error) {
    if (error instanceof LineaError) throw new SourceContractError('cuipo', { cause: error });
    throw error;
  }
}

/** Reads the rows of one answer. What hangs on the form alone is worked out before the first of them. */
function createLector(forma: Forma, { dimensiones, textos }: Apertura): (raw: SodaRaw) => Linea {
  const readPeriodo = once(periodoOf);
  const readChip = once(chipOf);
  const readCuenta = once(cuentaOf);
  const readNombre = createNombres();
  const readVigenciaGasto = createGastos(forma, 'vigencia_del_gasto');
  const readSeccion = createGastos(forma, 'seccion_presupuestal');
  const readDimensiones = createCampos(dimensiones, createPares);
  const readTextos = createCampos(
    textos,
    ({ soda }) =>
      (row) =>
        textoOf(row[soda]),
  );
  const readMontos = createCampos(
    forma.montos,
    ({ soda }) =>
      (row) =>
        montoOf(row[soda], soda),
  );
  return (raw) => {
    const row = unshift(raw);
    const { vigencia, periodo } = readPeriodo(row.periodo);
    const codigoChip = readChip(row.codigo_entidad);
    return {
      codigoChip,
      nombreEntidad: readNombre(codigoChip, row.nombre_entidad),
      vigencia,
      periodo,
      vigenciaGasto: readVigenciaGasto(row),
      seccion: readSeccion(row),
      cuenta: readCuenta(row.cuenta),
      nombreCuenta: textoOf(row.nombre_cuenta),
      dimensiones: readDimensiones(row),
      textos: readTextos(row),
      montos: readMontos(row),
    };
  };
}

/** Lines of income have these two as well, empty: then all lines are alike, and quick to make and to read. */
const createGastos = ({ esGasto }: Forma, soda: string): ((row: SodaRaw) => Par) =>
  esGasto ? createPares({ soda }) : () => VACIO;

/** Reads the columns of a table of the form as one object. */
function createCampos<T>(
  table: Readonly<Record<string, Columna>>,
  toReader: (columna: Columna) => (row: SodaRaw) => T,
): (row: SodaRaw) => Readonly<Record<string, T>> {
  const readers = Object.entries(table).map(([name, columna]) => ({
    name,
    read: toReader(columna),
  }));
  const none: Readonly<Record<string, T>> = {};
  if (readers.length === 0) return () => none;
  return (row) => {
    const values: Record<string, T> = {};
    for (const { name, read } of readers) values[name] = read(row);
    return values;
  };
}

const AMBITO = /^A\d{3}$/;

/**
 * In some publications the columns of form A answer under the names of their neighbours: the account under
 * `ambito_codigo`, the amounts under the sectorial detail. The ámbito gives it away: it is always a letter and three digits.
 */
function unshift(raw: SodaRaw): SodaRaw {
  if (raw.ambito_codigo === undefined || !AMBITO.test(raw.cuenta ?? '')) return raw;
  const swapped: Record<string, string | undefined> = { ...raw };
  for (const [one, other] of SHIFTED) {
    swapped[one] = raw[other];
    swapped[other] = raw[one];
  }
  return swapped;
}

const SHIFTED = [
  ['cuenta', 'ambito_codigo'],
  ['nombre_cuenta', 'ambito_nombre'],
  ['presupuesto_inicial', 'cod_detalle_sectorial'],
  ['presupuesto_definitivo', 'nom_detalle_sectorial'],
] as const;
