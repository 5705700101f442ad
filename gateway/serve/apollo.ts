import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { toValueError } from '../access/value-errors.js';
import type { Gateway } from '../gateway.js';
import type { Operation } from '../plan/operation.js';
import type { KnownOperations } from './known-operations.js';
import type { ServeContext } from './run-operation.js';
import { runOperation, toExecutionResult } from './run-operation.js';

/** The part of Apollo's gateway interface that we use: it hands each validated operation to our executor. */
interface ApolloRequest {
  readonly document: Operation['document'];
  readonly queryHash: string;
  readonly request: {
    readonly query?: string;
    readonly operationName?: string;
    readonly variables?: Record<string, unknown>;
  };
  readonly context: ServeContext;
}

type Log = (message: string, error?: unknown) => void;

export async function createApollo(
  gateway: Gateway,
  known: KnownOperations,
): Promise<ApolloServer<ServeContext>> {
  const { executor, log } = gateway;
  const execute = async (apollo: ApolloRequest): Promise<Record<string, unknown>> => {
    const { document, queryHash, request, context } = apollo;
    // As it was asked: the name that Apollo found is null for one that the document has not.
    const operationName = request.operationName ?? null;
    known.remember(request.query, document, queryHash);
    const variables = request.variables ?? {};
    const operation = { document, documentId: queryHash, operationName, variables };
    return toExecutionResult(await (context.served ?? runOperation(gateway, operation, context)));
  };
  const apollo = new ApolloServer<ServeContext>({
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
  const ofValue =
    code === 'GRAPHQL_VALIDATION_FAILED' && error instanceof GraphQLError
      ? toValueError(error)
      : null;
  if (ofValue !== null) return { ...formatted, ...ofValue };
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
