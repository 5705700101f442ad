import type { Group } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { EjecucionGasto, ProgramacionGasto } from '../../schema/registros/cuipo.js';
import { addDecimal } from '../../schema/values/decimal.js';
import type { Field, Node } from '../subgraph.js';
import { byMedida } from '../subgraph.js';
import { INCLUDED } from './presupuesto.js';
import { nombreSector } from './nombres-sector.js';

const DIMS = ['sector', 'vigenciaGasto'];
const programado = byMedida(ProgramacionGasto, 'porSector', DIMS);
const ejecutado = byMedida(EjecucionGasto, 'porSector', DIMS);

/** What has no MGA programme (running costs, debt) stays visible in a bucket of its own. */
const SIN_SECTOR = 'SIN_SECTOR';
const VIGENCIA_ACTUAL = new Set(['1', '4']);

/** Spending by sector of the entities of a Presupuesto, at its cut. FUT has no MGA programme: there it is null. */
export const porSector: Field = {
  steps: [
    (presupuesto) => {
      if (presupuesto['fuente'] !== 'CUIPO') return [];
      const keys = keysOf(presupuesto);
      return [
        { bucket: programado, keys },
        { bucket: ejecutado, keys },
      ];
    },
  ],
  value: (presupuesto, _args, _env, rows) => {
    if (presupuesto['fuente'] !== 'CUIPO') return null;
    const sums = new Map<string, Record<string, string | null>>();
    for (const key of keysOf(presupuesto)) {
      addGroups(sums, rows.groups(programado, key));
      addGroups(sums, rows.groups(ejecutado, key));
    }
    return [...sums.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([codigo, sum]) => ({ codigo, sector: nombreSector(codigo), gastos: toGastos(sum) }));
  },
};

const keysOf = (presupuesto: Node): string[] =>
  (presupuesto[INCLUDED] as readonly string[]).map((chip) =>
    keyOf([chip, presupuesto['vigencia'] as number, presupuesto['periodo'] as string]),
  );

function addGroups(
  all: Map<string, Record<string, string | null>>,
  groups: readonly Group[],
): void {
  for (const { dims, sums } of groups) {
    if (!VIGENCIA_ACTUAL.has(dims['vigenciaGasto'] ?? '')) continue;
    const codigo = dims['sector'] ?? SIN_SECTOR;
    const known = all.get(codigo) ?? {};
    all.set(codigo, known);
    for (const [name, value] of Object.entries(sums)) {
      const before = known[name];
      known[name] = before === undefined ? value : addOrNull(before, value);
    }
  }
}

const addOrNull = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : addDecimal(a, b);

const toGastos = (sum: Record<string, string | null>): Node => ({
  apropiacionInicial: sum['apropiacionInicial'] ?? null,
  apropiacion: sum['apropiacionDefinitiva'] ?? null,
  compromisos: sum['compromisos'] ?? null,
  obligaciones: sum['obligaciones'] ?? null,
  pagos: sum['pagos'] ?? null,
});
