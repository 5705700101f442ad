import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import type { TestStore } from '../../tests/store.js';
import { openTestStore } from '../../tests/store.js';
import type { Tramo } from '../route/tramo.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';
import type { Lectura } from './uso.js';
import { UsoCampos, gatherUso, lecturaOf, loadUso } from './uso.js';

const schema = buildSchema(`
  interface Lugar { nombre: String }
  type Municipio implements Lugar { nombre: String, presupuesto: Presupuesto }
  type Presupuesto { gastos: String, ingresos: String }
  type Query { municipio: Municipio, lugar: Lugar, hoy: String }
`);

let now = Date.parse('2026-03-01T12:00:00Z');
const at = (iso: string): void => {
  now = Date.parse(iso);
};

const operation = (text: string) => ({
  document: parse(text),
  documentId: text,
  operationName: null,
});

/** A request in which `Municipio.presupuesto` read a registro, answered by a system. */
const served = (...systems: readonly string[]): Lectura =>
  lecturaOf({
    coordenadas: () => new Map([['Municipio.presupuesto', new Set(['Cifra'])]]),
    usage: () =>
      systems.map((servidoPor) => ({
        sistema: 'viejo',
        registro: 'Cifra',
        origin: { servidoPor } as never,
        asked: 1,
        found: 1,
        respaldo: 0,
      })),
  });

const QUERY = '{ municipio { nombre presupuesto { gastos } } hoy }';

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
  await store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
});
afterEach(() => store.close());

describe('the use of fields', () => {
  it('is kept by coordinate, reader and system, and reaches the fields below the one that read', async () => {
    at('2026-03-01T12:00:00Z');
    const uso = new UsoCampos(() => now);
    uso.note(schema, operation(QUERY), served('viejo', 'nuevo'), 'anonimo');
    await uso.flush(store);

    const rows = await loadUso(store, 'Cifra');

    expect(rows.map(({ coordenada, sistema }) => `${coordenada} ${sistema}`)).toEqual([
      'Municipio.presupuesto nuevo',
      'Municipio.presupuesto viejo',
      'Presupuesto.gastos nuevo',
      'Presupuesto.gastos viejo',
    ]);
    expect((await loadUso(store, '')).map(({ coordenada }) => coordenada)).toEqual([
      'Municipio.nombre',
      'Query.hoy',
      'Query.municipio',
    ]);
  });

  it('counts every operation and keeps the first and the last instant over restarts', async () => {
    for (const [instant, times] of [
      ['2026-03-01T12:00:00Z', 2],
      ['2026-04-01T12:00:00Z', 1],
    ] as const) {
      at(instant);
      const uso = new UsoCampos(() => now);
      for (let i = 0; i < times; i++) uso.note(schema, operation(QUERY), served('viejo'), 'ana');
      await uso.flush(store);
    }

    const row = (await loadUso(store, 'Cifra')).find(
      ({ coordenada }) => coordenada === 'Presupuesto.gastos',
    );
    expect(row).toEqual({
      coordenada: 'Presupuesto.gastos',
      cliente: 'ana',
      sistema: 'viejo',
      registro: 'Cifra',
      primera: '2026-03-01T12:00:00.000Z',
      ultima: '2026-04-01T12:00:00.000Z',
      veces: 3,
    });
  });

  it('follows fragments and counts a field that @skip left out', async () => {
    const uso = new UsoCampos(() => now);
    const text = `query($no: Boolean = true) { lugar { ...L } }
      fragment L on Lugar { nombre ... on Municipio { presupuesto { ingresos @skip(if: $no) } } }`;
    uso.note(schema, operation(text), served('viejo'), 'anonimo');
    await uso.flush(store);

    expect((await loadUso(store, null)).map(({ coordenada }) => coordenada).sort()).toEqual([
      'Lugar.nombre',
      'Municipio.presupuesto',
      'Presupuesto.ingresos',
      'Query.lugar',
    ]);
  });

  it('keeps the span of a field that several operations asked in turn', async () => {
    const uso = new UsoCampos(() => now);
    const other = operation('{ municipio { presupuesto { gastos ingresos } } }');
    at('2026-03-02T12:00:00Z');
    uso.note(schema, operation(QUERY), served('viejo'), 'anonimo');
    at('2026-03-01T12:00:00Z');
    uso.note(schema, other, served('viejo'), 'anonimo');
    at('2026-03-03T12:00:00Z');
    uso.note(schema, operation(QUERY), served('viejo'), 'anonimo');
    await uso.flush(store);

    const row = (await loadUso(store, 'Cifra')).find(
      ({ coordenada }) => coordenada === 'Presupuesto.gastos',
    );
    expect(row).toMatchObject({
      primera: '2026-03-01T12:00:00.000Z',
      ultima: '2026-03-03T12:00:00.000Z',
      veces: 3,
    });
  });

  it('loses nothing when the store refuses it once', async () => {
    const uso = new UsoCampos(() => now);
    uso.note(schema, operation(QUERY), served('viejo'), 'anonimo');

    await expect(uso.flush({ query: () => Promise.reject(new Error('caído')) })).rejects.toThrow(
      'caído',
    );
    uso.note(schema, operation(QUERY), served('viejo'), 'anonimo');
    await uso.flush(store);

    expect((await loadUso(store, 'Cifra'))[0]?.veces).toBe(2);
  });

  it('tells which fields in use the new side has not served in this phase', async () => {
    const tramo = { registro: 'Cifra', viejo: 'viejo', nuevo: 'nuevo' } as Tramo;
    const uso = new UsoCampos(() => now);
    at('2026-03-01T12:00:00Z');
    uso.note(schema, operation(QUERY), served('viejo'), 'ana');
    uso.note(
      schema,
      operation('{ municipio { presupuesto { ingresos } } }'),
      served('viejo'),
      'beto',
    );
    at('2026-05-01T12:00:00Z');
    uso.note(schema, operation(QUERY), served('nuevo'), 'ana');
    await uso.flush(store);

    expect(
      await gatherUso(store, tramo, {
        faseDesde: '2026-04-01T00:00:00.000Z',
        creadoEn: '2026-01-01T00:00:00.000Z',
      }),
    ).toEqual({ observadoDesde: '2026-03-01T12:00:00.000Z', sinNuevo: ['Presupuesto.ingresos'] });
  });
});
