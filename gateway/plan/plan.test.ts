import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Kind, buildSchema, graphql, parse } from 'graphql';
import { testContext } from '../../tests/graph-context.js';
import { answerBoth, comparable } from '../../tests/same-answer.js';
import type { Field, Subgraph } from '../../subgraphs/subgraph.js';
import { Executor } from '../graph.js';
import { compileOperation } from './compile.js';
import { executePlan } from './execute.js';
import { PlanCache } from './plan-cache.js';

const noRows = (): Promise<never> => Promise.reject(new Error('no source in this test'));
const value = (of: Field['value']): Field => ({ value: of });

const sdl = `
  interface Cosa { id: ID! nombre: String }
  type Caja implements Cosa { id: ID! nombre: String cosas: [Cosa!]! lado(medida: Int = 3): Int }
  type Bola implements Cosa { id: ID! nombre: String radio: Int! }
  type Query { caja: Caja! suma(a: Int = 1, b: [Int!] = [2]): Int }`;
const subgraph: Subgraph = {
  id: 'cosas',
  sdl,
  entities: {
    Bola: {
      keyOf: ({ id }) => String(id),
      fromKey: (id) => ({ __typename: 'Bola', id, nombre: 'B', radio: 4 }),
    },
  },
  table: {
    Query: {
      caja: value(() => ({ __typename: 'Caja', id: '1', nombre: 'C' })),
      suma: value((_n, { a, b }) => (b as number[]).reduce((x, y) => x + y, Number(a))),
    },
    Caja: {
      cosas: value(() => [
        { __typename: 'Bola', id: '2', nombre: 'B', radio: 4 },
        { __typename: 'Caja', id: '3', nombre: null },
      ]),
      lado: value((_n, { medida }) => medida),
    },
  },
};
const declined: string[] = [];
const executor = new Executor([subgraph], (reason) => declined.push(reason));
const both = (query: string, variables: Record<string, unknown> = {}) =>
  answerBoth(executor, () => testContext(noRows), query, variables);

describe('planned execution', () => {
  it.each<[string, Record<string, unknown>]>([
    [
      '{ caja { id x: nombre ...F } } fragment F on Caja { nombre cosas { __typename ... on Bola { radio } ...G } } fragment G on Cosa { id ... on Caja { lado(medida: 9) } }',
      {},
    ],
    [
      'query ($s: Boolean!) { caja { id @skip(if: $s) nombre @include(if: $s) ... @include(if: $s) { lado } } }',
      { s: true },
    ],
    [
      'query ($s: Boolean!) { caja { id @skip(if: $s) nombre @include(if: $s) ... @include(if: $s) { lado } } }',
      { s: false },
    ],
    ['query ($s: Boolean = true) { caja { id nombre @skip(if: $s) } }', {}],
    ['query ($a: Int = 5, $b: [Int!]) { suma(a: $a, b: $b) x: suma y: suma(b: [$a, 1]) }', {}],
    ['query ($a: Int, $b: [Int!]) { suma(a: $a, b: $b) }', { b: 7 }],
    ['query ($a: Int) { suma(a: $a) }', { a: null }],
    [
      '{ a: caja { cosas { id } } b: caja { cosas { nombre } } caja { cosas { id } cosas { nombre } } }',
      {},
    ],
    ['{ __typename caja { __typename cosas { __typename } } }', {}],
    [
      'query ($n: String!, $d: Boolean = true) { __type(name: $n) { ...T } t: __schema { queryType { name } } caja { id } } fragment T on __Type { name fields(includeDeprecated: $d) { name } }',
      { n: 'Bola' },
    ],
    ['{ __type(name: "Nada") { name } }', {}],
  ])('gives what stitched execution gives: %s %j', async (query, variables) => {
    const { planned, stitched } = await both(query, variables);

    expect(comparable(planned)).toBe(comparable(stitched));
    expect(planned.data).not.toBeNull();
  });

  it('counts an operation that it declines, and gives the answer all the same', async () => {
    declined.length = 0;
    const fields = Array.from({ length: 5_001 }, (_, i) => `f${i}: nombre`).join(' ');
    const document = parse(`{ caja { ${fields} } }`);
    const operation = { document, documentId: 'big', operationName: null, variables: {} };
    const answer = await executor.execute(operation, testContext(noRows));

    expect(declined).toEqual(['plan_size']);
    expect(answer.execution).toBe('stitched');
    expect(answer.data?.['caja']).toMatchObject({ f0: 'C', f5000: 'C' });
  });

  it('declines nothing else that readers may ask', async () => {
    declined.length = 0;
    const document = parse('{ __schema { types { name } } caja { id } }');
    const operation = { document, documentId: 'mix', operationName: null, variables: {} };
    const answer = await executor.execute(operation, testContext(noRows));

    expect([answer.execution, declined]).toEqual(['planned', []]);
  });
});

