import type { Origin, Row, SourceContext } from '../../adapters/contract.js';
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
