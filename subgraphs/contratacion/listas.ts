import type { Outcome, Row } from '../../adapters/contract.js';
import type { Filtro, Orden } from '../../schema/registro.js';
import { Contrato, ContratoProyecto } from '../../schema/registros/secop.js';
import type {
  Args,
  Bucket,
  EntidadConocida,
  Field,
  FieldEnv,
  ListQuestion,
  Lookup,
  Node,
} from '../subgraph.js';
import { byAcceso, byPage, byTop, InputProblem, PAGE_KEY, Reason } from '../subgraph.js';
import { textOf } from '../shared/arguments.js';
import { checkFirst, decodeCursor, pageOf, toConnection, totalOf } from '../shared/connection.js';
import { CONTRATO, contratoNode, vinculosOf } from './contrato.js';

const VINCULOS = byAcceso(ContratoProyecto, 'porBpin');

const CAMPO_DE_ORDEN = { FECHA_FIRMA_DESC: 'fechaFirma', VALOR_DESC: 'valor' } as const;

const campoOf = (orden: unknown): 'fechaFirma' | 'valor' =>
  orden === 'VALOR_DESC' ? CAMPO_DE_ORDEN.VALOR_DESC : CAMPO_DE_ORDEN.FECHA_FIRMA_DESC;

function questionOf(args: Args, env: FieldEnv): ListQuestion {
  const orden: readonly Orden[] = [{ campo: campoOf(args['orden']), sentido: 'desc' }];
  return {
    filtro: filtroOf(args['filtro'] as Args | null | undefined),
    orden,
    options: {
      first: checkFirst(args['first']),
      after: decodeCursor(args['after']),
      count: env.selects('totalCount'),
    },
  };
}

/** `desde` and `hasta` speak of the signature: contracts that are not signed yet match neither. */
function filtroOf(filtro: Args | null | undefined): Filtro | null {
  const { estado, desde, hasta, valorMinimo, valorMaximo } = filtro ?? {};
  const de: Filtro[] = [];
  if (Array.isArray(estado)) de.push({ op: 'in', campo: 'estado', valores: estado as string[] });
  if (desde != null) de.push({ op: 'gte', campo: 'fechaFirma', valor: checkFecha(desde, 'desde') });
  if (hasta != null) de.push({ op: 'lte', campo: 'fechaFirma', valor: checkFecha(hasta, 'hasta') });
  if (valorMinimo != null) de.push({ op: 'gte', campo: 'valor', valor: textOf(valorMinimo) });
  if (valorMaximo != null) de.push({ op: 'lte', campo: 'valor', valor: textOf(valorMaximo) });
  return de.length === 0 ? null : { op: 'and', de };
}

function checkFecha(fecha: unknown, campo: string): string {
  const text = textOf(fecha);
  const instant = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(instant.getTime());
  if (isDay && instant.toISOString().startsWith(text)) return text;
  throw new InputProblem({
    codigo: 'FECHA_INVALIDA',
    mensaje: 'La fecha se escribe AAAA-MM-DD y debe existir en el calendario.',
    campo,
    ejemplo: '2025-01-31',
  });
}

/** The list of one key as a connection; each contract brings its row. An entity without contracts has an empty one. */
function connectionOf(
  bucket: Bucket,
  list: ListQuestion,
  key: string,
  rows: Lookup,
  env: FieldEnv,
): Node {
  const top = rows.top(bucket, key);
  const outcome = rows.outcome(bucket, key);
  const version = top.cursorVersion ?? versionOf(outcome);
  const campo = list.orden[0]?.campo ?? 'id';
  const total = totalOf(top, outcome, list.options.count, env);
  return toConnection<Row>(
    { items: top.rows, hasNextPage: top.hasNext, totalCount: total },
    contratoNode,
    (fila) => ({ values: [cursorValue(fila[campo]), textOf(fila['id'])], version }),
  );
}

const cursorValue = (value: Row[string]): string | null =>
  typeof value === 'string' ? value : null;

const versionOf = (outcome: Outcome<unknown>): string =>
  outcome.at === 'failed' ? '' : outcome.origin.version.token;

export const contratos: Field = {
  steps: [
    (_root, args, env) => [{ bucket: byPage(Contrato, questionOf(args, env)), keys: [PAGE_KEY] }],
  ],
  value: (_root, args, env, rows) => {
    const list = questionOf(args, env);
    return connectionOf(byPage(Contrato, list), list, PAGE_KEY, rows, env);
  },
};

type EntidadDe = (node: Node, env: FieldEnv) => EntidadConocida | null;

/** Contracts of the body behind a node, by its NIT. */
export const contratosDe = (entidadOf: EntidadDe): Field => ({
  steps: [
    (node, args, env) => {
      const list = questionOf(args, env);
      const nit = entidadOf(node, env)?.nit ?? null;
      return nit === null ? [] : [{ bucket: byTop(Contrato, 'porNit', list), keys: [nit] }];
    },
  ],
  value: (node, args, env, rows) => {
    const list = questionOf(args, env);
    const entidad = entidadOf(node, env);
    if (entidad === null) {
      return new Reason('SIN_ENTIDAD', 'El territorio no tiene una entidad propia que contrate.');
    }
    if (entidad.nit === null) {
      return new Reason(
        'SIN_NIT',
        'Ningún registro dice el NIT de la entidad, con el que SECOP la conoce.',
      );
    }
    return connectionOf(byTop(Contrato, 'porNit', list), list, entidad.nit, rows, env);
  },
});

/** Contracts that SECOP II ties to a BPIN, each once; their own fields are read only where they are asked for. */
export const contratosDeProyecto: Field = {
  steps: [({ bpin }) => [{ bucket: VINCULOS, keys: [textOf(bpin)] }]],
  value: ({ bpin }, args, _env, rows) => {
    const key = textOf(bpin);
    const first = checkFirst(args['first']);
    const after = decodeCursor(args['after']);
    const vinculos = vinculosOf(rows.rows(VINCULOS, key));
    const ids = [...new Set(vinculos.map(({ idContrato }) => textOf(idContrato)))].sort();
    const version = versionOf(rows.outcome(VINCULOS, key));
    return toConnection(
      pageOf(ids, { first, after, version }, (id) => id),
      CONTRATO.fromKey,
      (id) => ({ values: [id], version }),
    );
  },
};
