/** Closed-loop load over keep-alive connections. Bodies are counted, not kept: the generator shares the machine. */
import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import type { Work } from './queries.js';

export interface Target {
  readonly name: string;
  readonly origin: string;
  readonly toRequest: (work: Work) => Dispatcher.DispatchOptions;
}

export const limitTarget = (origin: string): Target => ({
  name: 'limit',
  origin,
  toRequest: ({ path }) => ({ method: 'GET', path }),
});

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

export const graphqlTarget = (name: string, origin: string, path = '/graphql'): Target => ({
  name,
  origin,
  toRequest: ({ query, variables }) => ({
    method: 'POST',
    path,
    headers: JSON_HEADERS,
    body: JSON.stringify({ query, variables }),
  }),
});

/** Body of one answer as text, to be compared. */
export async function fetchText({ origin, toRequest }: Target, work: Work): Promise<string> {
  const client = new Client(origin);
  try {
    const { statusCode, body } = await client.request(toRequest(work));
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${origin}: ${statusCode} ${text.slice(0, 300)}`);
    return text;
  } finally {
    await client.close();
  }
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Of each request, ms. */
  readonly latencies: readonly number[];
}

/** Works until the time is over; each connection ends the request it is in. */
export async function runLoad(
  target: Target,
  works: readonly Work[],
  options: { readonly connections: number; readonly ms: number; readonly minRequests?: number },
): Promise<Load> {
  const requests = works.map(target.toRequest);
  const clients = Array.from(
    { length: options.connections },
    () => new Client(target.origin, { pipelining: 1 }),
  );
  const latencies: number[] = [];
  const minRequests = options.minRequests ?? 1;
  let next = 0;
  const start = performance.now();
  const end = start + options.ms;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end || latencies.length < minRequests) {
        const request = requests[next++ % requests.length] as Dispatcher.DispatchOptions;
        const since = performance.now();
        await exchange(client, request);
        latencies.push(performance.now() - since);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  return { requests: latencies.length, seconds, latencies };
}

const exchange = (client: Client, request: Dispatcher.DispatchOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    client.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status) => {
        if (status !== 200) reject(new Error(`status ${status}`));
      },
      onResponseData: () => undefined,
      onResponseEnd: () => {
        resolve();
      },
      onResponseError: (_controller, error) => {
        reject(error);
      },
    });
  });

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
};
