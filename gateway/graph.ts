import { GraphQLError, execute, getOperationAST } from 'graphql';
import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Subgraph } from '../subgraphs/subgraph.js';
import { collapseAvisos, collapseErrors, toGraphQLError } from './access/errors.js';
import type { PublicAviso, PublicError } from './access/errors.js';
import { composeGraph } from './compose/compose.js';
import type { Graph } from './compose/compose.js';
import type { GraphContext } from './compose/stitched-field.js';
import { Declined } from './plan/compile.js';
import { executePlan } from './plan/execute.js';
import { PlanCache } from './plan/plan-cache.js';
import type { Path } from './plan/slot.js';

export interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly PublicError[];
  readonly avisos: readonly PublicAviso[];
  readonly execution: 'planned' | 'stitched';
}

export interface Operation {
  readonly document: DocumentNode;
  /** Text of the document, or its hash: what plans are remembered by. */
  readonly documentId: string;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}

/** The composed graph and its two ways of executing an operation, which give the same answer. */
export class Executor {
  readonly graph: Graph;
  readonly #plans: PlanCache;
  readonly #onDeclined: (reason: string) => void;

  constructor(
    subgraphs: readonly Subgraph[],
    onDeclined: (reason: string) => void = () => undefined,
  ) {
    this.graph = composeGraph(subgraphs);
    this.#plans = new PlanCache(this.graph);
    this.#onDeclined = onDeclined;
  }

  async execute(operation: Operation, context: GraphContext): Promise<Answer> {
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
    const plan = this.#plans.planOf(operation, definition);
    const result = await executePlan(plan, operation.variables, context.store, context.env);
    const errors = result.problems.map(({ error, path }) => ({
      error: toGraphQLError(error),
      path,
    }));
    return {
      data: result.data,
      errors: collapseErrors(errors),
      avisos: collapseAvisos(result.avisos),
      execution: 'planned',
    };
  }

  async executeStitched(operation: Operation, context: GraphContext): Promise<Answer> {
    const result: ExecutionResult = await execute({
      schema: this.graph.schema,
      document: operation.document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      contextValue: context,
    });
    const errors = (result.errors ?? []).map((error) => ({
      error: toGraphQLError(error),
      path: error.path as Path | undefined,
    }));
    return {
      data: result.data ?? null,
      errors: collapseErrors(errors),
      avisos: collapseAvisos(context.avisos),
      execution: 'stitched',
    };
  }
}

function operationOf({ document, operationName }: Operation): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition == null) {
    throw new GraphQLError('El documento no tiene una operación con ese nombre.', {
      extensions: { code: 'OPERACION_DESCONOCIDA' },
    });
  }
  return definition;
}
