/**
 * What a plain stitching gateway does wrong without saying so, each situation as a test: every operation runs through the
 * planner and through stitched execution, which must agree. Those about what is asked are in stitching-calls.test.ts.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { isNonNullType, isObjectType } from 'graphql';
import { Executor } from '../gateway/graph.js';
import { subgraphs } from '../subgraphs/index.js';
import { house, renewHouse, run } from './stitching-house.js';

beforeEach(renewHouse);

describe('what stitching does wrong without saying so', () => {
  it('1: rows in another order than the keys still reach their own entity', async () => {
    const { data } = await run('{ lugares { codigo monto nombre } }');

    expect(data?.['lugares']).toEqual(
      ['1', '2', '3'].map((c) => ({ codigo: c, monto: `${c}00`, nombre: `Lugar ${c}` })),
    );
  });

  it('2: fewer rows than keys leave a null at the missing one and shift nothing', async () => {
    house.rowOf = (code) => (code === '2' ? null : { codigo: code, monto: `${code}00` });
    const { data } = await run('{ lugares { codigo monto } }');

    expect(data?.['lugares']).toEqual([
      { codigo: '1', monto: '100' },
      { codigo: '2', monto: null },
      { codigo: '3', monto: '300' },
    ]);
  });

  it('3: values are there when the key field is not selected, or its name is an alias of another', async () => {
    const { data } = await run('{ lugares { monto } b: lugares { codigo: nombre monto } }');

    expect(data).toEqual({
      lugares: [{ monto: '100' }, { monto: '200' }, { monto: '300' }],
      b: ['1', '2', '3'].map((c) => ({ codigo: `Lugar ${c}`, monto: `${c}00` })),
    });
  });

  it('4: a dead source of a thousand entities is one error a field, with place, total and sample', async () => {
    house.codes = Array.from({ length: 1_000 }, (_, i) => String(i));
    house.sources.montos.dead = true;
    const { data, errors } = await run('{ lugares { codigo monto personas } }');

    expect(errors.map(({ path, extensions }) => ({ path, ...extensions }))).toEqual(
      ['monto', 'personas'].map((field) => ({
        path: ['lugares', 0, field],
        code: 'SOURCE_UNAVAILABLE',
        sistema: 'montos',
        registro: 'MontoDePrueba',
        retryable: true,
        claves: ['0', '1', '2', '3', '4'],
        total: 1_000,
      })),
    );
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(data?.['lugares']).toHaveLength(1_000);
  });

  it('5: absent in the source and null in the source are told apart', async () => {
    house.rowOf = (code) => (code === '2' ? null : { codigo: code, monto: null });
    const { data, avisos, usage } = await run('{ lugares { monto } }');

    expect(data?.['lugares']).toEqual([{ monto: null }, { monto: null }, { monto: null }]);
    expect(avisos).toEqual([
      {
        codigo: 'SIN_REPORTE',
        mensaje: 'No reportó.',
        sistema: 'montos',
        path: ['lugares', 1, 'monto'],
        total: 1,
      },
    ]);
    for (const used of usage) {
      expect(used.find(({ sistema }) => sistema === 'montos')).toMatchObject({
        asked: 3,
        found: 2,
      });
    }
  });

  it.each(['5000000000', '123456789012345678', '-0.01', '999999999999999999.99'])(
    '8: the amount %s arrives to the last digit',
    async (monto) => {
      house.rowOf = (code) => ({ codigo: code, monto });
      const { data, errors } = await run('{ lugar(codigo: "1") { monto } }');

      expect(data).toEqual({ lugar: { monto } });
      expect(errors).toEqual([]);
    },
  );

  it.each([
    ['a number beyond Int', { personas: 5e9 }, 'personas'],
    ['a float as an amount', { monto: 12.5 }, 'monto'],
    ['an amount that is not in canonical form', { monto: '007' }, 'monto'],
  ])('8: %s is an error in its place and not a silent null', async (_what, cells, field) => {
    house.rowOf = (code) => ({ codigo: code, ...cells });
    const { data, errors } = await run(`{ lugar(codigo: "1") { codigo ${field} } }`);

    expect(data).toEqual({ lugar: { codigo: '1', [field]: null } });
    expect(errors).toMatchObject([
      { path: ['lugar', field], extensions: { code: 'ERROR_INTERNO', total: 1 } },
    ]);
  });

  it('9: fields that nobody selected never overwrite what their owner says', async () => {
    const { data } = await run('{ lugar(codigo: "1") { vecino { codigo nombre monto } } }');

    expect(data).toEqual({
      lugar: { vecino: { codigo: '2', nombre: 'Lugar 2', monto: '200' } },
    });
  });

  it('16: a non-null field of a dead source takes its entity with it, and no other', async () => {
    house.sources.montos.dead = true;
    const { data, errors } = await run(
      '{ a: lugar(codigo: "1") { nombre estricto } b: lugar(codigo: "2") { nombre monto } }',
    );

    expect(data).toEqual({ a: null, b: { nombre: 'Lugar 2', monto: null } });
    expect(errors.map(({ path }) => path)).toEqual([['a'], ['b', 'monto']]);
  });

  it('16: in the public schema every field that reads a source may be null', () => {
    const { schema, table } = new Executor(subgraphs).graph;
    const strict = Object.entries(table).flatMap(([typeName, fields]) => {
      const type = schema.getType(typeName);
      if (!isObjectType(type)) return [];
      return Object.entries(fields).flatMap(([name, { steps }]) => {
        const definition = type.getFields()[name];
        return steps !== undefined && definition !== undefined && isNonNullType(definition.type)
          ? [`${typeName}.${name}`]
          : [];
      });
    });

    // Gives the BPIN that is its key, with an aviso, where PIIP does not answer.
    expect(strict).toEqual(['ProyectoInversion.bpinOriginal']);
  });
});
