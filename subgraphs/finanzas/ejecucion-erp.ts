import type { Group } from '../../adapters/contract.js';
import { keyOf } from '../../schema/key.js';
import { EjecucionErp } from '../../schema/registros/erp.js';
import { PERIODOS, lastMonthOf } from '../../schema/values/periodo.js';
import type { Periodo } from '../../schema/values/periodo.js';
import { checkVigencia } from '../shared/arguments.js';
import type { Args, Field, FieldEnv, Node } from '../subgraph.js';
import { byMedida, Reason } from '../subgraph.js';
import { chipOfEntidad } from './entidades.js';
import { askedPeriodo } from './presupuesto.js';

const SISTEMA = 'erp';
const totales = byMedida(EjecucionErp, 'total', ['mes', 'muestra']);
const PRIMER_MES: Readonly<Record<Periodo, number>> = { T1: 1, T2: 4, T3: 7, T4: 10 };

/** What the entity's own books say: at the last month delivered of the quarter asked, else at the latest of the year. */
export const ejecucionErp: Field = {
  steps: [
    (node, args, env) => {
      const chip = chipOfEntidad(node, env);
      const vigencia = checkVigencia(args['vigencia']);
      return chip === null ? [] : [{ bucket: totales, keys: [keyOf([chip, vigencia])] }];
    },
  ],
  value: (node, args, env, rows) => {
    const chip = chipOfEntidad(node, env);
    const vigencia = checkVigencia(args['vigencia']);
    if (chip === null) {
      return new Reason('SIN_CODIGO_CHIP', 'La entidad no tiene código CHIP.', SISTEMA);
    }
    const groups = rows.groups(totales, keyOf([chip, vigencia]));
    const mes = lastMonthIn(groups, askedPeriodo(args));
    if (mes === null) return sinReporte(vigencia, args);
    const group = groups.find(({ dims }) => Number(dims['mes']) === mes);
    if (group === undefined) return sinReporte(vigencia, args);
    warnLimits(group, mes, vigencia, env);
    return toGastos(group);
  },
};

/** Amounts are cumulative, so one month is read, never a sum of them. */
function lastMonthIn(groups: readonly Group[], periodo: Periodo | null): number | null {
  const [from, to] = periodo === null ? [1, 12] : [PRIMER_MES[periodo], lastMonthOf(periodo)];
  const months = groups
    .map(({ dims }) => Number(dims['mes']))
    .filter((mes) => mes >= from && mes <= to);
  return months.length === 0 ? null : Math.max(...months);
}

function sinReporte(vigencia: number, args: Args): Reason {
  const cut = [vigencia, askedPeriodo(args)].filter((part) => part !== null).join(' ');
  return new Reason('SIN_REPORTE', `El ERP de la entidad no ha entregado ${cut}.`, SISTEMA);
}

function warnLimits({ dims }: Group, mes: number, vigencia: number, env: FieldEnv): void {
  if (dims['muestra'] === 'true') {
    env.warn({
      codigo: 'MUESTRA',
      mensaje: `El archivo de ${vigencia}-${String(mes).padStart(2, '0')} es una muestra: sus sumas no son las de la entidad.`,
      sistema: SISTEMA,
    });
  }
  if (!PERIODOS.some((periodo) => lastMonthOf(periodo) === mes)) {
    env.warn({
      codigo: 'CORTE_INTERMEDIO',
      mensaje: `El último mes entregado del trimestre es ${vigencia}-${String(mes).padStart(2, '0')}.`,
      sistema: SISTEMA,
    });
  }
}

const toGastos = ({ sums }: Group): Node => ({
  apropiacionInicial: sums['inicial'] ?? null,
  apropiacion: sums['total'] ?? null,
  compromisos: sums['compromisos'] ?? null,
  obligaciones: sums['obligaciones'] ?? null,
  pagos: sums['pagos'] ?? null,
});
