import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, isConflict, type Stamp } from './decide.js';

const stamp = fc.record({
  tiempo: fc.integer({ min: 0, max: 3 }),
  mapeo: fc.integer({ min: 0, max: 1 }),
  contenido: fc.constantFrom('', 'a', 'b', 'c'),
});

/** What stands after versions came in, one by one. */
const settle = (versions: readonly Stamp[]): Stamp | undefined =>
  versions.reduce<Stamp | undefined>((last, next) => {
    const decision = decide(last, next, false);
    return decision === 'igual' || decision === 'obsoleta' ? last : next;
  }, undefined);

describe('decide', () => {
  it('ends in the same version whatever the order and the repetitions', () => {
    fc.assert(
      fc.property(
        fc.array(stamp, { minLength: 1 }).chain((versions) =>
          fc.tuple(
            fc.constant(versions),
            fc.array(fc.constantFrom(...versions)).chain((again) =>
              fc.shuffledSubarray([...versions, ...again], {
                minLength: versions.length + again.length,
              }),
            ),
          ),
        ),
        ([versions, shuffled]) => {
          expect(settle(shuffled)).toEqual(settle(versions));
        },
      ),
    );
  });

  it('lets a record win over its tombstone of the same version, and calls it no conflict', () => {
    const at = { tiempo: 1, mapeo: 0 };

    expect(decide({ ...at, contenido: '' }, { ...at, contenido: 'a' }, false)).toBe('reemplaza');
    expect(decide({ ...at, contenido: 'a' }, { ...at, contenido: '' }, false)).toBe('obsoleta');
    expect(isConflict({ ...at, contenido: '' }, { ...at, contenido: 'a' })).toBe(false);
  });

  it('never lets an older version in, not even as a repair', () => {
    const last = { tiempo: 2, mapeo: 0, contenido: 'a' };

    expect(decide(last, { tiempo: 1, mapeo: 9, contenido: 'b' }, true)).toBe('obsoleta');
    expect(decide(last, { tiempo: 2, mapeo: 0, contenido: 'A' }, true)).toBe('reemplaza');
  });
});
