import { parse, validate } from 'graphql';
import type { Answer, Executor } from '../gateway/graph.js';
import type { GraphContext } from '../gateway/compose/stitched-field.js';

export interface BothAnswers {
  readonly planned: Answer;
  readonly stitched: Answer;
}

/** Runs an operation through the planner and through stitched execution, each with its own fresh context. */
export async function answerBoth(
  executor: Executor,
  newContext: () => GraphContext,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<BothAnswers> {
  const document = parse(query);
  const invalid = validate(executor.graph.schema, document);
  if (invalid.length > 0) throw new Error(invalid.map(({ message }) => message).join('; '));
  const operation = { document, documentId: query, operationName: null, variables };
  return {
    planned: await executor.executePlanned(operation, newContext()),
    stitched: await executor.executeStitched(operation, newContext()),
  };
}

/** What must be equal: the bytes of data (key order included), collapsed errors and avisos. */
export const comparable = ({ data, errors, avisos }: Answer): string =>
  JSON.stringify({ data, errors, avisos }, null, 1);
