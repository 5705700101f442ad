import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Limit } from '../resilience/resilience.js';
import { MAX_TIMER_MS, TimeLimitError } from '../resilience/resilience.js';
import type { Stoppable } from '../stop.js';

/** One GET over a dispatcher, its body whole. No stream lies between the socket and the text: a request makes many. */

export interface Exchange {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the body, decompressed. */
  readonly bytes: number;
}

export class BodyTooLargeError extends Error {}

const UNPACK: Readonly<Record<string, (body: Buffer, maxBytes: number) => Promise<Buffer>>> = {
  gzip: (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  'x-gzip': (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  br: (body, maxOutputLength) => promisify(brotliDecompress)(body, { maxOutputLength }),
  deflate: (body, maxOutputLength) => promisify(inflate)(body, { maxOutputLength }),
};

/** The cap counts decompressed bytes: a small answer may unfold to gigabytes. */
async function unpack(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const unfold = UNPACK[encoding.trim().toLowerCase()];
  if (unfold === undefined) return body;
  try {
    return await unfold(body, maxBytes);
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

/** Rejects with the reason of the stop, or with TimeLimitError, as soon as the limit is reached. */
export const exchange = (
  dispatcher: Dispatcher,
  { origin, path, headers, maxBytes }: Question,
  limit: Limit,
): Promise<Exchange> =>
  new Promise((resolve, reject) => {
    const receiver = new Receiver(limit, maxBytes, resolve, reject);
    // The dispatcher keeps what it is given: each request has headers of its own.
    try {
      dispatcher.dispatch({ method: 'GET', origin, path, headers: { ...headers } }, receiver);
    } catch (error) {
      receiver.stop(error as Error);
    }
  });

const LONG_MS = 1_000;
const STEP_MS = 100;

/** The platform keeps a list of timers for each duration: long ones are rounded up, so that few lists are made. */
const toTimerMs = (ms: number): number =>
  ms < LONG_MS ? ms : Math.min(Math.ceil(ms / STEP_MS) * STEP_MS, MAX_TIMER_MS);

class Receiver implements Dispatcher.DispatchHandler {
  readonly #stop: Stoppable;
  readonly #timer: NodeJS.Timeout;
  readonly #maxBytes: number;
  readonly #resolve: (answer: Exchange | Promise<Exchange>) => void;
  readonly #reject: (error: unknown) => void;
  readonly #parts: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #controller: Dispatcher.DispatchController | null = null;

  constructor(
    { stop, ms }: Limit,
    maxBytes: number,
    resolve: (answer: Exchange | Promise<Exchange>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#stop = stop;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    stop.on(this.#onStop);
    this.#timer = setTimeout(this.#onTimeLimit, toTimerMs(ms));
  }

  readonly #onStop = (): void => {
    this.stop(this.#stop.reason as Error);
  };

  readonly #onTimeLimit = (): void => {
    this.stop(new TimeLimitError());
  };

  stop(reason: Error): void {
    this.#controller?.abort(reason);
    this.#end();
    this.#reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stop.isStopped) controller.abort(this.#stop.reason as Error);
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
    const encoding = this.#headers['content-encoding'];
    if (encoding === undefined) this.#resolve(this.#toExchange(body));
    else
      this.#resolve(
        unpack(body, encoding, this.#maxBytes).then((whole) => this.#toExchange(whole)),
      );
  }

  #toExchange(whole: Buffer): Exchange {
    const body = whole.toString('utf8');
    return { status: this.#status, headers: this.#headers, body, bytes: whole.length };
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#stop.off(this.#onStop);
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
