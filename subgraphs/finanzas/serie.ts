import type { Field, Lookup, Node } from '../subgraph.js';
import { InputProblem } from '../subgraph.js';
import { checkVigencia, textOf } from '../shared/arguments.js';
import { chipOfMunicipio } from './entidades.js';
import { fuenteOf, PRIMERA_VIGENCIA_CUIPO } from './fuentes.js';
import { orNull, sinEntidad, sinReporte } from './presupuesto.js';
import type { Reporte } from './reporte.js';
import { lastPeriodo } from './reporte.js';

/** More years than any source has; bounds the reads of one field. */
const MAX_SERIE = 30;

function vigenciasOf(desde: unknown, hasta: unknown): number[] {
  const first = checkVigencia(desde, 'desde');
  const last = checkVigencia(hasta, 'hasta');
  if (last < first || last - first >= MAX_SERIE) {
    throw new InputProblem({
      codigo: 'VIGENCIA_INVALIDA',
      mensaje: `La serie va de desde a hasta y abarca como máximo ${MAX_SERIE} vigencias.`,
      campo: 'hasta',
      ejemplo: 'serie(desde: 2018, hasta: 2025)',
    });
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Each point knows its entity and reads by itself, so that a dead source costs its own years and no others. */
export const serie: Field = {
  value: (node, { desde, hasta }, env) => {
    const chip = chipOfMunicipio(node, env);
    const vigencias = vigenciasOf(desde, hasta);
    if (chip === null) return sinEntidad();
    return vigencias.map((vigencia) => ({
      vigencia,
      fuente: fuenteOf(vigencia).fuente,
      rupturaDeSerie: vigencia === PRIMERA_VIGENCIA_CUIPO,
      [CHIP]: chip,
    }));
  },
};

/** Not a name of the public schema. */
const CHIP = '$chip';

const ofPunto = (pick: (reporte: Reporte) => unknown): Field => ({
  steps: [(punto) => fuenteOfPunto(punto).readsOf([textOf(punto[CHIP])], vigenciaOf(punto))],
  value: (punto, _args, _env, rows) => {
    const reporte = lastReporte(punto, rows);
    return reporte === null
      ? sinReporte(fuenteOfPunto(punto), vigenciaOf(punto), null)
      : pick(reporte);
  },
});

export const gastosDePunto = ofPunto(({ gastos }) => orNull(gastos));
export const ingresosDePunto = ofPunto(({ ingresos }) => orNull(ingresos));

const vigenciaOf = (punto: Node): number => punto['vigencia'] as number;
const fuenteOfPunto = (punto: Node): ReturnType<typeof fuenteOf> => fuenteOf(vigenciaOf(punto));

function lastReporte(punto: Node, rows: Lookup): Reporte | null {
  const reportes = fuenteOfPunto(punto).reportesOf(textOf(punto[CHIP]), vigenciaOf(punto), rows);
  const periodo = lastPeriodo(reportes);
  return periodo === null ? null : (reportes.get(periodo) ?? null);
}
