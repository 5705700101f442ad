import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import type { PublicError } from '../access/errors.js';
import type { GraphContext } from '../compose/stitched-field.js';
import type { Gateway } from '../gateway.js';
import type { Answer } from '../graph.js';
import type { Operation } from '../plan/operation.js';
import { respaldoAvisos, toFuentes } from './fuentes.js';

/** The part of Apollo's gateway interface that we use: it hands each validated operation to our executor. */
interface ApolloRequest {
  readonly document: Operation['document'];
  readonly queryHash: string;
  readonly operationName: string | null;
  readonly request: { readonly variables?: Record<string, unknown> };
  readonly context: GraphContext;
}

type Log = (message: string, error?: unknown) => void;

export async function createApollo(gateway: Gateway): Promise<ApolloServer<GraphContext>> {
  const { executor, metrics, log } = gateway;
  const execute = async (request: ApolloRequest): Promise<Record<string, unknown>> => {
    const started = performance.now();
    const operation = {
      document: request.document,
      documentId: request.queryHash,
      operationName: request.operationName,
      variables: request.request.variables ?? {},
    };
    const answer = await executor.execute(operation, request.context);
    noteUso(gateway, operation, request.context);
    metrics.request(answer.execution, (performance.now() - started) / 1000);
    return toExecutionResult(answer, request.context);
  };
  const apollo = new ApolloServer<GraphContext>({
    gateway: {
      load: () => Promise.resolve({ executor: execute as never }),
      onSchemaLoadOrUpdate: (announce) => {
        announce({ apiSchema: executor.graph.schema, coreSupergraphSdl: '' });
        return () => undefined;
      },
      stop: () => Promise.resolve(),
    },
    introspection: gateway.settings.introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    // A hash instead of a text would pass by the limits of whoever sends it.
    persistedQueries: false,
    plugins: [ApolloServerPluginCacheControlDisabled()],
    formatError: (formatted, error) => toPublicFormat(formatted, error, log),
  });
  await apollo.start();
  return apollo;
}

/** An answer is not lost because its use could not be counted. */
function noteUso(gateway: Gateway, operation: Operation, context: GraphContext): void {
  try {
    const { schema } = gateway.executor.graph;
    gateway.uso.note(schema, operation, context.store, context.cliente ?? ANONIMO);
  } catch (error) {
    gateway.log('uso: no se pudo contar', error);
  }
}

const ANONIMO = 'anonimo';

function toExecutionResult(answer: Answer, context: GraphContext): Record<string, unknown> {
  const { data, errors } = answer;
  const usage = context.store.usage();
  const avisos = [...answer.avisos, ...respaldoAvisos(usage)];
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors.length === 0 ? {} : { errors: errors.map(toGraphQLErrorWithPath) }),
    extensions: {
      fuentes: toFuentes(usage),
      ...(avisos.length === 0 ? {} : { avisos }),
    },
  };
}

const toGraphQLErrorWithPath = ({ message, path, extensions }: PublicError): GraphQLError =>
  new GraphQLError(message, { path, extensions });

/** The codes that Apollo gives of itself; its English words follow ours, which name the place. */
const APOLLO_SAYS: Readonly<Record<string, string>> = {
  GRAPHQL_VALIDATION_FAILED: 'La consulta no corresponde al esquema',
  GRAPHQL_PARSE_FAILED: 'La consulta no es GraphQL válido',
  BAD_REQUEST: 'La petición no se puede atender',
  OPERATION_RESOLUTION_FAILURE: 'No se sabe qué operación del documento ejecutar',
  PERSISTED_QUERY_NOT_SUPPORTED: 'No se admiten consultas por su hash',
};

/** What validation says reaches readers with a code of ours; nothing carries a position of an inner document. */
function toPublicFormat(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: Log,
): GraphQLFormattedError {
  const code = formatted.extensions?.['code'];
  const inSpanish = APOLLO_SAYS[String(code)];
  if (inSpanish !== undefined) {
    return { ...formatted, message: `${inSpanish}: ${formatted.message}` };
  }
  if (code === 'INTERNAL_SERVER_ERROR') {
    log('graphql: error inesperado', error);
    return { message: 'Error interno del servicio.', extensions: { code: 'ERROR_INTERNO' } };
  }
  const { message, path, extensions } = formatted;
  return { message, ...(path && { path }), ...(extensions && { extensions }) };
}
