import { parentOf } from '../../../schema/values/codigo.js';
import {
  compareDecimal,
  subtractDecimal,
  sumDecimals,
  type DecimalText,
} from '../../../schema/values/decimal.js';
import { normalizeName } from '../../../schema/values/text.js';
import { DropError } from '../drop-error.js';
import { groupBy } from '../../../schema/group-by.js';
import type { ChipForma } from './forma.js';
import type { ChipRenglon, ChipReporte } from './reporte.js';

export type Montos = Readonly<Record<string, DecimalText | null>>;

/** What a report says once its tree is understood. */
export interface ChipArbol {
  /** The rows that may be added. */
  readonly hojas: ReadonlySet<ChipRenglon>;
  /** The total of the report: its root row, or what its uppermost rows add up to; null where it has no rows. */
  readonly total: Montos | null;
}

interface Nodo {
  readonly codigo: string;
  /** The row that speaks for the whole code. */
  readonly propio: ChipRenglon | null;
  /** The rows that open the code by its dimensions. */
  readonly detalles: readonly ChipRenglon[];
}

/** The rows of one block, or those of no block, as a tree. */
interface Rama {
  readonly hojas: readonly ChipRenglon[];
  /** By code. */
  readonly totales: ReadonlyMap<string, Montos>;
  /** What the block says of a code: its total, or those of the uppermost codes below it. */
  readonly en: (codigo: string) => readonly Montos[];
  readonly superiores: readonly string[];
}

/**
 * Understands the rows of a report, in whatever order they came. Throws where they contradict each other: a code and
 * dimensions twice (F3), a parent that is not the sum of what is below it (F2), control totals that are not the root (F4).
 */
export function toArbol(reporte: ChipReporte): ChipArbol {
  const { forma, renglones, control } = reporte;
  if (forma.unica) refuseRepeated(forma, renglones);
  const bloques = groupBy(renglones, (renglon) => bloqueOf(forma, renglon));
  const ramas = [...bloques].flatMap(([bloque, rows]) =>
    bloque === '' ? [] : [toRama(reporte, rows, [])],
  );
  const tronco = toRama(reporte, bloques.get('') ?? [], ramas);
  const total = totalOf(forma, tronco, ramas);
  const controles = groupBy(control, (renglon) => bloqueOf(forma, renglon));
  for (const [bloque, rows] of controles) {
    // One control total is that of the form, whichever block it stands in.
    const own = controles.size > 1 ? bloques.get(bloque) : undefined;
    const said = own === undefined ? total : totalOf(forma, toRama(reporte, own, []), []);
    for (const row of rows) checkControl(reporte, row, said);
  }
  return { hojas: new Set([tronco, ...ramas].flatMap(({ hojas }) => hojas)), total };
}

/** `ramas` are the blocks whose codes stand below those of `renglones`, where some generators write subtotals of all. */
function toRama(
  reporte: ChipReporte,
  renglones: readonly ChipRenglon[],
  ramas: readonly Rama[],
): Rama {
  const { forma } = reporte;
  const nodos = new Map(
    [...groupBy(renglones, ({ codigo }) => codigo)].map(([codigo, same]) => [
      codigo,
      toNodo(forma, codigo, same),
    ]),
  );
  const children = groupBy(nodos.values(), ({ codigo }) => nearestAncestor(codigo, nodos));
  const hojas: ChipRenglon[] = [];
  const totales = new Map<string, Montos>();
  /** What a code adds to the one above it: its total, less what the blocks have said there already. */
  const aportes = new Map<string, readonly Montos[]>();
  // Children before parents.
  const upwards = [...nodos.values()].sort((a, b) => depthOf(b.codigo) - depthOf(a.codigo));
  for (const { codigo, propio, detalles } of upwards) {
    const deRamas = ramas.flatMap((rama) => rama.en(codigo));
    const below = (children.get(codigo) ?? []).flatMap((child) => aportes.get(child.codigo) ?? []);
    const propias = [...detalles.map(({ montos }) => montos), ...below];
    const parts = [...deRamas, ...propias];
    hojas.push(...detalles);
    if (propio !== null && parts.length === 0) hojas.push(propio);
    if (propio !== null && parts.length > 0) checkSum(reporte, propio, parts);
    const total = propio?.montos ?? sumMontos(forma, parts);
    totales.set(codigo, total);
    aportes.set(codigo, deRamas.length === 0 ? [total] : propias);
  }
  const superiores = (children.get(null) ?? []).map(({ codigo }) => codigo);
  return { hojas, totales, superiores, en: (codigo) => totalesEn(codigo, totales) };
}

function totalesEn(codigo: string, totales: ReadonlyMap<string, Montos>): readonly Montos[] {
  const own = totales.get(codigo);
  if (own !== undefined) return [own];
  return [...totales].flatMap(([below, montos]) => {
    const isUppermost =
      below.startsWith(`${codigo}.`) && !isBelow(nearestAncestor(below, totales), codigo);
    return isUppermost ? [montos] : [];
  });
}

