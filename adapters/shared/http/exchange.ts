import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';

/** One GET over a dispatcher, its body whole. No stream lies between the socket and the text: a request makes many. */

export interface Exchange {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class BodyTooLargeError extends Error {}

const UNPACK: Readonly<Record<string, (body: Buffer, maxBytes: number) => Promise<Buffer>>> = {
  gzip: (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  'x-gzip': (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  br: (body, maxOutputLength) => promisify(brotliDecompress)(body, { maxOutputLength }),
  deflate: (body, maxOutputLength) => promisify(inflate)(body, { maxOutputLength }),
};

/** The cap counts decompressed bytes: a small answer may unfold to gigabytes. */
async function unpack(body: Buffer, encoding: string, maxBytes: number): Promise<string> {
  const unfold = UNPACK[encoding.trim().toLowerCase()];
  if (unfold === undefined) return body.toString('utf8');
  try {
    return (await unfold(body, maxBytes)).toString('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BodyTooLargeError(`more than ${maxBytes} bytes`);
    throw error;
  }
}

export interface Question {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

export async function exchange(
  dispatcher: Dispatcher,
  { origin, path, headers, maxBytes }: Question,
  signal: AbortSignal,
): Promise<Exchange> {
  const answer = await new Promise<Received>((resolve, reject) => {
    const receiver = new Receiver(signal, maxBytes, resolve, reject);
    dispatcher.dispatch({ method: 'GET', origin, path, headers: { ...headers } }, receiver);
  });
  const { status, body } = answer;
  const encoding = answer.headers['content-encoding'];
  const text =
    encoding === undefined ? body.toString('utf8') : await unpack(body, encoding, maxBytes);
  return { status, headers: answer.headers, body: text };
}

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

class Receiver implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  readonly #resolve: (received: Received) => void;
  readonly #reject: (error: unknown) => void;
  readonly #parts: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #controller: Dispatcher.DispatchController | null = null;

  constructor(
    signal: AbortSignal,
    maxBytes: number,
    resolve: (received: Received) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    const reason = this.#signal.reason as Error;
    this.#controller?.abort(reason);
    this.#end();
    this.#reject(reason);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#signal.reason as Error);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = flatten(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#maxBytes) {
      controller.abort(new BodyTooLargeError(`more than ${this.#maxBytes} bytes`));
    } else this.#parts.push(part);
  }

  onResponseEnd(): void {
    this.#end();
    const [only] = this.#parts;
    const body = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
