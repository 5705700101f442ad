import type { Filtro, Orden } from '../../schema/registro.js';
import { InsufficientCapabilityError } from '../errors.js';
import { and, isIn, LiteralError, or, toWhere, type ColumnByCampo } from '../shared/soda/soql.js';
import { canonicalBpin, spellingsOf } from './bpin.js';

/** Filters and orders over projects as SoQL. What the portal cannot say is refused, never approximated. */

const COLUMNAS: ColumnByCampo = {
  bpinOriginal: { column: 'bpin', kind: 'text' },
  estado: { column: 'estadoproyecto', kind: 'text' },
  subestado: { column: 'subestadoproyecto', kind: 'text' },
  tipo: { column: 'tipoproyecto', kind: 'text' },
  sector: { column: 'sector', kind: 'text' },
  horizonte: { column: 'horizonte', kind: 'text' },
  planDesarrollo: { column: 'plandesarrollonacional', kind: 'text' },
  entidadResponsable: { column: 'entidadresponsable', kind: 'text' },
  codigoEntidadResponsable: { column: 'codigoentidadresponsable', kind: 'text' },
};

export function whereOf(filtro: Filtro | null): string | undefined {
  try {
    return filtro === null ? undefined : clauseOf(filtro);
  } catch (error) {
    if (error instanceof LiteralError) throw new InsufficientCapabilityError('piip');
    throw error;
  }
}

function clauseOf(filtro: Filtro): string | undefined {
  if (filtro.op === 'and') return and(...filtro.de.map(clauseOf));
  if (filtro.op === 'lte' && filtro.campo === 'horizonteInicio') {
    // Texts `AAAA-AAAA` order by their first year.
    return `horizonte < '${yearOf(filtro.valor) + 1}'`;
  }
  if (filtro.op === 'gte' && filtro.campo === 'horizonteFin') {
    return or(...endsFrom(yearOf(filtro.valor)).map((like) => `horizonte like '${like}'`));
  }
  if (filtro.op === 'eq' && filtro.campo === 'bpin') return bpinIn([filtro.valor]);
  if (filtro.op === 'in' && filtro.campo === 'bpin') return bpinIn(filtro.valores);
  return toWhere(filtro, COLUMNAS);
}

function bpinIn(valores: readonly unknown[]): string {
  const codes = valores.flatMap((valor) => canonicalBpin(String(valor)) ?? []);
  return codes.length === 0 ? '1 = 0' : isIn('bpin', codes.flatMap(spellingsOf));
}

function yearOf(valor: unknown): number {
  if (typeof valor === 'number' && Number.isInteger(valor) && valor >= 1000 && valor <= 9998) {
    return valor;
  }
  throw new LiteralError('not a year');
}

/** Patterns of the texts that end in this year or a later one: `%-2024`…`%-2029`, `%-203_`…, `%-21__`…, `%-3___`… */
function endsFrom(year: number): string[] {
  const digits = String(year);
  const later = Array.from(digits).flatMap((digit, at) =>
    Array.from({ length: 9 - Number(digit) }, (_, step) => Number(digit) + step + 1).map(
      (next) => `%-${digits.slice(0, at)}${next}${'_'.repeat(digits.length - at - 1)}`,
    ),
  );
  return [`%-${digits}`, ...later];
}

export type OrdenProyectos = 'BPIN' | 'VALOR';

/**
 * The two orders that the portal gives in full: by the code as written, or by the amount and then the code. An order by
 * the normalised code is not one of them: the portal orders what is written.
 */
export function ordenOf(orden: readonly Orden[]): OrdenProyectos {
  const said = orden.map(({ campo, sentido }) => `${campo} ${sentido}`).join();
  if (said === 'bpinOriginal asc') return 'BPIN';
  if (said === 'valorVigente desc,bpinOriginal asc') return 'VALOR';
  throw new InsufficientCapabilityError('piip');
}

/** The column is text in some publications, and then orders by its first digit. */
export const VALOR = 'valorvigenteproyecto::number';
export const REPORTADO = `${VALOR} != 0`;
export const NO_REPORTADO = `${VALOR} is null or ${VALOR} = 0`;
