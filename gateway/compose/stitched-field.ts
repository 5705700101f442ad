import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { GraphQLError, isNonNullType } from 'graphql';
import type { Key } from '../../schema/key.js';
import type { Args, Aviso, Bucket, Field, FieldEnv, Node, Read } from '../../subgraphs/subgraph.js';
import { Reason } from '../../subgraphs/subgraph.js';
import { toGraphQLError } from '../access/errors.js';
import type { DesmonteContext } from '../desmonte/graphql.js';
import { selectsPath } from '../plan/compile.js';
import type { PlacedAviso } from '../plan/problems.js';
import type { OperationContext } from '../rows/context.js';
import type { RowStore } from '../rows/row-store.js';
import { stableJson } from './stable-json.js';

/** The context of one operation. Fresh each time: a shared one would keep loaders, and so rows, for ever. */
export interface GraphContext {
  readonly operation: OperationContext;
  readonly store: RowStore;
  readonly env: Omit<FieldEnv, 'warn' | 'selects'>;
  readonly loaders: Map<string, DataLoader<Key, true>>;
  /** Warnings of fields that gave a value, by coordinate, entity and arguments; the gateway knows their path. */
  readonly warnings: Map<string, Aviso[]>;
  readonly avisos: PlacedAviso[];
  /** Whose use of the fields this is: a person, or `anonimo`. Taken from the token, never from a header. */
  readonly cliente?: string;
  /** Where tramos are moved, and who asks. */
  readonly desmonte?: DesmonteContext;
}

/** A null with a reason, carried through stitching as an error and taken out again by the gateway's own resolver. */
export const AVISO = 'AVISO';

/** Marks an error whose field may not be null: the null goes up from there. */
export const BUBBLES = 'bubbles';

export const warningId = (coordinate: string, key: string, args: Args): string =>
  `${coordinate}|${key}|${stableJson(args)}`;

/** The row store through DataLoader: keys that stitching asks in one turn become one load. */
function loaderOf(context: GraphContext, bucket: Bucket): DataLoader<Key, true> {
  let loader = context.loaders.get(bucket.id);
  if (loader === undefined) {
    loader = new DataLoader<Key, true>(async (keys) => {
      await context.store.load([{ bucket, keys }]);
      return keys.map(() => true as const);
    });
    context.loaders.set(bucket.id, loader);
  }
  return loader;
}

async function load(context: GraphContext, reads: readonly Read[]): Promise<void> {
  await Promise.all(
    reads.flatMap(({ bucket, keys }) => keys.map((key) => loaderOf(context, bucket).load(key))),
  );
}

/** A field of the table, with how the entity that carries it is named; '' for types that are no entity. */
export interface StitchedField {
  readonly field: Field;
  readonly coordinate: string;
  readonly keyOf: (parent: Node) => string;
}

/** Runs one field of the table for one parent, inside its subgraph. */
export function resolveStitched(
  { field, coordinate, keyOf }: StitchedField,
  parent: Node,
  args: Args,
  context: GraphContext,
  info: GraphQLResolveInfo,
): unknown {
  const warned: Aviso[] = [];
  const env: FieldEnv = {
    ...context.env,
    warn: (aviso) => {
      // Set whole: the same field of the same entity may run once for each path that reaches it.
      if (warned.push(aviso) === 1) {
        context.warnings.set(warningId(coordinate, keyOf(parent), args), warned);
      }
    },
    selects: (path) => selects(info, path),
  };
  const settle = (): unknown => {
    const value = field.value(parent, args, env, context.store);
    if (value instanceof Reason) {
      throw new GraphQLError(value.aviso.mensaje, {
        extensions: { code: AVISO, aviso: value.aviso },
      });
    }
    return value;
  };
  const fail = (error: unknown): never => {
    const failure = toGraphQLError(error);
    if (!isNonNullType(info.returnType)) throw failure;
    throw new GraphQLError(failure.message, {
      extensions: { ...failure.extensions, [BUBBLES]: true },
    });
  };
  const guard = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return fail(error);
    }
  };
  if (field.steps === undefined) return guard(settle);
  return runSteps(field, parent, args, env, context, coordinate).then(() => guard(settle), fail);
}

async function runSteps(
  field: Field,
  parent: Node,
  args: Args,
  env: FieldEnv,
  context: GraphContext,
  coordinate: string,
): Promise<void> {
  for (const step of field.steps ?? []) {
    const reads = step(parent, args, env, context.store);
    context.store.noteReads(coordinate, reads);
    if (!context.store.has(reads)) await load(context, reads);
  }
}

function selects(info: GraphQLResolveInfo, path: string): boolean {
  const sets = info.fieldNodes.flatMap((node) =>
    node.selectionSet === undefined ? [] : [node.selectionSet],
  );
  const scope = { schema: info.schema, fragments: info.fragments, variables: info.variableValues };
  const returned = info.returnType.toString().replaceAll(/[[\]!]/g, '');
  return selectsPath(scope, returned, sets, path.split('.'));
}
