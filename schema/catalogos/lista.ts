import { alphanumericsOf } from '../values/text.js';

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
  /** The code that a cell means: a code, `code - name`, or a name that only one code has; else null. */
  codigoDe(celda: string): string | null;
}

interface OpcionesLista<T> {
  /** Other names of an item. An official name is found before any of them. */
  readonly alias?: (item: T) => readonly string[];
  /** Recognises a code written inside a cell in a way of its own. */
  readonly codigoEscrito?: (celda: string) => string | undefined;
}

const NONE: readonly string[] = [];

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
      const written =
        codigoEscrito?.(text) ?? text.split(/\s+-\s+/, 1)[0]?.replace(/^(\d+)\.0$/, '$1');
      if (written !== undefined && byCode.has(written)) return written;
      const codes = codigosPorNombre(text);
      return codes.length === 1 ? (codes[0] ?? null) : null;
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
