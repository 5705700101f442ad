import {
  Kind,
  OperationTypeNode,
  executeSync,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql';
import type { Args, Field, Table } from '../../subgraphs/subgraph.js';
import type { DirectiveVariables, Fragments } from './selection.js';
import { FlatSelection } from './flat.js';
import { collectFields, possibleTypes } from './selection.js';

/** How a value of a type is written: leaves serialised, lists and non-nulls kept as wrappers. */
export type Shape =
  | {
      readonly kind: 'leaf';
      readonly serialize: (value: unknown) => unknown;
      readonly nonNull: boolean;
    }
  | { readonly kind: 'list'; readonly of: Shape; readonly nonNull: boolean }
  | {
      readonly kind: 'object';
      /** By concrete type; one entry for an object type. */
      readonly byType: ReadonlyMap<string, SelectionPlan>;
      readonly only: SelectionPlan | null;
      readonly nonNull: boolean;
    };

export interface FieldPlan {
  readonly responseKey: string;
  readonly name: string;
  readonly parentType: string;
  /** `Municipio.presupuesto`: what the use of fields is counted by. */
  readonly coordenada: string;
  readonly nodes: readonly FieldNode[];
  readonly field: Field | null;
  readonly shape: Shape;
  /** Arguments when they use no variable, else null: they are read for each operation. */
  readonly constantArgs: Args | null;
  readonly argsOf: (variables: Record<string, unknown>) => Args;
  readonly selects: (path: string) => boolean;
}

export interface SelectionPlan {
  readonly typeName: string;
  readonly fields: readonly FieldPlan[];
  /** An answer with every key and no value: cloned, it keeps the order of the document whenever a field comes. */
  readonly empty: Readonly<Record<string, null>>;
  /** The leaves, where there is nothing else and all are properties of their parent: written in one go. */
  readonly flat: FlatSelection | null;
}

/** A field that is a property of its parent and has nothing below it. */
export interface LeafPlan {
  readonly plan: FieldPlan;
  readonly name: string;
  readonly responseKey: string;
  readonly serialize: (value: unknown) => unknown;
  readonly nonNull: boolean;
}

export interface OperationPlan {
  readonly root: SelectionPlan;
  readonly operation: OperationDefinitionNode;
  /** Number of field plans: the size that bounds the cache. */
  readonly size: number;
}

/** Why an operation goes to stitched execution instead. */
export class Declined extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`declined: ${reason}`);
    this.name = 'Declined';
    this.reason = reason;
  }
}

interface Compiler {
  readonly schema: GraphQLSchema;
  readonly tables: Table;
  readonly fragments: Fragments;
  readonly variables: DirectiveVariables;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  size: number;
}

/** A plan of more fields than this is not kept nor made: the request runs stitched, where its own limits hold. */
export const MAX_PLAN_FIELDS = 5_000;

/** Compiles an operation for one set of directive variables. Throws Declined for what only stitching runs. */
export function compileOperation(
  schema: GraphQLSchema,
  tables: Table,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: DirectiveVariables,
): OperationPlan {
  const type = schema.getQueryType();
  if (operation.operation !== OperationTypeNode.QUERY || type === null || type === undefined) {
    throw new Declined(operation.operation);
  }
  const compiler: Compiler = {
    schema,
    tables,
    fragments: fragmentsOf(document),
    variables,
    document,
    operation,
    size: 0,
  };
  const root = compileSelection(compiler, type, [operation.selectionSet]);
  return { root, operation, size: compiler.size };
}

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as Record<
    string,
    FragmentDefinitionNode
  >;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

function compileSelection(
  compiler: Compiler,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): SelectionPlan {
  const { schema, fragments, variables } = compiler;
  const fields: FieldPlan[] = [];
  for (const [responseKey, nodes] of collectFields(schema, fragments, variables, type, sets)) {
    const [first] = nodes;
    if (first === undefined) continue;
    if (++compiler.size > MAX_PLAN_FIELDS) throw new Declined('plan_size');
    fields.push(compileField(compiler, type, responseKey, first, nodes));
  }
  return { typeName: type.name, fields, empty: emptyAnswer(fields), flat: flatOf(fields) };
}

const emptyAnswer = (fields: readonly FieldPlan[]): Readonly<Record<string, null>> =>
  Object.fromEntries(fields.map(({ responseKey }) => [responseKey, null]));

function flatOf(fields: readonly FieldPlan[]): FlatSelection | null {
  const leaves: LeafPlan[] = [];
  for (const plan of fields) {
    const { shape, name, responseKey, field, constantArgs } = plan;
    if (field !== null || shape.kind !== 'leaf' || constantArgs === null) return null;
    const { serialize, nonNull } = shape;
    leaves.push({ plan, name, responseKey, serialize, nonNull });
  }
  return new FlatSelection(leaves);
}

