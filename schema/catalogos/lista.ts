import { alphanumericsOf, normalizeName } from '../values/text.js';

export interface ItemLista {
  readonly codigo: string;
  readonly nombre: string;
}

/** A coded list that is also read by name, because the workbooks carry names only. */
export interface Lista<T extends ItemLista = ItemLista> {
  readonly items: readonly T[];
  get(codigo: string): T | undefined;
  has(codigo: string): boolean;
  /** All codes with this name, whatever its accents, case and punctuation; empty when unknown. */
  codigosPorNombre(nombre: string): readonly string[];
  /** The code that a cell means: a code, `code - name` where both agree, or a name that only one code has; else null. */
  codigoDe(celda: string): string | null;
}

interface OpcionesLista<T> {
  /** Other names of an item. An official name is found before any of them. */
  readonly alias?: (item: T) => readonly string[];
  /** Recognises a code written inside a cell in a way of its own. */
  readonly codigoEscrito?: (celda: string) => string | undefined;
}

const NONE: readonly string[] = [];

/** `code - name`; some rows put one more hyphen around both. */
const CODE_AND_NAME = /^-?\s*(\S*\d\S*)\s+-\s+([\s\S]*?)\s*-?$/;

const onlyOf = (codes: readonly string[]): string | null =>
  codes.length === 1 ? (codes[0] ?? null) : null;

/** Names were given more words over the years, and are cut at 200 letters: one then holds the words of the other. */
function isSameName(a: string, b: string): boolean {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  return isWithin(left, right) || isWithin(right, left);
}

const wordsOf = (nombre: string): readonly string[] =>
  normalizeName(nombre)
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');

const isWithin = (few: readonly string[], many: readonly string[]): boolean =>
  few.every((word, at) =>
    at === few.length - 1 ? many.some((one) => one.startsWith(word)) : many.includes(word),
  );

export function createLista<T extends ItemLista>(
  items: readonly T[],
  { alias, codigoEscrito }: OpcionesLista<T> = {},
): Lista<T> {
  const byCode = new Map(items.map((item) => [item.codigo, item]));
  const official = indexNames(items, (item) => [item.nombre]);
  const others = alias === undefined ? undefined : indexNames(items, alias);
  const codigosPorNombre = (nombre: string): readonly string[] => {
    const key = alphanumericsOf(nombre);
    return official.get(key) ?? others?.get(key) ?? NONE;
  };
  return {
    items,
    get: (codigo) => byCode.get(codigo),
    has: (codigo) => byCode.has(codigo),
    codigosPorNombre,
    codigoDe(celda) {
      const text = celda.trim();
      const special = codigoEscrito?.(text);
      if (special !== undefined && byCode.has(special)) return special;
      const bare = text.replace(/^(\d+)\.0$/, '$1');
      if (byCode.has(bare)) return bare;
      const [, code = '', named = ''] = CODE_AND_NAME.exec(text) ?? [];
      const codes = codigosPorNombre(text);
      if (codes.length > 0 || named === '') return onlyOf(codes);
      // A list that was renumbered: the code may be of another year, its name is not.
      const meant = codigosPorNombre(named);
      const item = byCode.get(code);
      if (item === undefined || meant.length > 0) {
        return meant.includes(code) ? code : onlyOf(meant);
      }
      return isSameName(item.nombre, named) ? code : null;
    },
  };
}

function indexNames<T extends ItemLista>(
  items: readonly T[],
  namesOf: (item: T) => readonly string[],
): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const item of items) {
    for (const nombre of namesOf(item)) {
      const key = alphanumericsOf(nombre);
      if (key === '') continue;
      const codes = index.get(key);
      if (codes === undefined) index.set(key, [item.codigo]);
      else if (!codes.includes(item.codigo)) codes.push(item.codigo);
    }
  }
  return index;
}
