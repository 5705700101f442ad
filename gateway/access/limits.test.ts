import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { READY_QUERIES } from '../pages/ready-queries.js';
import { ANONYMOUS_LIMITS, parseWithin, TRUSTED_LIMITS } from './limits.js';

const codeOf = (text: string, limits = ANONYMOUS_LIMITS): unknown => {
  try {
    parseWithin(text, limits);
    return null;
  } catch (error) {
    if (error instanceof GraphQLError) return error.extensions['code'];
    throw error;
  }
};
const repeat = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const bombOf = (levels: number): string =>
  `{ ...F0 } ${repeat(levels, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${levels} on Query { sistemas { id } }`;

describe('the limits of a document', () => {
  it.each(READY_QUERIES.map(({ titulo, query }) => [titulo, query]))(
    'admit «%s»',
    (_title, query) => {
      expect(codeOf(query)).toBeNull();
    },
  );

  it('admit what GraphiQL asks of the schema', async () => {
    const { getIntrospectionQuery } = await import('graphql');

    expect(codeOf(getIntrospectionQuery())).toBeNull();
  });

  it.each([
    ['a bomb of 12 levels of fragments', bombOf(12)],
    ['a bomb of 30 levels of fragments', bombOf(30)],
    [
      'a bomb of inline fragments around spreads',
      bombOf(20).replaceAll('...F1 ...F1', '... { ...F1 } ... @include(if: true) { ...F1 }'),
    ],
    ['1,900 times one field', `{ ${'nombre '.repeat(1_900)} }`],
    [
      'overlapping fields in a fragment that nobody spreads',
      `{ __typename } fragment F on Municipio { ${'nombre '.repeat(500)} }`,
    ],
    [
      'overlapping fields brought by fifty fragments',
      `{ ${repeat(50, (i) => `...F${i}`)} } ${repeat(50, (i) => `fragment F${i} on Query { a { b c } a { b c } }`)}`,
    ],
    ['5,000 tokens', `{ ${repeat(2_500, (i) => `a${i}`)} }`],
    ['201 brackets in one another', '{a'.repeat(201)],
    ['lists in lists as an argument', `{ a(b: ${'['.repeat(300)}) }`],
    ['17 levels of fields', `${'{a'.repeat(17)}${'}'.repeat(17)}`],
    ['21 fields at the root', `{ ${repeat(21, (i) => `f${i}`)} }`],
    [
      '21 fields at the root out of a fragment',
      `{ ...F } fragment F on Query { ${repeat(21, (i) => `f${i}`)} }`,
    ],
    ['61 aliases', `{ a { ${repeat(61, (i) => `x${i}: b`)} } }`],
    [
      'aliases hidden in a fragment that is spread often',
      `{ ${repeat(7, (i) => `f${i} { ...F }`)} } fragment F on X { ${repeat(10, (i) => `x${i}: b`)} }`,
    ],
    ['51 directives', `{ a ${'@include(if: true) '.repeat(51)} }`],
    ['61 fragments', `{ a } ${repeat(61, (i) => `fragment F${i} on X { a }`)}`],
    ['a text of 300 KB', `{ a } # ${'x'.repeat(300_000)}`],
    ['a text of 150,000 letters that are 300 KB', `{ a } # ${'ñ'.repeat(150_000)}`],
  ])('refuse %s', (_what, text) => {
    expect(codeOf(text)).toBe('CONSULTA_EXCESIVA');
  });

  it('are wider for readers with a token', () => {
    const long = `{ a { ${repeat(100, (i) => `x${i}: b`)} } }`;

    expect([codeOf(long), codeOf(long, TRUSTED_LIMITS)]).toEqual(['CONSULTA_EXCESIVA', null]);
  });

  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '_clave',
    '__typename',
    '__schema',
  ])('refuse %s as an alias, also inside a fragment, and as a variable', (name) => {
    const code = 'CLAVE_DE_RESPUESTA_INVALIDA';

    expect(codeOf(`{ ${name}: sistemas { id } }`)).toBe(code);
    expect(codeOf(`{ ...F } fragment F on Query { sistemas { ${name}: id } }`)).toBe(code);
    expect(codeOf(`query ($${name}: Int) { a(b: $${name}) }`)).toBe(code);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('admit __typename itself', () => {
    expect(codeOf('{ __typename sistemas { __typename } }')).toBeNull();
  });

  it.each([
    ['to itself', '{ a { ...F } } fragment F on X { a { ...F } }'],
    [
      'by way of another',
      '{ ...F } fragment F on X { a { ...G } b { ...G } } fragment G on X { a { ...F } }',
    ],
    ['without being used', '{ a } fragment F on X { a { ...F } b { ...F } }'],
  ])('refuse a fragment that leads back %s', (_what, text) => {
    expect(codeOf(text)).toBe('CONSULTA_MAL_ESCRITA');
  });

  it('hold for fragments with the names of prototypes', () => {
    expect(codeOf('{ ...constructor } fragment constructor on Query { a }')).toBeNull();
    expect(codeOf(bombOf(20).replaceAll('F0', 'toString'))).toBe('CONSULTA_EXCESIVA');
  });

  it('leave an unknown fragment to validation', () => {
    expect(codeOf('{ ...Nada }')).toBeNull();
  });

  it.each(['', '{', '{ a(b: "x) }', '\u0000', '{ tokens( }'])(
    'say that %j is badly written',
    (text) => {
      expect(codeOf(text)).toBe('CONSULTA_MAL_ESCRITA');
    },
  );

  it('speak Spanish, and never of the stack', () => {
    expect(() => parseWithin('{a'.repeat(20_000), ANONYMOUS_LIMITS)).toThrow(
      /^La consulta pasa el límite/,
    );
  });
});
