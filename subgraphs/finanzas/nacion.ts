import type { Group } from '../../adapters/contract.js';
import { keyOf, type Key } from '../../schema/key.js';
import { ApropiacionNacion } from '../../schema/registros/siif.js';
import { addDecimal } from '../../schema/values/decimal.js';
import { checkVigencia } from '../shared/arguments.js';
import type { Args, Field, Node } from '../subgraph.js';
import { byMedida, Reason } from '../subgraph.js';

/** The national budget by section. A section may have several executing units: their totals are added here, exactly. */
const POR_UNIDAD = byMedida(ApropiacionNacion, 'porUnidad', [
  'seccion',
  'unidadEjecutora',
  'nombreUnidad',
]);

const CIFRAS = {
  apropiacion: 'apropiacionVigente',
  compromisos: 'compromisos',
  obligaciones: 'obligaciones',
  pagos: 'pagos',
} as const;

const vigenciaOf = (args: Args): number => checkVigencia(args['vigencia']);
const keyOfArgs = (args: Args): Key => keyOf([vigenciaOf(args)]);

export const apropiacionNacion: Field = {
  steps: [(_node, args) => [{ bucket: POR_UNIDAD, keys: [keyOfArgs(args)] }]],
  value: (_node, args, _env, rows) => {
    const vigencia = vigenciaOf(args);
    const groups = rows.groups(POR_UNIDAD, keyOfArgs(args));
    if (groups.length === 0) {
      return new Reason(
        'SIN_REPORTE',
        `No hay un reporte de SIIF para ${String(vigencia)}.`,
        'siif',
      );
    }
    const sections = new Map<string, Group[]>();
    for (const group of groups) {
      const seccion = group.dims['seccion'] ?? '';
      sections.set(seccion, [...(sections.get(seccion) ?? []), group]);
    }
    return [...sections]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([seccion, units]) => toSeccion(vigencia, seccion, units));
  },
};

/** Named after its first unit, which is the one that directs it. */
function toSeccion(vigencia: number, seccion: string, units: readonly Group[]): Node {
  const [first] = [...units].sort((a, b) => (unitOf(a) < unitOf(b) ? -1 : 1));
  const cifras = Object.entries(CIFRAS).map(([name, campo]) => [name, sumOf(units, campo)]);
  return {
    vigencia,
    seccion,
    nombre: first?.dims['nombreUnidad'] ?? null,
    ...(Object.fromEntries(cifras) as Node),
  };
}

const unitOf = ({ dims }: Group): string => dims['unidadEjecutora'] ?? '';

/** Null where no unit states the amount. */
function sumOf(units: readonly Group[], campo: string): string | null {
  let sum: string | null = null;
  for (const { sums } of units) {
    const value = sums[campo] ?? null;
    if (value !== null) sum = sum === null ? value : addDecimal(sum, value);
  }
  return sum;
}
