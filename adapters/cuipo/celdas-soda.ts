import { normalizeChip } from '../../schema/values/chip.js';
import { parseDecimal, type DecimalText } from '../../schema/values/decimal.js';
import { parseCuipoPeriodo, type VigenciaPeriodo } from '../../schema/values/periodo.js';
import { isBlank } from '../../schema/values/text.js';
import type { Columna } from './formas.js';
import { LineaError, VACIO, type Par } from './linea.js';
import { parByName } from './listas.js';
import type { SodaRaw } from './raw.js';

/** Cells of datos.gov.co → values. Texts only; a null is a missing property; codes travel as `1` or as `1.0`. */

/** Null where the row does not open by this column: blank, or the text that the CGR writes for it. */
export const textoOf = (text: string | undefined): string | null => {
  const cell = text?.trim() ?? '';
  return cell === '' || cell.toUpperCase() === 'NO DEFINIDO' ? null : cell;
};

export function periodoOf(text: string | undefined): VigenciaPeriodo {
  const periodo = parseCuipoPeriodo(withoutPointZero(text) ?? '');
  if (periodo === null) throw new LineaError('periodo', 'no es un trimestre');
  return periodo;
}

export function chipOf(text: string | undefined): string {
  const codigoChip = normalizeChip(text ?? '');
  if (codigoChip === null) throw new LineaError('codigo_entidad', 'no es un código CHIP');
  return codigoChip;
}

export function cuentaOf(text: string | undefined): string {
  const cuenta = text?.trim();
  if (cuenta === undefined || !/^\d+(\.\w+)*$/.test(cuenta)) {
    throw new LineaError('cuenta', 'no es una cuenta');
  }
  // Only an account of one level can have been read as the number 1.0.
  return cuenta.replace(/^(\d)\.0$/, '$1');
}

export function montoOf(text: string | undefined, columna: string): DecimalText | null {
  if (text === undefined) return null;
  const monto = parseDecimal(text);
  if (monto === null && !isBlank(text)) throw new LineaError(columna, 'no es un valor en pesos');
  return monto;
}

const withoutPointZero = (text: string | undefined): string | undefined =>
  text?.trim().replace(/^(\d+)\.0$/, '$1');

type Cell = string | undefined;

/*
 * Codes and names repeat from row to row, tens of thousands of times in an answer of the nation. What follows reads each
 * once and hands out the same value again; it is made for one answer and goes with it.
 */

/** The same reader, which remembers what it has read. */
export function once<T extends string | object>(read: (cell: Cell) => T): (cell: Cell) => T {
  const known = new Map<Cell, T>();
  return (cell) => {
    let value = known.get(cell);
    if (value === undefined) {
      value = read(cell);
      known.set(cell, value);
    }
    return value;
  };
}

/** A name beside its code. All rows of one code share one text, unless the source writes another name. */
export function createNombres(): (codigo: string, cell: Cell) => string | null {
  const known = new Map<string, { readonly cell: Cell; readonly nombre: string | null }>();
  return (codigo, cell) => {
    let last = known.get(codigo);
    if (last === undefined || last.cell !== cell) {
      last = { cell, nombre: textoOf(cell) };
      known.set(codigo, last);
    }
    return last.nombre;
  };
}

/** Reads a dimension from the pair of columns in which it comes, under any of its spellings. */
export function createPares({
  soda,
  alias = [],
}: Pick<Columna, 'soda' | 'alias'>): (row: SodaRaw) => Par {
  const main = columnsOf(soda);
  const columns = [main, ...alias.map(columnsOf)];
  const known = new Map<Cell, { readonly nom: Cell; readonly par: Par }>();
  return (row) => {
    let pair = null;
    for (const column of columns) {
      // Form D has written the sectorial detail in one column, without the pair.
      const single = row[column.single];
      if (single !== undefined) return parByName('detalleSectorial', single);
      if (pair === null && (row[column.cod] ?? row[column.nom])) pair = column;
    }
    const { cod, nom } = pair ?? main;
    const [code, name] = [row[cod], row[nom]];
    let last = known.get(code);
    if (last === undefined || last.nom !== name) {
      last = { nom: name, par: toPar(code, name) };
      known.set(code, last);
    }
    return last.par;
  };
}

const columnsOf = (name: string) => ({ single: name, cod: `cod_${name}`, nom: `nom_${name}` });

function toPar(cod: Cell, nom: Cell): Par {
  const codigo = textoOf(withoutPointZero(cod));
  const nombre = textoOf(nom);
  return codigo === null && nombre === null ? VACIO : { codigo, nombre };
}
