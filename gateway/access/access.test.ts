import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Row } from '../../adapters/contract.js';
import { SourceWithdrawnError, toSourceError } from '../../adapters/errors.js';
import { InputProblem, SourceFailure } from '../../subgraphs/subgraph.js';
import type { Registro } from '../../schema/registro.js';
import type { Alcance } from '../rows/context.js';
import type { AnyOutcome } from '../rows/outcome.js';
import { Cifra, found, originOf } from '../rows/testing.js';
import { SettingsError } from '../settings.js';
import { causeOf, collapseAvisos, collapseErrors, toGraphQLError } from './errors.js';
import { maskFor } from './masking.js';
import { ANONYMOUS, loadTokens } from './tokens.js';

async function withTokens<T>(content: string, work: (file: string) => T): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sugit-tokens-'));
  try {
    const file = path.join(folder, 'tokens.json');
    await writeFile(file, content);
    return work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
const TOKENS = JSON.stringify({
  tokens: [
    { token: 'token-control', persona: 'Ana', rol: 'control' },
    { token: 'token-tablero', persona: 'Luz', rol: 'tablero' },
  ],
});

const maskOutcome = (registro: Registro, outcome: AnyOutcome, alcance: Alcance): AnyOutcome =>
  maskFor(registro, alcance)?.(outcome) ?? outcome;

describe('tokens', () => {
  it('give each person a role and its access class', async () => {
    const table = await withTokens(TOKENS, loadTokens);

    expect(table.identify('Bearer token-control')).toEqual({
      persona: 'Ana',
      rol: 'control',
      alcance: 'control',
    });
    expect(table.identify('bearer token-tablero')?.alcance).toBe('publico');
  });

  it('are not needed: a reader without one is anonymous', () => {
    expect(loadTokens(null).identify(undefined)).toBe(ANONYMOUS);
  });

  it.each(['Bearer otro-token', 'Bearer', 'token-control', 'Basic token-control', ''])(
    'refuse «%s» instead of taking its reader for anonymous',
    async (header) => {
      expect((await withTokens(TOKENS, loadTokens)).identify(header)).toBeNull();
    },
  );

  it.each([
    ['no JSON', '{"tokens": [secreto'],
    ['another shape', '{"tokens":[{"token":"secreto-corto","persona":"","rol":"jefe"}]}'],
  ])(
    'in a file of %s are a wrong setting that shows nothing of the file',
    async (_what, content) => {
      const problem = await withTokens(content, (file) => {
        try {
          return loadTokens(file);
        } catch (error) {
          return error;
        }
      });

      expect(problem).toBeInstanceOf(SettingsError);
      expect(String(problem)).toContain('SUGIT_TOKENS_FILE');
      expect(String(problem)).not.toContain('secreto');
    },
  );
});

describe('masking', () => {
  const row: Row = { id: '1', documento: '52000111', valor: '1' };
  const outcome = found([row]);

  it.each(['publico', 'migracion'] as const)(
    'takes personal campos from the class %s',
    (alcance) => {
      expect(maskOutcome(Cifra, outcome, alcance)).toMatchObject({
        rows: [{ id: '1', documento: null, valor: '1' }],
      });
      expect(row['documento']).toBe('52000111');
    },
  );

  it('leaves them to control bodies', () => {
    expect(maskOutcome(Cifra, outcome, 'control')).toBe(outcome);
  });

  it('reaches the rows inside lists and the dimensions of totals', () => {
    const top = {
      at: 'found' as const,
      rows: [{ rows: [row], hasNext: false }],
      origin: originOf('viejo'),
    };
    const group = {
      at: 'found' as const,
      rows: [{ dims: { documento: '52000111', anio: '2025' }, sums: {}, count: 1 }],
      origin: originOf('viejo'),
    };

    expect(
      JSON.stringify([maskOutcome(Cifra, top, 'publico'), maskOutcome(Cifra, group, 'publico')]),
    ).not.toContain('52000111');
  });

  it('shows the document of a record only when the record says that it is no person’s', () => {
    const registro = { ...Cifra, personalCuando: 'esPersona' };
    const shown = (esPersona: boolean | null | undefined) => {
      const masked = maskOutcome(
        registro,
        found([{ ...row, ...(esPersona === undefined ? {} : { esPersona }) }]),
        'publico',
      );
      return masked.at === 'found' && (masked.rows[0] as Row)['documento'];
    };

    expect([shown(false), shown(true), shown(null), shown(undefined)]).toEqual([
      '52000111',
      null,
      null,
      null,
    ]);
  });
});

describe('errors', () => {
  const dead = (key: string) =>
    toGraphQLError(
      new SourceFailure(toSourceError(new SourceWithdrawnError('sigep')), 'Entidad', key),
    );

  it('become one for each source and path without indices, with the first place, the total and a sample', () => {
    const errors = Array.from({ length: 100 }, (_, i) => ({
      error: dead(String(i)),
      path: ['a', 99 - i, 'b'],
    }));

    expect(collapseErrors(errors)).toEqual([
      {
        message: expect.stringContaining('SIGEP'),
        path: ['a', 0, 'b'],
        extensions: {
          code: 'SOURCE_WITHDRAWN',
          sistema: 'sigep',
          registro: 'Entidad',
          retryable: false,
          claves: ['99', '98', '97', '96', '95'],
          total: 100,
        },
      },
    ]);
  });

  it('of other fields or other messages stay apart', () => {
    const bad = (campo: string) =>
      toGraphQLError(
        new InputProblem({ codigo: 'X_INVALIDO', mensaje: campo, campo, ejemplo: '1' }),
      );

    expect(
      collapseErrors([
        { error: bad('a'), path: ['x', 0] },
        { error: bad('b'), path: ['x', 1] },
        { error: bad('a'), path: ['y', 0] },
      ]),
    ).toHaveLength(3);
  });

  it.each([
    new Error('ORA-00942: table NOMINA.T1 at /srv/x.ts:3'),
    new GraphQLError('Int cannot represent non 32-bit signed integer value: 5e9'),
    'texto',
    null,
  ])('that nobody expected show nothing of their inside, and keep it for the log: %s', (thrown) => {
    const error = toGraphQLError(thrown);

    expect([error.message, error.extensions['code']]).toEqual([
      'Error interno del servicio.',
      'ERROR_INTERNO',
    ]);
    expect(causeOf(error)).toBe(thrown);
    expect(JSON.stringify(collapseErrors([{ error, path: ['a'] }]))).not.toMatch(/ORA|Int cannot/);
  });

  it('and avisos collapse alike', () => {
    const aviso = { codigo: 'SIN_ENTIDAD', mensaje: 'No tiene.' };

    expect(
      collapseAvisos([
        { aviso, path: ['m', 4, 'p'] },
        { aviso, path: ['m', 2, 'p'] },
        { aviso, path: ['q'] },
      ]),
    ).toEqual([
      { ...aviso, path: ['m', 2, 'p'], total: 2 },
      { ...aviso, path: ['q'], total: 1 },
    ]);
  });
});
