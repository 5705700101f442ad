import type { DocumentNode } from 'graphql';
import { Kind, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operation } from '../plan/operation.js';
import type { Served } from './run-operation.js';

const MAX_TEXTS = 2_000;
const MAX_CHARS = 4 * 1024 * 1024;

/** A document that Apollo parsed and validated, under the name by which its plans are remembered. */
type Known = Pick<Operation, 'document' | 'documentId'>;

/** Fields of a request body that are understood here; with any other, Apollo reads the request. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['query', 'variables', 'operationName']);

/**
 * Texts that Apollo took before. Parsing, validating and hashing them again says nothing new, so a request that repeats one
 * in the ordinary form runs at once; whatever is not ordinary, in the request or in its answer, is Apollo's to read and to
 * word. Lives as long as its schema.
 */
export class KnownOperations {
  readonly #texts = new LRUCache<string, Known>({
    max: MAX_TEXTS,
    maxSize: MAX_CHARS,
    sizeCalculation: (_known, text) => text.length + 1,
  });

  /** Queries only: a mutation always goes the whole way. */
  remember(text: string | undefined, document: DocumentNode, documentId: string): void {
    if (text === undefined || text.length > MAX_CHARS || this.#texts.has(text)) return;
    const isRead = document.definitions.every(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ||
        (definition.kind === Kind.OPERATION_DEFINITION &&
          definition.operation === OperationTypeNode.QUERY),
    );
    if (isRead) this.#texts.set(text, { document, documentId });
  }

  /** The operation of a request body, when all of it is known. */
  find(body: unknown): Operation | null {
    if (typeof body !== 'object' || body === null) return null;
    for (const name in body) if (!UNDERSTOOD.has(name)) return null;
    const { query, variables, operationName } = body as Readonly<Record<string, unknown>>;
    if (typeof query !== 'string') return null;
    const known = this.#texts.get(query);
    if (known === undefined) return null;
    if (operationName != null && typeof operationName !== 'string') return null;
    if (variables != null && (typeof variables !== 'object' || Array.isArray(variables)))
      return null;
    return {
      document: known.document,
      documentId: known.documentId,
      operationName: operationName ?? null,
      variables: (variables ?? {}) as Record<string, unknown>,
    };
  }
}

const PLAIN_ACCEPT: ReadonlySet<string> = new Set([
  '*/*',
  'application/json',
  'application/json, */*',
  'application/json, text/plain, */*',
]);

/** A request for which Apollo would choose plain JSON and find nothing to refuse. */
export const isPlainRequest = (
  method: string,
  { accept, 'content-type': type }: Readonly<Record<string, unknown>>,
): boolean =>
  method === 'POST' &&
  typeof type === 'string' &&
  (type === 'application/json' || type === 'application/json; charset=utf-8') &&
  (accept === undefined || (typeof accept === 'string' && PLAIN_ACCEPT.has(accept)));

/** The body of an answer without errors, null for any other. */
export const toPlainBody = ({
  data,
  errors,
  extensions,
}: Omit<Served, 'lectura'>): string | null =>
  data === undefined || errors.length > 0 ? null : `${JSON.stringify({ data, extensions })}\n`;
