import { describe, expect, it } from '@jest/globals';
import type { Group, Origin, Row } from '../adapters/contract.js';
import { SourceUnavailableError, SourceWithdrawnError, toSourceError } from '../adapters/errors.js';
import { createIdentidad } from '../gateway/identidad/identidad.js';
import { Executor } from '../gateway/graph.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const executor = new Executor(subgraphs);
const territorio = loadTerritorio();

/** Medellín, Abejorral and Betania are alcaldías of Antioquia; 0900 is a concejo that has a planta but no servants. */
const REGISTRO: readonly Row[] = [
  ['0847', '890905211', 'ALCALDÍA DE MEDELLÍN', 'ALCALDÍA', '05001'],
  ['0022', '890981195', 'ALCALDÍA DE ABEJORRAL', 'ALCALDÍA', '05002'],
  ['0033', '890980802', 'ALCALDÍA DE BETANIA', 'ALCALDÍA', '05091'],
  ['0900', '901000001', 'CONCEJO DE MEDELLÍN', 'CONCEJO MUNICIPAL', '05001'],
].map(([codigoSigep, nit, nombre, naturalezaJuridica, codigoDane]) => ({
  codigoSigep,
  nit,
  nombre,
  orden: 'TERRITORIAL',
  naturalezaJuridica,
  codigoDane,
  departamento: 'ANTIOQUIA',
  municipio: null,
}));

const identidad = createIdentidad(territorio, [
  { sistema: 'sigep', corte: '2026-04-17T00:00:00Z', rows: REGISTRO },
]);

const nivel = (
  name: string | null,
  cargos: string,
  provistos: string,
  vacantes: string,
): Group => ({
  dims: { nivel: name },
  sums: { cargos, conApropiacion: cargos, provistos, vacantes },
  count: 1,
});
/** 0847 has a level unknown to the law and one without a name; 0022 has more posts filled than approved. */
const PLANTAS: Readonly<Record<string, readonly Group[]>> = {
  '0847': [
    nivel('ASISTENCIAL', '300', '280', '20'),
    nivel(null, '3', '3', '0'),
    nivel('OFICIAL', '4', '2', '2'),
    nivel('DIRECTIVO', '10', '10', '0'),
    nivel('TECNICO', '40', '35', '5'),
  ],
  '0022': [nivel('DIRECTIVO', '3', '3', '0'), nivel('PROFESIONAL', '5', '8', '0')],
  '0900': [nivel('DIRECTIVO', '1', '1', '0')],
};
const SERVIDORES: Readonly<Record<string, readonly number[]>> = {
  '0847': [250, 61],
  '0033': [2, 1],
};

const origin = (registro: string): Origin => ({
  sistema: 'sigep',
  registro,
  modo: 'ACOPIO',
  version: { token: 'v1', checkedAt: '2026-04-17T00:00:00Z' },
  corte: '2026-04-13',
  servidoPor: 'sigep',
});

interface Source {
  readonly fetch: FetchBucket;
  readonly asked: string[];
}

function createSource(failures: Readonly<Record<string, AnyOutcome>> = {}): Source {
  const asked: string[] = [];
  return {
    asked,
    fetch: (bucket, keys) => {
      const { nombre } = bucket.registro;
      asked.push(nombre);
      const toOutcome = (key: string): AnyOutcome => {
        if (failures[nombre] !== undefined) return failures[nombre];
        const groups = nombre === 'PlantaEmpleo' ? PLANTAS[key] : undefined;
        const rows = nombre === 'ServidoresResumen' ? SERVIDORES[key] : undefined;
        const found = groups ?? rows?.map((servidores) => ({ codigoSigep: key, servidores }));
        if (found === undefined) return { at: 'absent', origin: origin(nombre) };
        return { at: 'found', rows: found, origin: origin(nombre) };
      };
      return Promise.resolve(new Map(keys.map((key) => [key, toOutcome(key)])));
    },
  };
}

async function answer(query: string, source = createSource()) {
  const both = await answerBoth(executor, () => testContext(source.fetch, { identidad }), query);
  expect(comparable(both.planned)).toBe(comparable(both.stitched));
  return both.planned;
}

const TODO =
  '{ cargos provistos vacantes porNivel { nivel cargos provistos vacantes } servidores corte cobertura { incluidas total parcial faltantes } }';
const codes = (avisos: readonly { readonly codigo: string }[]): string[] =>
  avisos.map(({ codigo }) => codigo);

