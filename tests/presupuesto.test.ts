import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { ANONYMOUS } from '../gateway/access/tokens.js';
import type { GraphContext } from '../gateway/compose/stitched-field.js';
import { READY_QUERIES } from '../gateway/pages/ready-queries.js';
import { answerBoth, comparable } from './same-answer.js';
import type { WholeSystem } from './whole-system.js';
import { openWholeSystem } from './whole-system.js';

/** Two calls for the projects of the place, one for the spending of each of them. */
const CHAIN =
  '{ municipio(codigo: "05250") { nombre proyectos(first: 2) { edges { node { bpin nombre gastos { pagos } } } } } }';
const NATION =
  '{ municipios(first: 1200) { edges { node { codigo presupuesto(vigencia: 2025) { ingresos { presupuestoInicial presupuestoDefinitivo recaudo } gastos { apropiacionInicial apropiacion compromisos obligaciones pagos } } } } } }';
const FIFTY =
  '{ municipios(first: 50) { edges { node { transferencias(vigencia: 2025) { sgp { valor } sgr { valor } } } } } }';

let system: WholeSystem;
beforeAll(async () => {
  // Those whose calls a request pays for; of a drop folder it pays at most one opening per file.
  system = await openWholeSystem({ sistemas: ['cuipo', 'piip', 'secop', 'sicodis', 'mdm'] });
}, 180_000);
beforeEach(() => system.resetCalls());
afterAll(() => system.close());

function contextWith(llamadas: number): GraphContext {
  const context = system.gateway.newContext(ANONYMOUS, { signal: AbortSignal.timeout(60_000) });
  const { saldo } = context.operation;
  if (saldo === undefined) throw new Error('an operation has a budget');
  saldo.llamadas = llamadas;
  return context;
}

describe('an operation that costs its sources more than it may', () => {
  it('loses the fields that it could not pay for, in both executions, and keeps the others', async () => {
    const { planned, stitched } = await answerBoth(
      system.gateway.executor,
      () => contextWith(2),
      CHAIN,
    );

    expect(comparable(planned)).toBe(comparable(stitched));
    expect(planned.errors).toMatchObject([
      {
        path: ['municipio', 'proyectos', 'edges', 0, 'node', 'gastos'],
        extensions: { code: 'CONSULTA_EXCESIVA', sistema: 'cuipo', retryable: false, total: 2 },
      },
    ]);
    expect(planned.data).toMatchObject({
      municipio: {
        nombre: 'EL BAGRE',
        proyectos: {
          edges: [1, 2].map(() => ({ node: { bpin: expect.any(String), gastos: null } })),
        },
      },
    });
  });

  it('makes no more calls than it may, and blames no source', async () => {
    const document = parse(CHAIN);
    const operation = { document, documentId: CHAIN, operationName: null, variables: {} };
    await system.gateway.executor.execute(operation, contextWith(2));
    const calls = Object.values(await system.calls());

    expect(calls.reduce((sum, n) => sum + n, 0)).toBe(2);
    expect(system.gateway.sistemas().filter(({ estado }) => estado === 'CAIDO')).toEqual([]);
    expect(await system.gateway.metrics.registry.metrics()).not.toContain('CONSULTA_EXCESIVA');
  });

  it('takes nothing from the budget of the next one', async () => {
    const { errors } = await system.ask(CHAIN);

    expect(errors).toEqual([]);
  });
});

describe('the default budget of an anonymous reader', () => {
  it.each([
    ...READY_QUERIES,
    { titulo: 'the nation of the benchmark', query: NATION },
    { titulo: 'the fifty territories that SICODIS answers one by one', query: FIFTY },
  ])('admits, cold: $titulo', async ({ query }) => {
    const { errors } = await system.ask(query);

    expect(errors.map(({ extensions }) => extensions['code'])).not.toContain('CONSULTA_EXCESIVA');
  });
});
