import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { isPlainRequest, KnownOperations, toPlainBody } from './known-operations.js';

const QUERY = 'query Uno($codigo: ID) { hoy(codigo: $codigo) } query Otro { hoy }';

function knowing(text: string): KnownOperations {
  const known = new KnownOperations();
  known.remember(text, parse(text), 'huella');
  return known;
}

describe('an operation that was served before', () => {
  it('is found by its text, with the name and the variables of the request', () => {
    const found = knowing(QUERY).find({
      query: QUERY,
      operationName: 'Uno',
      variables: { codigo: '05' },
    });

    expect(found).toMatchObject({
      documentId: 'huella',
      operationName: 'Uno',
      variables: { codigo: '05' },
    });
  });

  it.each([
    ['a text never served', { query: '{ hoy }' }],
    ['a field that only Apollo understands', { query: QUERY, extensions: {} }],
    ['a list of requests', [{ query: QUERY }]],
    ['variables that are text', { query: QUERY, variables: '{}' }],
    ['variables that are a list', { query: QUERY, variables: [] }],
    ['a name that is a number', { query: QUERY, operationName: 1 }],
    ['no body', undefined],
  ])('is not found for %s', (_case, body) => {
    expect(knowing(QUERY).find(body)).toBeNull();
  });

  it('is never a mutation', () => {
    const text = 'query Uno { hoy } mutation Dos { mover }';

    expect(knowing(text).find({ query: text, operationName: 'Uno' })).toBeNull();
  });
});

describe('a request that Apollo would answer with plain JSON', () => {
  const json = { 'content-type': 'application/json' };

  it.each([
    ['POST', json, true],
    ['POST', { ...json, accept: '*/*' }, true],
    ['POST', { ...json, accept: 'application/graphql-response+json' }, false],
    ['POST', { ...json, accept: 'text/html' }, false],
    ['POST', { 'content-type': 'text/plain' }, false],
    ['POST', {}, false],
    ['GET', json, false],
  ])('%s %j: %s', (method, headers, plain) => {
    expect(isPlainRequest(method, headers)).toBe(plain);
  });
});

describe('the body of an answer', () => {
  const extensions = { fuentes: [] };

  it('is written here when nothing failed', () => {
    expect(toPlainBody({ data: { hoy: 'sí' }, errors: [], extensions })).toBe(
      '{"data":{"hoy":"sí"},"extensions":{"fuentes":[]}}\n',
    );
  });

  it('is left to Apollo when something failed or nothing ran', () => {
    const error = { message: 'falla', extensions: {} };

    expect(toPlainBody({ data: { hoy: null }, errors: [error], extensions })).toBeNull();
    expect(toPlainBody({ data: undefined, errors: [], extensions })).toBeNull();
  });
});
