import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordDigest } from '../../schema/digest.js';
import type { Fila, Valor } from '../../schema/registro.js';
import { codigo, defineRegistro, dinero, entero, texto } from '../../schema/registro.js';
import type { Comparador, EfectoRegla, Regla } from './comparadores.js';
import { compareAnswers, compareFilas, isFailure, isSuccess } from './comparadores.js';

const Ficha = defineRegistro({
  nombre: 'Ficha',
  sistema: 'viejo',
  clave: ['id'],
  ruta: ['id'],
  accesos: {},
  campos: {
    id: codigo({ nulo: false }),
    nombre: texto(),
    valor: dinero(),
    cuenta: entero(),
    nota: texto({ comparador: 'ninguno' }),
    documento: codigo({ clase: 'personal' }),
  },
});

const HOY = '2026-03-01T00:00:00.000Z';
const regla = (efecto: EfectoRegla, mas: Partial<Regla> = {}): Regla => ({
  id: 'r1',
  campo: 'nombre',
  efecto,
  responsable: 'ana',
  motivo: 'se sabe',
  vence: '2026-04-01T00:00:00.000Z',
  maximoPpm: 1_000,
  ...mas,
});
const by = (...reglas: readonly Regla[]): Comparador => ({
  registro: Ficha,
  salt: 'sal',
  reglas,
  ahora: HOY,
});
const compare = (a: Fila, b: Fila, ...reglas: readonly Regla[]) =>
  compareFilas(by(...reglas), { id: '1', ...a }, { id: '1', ...b });

/** I19: absent, null, empty, zero and a value, in each pair. */
const KINDS: readonly (readonly [string, Valor | undefined])[] = [
  ['ausente', undefined],
  ['nulo', null],
  ['vacio', ''],
  ['cero', '0'],
  ['valor', 'x'],
];
const PAIRS = KINDS.flatMap(([a, left]) => KINDS.map(([b, right]) => [a, b, left, right] as const));

describe('two values of one campo', () => {
  it.each(PAIRS)('I19: %s and %s are equal only when they are the same', (a, b, left, right) => {
    const { clase } = compare({ nombre: left }, { nombre: right });

    expect(clase).toBe(a === b ? 'equal' : 'mismatch');
  });

  it.each([
    ['nulo-ausente', undefined],
    ['nulo-vacio', ''],
    ['nulo-cero', '0'],
  ] as const)('I19: are explained by %s for that pair alone', (efecto, other) => {
    for (const [, value] of KINDS) {
      if (value === null) continue;
      const { clase } = compare({ nombre: null }, { nombre: value }, regla(efecto));
      expect(clase).toBe(value === other ? 'explained' : 'mismatch');
    }
  });

  it('are compared as exact amounts, as text without case, or not at all', () => {
    expect(compare({ valor: '10' }, { valor: '10.00' }).clase).toBe('equal');
    expect(compare({ valor: '10' }, { valor: '10.01' }).clase).toBe('mismatch');
    expect(compare({ nombre: 'Ibagué  ' }, { nombre: 'IBAGUE' }).clase).toBe('equal_normalised');
    expect(compare({ nota: 'a' }, { nota: 'b' }).clase).toBe('equal');
    expect(compare({ cuenta: 0 }, { cuenta: null }).clase).toBe('mismatch');
  });

  it('agree with the digest of the census', () => {
    const value = fc.constantFrom<Valor | undefined>(undefined, null, '', '0', 'A', 'a', 'á ');
    const amount = fc.constantFrom<Valor | undefined>(undefined, null, '0', '1', '1.50');
    const fila = fc
      .record({ nombre: value, valor: amount, nota: value, documento: value })
      .map((campos): Fila => ({ id: '1', ...campos }));
    fc.assert(
      fc.property(fila, fila, (a, b) => {
        const sameDigest = recordDigest(Ficha, a) === recordDigest(Ficha, b);
        expect(isSuccess(compareFilas(by(), a, b).clase)).toBe(sameDigest);
      }),
    );
  });
});

describe('a rule that explains a difference', () => {
  it('I16: counts for nothing from the day it expires', () => {
    const clase = (vence: string) =>
      compare({ nombre: 'a' }, { nombre: 'b' }, regla('ignorar', { vence })).clase;

    expect(clase('2026-03-01T00:00:00.001Z')).toBe('explained');
    expect(clase(HOY)).toBe('mismatch');
    expect(clase('no es fecha')).toBe('mismatch');
  });

  it('does not explain another campo that also differs', () => {
    const both = compare({ nombre: 'a', cuenta: 1 }, { nombre: 'b', cuenta: 2 }, regla('ignorar'));

    expect(both).toMatchObject({ clase: 'mismatch', regla: null });
    expect(both.campos.map(({ campo }) => campo)).toEqual(['nombre', 'cuenta']);
  });
});

describe('what is kept of a difference', () => {
  it('is a path and digests that depend on the salt, never a value', () => {
    const one = compare({ documento: '79123456' }, { documento: '79123457' });
    const other = compareFilas(
      { ...by(), salt: 'otra' },
      { id: '1', documento: '79123456' },
      { id: '1', documento: '79123457' },
    );

    expect(JSON.stringify(one)).not.toMatch(/7912345/);
    expect(one.campos[0]?.campo).toBe('documento');
    expect(one.campos[0]?.viejo).not.toBe(other.campos[0]?.viejo);
  });
});

describe('two answers of one key', () => {
  it('are compared by clave in any order, and what one lacks or repeats differs', () => {
    const compared = compareAnswers(
      by(),
      [{ id: '1' }, { id: '2' }, { id: '3' }, { id: '3' }],
      [{ id: '3' }, { id: '2' }, { id: '4' }],
    );

    expect(compared.map(({ clave, comparacion }) => [clave, comparacion.clase])).toEqual([
      ['1', 'mismatch'],
      ['2', 'equal'],
      ['3', 'mismatch'],
      ['4', 'mismatch'],
    ]);
  });
});

describe('the classes', () => {
  it('count an error of the new side against it, and none of the old side', () => {
    expect(isFailure('new_error') && isFailure('timeout')).toBe(true);
    expect(isFailure('legacy_error') || isSuccess('legacy_error')).toBe(false);
    expect(isFailure('dropped') || isSuccess('dropped')).toBe(false);
  });
});