const TYPENAME_SHAPE: Shape = { kind: 'leaf', serialize: (value) => value, nonNull: true };

function compileField(
  compiler: Compiler,
  type: GraphQLObjectType,
  responseKey: string,
  first: FieldNode,
  nodes: readonly FieldNode[],
): FieldPlan {
  const name = first.name.value;
  const coordenada = `${type.name}.${name}`;
  const base = { responseKey, name, parentType: type.name, coordenada, nodes };
  if (name === '__typename') {
    const typeName = type.name;
    const field: Field = { value: () => typeName };
    return {
      ...base,
      field,
      shape: TYPENAME_SHAPE,
      constantArgs: {},
      argsOf: () => ({}),
      selects: () => false,
    };
  }
  if (name === '__schema' || name === '__type') {
    return { ...base, ...introspection(compiler, nodes), selects: () => false };
  }
  const definition = type.getFields()[name];
  if (definition === undefined) throw new Declined('unknown_field');
  const sets = nodes.flatMap((node) =>
    node.selectionSet === undefined ? [] : [node.selectionSet],
  );
  const field = compiler.tables[type.name]?.[name] ?? null;
  return {
    ...base,
    field,
    shape: compileShape(compiler, definition.type, sets, false),
    ...compileArgs(definition, first),
    selects: compileSelects(compiler, definition.type, sets),
  };
}

/** The schema about itself is graphql-js's to tell: the planner hands it these fields alone and writes what it says. */
function introspection(
  { schema, document, operation }: Compiler,
  nodes: readonly FieldNode[],
): Pick<FieldPlan, 'field' | 'shape' | 'constantArgs' | 'argsOf'> {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const [first] = nodes as [FieldNode];
  const alone: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
  };
  const question: DocumentNode = { kind: Kind.DOCUMENT, definitions: [alone, ...fragments] };
  const field: Field = {
    value: (_root, variableValues) => {
      const { data, errors } = executeSync({ schema, document: question, variableValues });
      if (errors?.[0] !== undefined) throw errors[0];
      return data?.[first.alias?.value ?? first.name.value];
    },
  };
  const shape: Shape = { kind: 'leaf', serialize: (value) => value, nonNull: false };
  return { field, shape, constantArgs: null, argsOf: (variables) => variables };
}

function compileArgs(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Pick<FieldPlan, 'constantArgs' | 'argsOf'> {
  const argsOf = (variables: Record<string, unknown>): Args =>
    getArgumentValues(definition, node, variables);
  const variable = (node.arguments ?? []).some((argument) => usesVariable(argument.value));
  return { constantArgs: variable ? null : argsOf({}), argsOf };
}

function usesVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(usesVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => usesVariable(field.value));
}

function compileShape(
  compiler: Compiler,
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  nonNull: boolean,
): Shape {
  if (isNonNullType(type)) return compileShape(compiler, type.ofType, sets, true);
  if (isListType(type)) {
    return { kind: 'list', of: compileShape(compiler, type.ofType, sets, false), nonNull };
  }
  if (isLeafType(type)) {
    return { kind: 'leaf', serialize: type.serialize.bind(type), nonNull };
  }
  const byType = new Map<string, SelectionPlan>();
  for (const possible of possibleTypes(compiler.schema, type.name)) {
    byType.set(possible.name, compileSelection(compiler, possible, sets));
  }
  const [only] = byType.values();
  return { kind: 'object', byType, only: byType.size === 1 ? (only ?? null) : null, nonNull };
}

/** Answers `selects('edges.node')` from the document, remembered by path. */
function compileSelects(
  compiler: Compiler,
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    let answer = known.get(path);
    if (answer === undefined) {
      answer = selectsPath(compiler, getNamedType(type).name, sets, path.split('.'));
      known.set(path, answer);
    }
    return answer;
  };
}

export function selectsPath(
  scope: Pick<Compiler, 'schema' | 'fragments' | 'variables'>,
  typeName: string,
  sets: readonly SelectionSetNode[],
  path: readonly string[],
): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return true;
  for (const type of possibleTypes(scope.schema, typeName)) {
    const fields = collectFields(scope.schema, scope.fragments, scope.variables, type, sets);
    for (const nodes of fields.values()) {
      if (nodes[0]?.name.value !== head) continue;
      if (rest.length === 0) return true;
      const definition = type.getFields()[head];
      if (definition === undefined || !isCompositeType(getNamedType(definition.type))) continue;
      const below = nodes.flatMap((node) =>
        node.selectionSet === undefined ? [] : [node.selectionSet],
      );
      if (selectsPath(scope, getNamedType(definition.type).name, below, rest)) return true;
    }
  }
  return false;
}
