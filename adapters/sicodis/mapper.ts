import type { Fila } from '../../schema/registro.js';
import { parseBienio } from '../../schema/values/bienio.js';
import { parseDecimal, scaleDecimal } from '../../schema/values/decimal.js';
import { SourceContractError } from '../errors.js';
import { groupBy } from '../../schema/group-by.js';
import type { JsonExact } from '../shared/http/json-exact.js';
import {
  fieldOf,
  PARTICIPACION_RAW,
  PRESUPUESTO_RAW,
  VIGENCIA_RAW,
  type RecordRaw,
} from './raw.js';

/** A list of records, or the one record that some routes send in its place. */
export function toRecords(body: JsonExact): RecordRaw[] {
  const list = isList(body) ? body : [body];
  return list.map((item) => {
    if (item === null || typeof item !== 'object' || isList(item)) throw unexpected('no registro');
    return item;
  });
}

const isList = (body: JsonExact): body is readonly JsonExact[] => Array.isArray(body);

/** What SICODIS distributed of the SGP to one territory in one year. */
export function toDistribucionesSgp(
  codigoTerritorio: string,
  vigencia: number,
  records: readonly RecordRaw[],
): Fila[] {
  const filas = records.map((record) => {
    const anio = textOf(fieldOf(record, PARTICIPACION_RAW.anio));
    if (anio !== null && Number(anio) !== vigencia) throw unexpected(`anio ${anio}`);
    return {
      codigoTerritorio,
      vigencia,
      idConcepto: requireText(record, PARTICIPACION_RAW.idConcepto),
      concepto: nameOf(record, PARTICIPACION_RAW.concepto),
      valor: amountOf(record, PARTICIPACION_RAW.total),
    };
  });
  return toTree(filas, 'idConcepto', {
    isTotal: (id) => id === '99',
    isBelow: (id, above) => id.length > above.length && id.startsWith(above),
  });
}

/** The SGR budget of one territory in one biennium. */
export function toPresupuestosSgr(
  codigoTerritorio: string,
  bienio: string,
  records: readonly RecordRaw[],
): Fila[] {
  const filas = records.map((record) => ({
    codigoTerritorio,
    bienio,
    categoria: requireText(record, PRESUPUESTO_RAW.categoria),
    concepto: nameOf(record, PRESUPUESTO_RAW.concepto),
    presupuestoTotal: amountOf(record, PRESUPUESTO_RAW.presupuestoTotal),
    presupuestoCorriente: amountOf(record, PRESUPUESTO_RAW.presupuestoCorriente),
    presupuestoOtros: amountOf(record, PRESUPUESTO_RAW.presupuestoOtros),
    cajaCorriente: amountOf(record, PRESUPUESTO_RAW.cajaCorriente),
    cajaOtros: amountOf(record, PRESUPUESTO_RAW.cajaOtros),
    cajaTotal: amountOf(record, PRESUPUESTO_RAW.cajaTotal),
    avanceRecaudo: amountOf(record, PRESUPUESTO_RAW.avanceRecaudo),
  }));
  return toTree(filas, 'categoria', {
    isTotal: (id) => !/^\d+(?:\.\d+)*$/.test(id),
    isBelow: (id, above) => id.startsWith(`${above}.`),
  });
}

/** Years of the SGP list. */
export const toVigencias = (records: readonly RecordRaw[]): string[] =>
  records.map((record) => requireText(record, VIGENCIA_RAW.anio));

/** Bienios of the SGR list by name, with the number under which its routes know them; plans of ten years are left out. */
export function toBienios(records: readonly RecordRaw[]): Map<string, string> {
  const bienios = new Map<string, string>();
  for (const record of records) {
    const bienio = parseBienio(requireText(record, VIGENCIA_RAW.vigencia));
    if (bienio !== null) bienios.set(bienio, requireText(record, VIGENCIA_RAW.id));
  }
  return bienios;
}

interface Arbol {
  readonly isTotal: (id: string) => boolean;
  readonly isBelow: (id: string, above: string) => boolean;
}

/** Places each row in the tree of its answer, and numbers the rows of one concept by content, not by position. */
function toTree<Name extends string>(
  filas: readonly (Fila & Record<Name, string>)[],
  campo: Name,
  { isTotal, isBelow }: Arbol,
): Fila[] {
  const ids = [...new Set(filas.map((fila): string => fila[campo]))].filter((id) => !isTotal(id));
  const byId = groupBy(filas, (fila): string => fila[campo]);
  return [...byId.keys()].sort().flatMap((id) => {
    const same = (byId.get(id) ?? []).map((fila) => ({ fila, text: JSON.stringify(fila) }));
    const esTotal = isTotal(id);
    const above = esTotal ? [] : ids.filter((other) => isBelow(id, other));
    const padre = above.sort((a, b) => b.length - a.length)[0] ?? null;
    const esHoja = !esTotal && !ids.some((other) => isBelow(other, id));
    return same
      .sort((a, b) => (a.text < b.text ? -1 : 1))
      .map(({ fila }, at): Fila => ({ ...fila, padre, esTotal, esHoja, ordinal: at + 1 }));
  });
}

const textOf = (value: JsonExact | undefined): string | null => {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw unexpected(typeof value);
  const text = value.trim();
  return text === '' ? null : text;
};

function requireText(record: RecordRaw, names: readonly string[]): string {
  const text = textOf(fieldOf(record, names));
  if (text === null) throw unexpected(`sin ${names[0] ?? ''}`);
  return text;
}

/** Names come padded to a hundred characters. */
const nameOf = (record: RecordRaw, names: readonly string[]): string | null =>
  textOf(fieldOf(record, names))?.replace(/\s+/g, ' ') ?? null;

/** A number, or the same number as text; large ones may come with an exponent, which is read without rounding. */
function amountOf(record: RecordRaw, names: readonly string[]): string | null {
  const text = textOf(fieldOf(record, names));
  if (text === null) return null;
  const [, mantissa = text, power = '0'] = /^(.+)[eE]([+-]?\d{1,3})$/.exec(text) ?? [];
  const value = parseDecimal(mantissa);
  if (value === null) throw unexpected(`${names[0] ?? ''} ${text.slice(0, 40)}`);
  return scaleDecimal(value, Number(power));
}

const unexpected = (cause: string): SourceContractError =>
  new SourceContractError('sicodis', { cause });