describe('talento humano of one entity', () => {
  it('adds up the posts of its planta, level by level in the order of the law', async () => {
    const { data, errors, avisos } = await answer(
      `{ municipio(codigo: "05001") { talentoHumano ${TODO} } }`,
    );

    expect(errors).toEqual([]);
    expect(avisos).toEqual([]);
    expect(data).toMatchObject({
      municipio: {
        talentoHumano: {
          cargos: 357,
          provistos: 330,
          vacantes: 27,
          servidores: 311,
          corte: '2026-04-13',
          cobertura: null,
        },
      },
    });
    expect(JSON.stringify(data)).toMatch(/DIRECTIVO.*TECNICO.*ASISTENCIAL.*OFICIAL.*SIN NIVEL/);
  });

  it('shows more filled posts than approved ones as they are, and says so', async () => {
    const { data, avisos } = await answer(
      '{ municipio(codigo: "05002") { talentoHumano { cargos provistos } } }',
    );

    expect(data).toEqual({ municipio: { talentoHumano: { cargos: 8, provistos: 11 } } });
    expect(codes(avisos)).toEqual(['PROVISTOS_EXCEDEN_CARGOS']);
  });

  it('gives a body with a planta and without servants a null with its reason', async () => {
    const { data, avisos } = await answer(
      '{ entidad(codigoSigep: "900") { nombre talentoHumano { cargos servidores } } }',
    );

    expect(data).toMatchObject({ entidad: { talentoHumano: { cargos: 1, servidores: null } } });
    expect(codes(avisos)).toEqual(['SIN_REGISTRO']);
  });

  it('does not publish a count of fewer than five people', async () => {
    const { data, avisos } = await answer(
      '{ municipio(codigo: "05091") { talentoHumano { cargos porNivel { nivel } servidores } } }',
    );

    expect(data).toEqual({
      municipio: { talentoHumano: { cargos: null, porNivel: [], servidores: null } },
    });
    expect(codes(avisos)).toEqual(['CONTEO_RESERVADO']);
  });

  it('is null, with its reason, for an entity that SIGEP does not know', async () => {
    const { data, avisos, errors } = await answer(
      '{ a: municipio(codigo: "05004") { talentoHumano { cargos } } b: municipio(codigo: "05091") { talentoHumano { cargos } } c: municipio(codigo: "94885") { talentoHumano { cargos } } }',
    );

    expect(errors).toEqual([]);
    expect(data).toEqual({
      a: { talentoHumano: null },
      b: { talentoHumano: null },
      c: { talentoHumano: null },
    });
    expect(new Set(codes(avisos))).toEqual(new Set(['SIN_REGISTRO', 'SIN_ENTIDAD']));
  });

  it('asks for the servants only when they are selected', async () => {
    const source = createSource();

    await answer('{ municipio(codigo: "05001") { talentoHumano { cargos } } }', source);

    expect(new Set(source.asked)).toEqual(new Set(['PlantaEmpleo']));
  });
});

describe('talento humano of many alcaldías', () => {
  it('adds the alcaldías that reported and names the ones that did not', async () => {
    const { data, avisos } = await answer(
      `{ departamento(codigo: "05") { talentoHumano ${TODO} } }`,
    );
    const { talentoHumano } = (data as { departamento: { talentoHumano: Record<string, unknown> } })
      .departamento;

    expect(talentoHumano).toMatchObject({
      cargos: 365,
      provistos: 341,
      vacantes: 27,
      servidores: 314,
    });
    expect(talentoHumano['cobertura']).toMatchObject({ incluidas: 2, total: 125, parcial: true });
    expect(JSON.stringify(talentoHumano['cobertura'])).toContain('"05091"');
    expect(JSON.stringify(talentoHumano['cobertura'])).not.toContain('"05001"');
    expect(new Set(codes(avisos))).toEqual(
      new Set(['PROVISTOS_EXCEDEN_CARGOS', 'SERVIDORES_PARCIALES']),
    );
  });

  it('asks each source once for all departamentos and regions', async () => {
    const sources: Source[] = [];
    const newContext = () => {
      const source = createSource();
      sources.push(source);
      return testContext(source.fetch, { identidad });
    };

    const both = await answerBoth(
      executor,
      newContext,
      '{ regiones(esquema: PDET) { id talentoHumano { cargos cobertura { total } } } departamentos { codigo talentoHumano { cargos servidores } } }',
    );

    expect(comparable(both.planned)).toBe(comparable(both.stitched));
    expect(sources[0]?.asked.sort()).toEqual(['PlantaEmpleo', 'ServidoresResumen']);
  });
});

describe('talento humano with a dead source', () => {
  const failed = (error: SourceWithdrawnError | SourceUnavailableError): AnyOutcome => ({
    at: 'failed',
    error: toSourceError(error),
  });

  it('loses the servants alone when their dataset was withdrawn', async () => {
    const source = createSource({ ServidoresResumen: failed(new SourceWithdrawnError('sigep')) });

    const { data, errors } = await answer(
      '{ departamento(codigo: "05") { nombre talentoHumano { cargos servidores } } municipio(codigo: "05001") { talentoHumano { provistos servidores } } }',
      source,
    );

    expect(data).toMatchObject({
      departamento: { talentoHumano: { cargos: 365, servidores: null } },
      municipio: { talentoHumano: { provistos: 330, servidores: null } },
    });
    expect(JSON.stringify(errors)).toContain('SOURCE_WITHDRAWN');
  });

  it('leaves the municipio standing when the reports cannot be read', async () => {
    const source = createSource({ PlantaEmpleo: failed(new SourceUnavailableError('sigep')) });

    const { data, errors } = await answer(
      '{ municipio(codigo: "05001") { nombre talentoHumano { cargos servidores } } }',
      source,
    );

    expect(data).toMatchObject({ municipio: { nombre: 'MEDELLÍN', talentoHumano: null } });
    expect(JSON.stringify(errors)).toContain('SOURCE_UNAVAILABLE');
  });
});
