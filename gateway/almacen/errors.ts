/** What can go wrong with the store itself. Messages are Spanish: they are read by who starts the process. */
export type AlmacenErrorCode =
  'ALMACEN_OCUPADO' | 'ALMACEN_CERRADO' | 'ALMACEN_PLAZO' | 'ALMACEN_SQL' | 'ALMACEN_MIGRACION';

export class AlmacenError extends Error {
  readonly code: AlmacenErrorCode;
  /** SQLSTATE, where the engine gave one. */
  readonly sqlState: string | undefined;

  constructor(
    code: AlmacenErrorCode,
    mensaje: string,
    options: { cause?: unknown; sqlState?: string | undefined } = {},
  ) {
    super(mensaje, { cause: options.cause });
    this.name = 'AlmacenError';
    this.code = code;
    this.sqlState = options.sqlState;
  }
}

export const deadlineError = (cause?: unknown): AlmacenError =>
  new AlmacenError('ALMACEN_PLAZO', 'El almacén no respondió dentro del plazo.', { cause });

export const closedError = (): AlmacenError =>
  new AlmacenError('ALMACEN_CERRADO', 'El almacén está cerrado.');

/** An SQL failure, with its SQLSTATE kept: callers decide by it, never by the text. */
export function toSqlError(cause: unknown): AlmacenError {
  if (cause instanceof AlmacenError) return cause;
  const raw = cause as { message?: unknown; code?: unknown };
  return new AlmacenError(
    'ALMACEN_SQL',
    `El almacén rechazó una instrucción: ${typeof raw.message === 'string' ? raw.message : 'sin detalle'}`,
    { cause, sqlState: typeof raw.code === 'string' ? raw.code : undefined },
  );
}
