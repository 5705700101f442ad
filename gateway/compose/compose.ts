import { defaultMergedResolver } from '@graphql-tools/delegate';
import { stitchSchemas } from '@graphql-tools/stitch';
import { stitchingDirectives } from '@graphql-tools/stitching-directives';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLError, GraphQLSchema, specifiedDirectives } from 'graphql';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import type { Aviso, Field, Node, Subgraph, Table } from '../../subgraphs/subgraph.js';
import { pathToArray } from './path.js';
import type { GraphContext } from './stitched-field.js';
import { AVISO, warningId } from './stitched-field.js';
import { MERGE_KEY, toSubschema } from './subschema.js';

export interface Graph {
  /** What readers see, and what both executions run on. */
  readonly schema: GraphQLSchema;
  /** Every field of every subgraph, for the planner. */
  readonly table: Table;
}

/** Composes the subgraphs. Merge entry points, merge keys and stitching directives stay out of the public schema. */
export function composeGraph(subgraphs: readonly Subgraph[]): Graph {
  const table = mergeTables(subgraphs);
  const { stitchingDirectivesTransformer } = stitchingDirectives();
  const stitched = stitchSchemas({
    subschemas: subgraphs.map(toSubschema),
    subschemaConfigTransforms: [stitchingDirectivesTransformer],
    typeMergingOptions: {
      typeDescriptionsMerger: (candidates) =>
        candidates
          .map(({ type }) => type.description)
          .find((text) => text != null && text !== '') ?? undefined,
    },
    resolvers: placingResolvers(table, subgraphs),
  });
  return { schema: toPublicSchema(stitched), table };
}

function mergeTables(subgraphs: readonly Subgraph[]): Table {
  const merged: Record<string, Record<string, Field>> = {};
  for (const { id, table } of subgraphs) {
    for (const [type, fields] of Object.entries(table)) {
      const known = (merged[type] ??= {});
      for (const [name, field] of Object.entries(fields)) {
        if (name in known) throw new Error(`${type}.${name} is described twice; again in ${id}`);
        known[name] = field;
      }
    }
  }
  return merged;
}

type Placing = Record<
  string,
  Record<string, { selectionSet?: string; resolve: GraphQLFieldResolver<Node, GraphContext> }>
>;

/**
 * Stitching drops list indices from the path of an error and knows no warnings. These resolvers of the gateway, whose
 * info has the full path, put both in their place.
 */
function placingResolvers(table: Table, subgraphs: readonly Subgraph[]): Placing {
  const merged = new Set(subgraphs.flatMap(({ entities }) => Object.keys(entities)));
  const resolvers: Placing = {};
  for (const [type, fields] of Object.entries(table)) {
    if (type === 'Query') continue;
    resolvers[type] = Object.fromEntries(
      Object.keys(fields).map((name) => [
        name,
        {
          ...(merged.has(type) ? { selectionSet: `{ ${MERGE_KEY} }` } : {}),
          resolve: placing(`${type}.${name}`, mergedResolver),
        },
      ]),
    );
  }
  return resolvers;
}

const mergedResolver = defaultMergedResolver as unknown as GraphQLFieldResolver<Node, GraphContext>;

function placing(
  coordinate: string,
  inner: GraphQLFieldResolver<Node, GraphContext>,
): GraphQLFieldResolver<Node, GraphContext> {
  return (parent, args, context, info) => {
    const settle = (value: unknown): unknown => {
      if (value instanceof Error) return settleError(value, context, info);
      const key = (parent as Node | undefined)?.[MERGE_KEY];
      placeWarnings(coordinate, typeof key === 'string' ? key : '', args as Node, context, info);
      return value;
    };
    const fail = (error: unknown): unknown => settleError(error, context, info);
    try {
      const value: unknown = inner(parent, args, context, info);
      return value instanceof Promise ? value.then(settle, fail) : settle(value);
    } catch (error) {
      return fail(error);
    }
  };
}

function placeWarnings(
  coordinate: string,
  key: string,
  args: Node,
  context: GraphContext,
  info: GraphQLResolveInfo,
): void {
  if (context.warnings.size === 0) return;
  const avisos = context.warnings.get(warningId(coordinate, key, args)) ?? [];
  for (const aviso of avisos) context.avisos.push({ aviso, path: pathToArray(info.path) });
}

/** An aviso becomes a null with its reason; an error is thrown again without a path, so that graphql-js places it. */
function settleError(error: unknown, context: GraphContext, info: GraphQLResolveInfo): null {
  const found = rootCause(error);
  const extensions = found instanceof GraphQLError ? found.extensions : {};
  if (extensions['code'] === AVISO) {
    context.avisos.push({ aviso: extensions['aviso'] as Aviso, path: pathToArray(info.path) });
    return null;
  }
  throw new GraphQLError(found instanceof Error ? found.message : 'Error interno del servicio.', {
    extensions,
  });
}

function rootCause(error: unknown): unknown {
  if (error instanceof AggregateError) return rootCause(error.errors[0]);
  if (
    error instanceof GraphQLError &&
    error.extensions['code'] === undefined &&
    error.originalError != null
  ) {
    return rootCause(error.originalError);
  }
  return error;
}

function toPublicSchema(stitched: GraphQLSchema): GraphQLSchema {
  const isPrivate = (name: string): boolean => name.startsWith('_');
  const filtered = mapSchema(stitched, {
    [MapperKind.ROOT_FIELD]: (config, name) => {
      if (isPrivate(name)) return null;
      const inner = config.resolve as GraphQLFieldResolver<Node, GraphContext>;
      return { ...config, resolve: placing(`Query.${name}`, inner) };
    },
    [MapperKind.OBJECT_FIELD]: (_config, name) => (isPrivate(name) ? null : undefined),
    [MapperKind.INTERFACE_FIELD]: (_config, name) => (isPrivate(name) ? null : undefined),
  });
  return new GraphQLSchema({ ...filtered.toConfig(), directives: specifiedDirectives });
}
