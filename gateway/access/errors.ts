import { groupBy } from '../../schema/group-by.js';
import { GraphQLError } from 'graphql';
import { AdapterError } from '../../adapters/errors.js';
import { InputProblem, SourceFailure } from '../../subgraphs/subgraph.js';
import type { PlacedAviso } from '../plan/problems.js';
import type { Path } from '../plan/slot.js';

/** Any failure of a field in its public words. What it does not know becomes ERROR_INTERNO without its text. */
export function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) {
    if (error.originalError instanceof Error) return toGraphQLError(error.originalError);
    return error.extensions['code'] === undefined ? internalError(error) : error;
  }
  if (error instanceof SourceFailure) {
    const { code, sistema, retryable, mensaje } = error.error;
    return new GraphQLError(mensaje, {
      extensions: { code, sistema, registro: error.registro, clave: error.key, retryable },
      originalError: null,
    });
  }
  if (error instanceof AdapterError) {
    const { code, sistema, retryable, mensaje } = error;
    return new GraphQLError(mensaje, { extensions: { code, sistema, retryable } });
  }
  if (error instanceof InputProblem) {
    return new GraphQLError(error.message, {
      extensions: { code: error.codigo, campo: error.campo, ejemplo: error.ejemplo },
    });
  }
  return internalError(error);
}

/** What graphql-js itself finds wrong with a value of ours is our mistake, and its words are about our types. */
const internalError = (error: unknown): GraphQLError =>
  new GraphQLError('Error interno del servicio.', {
    extensions: { code: 'ERROR_INTERNO', [CAUSE]: error },
  });

/** Keeps the cause for the log; symbols are never serialised. */
const CAUSE: unique symbol = Symbol('cause');

export const causeOf = (error: GraphQLError): unknown =>
  (error.extensions as { [CAUSE]?: unknown })[CAUSE];

export interface PublicError {
  readonly message: string;
  readonly path?: Path;
  readonly extensions: Readonly<Record<string, unknown>>;
}

const SAMPLE = 5;

/** One error per code, source and path without indices: the first place, how many, and a sample of keys. */
export function collapseErrors(
  errors: readonly { readonly error: GraphQLError; readonly path: Path | undefined }[],
): PublicError[] {
  const groups = groupsOf(errors, ({ error, path }) =>
    [error.extensions['code'], error.extensions['sistema'], error.message, shapeOf(path)].join('|'),
  );
  return groups.map((group) => {
    const ordered = [...group].sort((a, b) => comparePaths(a.path, b.path));
    const [first] = ordered as [(typeof group)[number]];
    const { clave, ...extensions } = publicExtensions(first.error);
    const claves = ordered.flatMap(({ error }) =>
      error.extensions['clave'] === undefined ? [] : [error.extensions['clave']],
    );
    return {
      message: first.error.message,
      ...(first.path === undefined ? {} : { path: first.path }),
      extensions: {
        ...extensions,
        ...(clave === undefined ? {} : { claves: [...new Set(claves)].slice(0, SAMPLE) }),
        total: group.length,
      },
    };
  });
}

/** What the two executions tell each other in an error is not for readers. */
const publicExtensions = ({ extensions }: GraphQLError): GraphQLError['extensions'] =>
  Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== 'bubbles'));

export interface PublicAviso {
  readonly codigo: string;
  readonly mensaje: string;
  readonly path: Path;
  readonly sistema?: string;
  readonly total: number;
}

/** Avisos collapse like errors. */
export function collapseAvisos(avisos: readonly PlacedAviso[]): PublicAviso[] {
  const groups = groupsOf(avisos, ({ aviso, path }) =>
    [aviso.codigo, aviso.sistema, shapeOf(path)].join('|'),
  );
  return groups.map((group) => {
    const [first] = [...group].sort((a, b) => comparePaths(a.path, b.path)) as [PlacedAviso];
    return { ...first.aviso, path: first.path, total: group.length };
  });
}

const shapeOf = (path: Path | undefined): string =>
  (path ?? []).filter((part) => typeof part === 'string').join('.');

/** Groups in the order of their shapes, so that both executions list them alike. */
const groupsOf = <T>(items: readonly T[], idOf: (item: T) => string): T[][] =>
  [...groupBy(items, idOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);

export function comparePaths(a: Path = [], b: Path = []): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] as string | number;
    const right = b[i] as string | number;
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}
