import { keyOf, type Key } from '../../schema/key.js';
import type { Fila } from '../../schema/registro.js';
import { parseDecimal, parseDecimalComma } from '../../schema/values/decimal.js';
import { parseDivipola } from '../../schema/values/divipola.js';
import { isBlank, isPlaceholder } from '../../schema/values/text.js';
import { parseVigencia } from '../../schema/values/vigencia.js';
import { groupBy } from '../../schema/group-by.js';
import type { MdmRaw } from './raw.js';

/** Rows of the MDM as records by municipality and year. Pure. */
export interface MdmFilas {
  readonly byKey: ReadonlyMap<Key, readonly Fila[]>;
  /** Keys with a value that is no number: what the source says of them is not known. */
  readonly unreadable: ReadonlySet<Key>;
}

interface Linea {
  readonly key: Key;
  readonly fila: Fila;
}

export function toMdmFilas(rows: readonly MdmRaw[]): MdmFilas {
  const unreadable = new Set<Key>();
  const lineas = rows.flatMap((raw) => toLinea(raw, unreadable) ?? []);
  const byKey = new Map<Key, readonly Fila[]>();
  for (const [key, own] of groupBy(lineas, (linea) => linea.key)) {
    const byIndicador = groupBy(
      withoutRepeats(own.map(({ fila }) => fila)),
      ({ indicador }) => indicador,
    );
    byKey.set(key, [...byIndicador.values()].flatMap(number));
  }
  return { byKey, unreadable };
}

/** Null for a row without municipality, year or indicator: it belongs to no key. */
function toLinea(raw: MdmRaw, unreadable: Set<Key>): Linea | null {
  const codigoDivipola = toMunicipio(raw.codigo_entidad ?? '');
  const parsed = parseVigencia(raw.anio ?? '');
  const indicador = textOf(raw.indicador);
  if (codigoDivipola === null || 'error' in parsed || indicador === null) return null;
  const key = keyOf([codigoDivipola, parsed.vigencia]);
  const valor = toValor(raw.dato);
  if (valor === undefined) unreadable.add(key);
  const fila = {
    codigoDivipola,
    anio: parsed.vigencia,
    indicador,
    categoria: textOf(raw.codigo_categoria),
    subcategoria: textOf(raw.codigo_subcategoria),
    variable: textOf(raw.codigo_variable),
    valor: valor ?? null,
    etiqueta: textOf(raw.etiqueta),
    mes: textOf(raw.mes),
    codigoUnico: textOf(raw.codigo_unico),
  };
  return { key, fila };
}

/** Codes below 10000 lost their zero. */
function toMunicipio(text: string): string | null {
  const parsed = parseDivipola(text);
  return 'error' in parsed || parsed.nivel !== 'municipio' ? null : parsed.codigo;
}

const textOf = (cell: string | undefined): string | null => {
  const text = cell?.replace(/\s+/g, ' ').trim() ?? '';
  return text === '' ? null : text;
};

/** Point or comma, as the publication has it; undefined for what is no number. */
function toValor(cell: string | undefined): string | null | undefined {
  if (cell === undefined || isBlank(cell) || isPlaceholder(cell)) return null;
  return parseDecimal(cell) ?? parseDecimalComma(cell) ?? undefined;
}

const contentOf = ({
  indicador,
  categoria,
  subcategoria,
  variable,
  etiqueta,
  mes,
  codigoUnico,
  valor,
}: Fila) =>
  JSON.stringify([indicador, categoria, subcategoria, variable, etiqueta, mes, codigoUnico, valor]);

const withoutRepeats = (filas: readonly Fila[]): Fila[] => [
  ...new Map(filas.map((fila) => [contentOf(fila), fila])).values(),
];

/** Ordinals by content, so that they do not depend on the order of the answer. */
const number = (filas: readonly Fila[]): Fila[] =>
  [...filas]
    .sort((a, b) => (contentOf(a) < contentOf(b) ? -1 : 1))
    .map((fila, at) => ({ ...fila, ordinal: at + 1 }));
