import { describe, expect, it } from '@jest/globals';
import { Executor } from '../gateway/graph.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const noRows = () => Promise.reject(new Error('no source in this test'));
const executor = new Executor(subgraphs);

describe('planned and stitched execution', () => {
  it.each([
    '{ municipio(codigo: "05091") { codigo nombre tipo poblacion(anio: 2025) departamento { nombre capital { nombre } } } }',
    '{ municipio(codigo: "05091") { codigo: nombre alcaldia { id codigo: codigoChip vinculos { sistema confianza } territorio { codigo nombre ... on Municipio { categoria } } } } }',
    '{ a: municipio(codigo: "94885") { nombre alcaldia { nombre } } b: municipio(codigo: "99998") { nombre } c: municipio(codigo: "5091") { nombre } }',
    '{ departamentos { codigo nombre gobernacion { nombre } municipios(first: 3) { totalCount edges { cursor node { codigo alcaldia { nombre } poblacion(anio: 1999) } } pageInfo { hasNextPage endCursor } } } }',
    '{ regiones(esquema: PDET) { id nombre departamentos { codigo } municipios { totalCount } } __typename }',
  ])('give the same data, errors and avisos: %s', async (query) => {
    const { planned, stitched } = await answerBoth(executor, () => testContext(noRows), query);

    expect(comparable(planned)).toBe(comparable(stitched));
    expect(planned.data).not.toBeNull();
  });
});
