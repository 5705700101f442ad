import { LRUCache } from 'lru-cache';
import { Kind, visit } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Graph } from '../compose/compose.js';
import type { OperationPlan } from './compile.js';
import { compileOperation } from './compile.js';
import type { Operation } from './operation.js';

/** Sum of the fields of all remembered plans: bounds memory whatever the operations. */
const MAX_FIELDS = 200_000;

/** Plans by document, operation name and the values of the variables that decide inclusion. Dies with its graph. */
export class PlanCache {
  readonly #graph: Graph;
  readonly #plans = new LRUCache<string, OperationPlan>({
    maxSize: MAX_FIELDS,
    sizeCalculation: (plan) => plan.size + 1,
  });
  readonly #deciding = new WeakMap<DocumentNode, readonly string[]>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  planOf(operation: Operation, definition: OperationDefinitionNode): OperationPlan {
    const variables = this.#directiveVariables(operation);
    const id = `${operation.operationName ?? ''} ${JSON.stringify(variables)} ${operation.documentId}`;
    const known = this.#plans.get(id);
    if (known !== undefined) return known;
    const { schema, table } = this.#graph;
    const plan = compileOperation(schema, table, operation.document, definition, variables);
    this.#plans.set(id, plan);
    return plan;
  }

  #directiveVariables({ document, variables }: Operation): Record<string, unknown> {
    let names = this.#deciding.get(document);
    if (names === undefined) {
      names = namesOf(document);
      this.#deciding.set(document, names);
    }
    return Object.fromEntries(names.map((name) => [name, variables[name]]));
  }
}

function namesOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (node) => {
      for (const { value } of node.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return [...names].sort();
}
