import { GraphQLError } from 'graphql';
import type { PublicAviso, PublicError } from '../access/errors.js';
import type { GraphContext } from '../compose/stitched-field.js';
import { ANONIMO } from '../contexts.js';
import type { Lectura } from '../desmonte/uso.js';
import { lecturaOf } from '../desmonte/uso.js';
import type { Gateway } from '../gateway.js';
import type { Answer } from '../graph.js';
import type { Operation } from '../plan/operation.js';
import type { Fuente } from './fuentes.js';
import { respaldoAvisos, toFuentes } from './fuentes.js';

/** What a reader gets beside `data` and `errors`. */
export interface Extensions {
  readonly fuentes: readonly Fuente[];
  readonly avisos?: readonly PublicAviso[];
}

/** An answer as it goes out. */
export interface Served {
  readonly data: Answer['data'];
  readonly errors: readonly PublicError[];
  readonly extensions: Extensions;
  readonly lectura: Lectura;
}

/** The context with which Apollo is asked. */
export interface ServeContext extends GraphContext {
  /** What the operation answered already, when only its wording is left to do. */
  readonly served?: Promise<Served>;
}

/** Runs one validated operation, and counts its time and the fields that it used. */
export async function runOperation(
  gateway: Gateway,
  operation: Operation,
  context: GraphContext,
): Promise<Served> {
  const started = performance.now();
  const { data, errors, avisos, execution } = await gateway.executor.execute(operation, context);
  const lectura = lecturaOf(context.store);
  noteUso(gateway, operation, lectura, context.cliente ?? ANONIMO);
  gateway.metrics.request(execution, (performance.now() - started) / 1000);
  if (!isKeepable(execution, lectura)) context.operation.lifetime?.limit(0);
  const said = [...avisos, ...respaldoAvisos(lectura.usage)];
  const fuentes = toFuentes(lectura.usage);
  const extensions = said.length === 0 ? { fuentes } : { fuentes, avisos: said };
  return { data, errors, extensions, lectura };
}

/** What failed may be well again, though the field that asked it made do; and only the planner looks at nothing but rows. */
const isKeepable = (execution: Answer['execution'], { usage }: Lectura): boolean =>
  execution === 'planned' && usage.every(({ origin }) => origin !== null);

/** An answer is not lost because its use could not be counted. */
export function noteUso(
  gateway: Gateway,
  operation: Operation,
  lectura: Lectura,
  cliente: string,
): void {
  try {
    const { schema } = gateway.executor.graph;
    gateway.uso.note(schema, operation, lectura, cliente);
  } catch (error) {
    gateway.log('uso: no se pudo contar', error);
  }
}

/** What Apollo takes from an executor. */
export function toExecutionResult({ data, errors, extensions }: Served): Record<string, unknown> {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors.length === 0 ? {} : { errors: errors.map(toGraphQLErrorWithPath) }),
    extensions,
  };
}

const toGraphQLErrorWithPath = ({ message, path, extensions }: PublicError): GraphQLError =>
  new GraphQLError(message, { path, extensions });
