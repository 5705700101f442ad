import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Cifra } from '../rows/testing.js';
import { createRuteo } from './ruteo.js';
import { tramoOf } from './testing.js';
import type { Cohorte } from './tramo.js';
import { belongs, bucketOf, overlap, sideOf } from './tramo.js';

const BUCKETS = 1_000_000;
const KEYS = 100_000;
const keys = Array.from({ length: KEYS }, (_, i) => `0${i}|${2000 + (i % 30)}`);
const canary = (canaryPpm: number) => tramoOf({ fase: 'canary', canaryPpm });
const sideAt = (ppm: number, key: string) => sideOf(canary(ppm), key, () => key);

/** What a process of its own makes of the same keys, from the built program. */
const CHILD = `
  import { bucketOf } from ${JSON.stringify(new URL('../../dist/gateway/route/tramo.js', import.meta.url).href)};
  import { createHash } from 'node:crypto';
  const sha = createHash('sha256');
  for (let i = 0; i < ${KEYS}; i++) sha.update(bucketOf('sal', 'cifra', '0' + i + '|' + (2000 + (i % 30))) + ',');
  process.stdout.write(sha.digest('hex'));
`;

describe('the bucket of a key', () => {
  it('I3: is the same for ever', () => {
    const golden = [
      ['sal', 'cifra', '05001'],
      ['sal', 'cifra', '05001|2020'],
      ['otra', 'cifra', '05001'],
      ['sal', 'otro', '05001'],
      ['sal', 'cifra', 'ñandú|Ω'],
    ].map(([salt, id, key]) => bucketOf(salt ?? '', id ?? '', key ?? ''));

    expect(golden).toEqual(GOLDEN);
  });

  it('I1: is the same in other processes, for a hundred thousand keys', async () => {
    const sha = createHash('sha256');
    for (const key of keys) sha.update(`${bucketOf('sal', 'cifra', key)},`);
    const expected = sha.digest('hex');

    const run = promisify(execFile);
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const children = await Promise.all(
      [1, 2, 3].map(() =>
        run(process.execPath, ['--input-type=module', '-e', CHILD], { cwd, env: {} }),
      ),
    );

    expect(children.map(({ stdout }) => stdout)).toEqual([expected, expected, expected]);
  });
});

const GOLDEN = [901572, 324104, 318767, 875152, 953096];

describe('a canary', () => {
  it('I2: only moves keys to the new side when it widens, and gives the last ones back when it narrows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: BUCKETS }),
        fc.integer({ min: 0, max: BUCKETS }),
        fc.array(fc.string({ minLength: 1 }), { maxLength: 50 }),
        (a, b, some) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          for (const key of some) {
            if (sideAt(low, key) === 'nuevo') expect(sideAt(high, key)).toBe('nuevo');
            if (sideAt(high, key) === 'viejo') expect(sideAt(low, key)).toBe('viejo');
          }
        },
      ),
    );
  });

  it.each([10_000, 100_000, 500_000])('I2: moves %s keys of a million, within 3 sigma', (ppm) => {
    const share = ppm / BUCKETS;
    const moved = keys.filter((key) => sideAt(ppm, key) === 'nuevo').length;
    const sigma = Math.sqrt(KEYS * share * (1 - share));

    expect(Math.abs(moved - KEYS * share)).toBeLessThan(3 * sigma);
  });

  it('moves every key at a million and none at 0', () => {
    expect(keys.every((key) => sideAt(BUCKETS, key) === 'nuevo')).toBe(true);
    expect(keys.every((key) => sideAt(0, key) === 'viejo')).toBe(true);
  });

  it('answers its listed cohort from the new side whatever the share', () => {
    const tramo = tramoOf({
      fase: 'canary',
      canaryCohorte: { entidad: { prefijo: '05' } },
    });

    expect(sideOf(tramo, '05001', () => '05001')).toBe('nuevo');
    expect(sideOf(tramo, '08001', () => '08001')).toBe('viejo');
  });
});

const cohorte: fc.Arbitrary<Cohorte> = fc.record(
  {
    entidad: fc.oneof(
      fc.record({ en: fc.array(fc.constantFrom('05', '051', '08', '1'), { maxLength: 3 }) }),
      fc.record({ prefijo: fc.constantFrom('', '0', '05', '8') }),
    ),
    anio: fc.record({
      desde: fc.integer({ min: 1, max: 6 }),
      hasta: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { requiredKeys: [] },
);

describe('the owner of a record', () => {
  it('is the same by its key and by its row, and one only', () => {
    const phase = fc.constantFrom('shadow', 'canary', 'primary', 'retired');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cohorte, phase), { maxLength: 4 }),
        fc.integer({ min: 0, max: BUCKETS }),
        fc.constantFrom('05', '051', '08', '1', 'x'),
        (slices, canaryPpm, entidad) => {
          const tramos = slices.map(([own, fase], i) =>
            tramoOf({
              id: `t${i}`,
              fase: fase as 'shadow',
              cohorte: own.entidad === undefined ? {} : { entidad: own.entidad },
              nuevo: `nuevo${i}`,
              canaryPpm,
            }),
          );
          const ruteo = createRuteo(1, tramos, new Map([[Cifra.nombre, 'viejo']]));
          const byKey = ruteo.ownersOfKey(Cifra, ['entidad'], entidad);

          expect(byKey).toEqual([ruteo.ownerOfRow(Cifra, { id: '1', entidad })]);
          expect(ruteo.ownersOf(Cifra)).toContain(byKey[0]);
        },
      ),
    );
  });
});

describe('two registros that share their list of claves', () => {
  it('have owners of their own', () => {
    const claves = ['entidad'];
    const Otra = { ...Cifra, nombre: 'OtraDePrueba' };
    const ruteo = createRuteo(1, [
      tramoOf({ fase: 'primary', nuevo: 'a' }),
      tramoOf({ id: 'otra', registro: Otra.nombre, fase: 'primary', nuevo: 'b' }),
    ]);

    expect(ruteo.ownersOfKey(Cifra, claves, '05')).toEqual(['a']);
    expect(ruteo.ownersOfKey(Otra, claves, '05')).toEqual(['b']);
  });
});

describe('two cohorts', () => {
  it('overlap wherever some record belongs to both', () => {
    fc.assert(
      fc.property(cohorte, cohorte, (a, b) => {
        const shared = ['05', '051', '08', '1', '80'].some((entidad) =>
          [1, 2, 3, 4, 5, 6].some((anio) => {
            const valueOf = (campo: string) => (campo === 'anio' ? anio : entidad);
            return belongs(a, valueOf) && belongs(b, valueOf);
          }),
        );
        if (shared) expect(overlap(a, b)).toBe(true);
        expect(overlap(a, b)).toBe(overlap(b, a));
      }),
    );
  });

  it('do not overlap over years or territories apart', () => {
    expect(
      overlap({ anio: { desde: 2012, hasta: 2016 } }, { anio: { desde: 2017, hasta: 2020 } }),
    ).toBe(false);
    expect(overlap({ entidad: { prefijo: '05' } }, { entidad: { en: ['08001'] } })).toBe(false);
    expect(overlap({ entidad: { prefijo: '05' } }, { anio: { desde: 1, hasta: 2 } })).toBe(true);
  });
});
