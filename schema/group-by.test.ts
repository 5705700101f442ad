import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyOfFila } from './key.js';
import { groupBy, groupByCampos } from './group-by.js';

const part = fc.oneof(
  fc.constantFrom('a', 'b', 'a|', '\\', '1'),
  fc.constant(1),
  fc.constant(null),
);
const fila = fc.record({ x: part, y: part, resto: fc.nat() }, { requiredKeys: ['resto'] });

describe('groups by campos', () => {
  it('are those of the written keys, in the same order, for rows in any order', () => {
    fc.assert(
      fc.property(fc.array(fila), (filas) => {
        const expected = groupBy(filas, (each) => keyOfFila(each, ['x', 'y']));

        expect([...groupByCampos(filas, ['x', 'y'])]).toEqual([...expected]);
      }),
    );
  });
});
