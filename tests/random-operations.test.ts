import { describe, expect, it } from '@jest/globals';
import { Executor } from '../gateway/graph.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { randomOperation } from './random-operation.js';
import { answerBoth, comparable } from './same-answer.js';
import type { Faults } from './synthetic-fetch.js';
import { NO_FAULTS, syntheticFetch } from './synthetic-fetch.js';

/** 500 in the test command; the long form sets more (see scripts/long.sh). */
const OPERATIONS = Number(process.env['OPERACIONES'] ?? 500);
const FIRST_SEED = Number(process.env['SEMILLA'] ?? 1);

const executor = new Executor(subgraphs);
const sistemas = [
  ...new Set(['cuipo', 'sigep', 'piip', 'secop', 'fut', 'sicodis', 'mipg', 'siif']),
];

const faultsOf = (seed: number): Faults => {
  if (seed % 4 === 0) return NO_FAULTS;
  if (seed % 4 === 1) return { dead: new Set(), absentOf100: 20, failedOf100: 0 };
  if (seed % 4 === 2) return { dead: new Set(), absentOf100: 10, failedOf100: 20 };
  return {
    dead: new Set([sistemas[seed % sistemas.length] as string]),
    absentOf100: 5,
    failedOf100: 0,
  };
};

describe('random valid operations', () => {
  it(`give the same bytes, errors and avisos planned and stitched (${OPERATIONS})`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + OPERATIONS; seed++) {
      const { query, variables } = randomOperation(executor.graph.schema, seed);
      const fetch = syntheticFetch(seed, faultsOf(seed));
      const { planned, stitched } = await answerBoth(
        executor,
        () => testContext(fetch),
        query,
        variables,
      );

      const context = `seed ${seed}\n${query}\n${JSON.stringify(variables)}\n`;
      expect(context + comparable(planned)).toBe(context + comparable(stitched));
    }
  }, 3_600_000);
});
