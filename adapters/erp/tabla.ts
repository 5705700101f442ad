import { addDecimal, type DecimalText } from '../../schema/values/decimal.js';
import { isBlank } from '../../schema/values/text.js';
import { DropError } from '../shared/drop-error.js';
import { readDelimited } from '../shared/flat-file/delimited.js';
import { locateHeader, type Header } from '../shared/spreadsheet/header.js';
import { readWorkbook, type Sheet } from '../shared/spreadsheet/workbook.js';
import { COLUMNAS, MONTOS, toMonto, type Columna, type ErpRaw } from './raw.js';

/** One line of an export, and where it stands in its file or sheet. */
export interface Renglon {
  readonly raw: ErpRaw;
  readonly linea: number;
}

/** The lines of an export: of a CSV as they come, of a workbook sheet by sheet. Its totals are checked and left out. */
export async function* readRenglones(path: string, signal: AbortSignal): AsyncGenerator<Renglon> {
  if (/\.xlsx?$/i.test(path)) {
    yield* toRenglones(await readWorkbook(path, { signal }));
    return;
  }
  const isRenglon = createCuadre();
  const toRaw = createToRaw();
  const options = { encoding: 'auto', delimiter: ',', required: COLUMNAS, signal } as const;
  for await (const { header, campos, linea } of readDelimited(path, options)) {
    const renglon = { raw: toRaw(header, campos), linea };
    if (isRenglon(renglon)) yield renglon;
  }
}

/** Who works with the export adds sheets to it, of which some repeat a part of another: what is inside another is a view. */
function toRenglones(sheets: readonly Sheet[]): readonly Renglon[] {
  const tables = sheets.flatMap(renglonesOf).sort((a, b) => b.length - a.length);
  if (tables.length === 0) {
    const motivo = 'Ninguna hoja tiene las columnas de una ejecución de SAP.';
    throw new DropError('ENCABEZADO_AUSENTE', motivo);
  }
  const seen = new Set<string>();
  return tables.flatMap((table) => {
    const keys = table.map(({ raw }) => COLUMNAS.map((columna) => raw[columna].trim()).join('\t'));
    const again = keys.filter((key) => seen.has(key)).length;
    if (again === keys.length) return [];
    if (again > 0) {
      const motivo =
        'Dos hojas repiten solo una parte de sus renglones: no se sabe cuáles cuentan.';
      throw new DropError('VALOR_INVALIDO', motivo);
    }
    for (const key of keys) seen.add(key);
    return table;
  });
}

/** Nothing for a sheet of something else. */
function renglonesOf({ rows }: Sheet): Renglon[][] {
  const header = findHeader(rows);
  if (header === null) return [];
  const isRenglon = createCuadre();
  const toRaw = createToRaw();
  const below = rows.slice(header.index + 1);
  const all = below.map((row, at) => ({ raw: toRaw(header, row), linea: header.index + 2 + at }));
  return [all.filter(isRenglon)];
}

function findHeader(rows: readonly (readonly string[])[]): Header | null {
  try {
    return locateHeader(rows, COLUMNAS);
  } catch (error) {
    if (error instanceof DropError && error.codigo === 'ENCABEZADO_AUSENTE') return null;
    throw error;
  }
}

/** Cells by column; where a column stands is looked up once per table. */
function createToRaw(): (header: Header, campos: readonly string[]) => ErpRaw {
  let places: readonly (readonly [Columna, number])[] | null = null;
  return (header, campos) => {
    places ??= COLUMNAS.map((columna) => [columna, header.column(columna)] as const);
    const raw = {} as Record<Columna, string>;
    for (const [columna, place] of places) raw[columna] = campos[place] ?? '';
    return raw;
  };
}

/**
 * Tells the lines of a table from what stands around them: blank rows, and `Totales`, which must be the sum of the lines
 * above and under which people note what they checked.
 */
function createCuadre(): (renglon: Renglon) => boolean {
  const sums = new Map<Columna, DecimalText>();
  let closed = false;
  return ({ raw, linea }) => {
    const isCodeless = isBlank(raw['Posicion Presupuestaria']);
    if (closed) {
      if (isCodeless) return false;
      throw new DropError('VALOR_INVALIDO', 'Hay renglones después de «Totales».', linea);
    }
    if (isCodeless && /^total(?:es)?$/i.test(raw['Fondo'].trim())) {
      checkTotales(raw, sums, linea);
      closed = true;
      return false;
    }
    if (COLUMNAS.every((columna) => isBlank(raw[columna]))) return false;
    for (const columna of MONTOS) {
      const monto = toMonto(raw[columna]);
      if (monto !== null) sums.set(columna, addDecimal(sums.get(columna) ?? '0', monto));
    }
    return true;
  };
}

function checkTotales(raw: ErpRaw, sums: ReadonlyMap<Columna, DecimalText>, linea: number): void {
  for (const columna of MONTOS) {
    const said = toMonto(raw[columna]);
    const sum = sums.get(columna) ?? '0';
    if (said === null || said === sum) continue;
    const motivo = `«Totales» dice ${columna} ${said} y los renglones suman ${sum}.`;
    throw new DropError('TOTALES_NO_CUADRAN', motivo, linea);
  }
}
