import { describe, expect, it } from '@jest/globals';
import { Executor } from '../gateway/graph.js';
import {
  LocalizacionProyecto,
  ProductoProyecto,
  ProyectoInversion,
  SeguimientoProyecto,
} from '../schema/registros/piip.js';
import type { Registro } from '../schema/registro.js';
import { inversion } from '../subgraphs/inversion/index.js';
import { territorio } from '../subgraphs/territorio/index.js';
import { testContext } from './graph-context.js';
import { A, B, C, D, source } from './inversion-proyectos.js';
import { answerBoth, comparable } from './same-answer.js';

const executor = new Executor([territorio, inversion]);

const askBoth = (query: string, dead: readonly Registro[] = []) =>
  answerBoth(executor, () => testContext(source(dead).fetch), query);

async function ask(query: string, dead: readonly Registro[] = []) {
  const { planned, stitched } = await askBoth(query, dead);
  expect(comparable(planned)).toBe(comparable(stitched));
  return planned;
}

const codesOf = (connection: unknown): string[] =>
  (connection as { edges: { node: { bpin: string } }[] }).edges.map(({ node }) => node.bpin);

const ALL_FIELDS = `bpin bpinOriginal nombre estado subestado tipo sector horizonte valorVigente
  programa { codigo nombre sector } avanceFisico avanceFinanciero
  ejecucion { vigencia fuenteFinanciacion vigente comprometido obligado pagado }
  productos { codigo nombre indicador meta avance valor }
  localizaciones { __typename codigo nombre } ejecutores`;

describe('planned and stitched execution over projects', () => {
  it.each([
    ['nothing is dead', []],
    ['the basic data are dead', [ProyectoInversion]],
    ['the locations are dead', [LocalizacionProyecto]],
    ['the follow-up and the products are dead', [SeguimientoProyecto, ProductoProyecto]],
  ])('give the same data, errors and avisos when %s', async (_situation, dead) => {
    const query = `{
      municipios(filtro: { departamento: "25" }, first: 200) { edges { node { codigo
        proyectos(first: 3) { totalCount edges { cursor node { ${ALL_FIELDS} } } pageInfo { hasNextPage endCursor } } } } }
      departamento(codigo: "25") { proyectos(orden: VALOR_DESC) { totalCount edges { node { bpin valorVigente } } } }
      uno: proyecto(bpin: "${A}") { ${ALL_FIELDS} }
      desconocido: proyecto(bpin: "2019999990001") { bpin nombre }
      malo: proyecto(bpin: "2024-25175") { bpin }
      proyectos(first: 2) { totalCount edges { node { bpin nombre } } }
    }`;

    expect((await ask(query, dead)).data).not.toBeNull();
  });
});

describe('the projects of a place', () => {
  it('are its located codes in order, and their children are all read in one next stage', async () => {
    const query = `{ municipio(codigo: "25175") { proyectos { edges { node { bpin nombre ejecutores } } } } }`;
    const { fetch, asked } = source();
    const { planned } = await answerBoth(executor, () => testContext(fetch), query);

    expect(codesOf((planned.data?.['municipio'] as { proyectos: unknown }).proyectos)).toEqual([
      A,
      B,
      C,
      D,
    ]);
    // Both executions stand on one source here: the planned one asks first.
    expect(asked.slice(0, 3).map(({ keys }) => keys)).toEqual([1, 4, 4]);
    expect(asked[0]?.id).toMatch(/^top LocalizacionProyecto/);
    expect(
      asked
        .slice(1, 3)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['read EjecutorProyecto porBpin', 'read ProyectoInversion porBpin']);
  });

  it('go on where the last page ended', async () => {
    const pageAfter = async (after: string) => {
      const { data } = await ask(
        `{ municipio(codigo: "25175") { proyectos(first: 3${after}) { edges { node { bpin } } pageInfo { hasNextPage endCursor } } } }`,
      );
      return (data?.['municipio'] as { proyectos: Record<string, Record<string, unknown>> })
        .proyectos;
    };

    const first = await pageAfter('');
    const next = await pageAfter(`, after: "${String(first['pageInfo']?.['endCursor'])}"`);

    expect(first['pageInfo']?.['hasNextPage']).toBe(true);
    expect(codesOf(next)).toEqual([D]);
  });

  it('are filtered by what the project says, and put its value first, not reported last', async () => {
    const { data } = await ask(`{ municipio(codigo: "25175") {
      enEjecucion: proyectos(filtro: { estado: ["En Ejecución"], horizonteIncluye: 2026 }) { totalCount edges { node { bpin } } }
      porValor: proyectos(orden: VALOR_DESC) { edges { node { bpin } } }
    } }`);
    const { enEjecucion, porValor } = data?.['municipio'] as Record<string, unknown>;

    expect(codesOf(enEjecucion)).toEqual([B]);
    expect(codesOf(porValor)).toEqual([B, C, A, D]);
  });

  it('stand once under their department, however many of its places they have', async () => {
    const { data } = await ask(
      '{ departamento(codigo: "25") { proyectos { totalCount edges { node { bpin } } } } }',
    );
    const { proyectos } = data?.['departamento'] as { proyectos: { totalCount: number } };

    expect(codesOf(proyectos)).toEqual([A, B, C, D]);
    expect(proyectos.totalCount).toBe(4);
  });
});

