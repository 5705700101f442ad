import type { Fila } from '../../schema/registro.js';
import {
  addDecimal,
  compareDecimal,
  parseUsCommas,
  subtractDecimal,
  sumDecimals,
} from '../../schema/values/decimal.js';
import { DropError } from '../shared/drop-error.js';
import { groupBy } from '../../schema/group-by.js';
import type { Columna, LineaRaw } from './raw.js';
import type { Titulo } from './titulo.js';

/** A record that knows its line, so that whoever repairs the report finds it. */
interface Renglon {
  readonly linea: number;
  readonly fila: Fila & { readonly unidadEjecutora: string; readonly rubro: string };
  readonly vigente: string | null;
}

export interface Ejecucion {
  readonly filas: readonly Fila[];
}

/** Amounts are rounded to the peso in some reports. */
const TOLERANCIA = '1';

/** The lines of a report as records: leaves marked, identities proved. A line that breaks one breaks the report. */
export function toEjecucion({ vigencia, corte }: Titulo, lineas: readonly LineaRaw[]): Ejecucion {
  const renglones: Renglon[] = [];
  const totales: { readonly linea: number; readonly vigente: string | null }[] = [];
  for (const raw of lineas) {
    if (isBlankLine(raw)) continue;
    const cifras = toCifras(raw);
    requireIdentity(raw.linea, cifras);
    if (clean(raw.celdas.uej) === '') {
      if (!isTotal(raw)) throw invalid(raw.linea, 'La línea no trae UEJ.');
      totales.push({ linea: raw.linea, vigente: cifras.apropiacionVigente });
      continue;
    }
    const fila = { vigencia, corte, ...toDimensiones(raw), ...cifras };
    renglones.push({ linea: raw.linea, fila, vigente: cifras.apropiacionVigente });
  }
  if (renglones.length === 0) throw new DropError('ARCHIVO_VACIO', 'El reporte no trae renglones.');
  const marked = markLeaves(renglones);
  checkTotals(marked, totales);
  return { filas: numbered(marked) };
}

function toDimensiones({ linea, celdas }: LineaRaw) {
  const uej = /^(\d{2})-(\d{2})-(\d{2,3})$/.exec(clean(celdas.uej));
  if (uej === null)
    throw invalid(linea, `«${clean(celdas.uej).slice(0, 40)}» no es una UEJ (XX-YY-ZZ).`);
  const rubro = clean(celdas.rubro).toUpperCase();
  if (rubro === '') throw invalid(linea, 'La línea no trae RUBRO.');
  return {
    seccion: `${uej[1] ?? ''}${uej[2] ?? ''}`,
    unidadEjecutora: uej[0],
    nombreUnidad: clean(celdas.nombreUej) || null,
    rubro,
    tipo: clean(celdas.tipo) || rubro.charAt(0),
    fuente: clean(celdas.fuente).toUpperCase(),
    recurso: clean(celdas.recurso),
    situacionFondos: clean(celdas.situacion).toUpperCase(),
    descripcion: clean(celdas.descripcion) || null,
  };
}

const toCifras = (raw: LineaRaw) => ({
  apropiacionInicial: amountOf(raw, 'inicial'),
  apropiacionAdicionada: amountOf(raw, 'adicionada'),
  apropiacionReducida: amountOf(raw, 'reducida'),
  apropiacionVigente: amountOf(raw, 'vigente'),
  apropiacionBloqueada: amountOf(raw, 'bloqueada'),
  cdp: amountOf(raw, 'cdp'),
  apropiacionDisponible: amountOf(raw, 'disponible'),
  compromisos: amountOf(raw, 'compromiso'),
  obligaciones: amountOf(raw, 'obligacion'),
  ordenesPago: amountOf(raw, 'ordenPago'),
  pagos: amountOf(raw, 'pagos'),
});
type Cifras = ReturnType<typeof toCifras>;

/** vigente = inicial + adicionada − reducida, where the report states all four. */
function requireIdentity(linea: number, cifras: Cifras): void {
  const { apropiacionInicial, apropiacionAdicionada, apropiacionReducida, apropiacionVigente } =
    cifras;
  if (
    apropiacionInicial === null ||
    apropiacionAdicionada === null ||
    apropiacionReducida === null ||
    apropiacionVigente === null
  ) {
    return;
  }
  const computed = subtractDecimal(
    addDecimal(apropiacionInicial, apropiacionAdicionada),
    apropiacionReducida,
  );
  if (isNear(computed, apropiacionVigente)) return;
  const motivo = `La apropiación vigente (${apropiacionVigente}) no es inicial + adicionada − reducida (${computed}).`;
  throw new DropError('TOTALES_NO_CUADRAN', motivo, linea);
}

