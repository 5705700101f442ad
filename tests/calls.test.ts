import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WholeSystem } from './whole-system.js';
import { openWholeSystem } from './whole-system.js';

/** Datasets of CUIPO on the portal: programming and execution of income, programming and execution of spending. */
const RAICES = { '22ah-ddsj': 1, '9axr-9gnb': 1, 'd9mu-h6ar': 1, '4f7r-epif': 1 };

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem({ sistemas: ['cuipo', 'piip', 'secop'] });
  await system.sandbox.dropsReady;
  // Once, so that what is read only the first time (copies of the drop, the crosswalk) is not counted below.
  await system.ask(
    '{ municipio(codigo: "05250") { presupuesto(vigencia: 2024) { periodo } contratos { totalCount } } }',
  );
}, 180_000);
beforeEach(() => system.resetCalls());
afterAll(() => system.close());

const PRESUPUESTO =
  'presupuesto(vigencia: 2024) { periodo ingresos { recaudo } gastos { apropiacion compromisos pagos } }';

describe('calls of a request', () => {
  it.each([
    ['one municipio', `{ municipio(codigo: "05250") { ${PRESUPUESTO} } }`],
    [
      'a municipio by two aliases and in its departamento',
      `{ a: municipio(codigo: "05250") { ${PRESUPUESTO} } b: municipio(codigo: "05250") { p: ${PRESUPUESTO} } departamento(codigo: "05") { municipios(first: 125) { edges { node { ${PRESUPUESTO} } } } } }`,
    ],
    [
      'a departamento and its sum',
      `{ departamento(codigo: "05") { ${PRESUPUESTO} municipios(first: 125) { edges { node { ${PRESUPUESTO} } } } } }`,
    ],
    ['the nation', `{ municipios(first: 1200) { edges { node { ${PRESUPUESTO} } } } }`],
  ])('are one per dataset for %s', async (_title, query) => {
    const { errors } = await system.ask(query);

    expect(errors).toEqual([]);
    expect(await system.calls()).toEqual(RAICES);
  });

  it('are one per dataset and stage along municipio → proyecto → gastos and contratos', async () => {
    const { data, errors } = await system.ask(
      '{ municipio(codigo: "05250") { proyectos(first: 5) { edges { node { bpin nombre gastos { cuenta compromisos } contratos(first: 2) { edges { node { id valor } } } } } } } }',
    );

    expect(errors).toEqual([]);
    expect(data).not.toBeNull();
    expect(await system.calls()).toEqual({
      'xikz-44ja': 1,
      'cf9k-55fw': 1,
      '4f7r-epif': 1,
      'd9na-abhe': 1,
      'jbjy-vk9h': 1,
    });
  });
});
