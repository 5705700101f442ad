import type { AdapterError } from '../../errors.js';
import {
  SourceContractError,
  SourceRejectedError,
  SourceTimeoutError,
  SourceUnavailableError,
} from '../../errors.js';
import { AttemptFailure } from '../resilience/resilience.js';

/** What the wire said, turned into the errors of the contract. Addresses and bodies stay in the cause. */

/** The cause of an error that came as an HTTP status. The body is cut: it is for the log and for error codes. */
export class HttpStatusError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;

  constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body.slice(0, 4_096);
  }
}

export type ToRejected = (cause: HttpStatusError) => AdapterError | undefined;

const PASSING_STATUS = new Set([429, 500, 502, 503, 504]);
const PASSING_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET']);
const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** The connection ended before the body did. */
const CUT_CODES = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'Z_BUF_ERROR']);
const GARBAGE_CODES = new Set(['Z_DATA_ERROR', 'UND_ERR_HEADERS_OVERFLOW']);
/** A source may ask for an hour; a slot is not held that long. */
const MAX_RETRY_AFTER_MS = 120_000;

/** Seconds or an HTTP date, as the header allows both. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

export function toStatusFailure(
  sistema: string,
  cause: HttpStatusError,
  now: number,
  toRejected?: ToRejected,
): AttemptFailure {
  const { status } = cause;
  const asked = readRetryAfter(cause.headers['retry-after'], now);
  const wait = asked === undefined ? {} : { retryAfterMs: asked };
  const patient = asked === undefined || asked <= MAX_RETRY_AFTER_MS;
  if (status === 202) {
    const mensaje = `${sistema.toUpperCase()} todavía prepara la respuesta.`;
    return new AttemptFailure(new SourceTimeoutError(sistema, { mensaje, cause }), {
      passing: patient,
      processing: patient,
      ...wait,
    });
  }
  if (status === 429) {
    const mensaje = `${sistema.toUpperCase()} limita las consultas en este momento.`;
    // Being throttled says nothing about its health: it must not open the breaker.
    return new AttemptFailure(new SourceUnavailableError(sistema, { mensaje, cause }), {
      passing: patient,
      ...wait,
    });
  }
  if (status >= 500) {
    return new AttemptFailure(new SourceUnavailableError(sistema, { cause }), {
      passing: patient && PASSING_STATUS.has(status),
      health: true,
      ...wait,
    });
  }
  if (status >= 400) {
    return new AttemptFailure(toRejected?.(cause) ?? new SourceRejectedError(sistema, { cause }));
  }
  return new AttemptFailure(new SourceContractError(sistema, { cause }));
}

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
};

export function toTransportFailure(sistema: string, cause: unknown): AttemptFailure {
  const code = codeOf(cause);
  if (TIMEOUT_CODES.has(code)) {
    return new AttemptFailure(new SourceTimeoutError(sistema, { cause }), {
      passing: true,
      health: true,
    });
  }
  if (GARBAGE_CODES.has(code) || code.startsWith('HPE_')) {
    return new AttemptFailure(new SourceContractError(sistema, { cause }));
  }
  const passing =
    PASSING_CODES.has(code) || CUT_CODES.has(code) || code === 'UND_ERR_CONNECT_TIMEOUT';
  return new AttemptFailure(new SourceUnavailableError(sistema, { cause }), {
    passing,
    health: true,
  });
}

/** A text that begins as JSON and stops half way was cut on the road; anything else was never the documented form. */
export function toDecodeFailure(sistema: string, text: string, cause: unknown): AttemptFailure {
  const body = text.trim();
  const opener = body[0];
  const cut =
    (opener === '[' && !body.endsWith(']')) ||
    (opener === '{' && !body.endsWith('}')) ||
    body === '';
  return cut
    ? new AttemptFailure(new SourceUnavailableError(sistema, { cause }), {
        passing: true,
        health: true,
      })
    : new AttemptFailure(new SourceContractError(sistema, { cause }));
}
