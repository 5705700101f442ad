import type { SubschemaConfig } from '@graphql-tools/delegate';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { stitchingDirectives } from '@graphql-tools/stitching-directives';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { execute, getNullableType, isNonNullType } from 'graphql';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { loadSdl } from '../../schema/sdl/sdl.js';
import type { Node, Subgraph } from '../../subgraphs/subgraph.js';
import { scalarResolvers } from './scalars.js';
import type { GraphContext, StitchedField } from './stitched-field.js';
import { resolveStitched } from './stitched-field.js';

const { stitchingDirectivesTypeDefs } = stitchingDirectives();

/**
 * The merge key of every entity. It is private: no reader can select it nor name an alias like it, so an alias such as
 * `codigo: nombre` can never send the wrong key to another subgraph.
 */
export const MERGE_KEY = '_clave';

/** The SDL of a subgraph as a remote gateway would read it: its part, with keys and merge entry points. */
export function subgraphSdl({ id, sdl, entities }: Subgraph): string {
  const types = Object.keys(entities);
  const merges = types.map(
    (type) =>
      `  ${entryPoint(id, type)}(claves: [ID!]!): [${type}]! @merge(keyField: "${MERGE_KEY}", keyArg: "claves")`,
  );
  const keys = types.map(
    (type) => `extend type ${type} @key(selectionSet: "{ ${MERGE_KEY} }") { ${MERGE_KEY}: ID! }`,
  );
  const query = /^type Query\b/m.test(sdl) ? 'extend type Query' : 'type Query';
  return [sdl, ...keys, `${query} {\n${merges.join('\n')}\n}`].join('\n');
}

const entryPoint = (id: string, type: string): string => `_${id.replaceAll('-', '_')}_${type}`;

export function toSubschema(subgraph: Subgraph): SubschemaConfig {
  const schema = withNullableRoots(executableSchema(subgraph));
  return {
    schema,
    batch: true,
    // Our own executor: the default one would execute the document twice.
    executor: ({ document, variables, context }) =>
      execute({
        schema,
        document,
        variableValues: variables ?? {},
        contextValue: context,
      }) as never,
  };
}

const executableSchema = (subgraph: Subgraph): GraphQLSchema =>
  makeExecutableSchema({
    typeDefs: [stitchingDirectivesTypeDefs, loadSdl('base'), subgraphSdl(subgraph)],
    resolvers: { ...scalarResolvers, ...resolversOf(subgraph) },
    resolverValidationOptions: { requireResolversToMatchSchema: 'ignore' },
  });

/**
 * Inside its subgraph a root field may always be null: stitching sends several root fields as one document, and the null
 * of one must not take the others with it. The public schema has the declared types.
 */
const withNullableRoots = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (config) => ({ ...config, type: getNullableType(config.type) }),
  });

/** The root fields that the subgraphs declare as never null. */
export const nonNullRoots = (subgraphs: readonly Subgraph[]): ReadonlySet<string> =>
  new Set(
    subgraphs.flatMap((subgraph) =>
      Object.values(executableSchema(subgraph).getQueryType()?.getFields() ?? {}).flatMap(
        ({ name, type }) => (isNonNullType(type) ? [name] : []),
      ),
    ),
  );

type Resolvers = Record<string, Record<string, GraphQLFieldResolver<Node, GraphContext>>>;

function resolversOf({ id, table, entities }: Subgraph): Resolvers {
  const resolvers: Resolvers = { Query: {} };
  for (const [type, fields] of Object.entries(table)) {
    const own = (resolvers[type] ??= {});
    const keyOf = entities[type]?.keyOf ?? (() => '');
    for (const [name, field] of Object.entries(fields)) {
      own[name] = resolverOf({ field, coordinate: `${type}.${name}`, keyOf });
    }
  }
  for (const [type, entity] of Object.entries(entities)) {
    (resolvers[type] ??= {})[MERGE_KEY] = (node) => entity.keyOf(node);
    const query = (resolvers['Query'] ??= {});
    query[entryPoint(id, type)] = (_root, { claves }: { claves: readonly string[] }) =>
      claves.map((key) => entity.fromKey(key));
  }
  return resolvers;
}

const resolverOf =
  (field: StitchedField): GraphQLFieldResolver<Node, GraphContext> =>
  (parent, args, context, info) =>
    resolveStitched(field, parent, args as Record<string, unknown>, context, info);