describe('a project', () => {
  it('warns that zero was not a value, and keeps unknown apart from zero', async () => {
    const { data, avisos } = await ask(
      `{ proyecto(bpin: "${A}") { valorVigente avanceFinanciero ejecucion { vigencia vigente comprometido pagado } } }`,
    );

    expect(data?.['proyecto']).toEqual({
      valorVigente: null,
      avanceFinanciero: null,
      ejecucion: [
        { vigencia: 2024, vigente: null, comprometido: '0', pagado: null },
        { vigencia: 2025, vigente: '5.5', comprometido: '0', pagado: null },
      ],
    });
    expect(avisos.map(({ codigo, path }) => `${codigo} ${path.join('.')}`)).toEqual([
      'AVANCE_NO_REPORTADO proyecto.avanceFinanciero',
      'VALOR_NO_REPORTADO proyecto.ejecucion',
      'VALOR_NO_REPORTADO proyecto.valorVigente',
    ]);
  });

  it('is found by any spelling of its code, and shows the one of the source', async () => {
    const { data } = await ask('{ proyecto(bpin: "2025000002842") { bpin bpinOriginal } }');

    expect(data?.['proyecto']).toEqual({ bpin: C, bpinOriginal: '2025000002842' });
  });

  it('names only places that exist, the department among them, and says which it left out', async () => {
    const { data, avisos } = await ask(
      `{ proyecto(bpin: "${C}") { localizaciones { __typename codigo } } }`,
    );

    expect(data?.['proyecto']).toEqual({
      localizaciones: [
        { __typename: 'Departamento', codigo: '25' },
        { __typename: 'Municipio', codigo: '25126' },
        { __typename: 'Municipio', codigo: '25175' },
      ],
    });
    expect(avisos).toMatchObject([{ codigo: 'TERRITORIO_DESCONOCIDO', sistema: 'piip' }]);
  });

  it('says where the follow-up contradicts itself and where a programme has no code', async () => {
    const { avisos } = await ask(
      `{ b: proyecto(bpin: "${B}") { avanceFisico } c: proyecto(bpin: "${C}") { programa { codigo } } }`,
    );

    expect(avisos.map(({ codigo }) => codigo)).toEqual(['CONTRADICCION', 'PROGRAMA_SIN_CODIGO']);
  });

  it('that the basic data do not hold keeps its code and says so', async () => {
    const { data, avisos, errors } = await ask(
      '{ municipio(codigo: "25175") { proyectos(filtro: {}) { edges { node { bpin bpinOriginal nombre estado } } } } }',
    );
    const { proyectos } = data?.['municipio'] as { proyectos: { edges: { node: unknown }[] } };

    expect(proyectos.edges.at(-1)?.node).toEqual({
      bpin: D,
      bpinOriginal: D,
      nombre: null,
      estado: null,
    });
    expect(errors).toEqual([]);
    expect(new Set(avisos.map(({ codigo }) => codigo))).toEqual(new Set(['PROYECTO_DESCONOCIDO']));
  });

  it.each([
    ['2024-25175', 'BPIN_INVALIDO'],
    ['2.02216E+12', 'BPIN_INVALIDO'],
    ['2019999990001', 'BPIN_DESCONOCIDO'],
  ])('asked by %s is null with error %s', async (bpin, code) => {
    const { data, errors } = await ask(`{ proyecto(bpin: "${bpin}") { bpin } }`);

    expect(data).toEqual({ proyecto: null });
    expect(errors).toMatchObject([{ path: ['proyecto'], extensions: { code, campo: 'bpin' } }]);
  });

  it('loses only its own fields when a dataset is dead', async () => {
    const { data, errors } = await ask(
      `{ proyecto(bpin: "${A}") { bpin bpinOriginal nombre avanceFisico } }`,
      [ProyectoInversion],
    );

    expect(data).toEqual({
      proyecto: { bpin: A, bpinOriginal: A, nombre: null, avanceFisico: '12.5' },
    });
    expect(errors).toMatchObject([
      { path: ['proyecto', 'nombre'], extensions: { code: 'SOURCE_UNAVAILABLE', sistema: 'piip' } },
    ]);
  });
});

describe('the list of all projects', () => {
  it('asks the source for the page, and for the count only where it is wanted', async () => {
    const { fetch, asked } = source();
    const query = '{ proyectos(first: 2, orden: VALOR_DESC) { edges { node { bpin } } } }';
    const { planned } = await answerBoth(executor, () => testContext(fetch), query);

    expect(codesOf(planned.data?.['proyectos'])).toEqual([B, C]);
    expect(asked[0]?.id).toContain('"count":false');
  });

  it('goes on after the cursor of a page', async () => {
    const first = await ask('{ proyectos(first: 2) { pageInfo { endCursor } } }');
    const page = first.data?.['proyectos'] as { pageInfo: { endCursor: string } };
    const { data } = await ask(
      `{ proyectos(after: "${page.pageInfo.endCursor}") { edges { node { bpin } } } }`,
    );

    expect(codesOf(data?.['proyectos'])).toEqual([C]);
  });

  it('refuses a cursor of another version', async () => {
    const cursor = Buffer.from(JSON.stringify(['2020-01-01', A, A])).toString('base64url');
    const { errors } = await ask(`{ proyectos(after: "${cursor}") { edges { node { bpin } } } }`);

    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_VENCIDO' } }]);
  });
});
