import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'graphql';
import { ANONYMOUS_LIMITS, parseWithin } from '../gateway/access/limits.js';
import { Executor } from '../gateway/graph.js';
import { READY_QUERIES } from '../gateway/pages/ready-queries.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { NO_FAULTS, syntheticFetch } from './synthetic-fetch.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const readmeQueries = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query], i) => ({
  titulo: `README ${i + 1}`,
  query: query as string,
}));

const executor = new Executor(subgraphs, (reason) => {
  throw new Error(`declined: ${reason}`);
});

describe('queries that we show', () => {
  it('are also in the README', () => {
    expect(readmeQueries.length).toBeGreaterThan(0);
  });

  it.each([...READY_QUERIES, ...readmeQueries])(
    'pass the limits of an anonymous reader, match the schema and are planned: $titulo',
    async ({ query }) => {
      const document = parseWithin(query, ANONYMOUS_LIMITS);
      const operation = { document, documentId: query, operationName: null, variables: {} };

      const answer = await executor.execute(operation, testContext(syntheticFetch(1, NO_FAULTS)));

      expect(validate(executor.graph.schema, document)).toEqual([]);
      expect(answer.execution).toBe('planned');
      expect(answer.errors).toEqual([]);
    },
  );
});
