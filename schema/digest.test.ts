import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  bucketDigest,
  bucketOf,
  BUCKETS,
  claveOf,
  compareClaves,
  contentDigest,
  huellaComparadaOf,
  huellaOf,
  recordDigest,
} from './digest.js';
import { codigo, defineRegistro, dinero, entero, texto } from './registro.js';
import { TODOS } from './registros/index.js';

const registro = defineRegistro({
  nombre: 'Prueba',
  sistema: 'prueba',
  clave: ['id', 'ordinal'],
  ruta: ['id'],
  accesos: {},
  campos: {
    ordinal: entero({ nulo: false }),
    id: codigo({ nulo: false }),
    nombre: texto(),
    valor: dinero(),
    cuenta: entero(),
    canal: codigo({ comparador: 'ninguno' }),
  },
});

const fila = { id: 'a', ordinal: 1, nombre: 'Bogotá', valor: '1.5', cuenta: 0, canal: 'x' };
const digest = (mas: object) => recordDigest(registro, { ...fila, ...mas });

describe('recordDigest', () => {
  it('is the SHA-256 of a canonical text that anybody can write', () => {
    const text =
      'registro/1 Prueba\n{"cuenta":0,"id":"a","nombre":"BOGOTA","ordinal":1,"valor":"1.5"}';

    expect(recordDigest(registro, fila)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('does not depend on the order of the properties', () => {
    expect(recordDigest(registro, Object.fromEntries(Object.entries(fila).reverse()))).toBe(
      recordDigest(registro, fila),
    );
  });

  it('tells null, absent, empty and zero apart', () => {
    const digests = [{ nombre: null }, { nombre: undefined }, { nombre: '' }, { nombre: '0' }].map(
      digest,
    );

    expect(new Set(digests).size).toBe(4);
    expect(digest({ cuenta: null })).not.toBe(digest({ cuenta: 0 }));
  });

  it('takes amounts by their value and refuses what is no exact decimal', () => {
    expect(digest({ valor: '1.50' })).toBe(digest({ valor: '1.5' }));
    expect(digest({ valor: '1.51' })).not.toBe(digest({ valor: '1.5' }));
    expect(() => digest({ valor: '1e5' })).toThrow('exact decimal');
  });

  it('follows the comparators: text without case and accents, and nothing of what none looks at', () => {
    expect(digest({ nombre: '  BOGOTA ' })).toBe(digest({}));
    expect(digest({ id: 'A' })).not.toBe(digest({}));
    expect(digest({ canal: 'y' })).toBe(digest({}));
  });

  it('differs between registros of the same campos', () => {
    expect(recordDigest({ ...registro, nombre: 'Otra' }, fila)).not.toBe(digest({}));
  });
});

describe('contentDigest', () => {
  it('looks at everything, exactly', () => {
    const content = (mas: object) => contentDigest(registro, { ...fila, ...mas });

    expect(content({ nombre: 'BOGOTA' })).not.toBe(content({}));
    expect(content({ canal: 'y' })).not.toBe(content({}));
    expect(content({})).not.toBe(digest({}));
  });

  it('ignores what the store cannot hold', () => {
    expect(contentDigest(registro, { ...fila, nombre: 'Bogotá\u0000' })).toBe(
      contentDigest(registro, fila),
    );
  });
});

describe('huellaOf', () => {
  const valueOf = (tipo: string): fc.Arbitrary<string | number | boolean> => {
    if (tipo === 'entero') return fc.integer();
    if (tipo === 'logico') return fc.boolean();
    if (tipo === 'dinero' || tipo === 'decimal')
      return fc.tuple(fc.bigInt(), fc.nat(99)).map(([units, cents]) => `${units}.${cents}`);
    return fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a"b\\', '\u0000', '\uD800', '  x'),
    );
  };

  it('is clave, bucket and both digests of any record of any registro', () => {
    for (const one of TODOS) {
      const campos = Object.entries(one.campos).map(([name, { tipo }]) => {
        const value = valueOf(tipo);
        const isClave = one.clave.includes(name);
        return [name, isClave ? value : fc.option(fc.option(value), { nil: undefined })] as const;
      });
      fc.assert(
        fc.property(fc.record(Object.fromEntries(campos)), (row) => {
          const clave = claveOf(one, row);

          expect(huellaOf(one, row)).toEqual({
            clave,
            bucket: bucketOf(clave),
            resumen: recordDigest(one, row),
            contenido: contentDigest(one, row),
          });
          expect({ ...huellaComparadaOf(one, row), contenido: contentDigest(one, row) }).toEqual(
            huellaOf(one, row),
          );
        }),
        { numRuns: 20 },
      );
    }
  });

  it('throws for an amount that is none, whether it is compared or not', () => {
    for (const comparador of ['exacto', 'ninguno'] as const) {
      const valor = dinero({ comparador });
      const uno = defineRegistro({ ...registro, campos: { ...registro.campos, valor } });
      const bad = { ...fila, valor: 'mucho' };

      expect(() => huellaOf(uno, bad)).toThrow(TypeError);
      expect(() => huellaComparadaOf(uno, bad)).toThrow(TypeError);
    }
  });

  it('writes texts as JSON does, whatever they hold', () => {
    const uno = defineRegistro({ ...registro, campos: { ...registro.campos, nombre: codigo() } });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (nombre) => {
        const text = JSON.stringify(nombre.replaceAll('\u0000', ''));
        const canonical = `registro/1 Prueba\n{"cuenta":0,"id":"a","nombre":${text},"ordinal":1,"valor":"1.5"}`;

        expect(recordDigest(uno, { ...fila, nombre })).toBe(
          createHash('sha256').update(canonical).digest('hex'),
        );
      }),
    );
  });
});

describe('claves', () => {
  it('puts each clave in one of 4 096 buckets by the first 12 bits of its SHA-256', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (clave) => {
        const first = createHash('sha256').update(clave).digest().readUInt16BE(0) >> 4;

        expect(bucketOf(clave)).toBe(first);
        expect(first).toBeLessThan(BUCKETS);
      }),
    );
  });

  it('orders claves as the bytes of their text', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareClaves(a, b))).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
      }),
    );
  });

  it('refuses a record without its clave', () => {
    expect(() => claveOf(registro, { id: 'a' })).toThrow('lacks its clave');
  });
});

describe('bucketDigest', () => {
  it('depends on the order and on the number of its records', () => {
    const [a, b] = [digest({}), digest({ cuenta: 1 })];

    const digests = [[a, b], [b, a], [a], [a, a], []].map(bucketDigest);

    expect(new Set(digests).size).toBe(5);
  });
});

describe('TODOS', () => {
  it('names each registro once', () => {
    const names = TODOS.map(({ nombre }) => nombre);

    expect(new Set(names).size).toBe(names.length);
  });
});
