import { Reason } from '../subgraph.js';
import type { Args, Field, FieldEnv, Node } from '../subgraph.js';
import { checkVigencia } from '../shared/arguments.js';
import { fechaCorte, PERIODOS } from '../../schema/values/periodo.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { fuenteOf } from './fuentes.js';
import type { Cifras, FuenteDePresupuesto, Reporte } from './reporte.js';
import { isComplete, isEmpty, lastPeriodo, sumReportes } from './reporte.js';

/** The entities whose budgets a node shows: one for a municipio or an entidad, many for a departamento or a region. */
export interface Entidades {
  readonly chips: readonly string[];
  /** DIVIPOLA by CHIP, to name the ones that are missing. */
  readonly codigoOf: (chip: string) => string;
}

/** Share of the entities that must have reported a quarter before a sum is cut there (design §5). */
const COMMON_CUT = 0.95;

/** Budget of one entity: at the quarter asked, else at its latest. */
export const presupuestoDeEntidad = (
  chipOf: (node: Node, env: FieldEnv) => string | null,
): Field => ({
  steps: [
    (node, args, env) => {
      const chip = chipOf(node, env);
      const vigencia = checkVigencia(args['vigencia']);
      return chip === null ? [] : fuenteOf(vigencia).readsOf([chip], vigencia);
    },
  ],
  value: (node, args, env, rows) => {
    const chip = chipOf(node, env);
    const vigencia = checkVigencia(args['vigencia']);
    if (chip === null) return sinEntidad();
    const fuente = fuenteOf(vigencia);
    const reportes = fuente.reportesOf(chip, vigencia, rows);
    const periodo = askedPeriodo(args) ?? lastPeriodo(reportes);
    const reporte = periodo === null ? undefined : reportes.get(periodo);
    if (periodo === null || reporte === undefined) return sinReporte(fuente, vigencia, periodo);
    warnMissingForms(reporte, fuente, env);
    return toPresupuesto(fuente, vigencia, periodo, reporte, [chip], null);
  },
});

/** Sum over many entities, all at one common quarter; those that did not report it are in `cobertura`. */
export const presupuestoSumado = (
  entidadesOf: (node: Node, env: FieldEnv) => Entidades,
): Field => ({
  steps: [
    (node, args, env) => {
      const vigencia = checkVigencia(args['vigencia']);
      return fuenteOf(vigencia).readsOf(entidadesOf(node, env).chips, vigencia);
    },
  ],
  value: (node, args, env, rows) => {
    const { chips, codigoOf } = entidadesOf(node, env);
    const vigencia = checkVigencia(args['vigencia']);
    if (chips.length === 0) return sinEntidad();
    const fuente = fuenteOf(vigencia);
    const reportes = new Map(chips.map((chip) => [chip, fuente.reportesOf(chip, vigencia, rows)]));
    const periodo = askedPeriodo(args) ?? commonPeriodo([...reportes.values()]);
    if (periodo === null) return sinReporte(fuente, vigencia, periodo);
    const included = chips.filter((chip) => isComplete(reportes.get(chip)?.get(periodo)));
    const sum = sumReportes(included.map((chip) => reportes.get(chip)?.get(periodo) as Reporte));
    const isIncluded = new Set(included);
    const missing = chips.filter((chip) => !isIncluded.has(chip)).map(codigoOf);
    const cobertura = {
      incluidas: included.length,
      total: chips.length,
      parcial: missing.length > 0,
      faltantes: missing,
    };
    if (sum === null) return sinReporte(fuente, vigencia, periodo);
    return toPresupuesto(fuente, vigencia, periodo, sum, included, cobertura);
  },
});

/** The latest quarter that enough of the entities reported whole; else the one that most did. */
function commonPeriodo(all: readonly ReadonlyMap<Periodo, Reporte>[]): Periodo | null {
  const counts = PERIODOS.map((periodo) => ({
    periodo,
    count: all.filter((reportes) => isComplete(reportes.get(periodo))).length,
  }));
  const enough = counts.findLast(({ count }) => count >= all.length * COMMON_CUT);
  const most = counts.reduce((best, next) => (next.count >= best.count ? next : best));
  const chosen = enough ?? most;
  return chosen.count === 0 ? null : chosen.periodo;
}

export const askedPeriodo = (args: Args): Periodo | null =>
  (args['periodo'] as Periodo | null | undefined) ?? null;

export const sinEntidad = (): Reason =>
  new Reason('SIN_ENTIDAD', 'El territorio no tiene una entidad propia que reporte.');

export function sinReporte(
  fuente: FuenteDePresupuesto,
  vigencia: number,
  periodo: Periodo | null,
): Reason {
  const cut = periodo === null ? String(vigencia) : `${vigencia} ${periodo}`;
  return new Reason(
    'SIN_REPORTE',
    `No hay reporte de ${fuente.fuente} para ${cut}.`,
    fuente.sistema,
  );
}

/** One aviso per code, because avisos of one code and place are shown as one. */
function warnMissingForms(reporte: Reporte, { sistema }: FuenteDePresupuesto, env: FieldEnv): void {
  const missing = [...reporte.sinReportar, ...(reporte.sinReportarAparte ?? [])];
  if (missing.length > 0) {
    const which = missing.length === 1 ? 'No se reportó' : 'No se reportaron';
    const mensaje = `${which}: ${missing.join('; ')}.`;
    env.warn({ codigo: 'FORMULARIO_NO_REPORTADO', mensaje, sistema });
  }
  const reparos = reporte.reparos?.() ?? [];
  for (const codigo of new Set(reparos.map((reparo) => reparo.codigo))) {
    const own = reparos.filter((reparo) => reparo.codigo === codigo);
    env.warn({ codigo, mensaje: own.map(({ mensaje }) => mensaje).join(' '), sistema });
  }
}

function toPresupuesto(
  { fuente }: FuenteDePresupuesto,
  vigencia: number,
  periodo: Periodo,
  reporte: Reporte,
  chips: readonly string[],
  cobertura: Node | null,
): Node {
  return {
    vigencia,
    periodo,
    corte: fechaCorte(vigencia, periodo),
    fuente,
    ingresos: orNull(reporte.ingresos),
    gastos: orNull(reporte.gastos),
    // Seldom asked for, so added up only then.
    get reservas() {
      return orNull(reporte.reservas);
    },
    get cuentasPorPagar() {
      return orNull(reporte.cuentasPorPagar);
    },
    cobertura,
    [INCLUDED]: chips,
  };
}

/** The entities behind a Presupuesto, for the fields that read more of them. Not a name of the public schema. */
export const INCLUDED = '$chips';

export const orNull = <T extends Cifras<string>>(cifras: T): T | null =>
  isEmpty(cifras) ? null : cifras;
