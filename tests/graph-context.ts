import type { FetchBucket } from '../gateway/rows/row-store.js';
import { RowStore } from '../gateway/rows/row-store.js';
import type { Alcance, OperationContext } from '../gateway/rows/context.js';
import type { GraphContext } from '../gateway/compose/stitched-field.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { Identidad } from '../subgraphs/subgraph.js';
import { createIdentidad } from '../gateway/identidad/identidad.js';

/** A context over any source of rows, without a server. */
export function testContext(
  fetch: FetchBucket,
  options: { alcance?: Alcance; identidad?: Identidad } = {},
): GraphContext {
  const operation: OperationContext = {
    alcance: options.alcance ?? 'publico',
    corte: null,
    epoca: 0,
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
  };
  const territorio = loadTerritorio();
  return {
    operation,
    store: new RowStore(fetch, operation),
    env: {
      territorio,
      identidad: options.identidad ?? createIdentidad(territorio, []),
      sistemas: () => [],
      hoy: '2026-11-23',
    },
    loaders: new Map(),
    warnings: new Map(),
    avisos: [],
  };
}
