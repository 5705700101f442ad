import type { Row } from '../../adapters/contract.js';
import { keyOf, type Key } from '../../schema/key.js';
import { DistribucionSgp, PresupuestoSgr } from '../../schema/registros/sicodis.js';
import { bienioOf } from '../../schema/values/bienio.js';
import { compareDecimal, subtractDecimal, sumDecimals } from '../../schema/values/decimal.js';
import { checkVigencia } from '../shared/arguments.js';
import type { Field, FieldEnv, Node } from '../subgraph.js';
import { byAcceso, Reason } from '../subgraph.js';

/**
 * What the Nation transfers to a territory. Both lists come as trees with their totals; what is given adds up: the
 * participaciones of the SGP (its first level) and the leaves of the SGR.
 */
const SGP = byAcceso(DistribucionSgp, 'porTerritorioVigencia');
const SGR = byAcceso(PresupuestoSgr, 'porTerritorioBienio');
const SISTEMA = 'sicodis';
/** A peso of rounding between the parts and the published total. */
const TOLERANCIA = '1';

/** Names of the parent that are not of the public schema. */
const CODIGO = '$codigo';
const VIGENCIA = '$vigencia';

/** Reads nothing itself: each list below is read only where it is asked for, and fails alone. */
export const transferencias: Field = {
  value: ({ codigo }, args) => ({ [CODIGO]: codigo, [VIGENCIA]: checkVigencia(args['vigencia']) }),
};

const vigenciaOf = (node: Node): number => Number(node[VIGENCIA]);
const sgpKey = (node: Node): Key => keyOf([String(node[CODIGO]), vigenciaOf(node)]);
const sgrKey = (node: Node): Key => keyOf([String(node[CODIGO]), bienioOf(vigenciaOf(node))]);

export const sgp: Field = {
  steps: [(node) => [{ bucket: SGP, keys: [sgpKey(node)] }]],
  value: (node, _args, env, rows) => {
    const filas = rows.rows(SGP, sgpKey(node));
    if (filas.length === 0) return sinDatos('SGP', String(vigenciaOf(node)));
    const partes = filas.filter(({ padre, esTotal }) => padre === null && esTotal !== true);
    warnUnbalanced(
      partes,
      filas.find(({ idConcepto }) => idConcepto === '99'),
      'valor',
      env,
    );
    return partes.map(({ idConcepto, concepto, valor }) => ({
      codigo: idConcepto,
      concepto: concepto ?? idConcepto,
      valor,
    }));
  },
};

export const sgr: Field = {
  steps: [(node) => [{ bucket: SGR, keys: [sgrKey(node)] }]],
  value: (node, _args, env, rows) => {
    const filas = rows.rows(SGR, sgrKey(node));
    if (filas.length === 0) return sinDatos('SGR', bienioOf(vigenciaOf(node)));
    const hojas = filas.filter(({ esHoja }) => esHoja === true);
    const total = TOTALES_SGR.map((id) => filas.find(({ categoria }) => categoria === id));
    warnUnbalanced(
      hojas,
      total.find((fila) => fila !== undefined),
      'presupuestoTotal',
      env,
    );
    return hojas.map(({ categoria, concepto, bienio, presupuestoTotal, cajaTotal }) => ({
      codigo: categoria,
      concepto: concepto ?? categoria,
      bienio,
      valor: presupuestoTotal,
      caja: cajaTotal,
    }));
  },
};

/** How SICODIS names the row of everything, budgeted or not. */
const TOTALES_SGR = ['total', '-2'];

const sinDatos = (que: string, periodo: string): Reason =>
  new Reason(
    'SIN_REPORTE',
    `SICODIS no publica ${que} de este territorio para ${periodo}.`,
    SISTEMA,
  );

function warnUnbalanced(
  partes: readonly Row[],
  total: Row | undefined,
  campo: string,
  env: FieldEnv,
): void {
  const amounts = partes.map((parte) => parte[campo]);
  const published = total?.[campo];
  if (typeof published !== 'string' || !amounts.every((amount) => typeof amount === 'string'))
    return;
  const off = subtractDecimal(sumDecimals(amounts), published).replace('-', '');
  if (compareDecimal(off, TOLERANCIA) <= 0) return;
  env.warn({
    codigo: 'TOTALES_NO_CUADRAN',
    mensaje: 'Los conceptos publicados no suman el total que publica SICODIS para este territorio.',
    sistema: SISTEMA,
  });
}
