import { defaultMergedResolver } from '@graphql-tools/delegate';
import { stitchSchemas } from '@graphql-tools/stitch';
import { stitchingDirectives } from '@graphql-tools/stitching-directives';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  getNullableType,
  isNonNullType,
  GraphQLError,
  GraphQLNonNull,
  GraphQLSchema,
  specifiedDirectives,
} from 'graphql';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import type { Aviso, Field, Node, Subgraph, Table } from '../../subgraphs/subgraph.js';
import { bindDesmonte } from '../desmonte/graphql.js';
import { loadSdl } from '../../schema/sdl/sdl.js';
import { pathToArray } from './path.js';
import { scalarResolvers } from './scalars.js';
import type { GraphContext } from './stitched-field.js';
import { AVISO, BUBBLES, warningId } from './stitched-field.js';
import { MERGE_KEY, nonNullRoots, toSubschema } from './subschema.js';

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
    // Stitched in, not added afterwards: graphql's extendSchema makes new types, which merging no longer knows.
    typeDefs: loadSdl('desmonte'),
    subschemaConfigTransforms: [stitchingDirectivesTransformer],
    typeMergingOptions: {
      typeDescriptionsMerger: (candidates) =>
        candidates
          .map(({ type }) => type.description)
          .find((text) => text != null && text !== '') ?? undefined,
    },
    // The gateway checks scalars itself: a bad variable is refused before any subgraph sees it.
    resolvers: { ...scalarResolvers, ...placingResolvers(table, subgraphs) },
  });
  return { schema: bindDesmonte(toPublicSchema(stitched, nonNullRoots(subgraphs))), table };
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
  const extensions: Record<string, unknown> = {
    ...extensionsOf(found),
    [BUBBLES]: isNonNullType(info.returnType),
  };
  if (extensions['code'] === AVISO) {
    context.avisos.push({ aviso: extensions['aviso'] as Aviso, path: pathToArray(info.path) });
    return null;
  }
  throw new GraphQLError(found instanceof Error ? found.message : 'Error interno del servicio.', {
    extensions,
  });
}

/**
 * The error that explains a null. Where several fields failed below it stitching brings all of them; the cause is the
 * first whose place may not be null, as its own subgraph marked it.
 */
function rootCause(error: unknown): unknown {
  const all = (error as { errors?: readonly unknown[] } | null)?.errors;
  if (all !== undefined) {
    const causes = all.map(rootCause);
    return causes.find((cause) => extensionsOf(cause)[BUBBLES] === true) ?? causes[0];
  }
  if (error instanceof GraphQLError && error.extensions['code'] === undefined) {
    return error.originalError == null ? error : rootCause(error.originalError);
  }
  return error;
}

const extensionsOf = (error: unknown): GraphQLError['extensions'] =>
  error instanceof GraphQLError ? error.extensions : {};

function toPublicSchema(stitched: GraphQLSchema, nonNull: ReadonlySet<string>): GraphQLSchema {
  const isPrivate = (name: string): boolean => name.startsWith('_');
  const filtered = mapSchema(stitched, {
    [MapperKind.ROOT_FIELD]: (config, name) => {
      if (isPrivate(name)) return null;
      const inner = config.resolve as GraphQLFieldResolver<Node, GraphContext>;
      const nullable = getNullableType(config.type);
      const type = nonNull.has(name) ? new GraphQLNonNull(nullable) : nullable;
      return { ...config, type, resolve: placing(`Query.${name}`, inner) };
    },
    [MapperKind.OBJECT_FIELD]: (_config, name) => (isPrivate(name) ? null : undefined),
    [MapperKind.INTERFACE_FIELD]: (_config, name) => (isPrivate(name) ? null : undefined),
  });
  return new GraphQLSchema({ ...filtered.toConfig(), directives: specifiedDirectives });
}
