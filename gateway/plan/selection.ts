import {
  Kind,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  isObjectType,
  typeFromAST,
} from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** The variables that decide inclusion, with their values. A plan is made for one set of them. */
export type DirectiveVariables = Readonly<Record<string, unknown>>;

interface Collector {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: DirectiveVariables;
  readonly type: GraphQLObjectType;
  readonly fields: Map<string, FieldNode[]>;
  readonly visited: Set<string>;
}

/** Fields that apply to an object type, by response key in the order of the document (GraphQL spec §6.3.2). */
export function collectFields(
  schema: GraphQLSchema,
  fragments: Fragments,
  variables: DirectiveVariables,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const collector: Collector = {
    schema,
    fragments,
    variables,
    type,
    fields: new Map(),
    visited: new Set(),
  };
  for (const set of sets) for (const node of set.selections) collect(collector, node);
  return collector.fields;
}

function collect(collector: Collector, node: SelectionNode): void {
  if (!isIncluded(node, collector.variables)) return;
  if (node.kind === Kind.FIELD) {
    const responseKey = node.alias?.value ?? node.name.value;
    const nodes = collector.fields.get(responseKey);
    if (nodes === undefined) collector.fields.set(responseKey, [node]);
    else nodes.push(node);
    return;
  }
  let fragment: {
    typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined;
    selectionSet: SelectionSetNode;
  };
  if (node.kind === Kind.FRAGMENT_SPREAD) {
    if (collector.visited.has(node.name.value)) return;
    collector.visited.add(node.name.value);
    const definition = collector.fragments[node.name.value];
    if (definition === undefined) return;
    fragment = definition;
  } else fragment = node;
  if (!applies(collector, fragment.typeCondition)) return;
  for (const child of fragment.selectionSet.selections) collect(collector, child);
}

function applies(
  { schema, type }: Collector,
  condition: FragmentDefinitionNode['typeCondition'] | undefined,
): boolean {
  if (condition === undefined) return true;
  const conditionType = typeFromAST(schema, condition);
  if (conditionType === type) return true;
  return (
    conditionType !== undefined &&
    isAbstractType(conditionType) &&
    schema.isSubType(conditionType, type)
  );
}

function isIncluded(node: SelectionNode, variables: DirectiveVariables): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
}

/** The object types that a value of this composite type may have. */
export function possibleTypes(
  schema: GraphQLSchema,
  typeName: string,
): readonly GraphQLObjectType[] {
  const type = schema.getType(typeName);
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}