describe('the plans that are remembered', () => {
  const cache = new PlanCache(executor.graph);
  const planOf = (
    text: string,
    name: string | null,
    variables: Record<string, unknown>,
    id = text,
  ) => {
    const document = parse(text);
    const definition = document.definitions.find(
      (d) => d.kind === Kind.OPERATION_DEFINITION && (name === null || d.name?.value === name),
    );
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    return cache.planOf({ document, documentId: id, operationName: name, variables }, definition);
  };
  const two = 'query A { caja { id } } query B { caja { nombre } }';
  const skipping = 'query ($s: Boolean!, $a: Int) { suma(a: $a) caja { id @skip(if: $s) nombre } }';

  it('are found again by the text of the document', () => {
    expect(planOf('{ caja { id } }', null, {})).toBe(planOf('{ caja { id } }', null, {}));
    expect(planOf('{ caja { id } }', null, {})).not.toBe(planOf('{ caja { nombre } }', null, {}));
  });

  it('differ by the name of the operation', () => {
    expect(planOf(two, 'A', {})).not.toBe(planOf(two, 'B', {}));
  });

  it('differ by the variables that decide inclusion, and by no other', () => {
    expect(planOf(skipping, null, { s: true })).not.toBe(planOf(skipping, null, { s: false }));
    expect(planOf(skipping, null, { s: true, a: 1 })).toBe(
      planOf(skipping, null, { s: true, a: 2 }),
    );
  });
});

/** A schema whose every nesting of nulls and lists is possible, over values that a test draws. */
const random = buildSchema(`
  type Nodo { a: Int b: Int! c: Nodo d: Nodo! e: [Nodo] f: [Nodo!] g: [Nodo!]! h: [Int!] i: [[Int!]] }
  type Query { n: Nodo m: Nodo! }`);
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const;

const scalar = fc.option(fc.integer({ min: 0, max: 9 }), { freq: 6 });

/** Values of a level, whose nested ones are of the level below: bounded by construction. */
function nodoOf(level: number): fc.Arbitrary<unknown> {
  const below = level === 0 ? fc.constant(null) : fc.option(nodoOf(level - 1), { freq: 6 });
  const list = fc.option(fc.array(below, { maxLength: 2 }), { freq: 6 });
  return fc.record({
    ...{ a: scalar, b: scalar, c: below, d: below, e: list, f: list, g: list },
    h: fc.option(fc.array(scalar, { maxLength: 3 })),
    i: fc.array(fc.option(fc.array(scalar, { maxLength: 2 })), { maxLength: 2 }),
  });
}

function selectionOf(level: number): fc.Arbitrary<string> {
  const leaves = fc.subarray(
    NAMES.filter((name) => 'abhi'.includes(name)),
    { minLength: 1 },
  );
  if (level === 0) return leaves.map((names) => `{ ${names.join(' ')} }`);
  const nested = fc.subarray(
    NAMES.filter((name) => 'cdefg'.includes(name)),
    { maxLength: 3 },
  );
  return fc.tuple(leaves, nested, selectionOf(level - 1)).map(([names, objects, set]) => {
    const below = objects.map((name) => `${name} ${set}`);
    return `{ ${[...names, ...below].join(' ')} }`;
  });
}
const nodo = nodoOf(2);
const selection = selectionOf(2);

describe('nulls', () => {
  it('travel up exactly as graphql-js lets them, for any values and any selection', async () => {
    await fc.assert(
      fc.asyncProperty(nodo, nodo, selection, async (n, m, set) => {
        const query = `{ n ${set} m ${set} }`;
        const document = parse(query);
        const [operation] = document.definitions;
        if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
        const table = { Query: { n: value(() => n), m: value(() => m) } };
        const plan = compileOperation(random, table, document, operation, {});
        const context = testContext(noRows);
        const planned = await executePlan(plan, {}, context.store, context.env);
        const reference = await graphql({
          schema: random,
          source: query,
          rootValue: { n, m },
        });

        expect(JSON.stringify(planned.data)).toBe(JSON.stringify(reference.data));
        expect(planned.problems.length > 0).toBe((reference.errors ?? []).length > 0);
      }),
      { numRuns: 150 },
    );
  });
});