const isBelow = (codigo: string | null, above: string): boolean =>
  codigo?.startsWith(`${above}.`) === true;

/** The root, or what the uppermost rows of all blocks add up to. */
function totalOf(forma: ChipForma, tronco: Rama, ramas: readonly Rama[]): Montos | null {
  const isCovered = (codigo: string): boolean =>
    tronco.totales.has(codigo) || nearestAncestor(codigo, tronco.totales) !== null;
  const tops = [
    ...tronco.superiores.map((codigo) => tronco.totales.get(codigo) ?? {}),
    ...ramas.flatMap(({ superiores, totales }) =>
      superiores.filter((codigo) => !isCovered(codigo)).map((codigo) => totales.get(codigo) ?? {}),
    ),
  ];
  return tops.length === 0 ? null : tops.length === 1 ? (tops[0] ?? null) : sumMontos(forma, tops);
}

/** Empty where the form is one tree, and for a row of no block. */
const bloqueOf = ({ bloque }: ChipForma, { textos }: ChipRenglon): string =>
  bloque === null ? '' : normalizeName(textos[bloque] ?? '');

/** The dimensions of a row as text; of the row of a whole code only its block, mostly empty. */
export const dimensionesOf = (
  forma: ChipForma,
  renglon: ChipRenglon,
  isDetail: boolean,
): string => {
  const parts = forma.dimensiones.map((name) =>
    isDetail || name === forma.bloque ? normalizeName(renglon.textos[name] ?? '') : '',
  );
  return parts.every((part) => part === '') ? '' : parts.join('/');
};

/** A form that some generators write without its dimension has several equal rows: each is a detail. */
function toNodo(forma: ChipForma, codigo: string, same: readonly ChipRenglon[]): Nodo {
  const { detalle } = forma;
  const isDetail = ({ textos }: ChipRenglon): boolean =>
    detalle !== null && (textos[detalle] ?? null) !== null;
  const detalles = same.filter(isDetail);
  const propios = same.filter((renglon) => !isDetail(renglon));
  if (propios.length > 1) return { codigo, propio: null, detalles: [...detalles, ...propios] };
  return { codigo, propio: propios[0] ?? null, detalles };
}

function refuseRepeated(forma: ChipForma, renglones: readonly ChipRenglon[]): void {
  const seen = new Set<string>();
  for (const renglon of renglones) {
    const { detalle } = forma;
    const isDetail = detalle !== null && (renglon.textos[detalle] ?? null) !== null;
    const key = `${renglon.codigo}\t${dimensionesOf(forma, renglon, isDetail)}`;
    if (seen.has(key)) {
      const motivo = `El concepto ${renglon.codigo} se repite con la misma fuente.`;
      throw new DropError('VALOR_INVALIDO', motivo, renglon.linea);
    }
    seen.add(key);
  }
}

function nearestAncestor(codigo: string, nodos: ReadonlyMap<string, unknown>): string | null {
  for (let at = parentOf(codigo); at !== null; at = parentOf(at)) if (nodos.has(at)) return at;
  return null;
}

const depthOf = (codigo: string): number => codigo.split('.').length;

const sumMontos = (forma: ChipForma, parts: readonly Montos[]): Montos =>
  Object.fromEntries(
    Object.keys(forma.montos).map((name) => {
      const known = parts.map((part) => part[name] ?? null).filter((value) => value !== null);
      return [name, known.length === 0 ? null : sumDecimals(known)];
    }),
  );

function checkSum(reporte: ChipReporte, propio: ChipRenglon, parts: readonly Montos[]): void {
  const sums = sumMontos(reporte.forma, parts);
  const differing = findDiffering(reporte, propio.montos, sums, parts.length);
  if (differing === null) return;
  const [name, said, sum] = differing;
  const motivo = `${propio.codigo} dice ${name} ${said} y lo que lo compone suma ${sum}.`;
  throw new DropError('TOTALES_NO_CUADRAN', motivo, propio.linea);
}

function checkControl(reporte: ChipReporte, control: ChipRenglon, total: Montos | null): void {
  const differing = findDiffering(reporte, control.montos, total ?? {}, 1);
  if (differing === null) return;
  const [name, said, sum] = differing;
  const motivo = `La cifra de control dice ${name} ${said} y el formulario suma ${sum}.`;
  throw new DropError('TOTALES_NO_CUADRAN', motivo, control.linea);
}

/** One peso; amounts that were rounded to thousands may miss by one thousand each. */
function findDiffering(
  { forma, unidadOrigen }: ChipReporte,
  said: Montos,
  sums: Montos,
  terms: number,
): readonly [string, string, string] | null {
  const tolerance = unidadOrigen === 'MILES' ? String(1_000 * terms) : '1';
  for (const [name, { sinUnidad }] of Object.entries(forma.montos)) {
    const [left, right] = [said[name] ?? null, sums[name] ?? null];
    if (sinUnidad === true || left === null || right === null) continue;
    const difference = subtractDecimal(left, right).replace('-', '');
    if (compareDecimal(difference, tolerance) > 0) return [name, left, right];
  }
  return null;
}
