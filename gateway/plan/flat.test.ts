import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Reason } from '../../subgraphs/subgraph.js';
import { scalarResolvers } from '../compose/scalars.js';
import type { LeafPlan } from './compile.js';
import { FlatSelection, HOT } from './flat.js';

/** A leaf needs no more of its plan to be written. */
const leaf = (responseKey: string, name: string, scalar: string, nonNull = false): LeafPlan => ({
  plan: null as never,
  responseKey,
  name,
  serialize: (value) => scalarResolvers[scalar]?.serialize(value),
  nonNull,
});

const LEAVES = [
  leaf('valor', 'valor', 'Dinero'),
  leaf('otra vez', 'valor', 'Dinero'),
  leaf('constructor', 'codigo', 'Nit', true),
  leaf('fecha', 'toString', 'Fecha'),
];
const NODE = { valor: '12.5', codigo: '890905211', toString: '2025-12-31' };

const warm = (flat: FlatSelection): FlatSelection => {
  for (let i = 0; i < HOT; i++) flat.copy(NODE);
  return flat;
};

describe('a flat selection', () => {
  let flat: FlatSelection;
  beforeEach(() => {
    flat = new FlatSelection(LEAVES);
  });

  it('is written leaf by leaf until it was asked often', () => {
    const written = Array.from({ length: HOT }, () => flat.copy(NODE));

    expect(written.findIndex((object) => object !== null)).toBe(HOT - 1);
  });

  it('then keeps names, order and nulls', () => {
    const object = warm(flat).copy({ ...NODE, valor: undefined });

    expect(Object.entries(object ?? {})).toEqual([
      ['valor', null],
      ['otra vez', null],
      ['constructor', '890905211'],
      ['fecha', '2025-12-31'],
    ]);
  });

  it.each([
    ['a null that may not be', { ...NODE, codigo: null }],
    ['a reason', { ...NODE, valor: new Reason('SIN_DATO', 'no reportado') }],
    ['a value that is none of its type', { ...NODE, valor: '1e5' }],
    ['an object', { ...NODE, codigo: {} }],
  ])('leaves %s to who can say it', (_what, node) => {
    expect(warm(flat).copy(node)).toBeNull();
  });

  it('makes no prototype of a value', () => {
    const proto = warm(new FlatSelection([leaf('__proto__', 'codigo', 'Nit')]));

    expect(proto.copy(NODE)).toBeNull();
  });

  it('writes what writing leaf by leaf writes', () => {
    warm(flat);
    const value = fc.option(fc.oneof(fc.integer().map(String), fc.string(), fc.constant('-0')));
    fc.assert(
      fc.property(fc.record({ valor: value, codigo: value, toString: value }), (node) => {
        const expected: Record<string, unknown> = {};
        const isPlain = LEAVES.every(({ name, responseKey, serialize, nonNull }) => {
          const own = node[name as keyof typeof node];
          if (own === null) expected[responseKey] = null;
          else
            try {
              expected[responseKey] = serialize(own);
            } catch {
              return false;
            }
          return own !== null || !nonNull;
        });

        expect(flat.copy(node)).toEqual(isPlain ? expected : null);
      }),
    );
  });
});
