import { keyOfFila } from '../../schema/key.js';
import type { Fila } from '../../schema/registro.js';
import { compareDecimal } from '../../schema/values/decimal.js';
import { groupBy } from '../../schema/group-by.js';

/** The datasets repeat rows. Each rule here is the same whatever the order in which the rows came. */

/** One record per identity: the one that says most; the code written as it is today before older spellings. */
export const onePerClave = (clave: readonly string[], filas: readonly Fila[]): Fila[] =>
  groupsOf(clave, filas).map((same) => first([...same].sort(byContent)));

/** Records with equal dimensions and unlike amounts are numbered; the same row published twice is one. */
export const numbered = (dimensiones: readonly string[], filas: readonly Fila[]): Fila[] =>
  groupsOf(dimensiones, filas).flatMap((same) => {
    const unlike = groupBy([...same].sort(byContent), (fila) =>
      textOf({ ...fila, bpinOriginal: null }),
    );
    return [...unlike.values()].map((equal, at) => ({ ...first(equal), ordinal: at + 1 }));
  });

/**
 * The rows of a project carry no date. Progress is cumulative and never falls, so the row with the greatest physical
 * progress is the latest; among equals, the one with the greatest financial progress, then the one that says most.
 * Where another row has spent more with less built, that is no earlier state but a contradiction, and is said.
 */
export const chooseAvance = (filas: readonly Fila[]): Fila[] =>
  groupsOf(['bpin'], filas).map((same) => {
    const latest = first(
      [...same].sort(
        (a, b) =>
          compareAvance(b.avanceFisico, a.avanceFisico) ||
          compareAvance(b.avanceFinanciero, a.avanceFinanciero) ||
          byContent(a, b),
      ),
    );
    const ahead = same
      .filter((fila) => compareAvance(fila.avanceFinanciero, latest.avanceFinanciero) > 0)
      .map(
        ({ avanceFisico, avanceFinanciero }) => `${say(avanceFisico)} / ${say(avanceFinanciero)}`,
      );
    const kept = `${say(latest.avanceFisico)} / ${say(latest.avanceFinanciero)}`;
    return {
      ...latest,
      filasFuente: new Set(same.map((fila) => textOf({ ...fila, bpinOriginal: null }))).size,
      contradiccion:
        ahead.length === 0
          ? null
          : `avance físico / financiero: ${kept} y también ${[...new Set(ahead)].sort().join(', ')}`,
    };
  });

type Avance = Fila[string];

/** Unknown stands below everything, also below zero. */
function compareAvance(a: Avance, b: Avance): number {
  if (typeof a !== 'string' || typeof b !== 'string') {
    return (typeof a === 'string' ? 1 : 0) - (typeof b === 'string' ? 1 : 0);
  }
  return compareDecimal(a, b);
}

const say = (avance: Avance): string => (typeof avance === 'string' ? `${avance} %` : 'sin dato');

/** Groups in the order of their keys. */
function groupsOf(clave: readonly string[], filas: readonly Fila[]): Fila[][] {
  const groups = groupBy(filas, (fila) => keyOfFila(fila, clave) ?? '');
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => same);
}

function byContent(a: Fila, b: Fila): number {
  const byFullness = fullness(b) - fullness(a);
  if (byFullness !== 0) return byFullness;
  const bySpelling = Number(isCanonical(b)) - Number(isCanonical(a));
  if (bySpelling !== 0) return bySpelling;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const fullness = (fila: Fila): number =>
  Object.values(fila).filter((value) => value !== null && value !== undefined).length;

const isCanonical = ({ bpin, bpinOriginal }: Fila): boolean => bpin === bpinOriginal;

/** Campos of one registro are always written in the same order. */
const textOf = (fila: Fila): string => JSON.stringify(fila);

function first(filas: readonly Fila[]): Fila {
  const [fila] = filas;
  if (fila === undefined) throw new TypeError('a group without records');
  return fila;
}
