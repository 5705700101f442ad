/** The two error bodies of the platform (query errors and gateway errors). */
export class SodaError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(typeof body['message'] === 'string' ? body['message'] : 'soda error');
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** A query error: `{ message, errorCode, data }`. */
export function queryError(
  errorCode: string,
  detail: string,
  data: Readonly<Record<string, unknown>> = {},
): SodaError {
  return new SodaError(400, {
    message: `Query coordinator error: ${errorCode}; ${detail}`,
    errorCode,
    data: { ...data, position: { row: 1, column: 1, line: '' } },
  });
}

export function noSuchColumn(column: string): SodaError {
  return queryError(
    'query.soql.no-such-column',
    `No such column: ${column}; position: Map(row -> 1, column -> 1, line -> "${column}")`,
    { column, dataset: 'sandbox' },
  );
}

/** A gateway error: `{ code, error, message }`. */
export function gatewayError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): SodaError {
  return new SodaError(status, { code, error: true, message }, headers);
}
