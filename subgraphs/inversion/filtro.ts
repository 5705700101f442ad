import type { Row } from '../../adapters/contract.js';
import type { Filtro, Orden } from '../../schema/registro.js';
import { compareDecimal } from '../../schema/values/decimal.js';
import { checkVigencia } from '../shared/arguments.js';
import type { Args } from '../subgraph.js';

/** The public filter and orders, for the source that lists all projects and for lists already in memory. */

const LISTAS = ['estado', 'sector', 'tipo'] as const;

/** Null where nothing is asked. */
export function filtroOf({ filtro }: Args): Filtro | null {
  const asked = (filtro ?? {}) as Args;
  const parts: Filtro[] = LISTAS.flatMap((campo): Filtro[] => {
    const valores = asked[campo];
    return valores == null ? [] : [{ op: 'in', campo, valores: valores as readonly string[] }];
  });
  if (asked.horizonteIncluye != null) {
    const valor = checkVigencia(asked.horizonteIncluye, 'horizonteIncluye');
    parts.push({ op: 'lte', campo: 'horizonteInicio', valor });
    parts.push({ op: 'gte', campo: 'horizonteFin', valor });
  }
  return parts.length === 0 ? null : { op: 'and', de: parts };
}

export function isMatch(row: Row | undefined, { filtro }: Args): boolean {
  const asked = (filtro ?? {}) as Args;
  const inLists = LISTAS.every((campo) => {
    const valores = asked[campo] as readonly unknown[] | null | undefined;
    return valores == null || valores.includes(row?.[campo] ?? null);
  });
  const year = asked.horizonteIncluye;
  if (!inLists || year == null) return inLists;
  const { horizonteInicio, horizonteFin } = row ?? {};
  return (
    typeof horizonteInicio === 'number' &&
    typeof horizonteFin === 'number' &&
    horizonteInicio <= Number(year) &&
    horizonteFin >= Number(year)
  );
}

/** The order of all projects is by the code as the source writes it: sources compare what is written. */
export const ordenOf = ({ orden }: Args): readonly Orden[] =>
  orden === 'VALOR_DESC'
    ? [
        { campo: 'valorVigente', sentido: 'desc' },
        { campo: 'bpinOriginal', sentido: 'asc' },
      ]
    : [{ campo: 'bpinOriginal', sentido: 'asc' }];

/** Greatest value first; not reported comes last. */
export function compareByValor(a: Row | undefined, b: Row | undefined): number {
  const left = a?.valorVigente;
  const right = b?.valorVigente;
  if (typeof left === 'string' && typeof right === 'string') return compareDecimal(right, left);
  return Number(typeof right === 'string') - Number(typeof left === 'string');
}
