import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ColumnByCampo, SodaOrder } from './soql.js';
import {
  and,
  encodeParameter,
  isIn,
  keyset,
  literal,
  or,
  quote,
  toOrder,
  toWhere,
  joinLiterals,
  writeIn,
  writeLiteral,
} from './soql.js';
import { parseWhere } from './testing-portal.js';

const columns: ColumnByCampo = {
  nit: { column: 'nit_entidad', kind: 'text' },
  anio: { column: 'a_o', kind: 'number' },
  firma: { column: 'fecha_de_firma', kind: 'date' },
};

describe('SoQL', () => {
  it('doubles a quote inside a text', () => {
    expect(quote("D'Acosta")).toBe("'D''Acosta'");
  });

  it('writes each kind of literal as the platform compares it', () => {
    expect(literal('05', 'text')).toBe("'05'");
    expect(literal('12.50', 'number')).toBe('12.50');
    expect(literal('2024-03-01', 'date')).toBe("'2024-03-01T00:00:00'");
  });

  it.each(['1 or 1=1', '', '1e3', "'1'"])('refuses %j as a number', (text) => {
    expect(() => literal(text, 'number')).toThrow();
  });

  it('leaves out empty parts of and, or', () => {
    expect(and(undefined, 'a = 1')).toBe('a = 1');
    expect(or('a = 1', null, 'b = 2')).toBe('(a = 1) or (b = 2)');
    expect(and()).toBeUndefined();
  });

  it('writes a list of values', () => {
    expect(isIn('a', [1, '2'], 'number')).toBe('a in (1,2)');
  });

  it('encodes a list of keys piece by piece as it would encode it whole', () => {
    const list = { column: 'a b', opening: encodeParameter('a b in (') };
    const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 });
    fc.assert(
      fc.property(texts, fc.option(fc.string({ unit: 'grapheme' })), (values, where) => {
        const literals = values.map((value) => writeLiteral(value, 'text'));
        const written = writeIn(list, joinLiterals(literals), where ?? undefined);

        const plain = and(where, isIn('a b', values)) ?? '';
        expect(written).toEqual({ plain, encoded: encodeParameter(plain) });
      }),
    );
  });

  it('translates every form of Filtro', () => {
    const where = toWhere(
      {
        op: 'and',
        de: [
          { op: 'eq', campo: 'nit', valor: '899' },
          { op: 'eq', campo: 'firma', valor: null },
          { op: 'gte', campo: 'firma', valor: '2024-01-01' },
          { op: 'lte', campo: 'anio', valor: 2024 },
          { op: 'in', campo: 'nit', valores: ['1', null] },
          { op: 'prefix', campo: 'nit', valor: '8' },
          { op: 'hoja' },
        ],
      },
      columns,
      "hoja = 'SI'",
    );

    expect(where).toBe(
      "(nit_entidad = '899') and (fecha_de_firma is null) and " +
        "(fecha_de_firma >= '2024-01-01T00:00:00') and (a_o <= 2024) and " +
        "((nit_entidad in ('1')) or (nit_entidad is null)) and " +
        "(starts_with(nit_entidad, '8')) and (hoja = 'SI')",
    );
  });

  it('refuses a campo without column, and hoja where the source has none', () => {
    expect(() => toWhere({ op: 'eq', campo: 'otro', valor: '1' }, columns)).toThrow();
    expect(() => toWhere({ op: 'hoja' }, columns)).toThrow();
  });

  it('translates Orden', () => {
    expect(toOrder([{ campo: 'anio', sentido: 'desc' }], columns)).toEqual([
      { column: 'a_o', kind: 'number', sentido: 'desc' },
    ]);
  });

  it('encodes what URL parsers would encode anyway, so that bytes can be counted', () => {
    const text = "a in ('á','b c') and d > 1 & e";
    const url = new URL(`http://x.test/?q=${encodeParameter(text)}`);

    expect(url.href).toBe(`http://x.test/?q=${encodeParameter(text)}`);
    expect(url.searchParams.get('q')).toBe(text);
  });

  it('finds exactly what comes after a position, in mixed directions and with nulls', () => {
    const cell = fc.option(fc.constantFrom('a', "b'", 'c'), { nil: undefined });
    const sentido = fc.constantFrom('asc' as const, 'desc' as const);
    const rowOf = fc.record({ x: cell, y: cell, z: cell });
    // Nulls last in ascending order, so first in descending.
    const rank = (value: string | undefined): string => value ?? '~';
    fc.assert(
      fc.property(rowOf, rowOf, fc.tuple(sentido, sentido, sentido), (row, at, ways) => {
        const names = ['x', 'y', 'z'] as const;
        const order: SodaOrder[] = names.map((column, i) => ({
          column,
          kind: 'text',
          sentido: ways[i] ?? 'asc',
        }));
        let expected = 0;
        for (const [i, name] of names.entries()) {
          const way = ways[i] ?? 'asc';
          const [a, b] = [rank(row[name]), rank(at[name])];
          if (expected === 0 && a !== b) expected = (a < b ? -1 : 1) * (way === 'asc' ? 1 : -1);
        }

        const where = keyset(
          order,
          names.map((name) => at[name] ?? null),
        );

        const found = where === undefined ? false : parseWhere(where)(row);
        expect(found).toBe(expected > 0);
      }),
      { numRuns: 500 },
    );
  });
});
