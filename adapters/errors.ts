/**
 * What can go wrong with a source, as data. The code is stable and public, the message is Spanish and safe to show;
 * what the source said (table names, documents, addresses) stays in `cause`, for the log only.
 */
export const RETRYABLE_BY_CODE = {
  SOURCE_UNAVAILABLE: true,
  SOURCE_TIMEOUT: true,
  SOURCE_REJECTED: false,
  SOURCE_CONTRACT: false,
  SOURCE_WITHDRAWN: false,
  SOURCE_QUARANTINED: false,
  SLICE_RETIRED: false,
  CAPACIDAD_INSUFICIENTE: false,
  CURSOR_VENCIDO: false,
  CONSULTA_EXCESIVA: false,
  CAMPO_RESERVADO: false,
} as const;

export type SourceErrorCode = keyof typeof RETRYABLE_BY_CODE;

export interface SourceError {
  readonly code: SourceErrorCode;
  readonly sistema: string;
  readonly retryable: boolean;
  /** Spanish, without raw names or addresses of the source. */
  readonly mensaje: string;
}

export class AdapterError extends Error implements SourceError {
  readonly code: SourceErrorCode;
  readonly sistema: string;
  readonly retryable: boolean;
  readonly mensaje: string;

  constructor(code: SourceErrorCode, sistema: string, mensaje: string, cause?: unknown) {
    super(mensaje, { cause });
    this.name = new.target.name;
    this.code = code;
    this.sistema = sistema;
    this.mensaje = mensaje;
    this.retryable = RETRYABLE_BY_CODE[code];
  }
}

const define = (code: SourceErrorCode, describe: (sistema: string) => string) =>
  class extends AdapterError {
    constructor(sistema: string, options: { mensaje?: string; cause?: unknown } = {}) {
      super(code, sistema, options.mensaje ?? describe(sistema.toUpperCase()), options.cause);
    }
  };

/** Refused, reset, 5xx, or the breaker is open. */
export class SourceUnavailableError extends define(
  'SOURCE_UNAVAILABLE',
  (s) => `${s} no responde en este momento.`,
) {}
/** The deadline of the request, or of the source, passed. */
export class SourceTimeoutError extends define(
  'SOURCE_TIMEOUT',
  (s) => `${s} no respondió dentro del plazo.`,
) {}
/** 4xx: the source refused the question or the credentials. */
export class SourceRejectedError extends define(
  'SOURCE_REJECTED',
  (s) => `${s} rechazó la consulta.`,
) {}
/** The answer is not in the documented form. */
export class SourceContractError extends define(
  'SOURCE_CONTRACT',
  (s) => `${s} respondió en una forma distinta de la documentada.`,
) {}
/** The dataset was closed: 403 with and without token. */
export class SourceWithdrawnError extends define(
  'SOURCE_WITHDRAWN',
  (s) => `${s} retiró este conjunto de datos de la consulta pública.`,
) {}
/** The drop is broken and there is no earlier good version. */
export class SourceQuarantinedError extends define(
  'SOURCE_QUARANTINED',
  (s) => `El último archivo de ${s} está en cuarentena y no hay una versión anterior válida.`,
) {}
/** An adapter was asked for a slice that is retired. */
export class SliceRetiredError extends define(
  'SLICE_RETIRED',
  (s) => `Este tramo de ${s} fue desmontado.`,
) {}
/** The source cannot answer this form of question without one call per parent. */
export class InsufficientCapabilityError extends define(
  'CAPACIDAD_INSUFICIENTE',
  (s) => `${s} no puede responder esta forma de consulta; reduzca la lista o el filtro.`,
) {}
/** The dataset moved since the cursor was given. */
export class ExpiredCursorError extends define(
  'CURSOR_VENCIDO',
  () => 'El cursor es de una versión anterior de los datos; vuelva a pedir la primera página.',
) {}

/** The request has used up what it may cost its sources. It says nothing about the health of any of them. */
export class BudgetExceededError extends define(
  'CONSULTA_EXCESIVA',
  () => 'La consulta pasa lo que una sola puede pedir a las fuentes; pida menos.',
) {}

/** The question filters, orders or groups by what its reader may not see (Ley 1581 de 2012). */
export class ReservedFieldError extends define(
  'CAMPO_RESERVADO',
  () => 'No se puede filtrar, ordenar ni agrupar por un dato personal que su rol no ve.',
) {}

/** The plain data of an error, for outcomes and caches. */
export const toSourceError = (error: SourceError): SourceError => ({
  code: error.code,
  sistema: error.sistema,
  retryable: error.retryable,
  mensaje: error.mensaje,
});