/**
 * A leaf has no longer rubro below it in its unit and, where its rubro comes both as a total and by resource, is one of
 * the latter.
 */
function markLeaves(renglones: readonly Renglon[]): (Renglon & { readonly esHoja: boolean })[] {
  const parents = new Set<string>();
  const detailed = new Set<string>();
  for (const { fila } of renglones) {
    const parts = fila.rubro.split('-');
    for (let n = 1; n < parts.length; n++) {
      parents.add(`${fila.unidadEjecutora} ${parts.slice(0, n).join('-')}`);
    }
    if (fila['recurso'] !== '') detailed.add(`${fila.unidadEjecutora} ${fila.rubro}`);
  }
  return renglones.map((renglon) => {
    const { unidadEjecutora, rubro, recurso } = renglon.fila;
    const place = `${unidadEjecutora} ${rubro}`;
    const esHoja = !parents.has(place) && (recurso !== '' || !detailed.has(place));
    return { ...renglon, esHoja };
  });
}

type Marcado = ReturnType<typeof markLeaves>[number];

/** What the report states as totals, by its last line and by the topmost rubros of each unit, is what its leaves add up to. */
function checkTotals(
  renglones: readonly Marcado[],
  totales: readonly { readonly linea: number; readonly vigente: string | null }[],
): void {
  const leaves = renglones.filter(({ esHoja }) => esHoja);
  for (const { linea, vigente } of totales) requireSum(leaves, vigente, linea);
  for (const own of groupBy(renglones, ({ fila }) => fila.unidadEjecutora).values()) {
    const rubros = new Set(own.map(({ fila }) => fila.rubro));
    for (const { fila, linea, vigente, esHoja } of own) {
      if (esHoja || fila['recurso'] !== '' || hasAncestor(fila.rubro, rubros)) continue;
      const below = own.filter(
        (other) =>
          other.esHoja &&
          (other.fila.rubro === fila.rubro || other.fila.rubro.startsWith(`${fila.rubro}-`)),
      );
      requireSum(below, vigente, linea);
    }
  }
}

function hasAncestor(rubro: string, rubros: ReadonlySet<string>): boolean {
  const parts = rubro.split('-');
  return parts.some((_, n) => n > 0 && rubros.has(parts.slice(0, n).join('-')));
}

function requireSum(leaves: readonly Marcado[], stated: string | null, linea: number): void {
  const amounts = leaves.map(({ vigente }) => vigente);
  if (stated === null || !amounts.every((amount) => amount !== null)) return;
  const sum = sumDecimals(amounts);
  if (isNear(sum, stated)) return;
  const motivo = `El total de apropiación vigente (${stated}) no es la suma de sus renglones (${sum}).`;
  throw new DropError('TOTALES_NO_CUADRAN', motivo, linea);
}

/** Numbers the lines that share a key by their content, so that another order of the file is the same report. */
function numbered(renglones: readonly Marcado[]): Fila[] {
  const keyOf = ({ fila }: Marcado): string =>
    [
      fila.unidadEjecutora,
      fila.rubro,
      fila['fuente'],
      fila['recurso'],
      fila['situacionFondos'],
    ].join('|');
  return [...groupBy(renglones, keyOf).values()].flatMap((same) =>
    same
      .map(({ fila, esHoja }) => ({ fila: { ...fila, esHoja }, text: JSON.stringify(fila) }))
      .sort((a, b) => (a.text < b.text ? -1 : 1))
      .map(({ fila }, at): Fila => ({ ...fila, ordinal: at + 1 })),
  );
}

/** SIIF pads with NBSP, in REC above all. */
const clean = (text: string): string => text.replace(/[\s\u00a0]+/g, ' ').trim();

const isBlankLine = ({ celdas }: LineaRaw): boolean =>
  Object.values(celdas).every((cell) => clean(cell) === '');

const isTotal = ({ celdas }: LineaRaw): boolean =>
  clean(celdas.rubro) === '' ||
  [celdas.rubro, celdas.descripcion, celdas.nombreUej].some((cell) => /^total/i.test(clean(cell)));

function amountOf({ linea, celdas }: LineaRaw, columna: Columna): string | null {
  const text = clean(celdas[columna]);
  if (text === '') return null;
  const value = parseUsCommas(text);
  if (value === null)
    throw invalid(linea, `«${text.slice(0, 40)}» no es un importe de SIIF (1,234.00).`);
  return value;
}

const isNear = (a: string, b: string): boolean =>
  compareDecimal(subtractDecimal(a, b).replace('-', ''), TOLERANCIA) <= 0;

const invalid = (linea: number, motivo: string): DropError =>
  new DropError('VALOR_INVALIDO', motivo, linea);
