import { describe, expect, it } from '@jest/globals';
import type { Origin, Row } from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../adapters/errors.js';
import { Executor } from '../gateway/graph.js';
import { createIdentidad } from '../gateway/identidad/identidad.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const executor = new Executor(subgraphs);

/** The alcaldías of Medellín and Abejorral have a SIGEP code; Betania's is not known. */
const identidad = createIdentidad(loadTerritorio(), [
  {
    sistema: 'sigep',
    corte: '2026-04-17T00:00:00Z',
    rows: [
      ['0847', '890905211', 'ALCALDÍA DE MEDELLÍN', '05001'],
      ['0022', '890981195', 'ALCALDÍA DE ABEJORRAL', '05002'],
    ].map(([codigoSigep, nit, nombre, codigoDane]) => ({
      codigoSigep,
      nit,
      nombre,
      orden: 'TERRITORIAL',
      naturalezaJuridica: 'ALCALDÍA',
      codigoDane,
      departamento: 'ANTIOQUIA',
      municipio: null,
    })),
  },
]);

const indice = (codigo: string, valor: string | null): Row => ({
  codigoSigep: '0847',
  vigencia: 2025,
  codigo,
  nombre: `Nombre de ${codigo}`,
  valor,
  aplica: valor !== null,
});
const indicador = (name: string, valor: string): Row => ({
  codigoDivipola: '05001',
  anio: 2025,
  indicador: name,
  valor,
  ordinal: 1,
});
/** In no useful order. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'IndiceMipg 0847|2025': [
    indice('I10', '1'),
    indice('POL02', '3'),
    indice('I09', null),
    indice('D7', '5'),
    indice('IDI', '30.2'),
  ],
  'IndiceMdm 05001|2025': [indicador('Educación', '70'), indicador('MDM', '75.5')],
};

const originOf = (sistema: string, registro: string): Origin => ({
  sistema,
  registro,
  modo: 'ACOPIO',
  version: { token: 'v1', checkedAt: '2026-04-17T00:00:00Z' },
  servidoPor: sistema,
});

const createSource = (dead: readonly string[] = []) => {
  const asked: string[] = [];
  const fetch: FetchBucket = (bucket, keys) => {
    const { nombre, sistema } = bucket.registro;
    asked.push(`${nombre} ${[...keys].sort().join(' ')}`);
    const outcomeOf = (key: string): AnyOutcome => {
      if (dead.includes(sistema)) {
        return { at: 'failed', error: toSourceError(new SourceUnavailableError(sistema)) };
      }
      const rows = ROWS[`${nombre} ${key}`];
      const origin = originOf(sistema, nombre);
      return rows === undefined ? { at: 'absent', origin } : { at: 'found', rows, origin };
    };
    return Promise.resolve(new Map(keys.map((key) => [key, outcomeOf(key)])));
  };
  return { fetch, asked };
};

async function answer(query: string, source = createSource()) {
  const both = await answerBoth(executor, () => testContext(source.fetch, { identidad }), query);
  expect(comparable(both.planned)).toBe(comparable(both.stitched));
  return both.planned;
}

const MEDELLIN = '{ municipio(codigo: "05001")';

describe('desempeño', () => {
  it('shows both measurements of a municipio apart, from the whole to its parts', async () => {
    const { data, errors, avisos } = await answer(
      `${MEDELLIN} { desempeno(vigencia: 2025) { mdm { indicador valor } idi { codigo valor aplica } } } }`,
    );

    expect([errors, avisos]).toEqual([[], []]);
    expect(data).toEqual({
      municipio: {
        desempeno: {
          mdm: [
            { indicador: 'MDM', valor: '75.5' },
            { indicador: 'Educación', valor: '70' },
          ],
          idi: [
            { codigo: 'IDI', valor: '30.2', aplica: true },
            { codigo: 'D7', valor: '5', aplica: true },
            { codigo: 'POL02', valor: '3', aplica: true },
            { codigo: 'I09', valor: null, aplica: false },
            { codigo: 'I10', valor: '1', aplica: true },
          ],
        },
      },
    });
  });

  it('gives an entidad the same indices as its municipio', async () => {
    const { data } = await answer(
      `{ entidad(codigoSigep: "847") { indiceDesempeno(vigencia: 2025) { codigo nombre } } }`,
    );

    expect(data).toMatchObject({
      entidad: { indiceDesempeno: [{ codigo: 'IDI', nombre: 'Nombre de IDI' }, {}, {}, {}, {}] },
    });
  });

  it.each([
    ['mdm { valor }', ['IndiceMdm 05001|2025']],
    ['idi { valor }', ['IndiceMipg 0847|2025']],
  ])('reads only what is selected: %s', async (selection, asked) => {
    const source = createSource();

    await answer(`${MEDELLIN} { desempeno(vigencia: 2025) { ${selection} } } }`, source);

    expect([...new Set(source.asked)]).toEqual(asked);
  });

  it.each([
    ['05002', 'SIN_MEDICION'],
    ['05091', 'SIN_CODIGO_SIGEP'],
    ['94885', 'SIN_ENTIDAD'],
  ])('says why %s has no indices', async (codigo, razon) => {
    const { data, errors, avisos } = await answer(
      `{ municipio(codigo: "${codigo}") { desempeno(vigencia: 2025) { idi { valor } } } }`,
    );

    expect(errors).toEqual([]);
    expect(data).toEqual({ municipio: { desempeno: { idi: null } } });
    expect(avisos.map((aviso) => aviso.codigo)).toEqual([razon]);
  });

  it('loses one measurement and keeps the other when a source is dead', async () => {
    const { data, errors } = await answer(
      `${MEDELLIN} { nombre desempeno(vigencia: 2025) { mdm { valor } idi { codigo } } } }`,
      createSource(['mdm']),
    );

    expect(data).toMatchObject({
      municipio: {
        nombre: 'MEDELLÍN',
        desempeno: { mdm: null, idi: [{ codigo: 'IDI' }, {}, {}, {}, {}] },
      },
    });
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('SOURCE_UNAVAILABLE');
  });

  it('asks once per measurement for many municipios', async () => {
    const source = createSource();
    const newContext = () => testContext(source.fetch, { identidad });

    await answerBoth(
      executor,
      newContext,
      '{ departamento(codigo: "05") { municipios(first: 200) { edges { node { desempeno(vigencia: 2025) { mdm { valor } idi { valor } } } } } } }',
    );

    // Planned and stitched, two measurements each.
    expect(source.asked).toHaveLength(4);
  });

  it('refuses a vigencia that is no year', async () => {
    const { errors } = await answer(`${MEDELLIN} { desempeno(vigencia: 25) { mdm { valor } } } }`);

    expect(JSON.stringify(errors)).toContain('VIGENCIA_INVALIDA');
  });
});
