import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  execute,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { ExecutionResult, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { Subgraph } from '../subgraphs/subgraph.js';
import { causeOf, collapseAvisos, collapseErrors, toGraphQLError } from './access/errors.js';
import type { PublicAviso, PublicError } from './access/errors.js';
import { toValueError } from './access/value-errors.js';
import { isVisible, settleErrors } from './access/settle.js';
import type { PlacedError } from './access/settle.js';
import { composeGraph } from './compose/compose.js';
import type { Graph } from './compose/compose.js';
import { BUBBLES } from './compose/stitched-field.js';
import type { GraphContext } from './compose/stitched-field.js';
import { CAMPOS_DESMONTE } from './desmonte/graphql.js';
import { Declined } from './plan/compile.js';
import type { PlacedAviso } from './plan/problems.js';
import { executePlan } from './plan/execute.js';
import type { Operation } from './plan/operation.js';
import { PlanCache } from './plan/plan-cache.js';
import type { Path } from './plan/slot.js';

export interface Answer {
  /** Undefined when the request did not run at all. */
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly PublicError[];
  readonly avisos: readonly PublicAviso[];
  readonly execution: 'planned' | 'stitched';
}

/** The composed graph and its two ways of executing an operation, which give the same answer. */
export class Executor {
  readonly graph: Graph;
  readonly #plans: PlanCache;
  readonly #onDeclined: (reason: string) => void;
  /** Told the first unexpected error of an answer: readers only see that there was one. */
  readonly #onUnexpected: (cause: unknown) => void;

  constructor(
    subgraphs: readonly Subgraph[],
    onDeclined: (reason: string) => void = () => undefined,
    onUnexpected: (cause: unknown) => void = () => undefined,
  ) {
    this.#onUnexpected = onUnexpected;
    this.graph = composeGraph(subgraphs);
    this.#plans = new PlanCache(this.graph);
    this.#onDeclined = onDeclined;
  }

  async execute(operation: Operation, context: GraphContext): Promise<Answer> {
    this.#checkKind(operation);
    if (isOfDesmonte(operation)) return this.executeStitched(operation, context);
    try {
      return await this.executePlanned(operation, context);
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      this.#onDeclined(error.reason);
      return this.executeStitched(operation, context);
    }
  }

  async executePlanned(operation: Operation, context: GraphContext): Promise<Answer> {
    const definition = operationOf(operation);
    const coerced = getVariableValues(
      this.graph.schema,
      definition.variableDefinitions ?? [],
      operation.variables,
    );
    if (coerced.errors !== undefined) return refuseVariables(coerced.errors, 'planned');
    const variables = coerced.coerced;
    const plan = this.#plans.planOf({ ...operation, variables }, definition);
    const result = await executePlan(plan, variables, context.store, context.env);
    const errors = result.problems.map(({ error, path, nullAt }) => ({
      error: toGraphQLError(error),
      path,
      nullAt,
    }));
    this.#tell(errors);
    return toAnswer(result.data, errors, result.avisos, 'planned');
  }

  async executeStitched(operation: Operation, context: GraphContext): Promise<Answer> {
    const result: ExecutionResult = await execute({
      schema: this.graph.schema,
      document: operation.document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      contextValue: context,
    });
    if (!('data' in result)) return refuseVariables(result.errors ?? [], 'stitched');
    const errors = (result.errors ?? []).map((error) => ({
      error: toGraphQLError(error),
      path: error.path as Path | undefined,
      nullAt: isBubbling(error) ? null : (error.path as Path),
    }));
    this.#tell(errors);
    return toAnswer(result.data ?? null, errors, context.avisos, 'stitched');
  }

  /** Validation lets an operation pass whose root type the schema has not. */
  #checkKind(operation: Operation): void {
    const kind = operationOf(operation).operation;
    if (this.graph.schema.getRootType(kind) != null) return;
    throw new GraphQLError(
      'El servicio solo admite consultas (query) y, para quien migra, mutaciones.',
      {
        extensions: { code: 'OPERACION_NO_ADMITIDA', http: { status: 400 } },
      },
    );
  }

  #tell(errors: readonly PlacedError[]): void {
    const cause = errors.map(({ error }) => causeOf(error)).find((found) => found !== undefined);
    if (cause !== undefined) this.#onUnexpected(cause);
  }
}

/** Both executions end here, so that what readers see does not depend on which of them ran. */
function toAnswer(
  data: Record<string, unknown> | null,
  errors: readonly PlacedError[],
  avisos: readonly PlacedAviso[],
  execution: Answer['execution'],
): Answer {
  return {
    data,
    errors: collapseErrors(settleErrors(data, errors)),
    avisos: collapseAvisos(avisos.filter(({ path }) => isVisible(data, path))),
    execution,
  };
}

/** The request did not run: there is no data, not even null. */
function refuseVariables(errors: readonly GraphQLError[], execution: Answer['execution']): Answer {
  const placed = errors.map((error) => {
    const wrong = toValueError(error);
    const code = error.extensions['code'] ?? 'VARIABLES_INVALIDAS';
    return {
      error: new GraphQLError(`Variables inválidas: ${wrong?.message ?? error.message}`, {
        extensions: { ...error.extensions, ...wrong?.extensions, code },
      }),
      path: undefined,
    };
  });
  return { data: undefined, errors: collapseErrors(placed), avisos: [], execution };
}

/** Whether an error of graphql-js took its parent along: ours say so, its own are always about a null. */
const isBubbling = ({ extensions }: GraphQLError): boolean =>
  extensions[BUBBLES] === true || extensions['code'] === undefined;

function operationOf({ document, operationName }: Operation): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition == null) {
    throw new GraphQLError('El documento no tiene una operación con ese nombre.', {
      extensions: { code: 'OPERACION_DESCONOCIDA', http: { status: 400 } },
    });
  }
  return definition;
}

/** Mutations, and queries with a root field of the desmonte: the planner knows the subgraphs only. */
function isOfDesmonte(operation: Operation): boolean {
  const definition = operationOf(operation);
  if (definition.operation !== OperationTypeNode.QUERY) return true;
  const seen = new Set<string>();
  const names = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return CAMPOS_DESMONTE.has(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return names(selection.selectionSet);
      const name = selection.name.value;
      if (seen.has(name)) return false;
      seen.add(name);
      const fragment = operation.document.definitions.find(
        (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
      );
      return fragment?.kind === Kind.FRAGMENT_DEFINITION && names(fragment.selectionSet);
    });
  return names(definition.selectionSet);
}
