import type { DocumentNode } from 'graphql';

/** One operation to execute, already validated. */
export interface Operation {
  readonly document: DocumentNode;
  /** Text of the document, or its hash: what plans are remembered by. */
  readonly documentId: string;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}
