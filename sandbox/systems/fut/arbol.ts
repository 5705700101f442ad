/** Rows of a form: leaves with their amounts, and every subtotal above them added up exactly. */

export interface Hoja {
  readonly codigo: string;
  /** Dimensions as the wire writes them, in its order; empty for a form whose leaves have none. */
  readonly textos: readonly string[];
  readonly montos: readonly number[];
}

export interface Renglon extends Hoja {
  readonly esSubtotal: boolean;
}

function addInto(sums: Map<string, number[]>, codigo: string, montos: readonly number[]): void {
  const known = sums.get(codigo);
  if (known) montos.forEach((monto, i) => (known[i] = (known[i] ?? 0) + monto));
  else sums.set(codigo, [...montos]);
}

function ancestorsOf(codigo: string): string[] {
  const parts = codigo.split('.');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

const sortKey = (codigo: string): string =>
  codigo
    .split('.')
    .map((part) => part.padStart(4, '0'))
    .join('.');

/** Subtotal first, then its details, in the order of the form. */
export function toRenglones(hojas: readonly Hoja[]): Renglon[] {
  const sums = new Map<string, number[]>();
  for (const { codigo, textos, montos } of hojas) {
    const own = textos.length > 0 ? [codigo] : [];
    for (const above of [...ancestorsOf(codigo), ...own]) addInto(sums, above, montos);
  }
  const blank = hojas[0]?.textos.map(() => '') ?? [];
  const subtotals = [...sums].map(([codigo, montos]): Renglon => ({
    codigo,
    textos: blank,
    montos,
    esSubtotal: true,
  }));
  const all = [...subtotals, ...hojas.map((hoja): Renglon => ({ ...hoja, esSubtotal: false }))];
  const keyed = all.map((renglon) => ({ renglon, key: sortKey(renglon.codigo) }));
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ renglon }) => renglon);
}

/** What the leaves add up to: the control total. */
export function totalOf(hojas: readonly Hoja[]): number[] {
  const sums = new Map<string, number[]>();
  for (const { montos } of hojas) addInto(sums, '', montos);
  return sums.get('') ?? [];
}
