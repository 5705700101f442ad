import { describe, expect, it } from '@jest/globals';
import type { Filtro, Orden } from '../../schema/registro.js';
import { defineRegistro } from '../../schema/registro.js';
import type { Bucket } from '../../subgraphs/subgraph.js';
import {
  byAcceso,
  byMedida,
  byPage,
  byTop,
  PAGE_KEY,
  SourceFailure,
} from '../../subgraphs/subgraph.js';
import { Contexts } from '../contexts.js';
import { ANONYMOUS } from './tokens.js';
import { Cifra, found, operationOf } from '../rows/testing.js';
import { refuseProbing } from './reserved.js';

/** `documento` is personal; a look-up by it is declared, as a control body may need one. */
const Persona = defineRegistro({
  ...Cifra,
  nombre: 'CifraPorPersona',
  accesos: { ...Cifra.accesos, porDocumento: { claves: ['documento'], cardinalidad: 'muchos' } },
});
const listOf = (filtro: Filtro | null, orden: readonly Orden[] = []) => ({
  filtro,
  orden,
  options: { first: 10, after: null, count: true },
});
const eq = (campo: string): Filtro => ({ op: 'eq', campo, valor: '52000111' });

const PROBES: readonly (readonly [string, Bucket])[] = [
  ['a filter', byPage(Persona, listOf(eq('documento')))],
  ['a prefix', byPage(Persona, listOf({ op: 'prefix', campo: 'documento', valor: '52' }))],
  [
    'a filter inside another',
    byTop(
      Persona,
      'porEntidad',
      listOf({ op: 'and', de: [eq('id'), { op: 'and', de: [eq('documento')] }] }),
    ),
  ],
  ['an order', byPage(Persona, listOf(null, [{ campo: 'documento', sentido: 'asc' }]))],
  ['a look-up', byAcceso(Persona, 'porDocumento')],
  ['a list of a look-up', byTop(Persona, 'porDocumento', listOf(null))],
  ['a dimension of a total', byMedida(Persona, 'total', ['documento'])],
];
const OPEN: readonly (readonly [string, Bucket])[] = [
  ['a filter', byPage(Persona, listOf(eq('contrato'), [{ campo: 'valor', sentido: 'desc' }]))],
  ['a look-up', byAcceso(Persona, 'porEntidad')],
  ['a dimension of a total', byMedida(Persona, 'total', ['anio'])],
];

describe('a question over a personal campo', () => {
  const asked: Bucket[] = [];
  const fetch = refuseProbing((bucket, keys) => {
    asked.push(bucket);
    return Promise.resolve(new Map(keys.map((key) => [key, found([])])));
  });
  const atOf = async (bucket: Bucket, alcance: 'publico' | 'migracion' | 'control') => {
    asked.length = 0;
    const outcome = (await fetch(bucket, ['k'], operationOf({ alcance }))).get('k');
    return outcome?.at === 'failed' ? outcome.error.code : outcome?.at;
  };

  it.each(PROBES)(
    'by %s is refused to who may not see it, and reaches no source',
    async (_what, bucket) => {
      for (const alcance of ['publico', 'migracion'] as const) {
        expect(await atOf(bucket, alcance)).toBe('CAMPO_RESERVADO');
        expect(asked).toEqual([]);
      }
    },
  );

  it.each(PROBES)('by %s is answered to a control body', async (_what, bucket) => {
    expect(await atOf(bucket, 'control')).toBe('found');
  });

  it.each(OPEN)('is not one that speaks of other campos: %s', async (_what, bucket) => {
    expect(await atOf(bucket, 'publico')).toBe('found');
  });

  it('is refused by the store of every operation, with a reason in Spanish and no value', async () => {
    const contexts = new Contexts({
      tramosNow: () => ({ epoca: 0 }) as never,
      identidadNow: () => null as never,
      sistemas: () => [],
      fetch: () => Promise.reject(new Error('a source was asked')),
      mesa: null as never,
      now: Date.now,
    });
    const ending = { signal: new AbortController().signal };
    const context = contexts.open(ANONYMOUS, ending, { deadline: Number.MAX_SAFE_INTEGER });
    const bucket = byPage(Persona, listOf(eq('documento')));
    await context.store.load([{ bucket, keys: [PAGE_KEY] }]);

    const read = (): unknown => context.store.top(bucket, PAGE_KEY);
    expect(read).toThrow(SourceFailure);
    expect(read).toThrow(/dato personal/);
    expect(read).not.toThrow(/52000111/);
  });
});
