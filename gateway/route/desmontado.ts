import { partsOf } from '../../schema/key.js';
import type { Key } from '../../schema/key.js';
import type { Filtro, Registro, Valor } from '../../schema/registro.js';
import type { Cohorte, Condicion, Tramo } from './tramo.js';
import { belongs } from './tramo.js';

/** What an adapter may not be asked any more, because its slice is retired. Pure; the fence asks it before each call. */
export interface Desmontado {
  /** Nothing of the registro is left to this adapter. */
  isWhole(registro: Registro): boolean;
  /** The keys that lie in no retired slice. A key that does not say is asked: other slices may hold rows of it. */
  living(registro: Registro, claves: readonly string[], keys: readonly Key[]): readonly Key[];
  /** Whether all that a filter lets through lies in a retired slice. */
  hasFilter(registro: Registro, filtro: Filtro | null): boolean;
}

export function createDesmontado(
  adapterId: string,
  tramos: readonly Tramo[],
  isOver: (tramo: Tramo) => boolean = ({ fase }) => fase === 'retired',
): Desmontado {
  const retired = tramos.filter((tramo) => tramo.viejo === adapterId && isOver(tramo));
  const cohortes = (registro: Registro): readonly Cohorte[] =>
    retired.filter((tramo) => tramo.registro === registro.nombre).map(({ cohorte }) => cohorte);
  return {
    isWhole: (registro) => cohortes(registro).some(isEverything),
    living: (registro, claves, keys) => {
      const own = cohortes(registro);
      if (own.length === 0) return keys;
      return keys.filter((key) => {
        const parts = partsOf(key);
        const valueOf = (campo: string): string | undefined => parts[claves.indexOf(campo)];
        return !own.some((cohorte) => belongs(cohorte, valueOf));
      });
    },
    hasFilter: (registro, filtro) =>
      cohortes(registro).some((cohorte) => isWithin(cohorte, filtro)),
  };
}

const isEverything = (cohorte: Cohorte): boolean => Object.keys(cohorte).length === 0;

/** True only where it is certain: each condition of the cohort follows from some part of the filter. */
function isWithin(cohorte: Cohorte, filtro: Filtro | null): boolean {
  const parts = filtro === null ? [] : conjuncts(filtro);
  return Object.entries(cohorte).every(([campo, condicion]) => implies(parts, campo, condicion));
}

const conjuncts = (filtro: Filtro): readonly Filtro[] =>
  filtro.op === 'and' ? filtro.de.flatMap(conjuncts) : [filtro];

function implies(parts: readonly Filtro[], campo: string, condicion: Condicion): boolean {
  const meets = (valor: Valor): boolean => belongs({ campo: condicion }, () => valor);
  const own = parts.filter((part) => 'campo' in part && part.campo === campo);
  if (own.some((part) => part.op === 'eq' && meets(part.valor))) return true;
  if (own.some((part) => part.op === 'in' && part.valores.every(meets))) return true;
  if ('prefijo' in condicion)
    return own.some((part) => part.op === 'prefix' && part.valor.startsWith(condicion.prefijo));
  if (!('desde' in condicion)) return false;
  return (
    own.some((part) => part.op === 'gte' && Number(part.valor) >= condicion.desde) &&
    own.some((part) => part.op === 'lte' && Number(part.valor) <= condicion.hasta)
  );
}
