import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { bucketOf, compareClaves } from '../../schema/digest.js';
import type { Hoja } from './merkle.js';
import { diffBucket, differingBuckets, foldBuckets, merkleRoot, sliceRoot } from './merkle.js';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const hojasOf = (records: Readonly<Record<string, string>>): Hoja[] =>
  Object.entries(records)
    .map(([clave, value]) => ({ clave, digest: sha(`${clave}=${value}`), bucket: bucketOf(clave) }))
    .sort((a, b) => a.bucket - b.bucket || compareClaves(a.clave, b.clave));

describe('the tree', () => {
  it('has the hashes of RFC 9162', () => {
    // Leaves and roots of the test vectors of Certificate Transparency.
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    const roots = [1, 2, 3, 7].map((n) => merkleRoot(leaves.slice(0, n)).toString('hex'));

    expect(merkleRoot([]).toString('hex')).toBe(sha(''));
    expect(roots).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    ]);
  });
});

const records = fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom('a', 'b'), {
  maxKeys: 40,
  noNullPrototype: true,
});

describe('a census by buckets', () => {
  it('finds exactly the claves in which two sides differ', () => {
    fc.assert(
      fc.property(records, records, (viejo, nuevo) => {
        const sides = [hojasOf(viejo), hojasOf(nuevo)] as const;
        const cubetas = sides.map((side) => [...foldBuckets(side)]);
        const found = differingBuckets(cubetas[0] ?? [], cubetas[1] ?? []).flatMap((bucket) => {
          const own = sides.map((side) => side.filter((hoja) => hoja.bucket === bucket));
          const { soloViejo, soloNuevo, distintas } = diffBucket(own[0] ?? [], own[1] ?? []);
          return [...soloViejo, ...soloNuevo, ...distintas];
        });
        const all = new Set([...Object.keys(viejo), ...Object.keys(nuevo)]);
        const expected = [...all].filter((clave) => viejo[clave] !== nuevo[clave]);

        expect(found.sort()).toEqual(expected.sort());
        expect(sliceRoot(cubetas[0] ?? []) === sliceRoot(cubetas[1] ?? [])).toBe(
          expected.length === 0,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('refuses claves out of order or twice: half a stream is no proof', () => {
    const [a, b] = hojasOf({ uno: '1', dos: '2' });
    if (a === undefined || b === undefined) throw new Error('two records');

    expect(() => [...foldBuckets([b, a])]).toThrow('out of order');
    expect(() => [...foldBuckets([a, a])]).toThrow('out of order');
  });
});
