import type { Row } from '../../adapters/contract.js';
import { keyOf, keyOfFila } from '../../schema/key.js';
import { REGISTRO_FUT, type FormularioFut } from '../../schema/registros/fut.js';
import { compareCodigos } from '../../schema/values/codigo.js';
import { PERIODOS } from '../../schema/values/periodo.js';
import type { Args, Bucket, Field, FieldEnv, Node } from '../subgraph.js';
import { byAcceso, Reason } from '../subgraph.js';
import { checkVigencia } from '../shared/arguments.js';
import { checkFirst, decodeCursor, pageOf, toConnection } from '../shared/connection.js';
import { askedPeriodo, sinEntidad } from './presupuesto.js';

const BUCKETS = Object.fromEntries(
  Object.entries(REGISTRO_FUT).map(([form, registro]) => [
    form,
    byAcceso(registro, 'porEntidadVigencia'),
  ]),
) as Record<FormularioFut, Bucket>;

const formularioOf = (args: Args): FormularioFut => args['formulario'] as FormularioFut;

/** Rows of one form as reported, subtotals among them: at the quarter asked, else at the latest. */
export const registrosFut = (chipOf: (node: Node, env: FieldEnv) => string | null): Field => ({
  steps: [
    (node, args, env) => {
      const chip = chipOf(node, env);
      const vigencia = checkVigencia(args['vigencia']);
      checkFirst(args['first']);
      return chip === null
        ? []
        : [{ bucket: BUCKETS[formularioOf(args)], keys: [keyOf([chip, vigencia])] }];
    },
  ],
  value: (node, args, env, rows) => {
    const chip = chipOf(node, env);
    if (chip === null) return sinEntidad();
    const formulario = formularioOf(args);
    const bucket = BUCKETS[formulario];
    const key = keyOf([chip, checkVigencia(args['vigencia'])]);
    const all = rows.rows(bucket, key);
    const periodo =
      askedPeriodo(args) ?? PERIODOS.findLast((one) => all.some((row) => row['periodo'] === one));
    const found = all.filter((row) => row['periodo'] === periodo);
    if (found.length === 0) {
      const mensaje = 'La entidad no reportó ese formulario en ese corte.';
      return new Reason('SIN_REPORTE', mensaje, 'fut');
    }
    const outcome = rows.outcome(bucket, key);
    const version = outcome.at === 'failed' ? '' : outcome.origin.version.token;
    return toPage(formulario, found, args, version);
  },
});

/** The order of the form: `TI.A.9` before `TI.A.10`, a subtotal before what it adds up. */
function toPage(
  formulario: FormularioFut,
  rows: readonly Row[],
  args: Args,
  version: string,
): Node {
  const { clave } = REGISTRO_FUT[formulario];
  const idOf = (row: Row): string => keyOfFila(row, clave) ?? '';
  const sorted = [...rows].sort(
    (a, b) =>
      compareCodigos(String(a['concepto']), String(b['concepto'])) ||
      Number(a['esHoja']) - Number(b['esHoja']) ||
      (idOf(a) < idOf(b) ? -1 : 1),
  );
  const page = pageOf(
    sorted,
    { first: checkFirst(args['first']), after: decodeCursor(args['after']), version },
    idOf,
  );
  return toConnection(
    page,
    (row) => toNode(formulario, row),
    (row) => ({ values: [idOf(row)], version }),
  );
}

const toNode = (formulario: FormularioFut, row: Row): Node => ({
  formulario,
  concepto: row['concepto'],
  nombre: row['nombreConcepto'] ?? row['concepto'],
  fuenteFinanciacion: row['nombreFuente'] ?? row['fuente'] ?? null,
  presupuestoInicial: row['presupuestoInicial'] ?? null,
  presupuestoDefinitivo: row['presupuestoDefinitivo'] ?? row['constituidas'] ?? null,
  compromisos: row['compromisos'] ?? null,
  obligaciones: row['obligaciones'] ?? null,
  pagos: row['pagos'] ?? null,
  recaudo: row['recaudo'] ?? null,
  esSubtotal: row['esSubtotal'],
});
