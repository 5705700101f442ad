import type { Key, Origin, Row, SourceContext } from '../../adapters/contract.js';
import { codigo, defineRegistro, dinero, entero } from '../../schema/registro.js';
import { toSourceError, SourceUnavailableError } from '../../adapters/errors.js';
import type { OperationContext } from './context.js';
import type { AnyOutcome } from './outcome.js';

/** A registro of the tests' own: amounts of an entity in a year, whose ruta is the entity. */
export const Cifra = defineRegistro({
  nombre: 'CifraDePrueba',
  sistema: 'viejo',
  clave: ['id'],
  ruta: ['entidad'],
  accesos: {
    porEntidad: { claves: ['entidad'], cardinalidad: 'muchos' },
    porContrato: { claves: ['contrato'], cardinalidad: 'muchos' },
  },
  campos: {
    id: codigo({ nulo: false }),
    entidad: codigo({ nulo: false }),
    contrato: codigo(),
    anio: entero(),
    valor: dinero(),
    documento: codigo({ clase: 'personal' }),
  },
  medidas: {
    total: { grano: ['entidad'], dimensiones: ['anio', 'documento'], suma: ['valor'], version: 1 },
  },
});

export const originOf = (servidoPor: string): Origin => ({
  sistema: Cifra.sistema,
  registro: Cifra.nombre,
  modo: 'FILAS',
  version: { token: 'v1', checkedAt: '2026-01-01T00:00:00.000Z' },
  servidoPor,
});

export const found = (rows: readonly Row[], servidoPor = 'viejo'): AnyOutcome => ({
  at: 'found',
  rows,
  origin: originOf(servidoPor),
});
export const absent = (servidoPor = 'viejo'): AnyOutcome => ({
  at: 'absent',
  origin: originOf(servidoPor),
});
export const failed = (sistema = 'viejo'): AnyOutcome => ({
  at: 'failed',
  error: toSourceError(new SourceUnavailableError(sistema)),
});

export const operationOf = (mas: Partial<OperationContext> = {}): OperationContext => ({
  alcance: 'publico',
  corte: null,
  epoca: 0,
  signal: new AbortController().signal,
  deadline: Number.MAX_SAFE_INTEGER,
  ...mas,
});

/** What a source is told of an operation that asks it alone. */
export const toSourceContext = (operation: OperationContext): SourceContext => {
  const { signal, deadline, alcance, corte, epoca, origen = 'consulta' } = operation;
  return { signal, deadline, alcance, corte, epoca, origen };
};

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A source that answers when the test says so. */
export class HeldSource {
  readonly calls: {
    readonly keys: readonly Key[];
    readonly ctx: SourceContext;
    readonly answer: (outcomeOf?: (key: Key) => AnyOutcome) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  readonly ask = (
    _bucket: unknown,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ReadonlyMap<Key, AnyOutcome>> =>
    new Promise((resolve, reject) => {
      this.calls.push({
        keys,
        ctx,
        reject,
        answer: (outcomeOf = (key) => found([{ id: key, entidad: key }])) => {
          resolve(new Map(keys.map((key) => [key, outcomeOf(key)])));
        },
      });
    });

  /** Answers whatever comes until the work is done. */
  async drain<T>(work: Promise<T>): Promise<T> {
    let answered = 0;
    const state = { done: false };
    const mark = (): void => {
      state.done = true;
    };
    void work.then(mark, mark);
    while (!state.done) {
      await nextTurn();
      for (; answered < this.calls.length; answered++) this.calls[answered]?.answer();
    }
    return work;
  }
}
