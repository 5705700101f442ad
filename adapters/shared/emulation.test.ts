import { describe, expect, it } from '@jest/globals';
import { codigo, defineRegistro, dinero, entero, logico } from '../../schema/registro.js';
import { ExpiredCursorError } from '../errors.js';
import { groupsOf, keysOfFiltro, matches, restrictTo, topOf } from './emulation.js';

const registro = defineRegistro({
  nombre: 'Gasto',
  sistema: 'prueba',
  clave: ['entidad', 'cuenta'],
  ruta: ['entidad'],
  accesos: { porEntidad: { claves: ['entidad'], cardinalidad: 'muchos' } },
  campos: {
    entidad: codigo({ nulo: false }),
    cuenta: codigo({ nulo: false }),
    anio: entero(),
    monto: dinero(),
    esHoja: logico(),
  },
});
const gasto = (cuenta: string, monto: string | null, esHoja = true) => ({
  entidad: 'a',
  cuenta,
  anio: 2025,
  monto,
  esHoja,
});
const ROWS = [gasto('3', '9'), gasto('1', '10.5'), gasto('2', null), gasto('4', '10.5', false)];
const source = { sistema: 'prueba', version: { token: 'v1', checkedAt: '2026-01-01T00:00:00Z' } };
const all = { first: 10, after: null, count: true };
const cuentas = (top: { readonly rows: readonly { readonly cuenta?: unknown }[] }) =>
  top.rows.map((row) => row.cuenta);

describe('topOf', () => {
  it('orders money by its size, breaks ties by the clave and puts the unknown last both ways', () => {
    const by = (sentido: 'asc' | 'desc') =>
      cuentas(topOf(registro, ROWS, null, [{ campo: 'monto', sentido }], all, source));

    expect(by('asc')).toEqual(['3', '1', '4', '2']);
    expect(by('desc')).toEqual(['1', '4', '3', '2']);
  });

  it('goes on after a position without losing or repeating a row', () => {
    const orden = [{ campo: 'monto', sentido: 'desc' as const }];
    const after = { values: ['10.5', 'a', '1'], version: 'v1' };

    const top = topOf(registro, ROWS, null, orden, { first: 2, after, count: true }, source);

    expect(cuentas(top)).toEqual(['4', '3']);
    expect(top).toMatchObject({ hasNext: true, total: 4 });
  });

  it('refuses a position of another version', () => {
    const options = { first: 1, after: { values: [], version: 'v0' }, count: false };

    expect(() => topOf(registro, ROWS, null, [], options, source)).toThrow(ExpiredCursorError);
  });
});

describe('matches', () => {
  it('compares a null with nothing but null', () => {
    expect(matches(registro, gasto('1', null), { op: 'gte', campo: 'monto', valor: '0' })).toBe(
      false,
    );
    expect(matches(registro, gasto('1', null), { op: 'eq', campo: 'monto', valor: null })).toBe(
      true,
    );
  });

  it('takes 9 for less than 10', () => {
    expect(matches(registro, gasto('1', '9'), { op: 'lte', campo: 'monto', valor: '10' })).toBe(
      true,
    );
    expect(matches(registro, gasto('1', '9.5'), { op: 'gte', campo: 'monto', valor: '10' })).toBe(
      false,
    );
  });

  it('knows leaves and prefixes', () => {
    expect(ROWS.filter((row) => matches(registro, row, { op: 'hoja' }))).toHaveLength(3);
    expect(
      matches(registro, gasto('2.1', '1'), { op: 'prefix', campo: 'cuenta', valor: '2.' }),
    ).toBe(true);
  });
});

describe('groupsOf', () => {
  it('adds exactly, counts its rows and keeps a sum over nothing unknown', () => {
    expect(groupsOf(ROWS, ['monto'], ['esHoja'])).toEqual([
      { dims: { esHoja: 'true' }, sums: { monto: '19.5' }, count: 3 },
      { dims: { esHoja: 'false' }, sums: { monto: '10.5' }, count: 1 },
    ]);
    expect(groupsOf([gasto('2', null)], ['monto'], [])).toEqual([
      { dims: {}, sums: { monto: null }, count: 1 },
    ]);
  });
});

describe('keysOfFiltro', () => {
  const eq = { op: 'eq' as const, campo: 'entidad', valor: 'a' };
  const among = { op: 'in' as const, campo: 'anio', valores: [2024, 2025] };

  it('gives every key that a filter pins down, and null where a part is open', () => {
    const filtro = { op: 'and' as const, de: [eq, among] };

    expect(keysOfFiltro(filtro, ['entidad', 'anio'])).toEqual(['a|2024', 'a|2025']);
    expect(keysOfFiltro(filtro, ['entidad', 'cuenta'])).toBeNull();
    expect(restrictTo(filtro, ['anio'])).toEqual({ op: 'and', de: [among] });
  });
});
