import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { Kind, getNamedType, isCompositeType, isInterfaceType, isObjectType } from 'graphql';

/** A field of a document, and the one that it lies under. */
export interface CampoUsado {
  readonly coordenada: string;
  readonly bajo: number;
}

/** Every field that a document names, each once under each field, whatever its directives say. */
export function camposOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly CampoUsado[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  const campos: CampoUsado[] = [];
  const seen = new Map<string, number>();
  const walk = (
    set: SelectionSetNode,
    type: GraphQLNamedType,
    bajo: number,
    open: readonly string[],
  ): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
        const coordenada = `${type.name}.${name}`;
        const id = `${bajo}|${coordenada}`;
        let at = seen.get(id);
        if (at === undefined) {
          at = campos.push({ coordenada, bajo }) - 1;
          seen.set(id, at);
        }
        const field = type.getFields()[name];
        if (selection.selectionSet !== undefined && field !== undefined)
          walk(selection.selectionSet, getNamedType(field.type), at, open);
        continue;
      }
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : null;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(name ?? '');
      if (fragment === undefined || (name !== null && open.includes(name))) continue;
      const on = fragment.typeCondition?.name.value;
      const narrowed = on === undefined ? type : schema.getType(on);
      if (isCompositeType(narrowed))
        walk(fragment.selectionSet, narrowed, bajo, name === null ? open : [...open, name]);
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root != null) walk(operation.selectionSet, root, -1, []);
  return campos;
}
