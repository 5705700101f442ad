import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { SourceTimeoutError, SourceUnavailableError } from '../../errors.js';
import { createHttpSource } from './http-source.js';
import { mockContext } from './testing.js';

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** A promise that the test settles when it sees the event. */
const deferred = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

describe('given a real server', () => {
  const listen = async (
    answer: Parameters<typeof createServer>[1],
  ): Promise<{ baseUrl: string; server: ReturnType<typeof createServer> }> => {
    const server = createServer(answer as never);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { server, baseUrl: `http://127.0.0.1:${port}` };
  };
  const quiet = { call: () => undefined, error: () => undefined };
  const build = (baseUrl: string, mas: Partial<Parameters<typeof createHttpSource>[0]> = {}) =>
    createHttpSource({
      sistema: 'prueba',
      baseUrl,
      connections: 2,
      timeoutMs: 5_000,
      maxConcurrent: 1,
      resilience: { retries: 0 },
      tools: { now: Date.now, observer: quiet },
      ...mas,
    });

  it('cancels the request of a reader who left, also while it waits for a slot', async () => {
    const closed = deferred();
    const arrived = deferred();
    let requests = 0;
    const { server, baseUrl } = await listen((request) => {
      requests++;
      request.socket.once('close', () => {
        closed.resolve();
      });
      arrived.resolve();
    });
    const source = build(baseUrl);
    const first = new AbortController();
    const second = new AbortController();

    const running = caught(source.get('/a', mockContext({ signal: first.signal })));
    const queued = caught(source.get('/b', mockContext({ signal: second.signal })));
    await arrived.promise;
    second.abort();
    const left = await queued;
    first.abort();
    await running;
    await closed.promise;

    expect(left).toBeInstanceOf(SourceTimeoutError);
    expect(requests).toBe(1);
    await source.close();
    server.close();
  });

  it('gives up on a silent server when the deadline passes', async () => {
    const { server, baseUrl } = await listen(() => undefined);
    const source = build(baseUrl);

    const error = await caught(source.get('/a', mockContext({ deadline: Date.now() + 60 })));

    expect(error).toMatchObject({ code: 'SOURCE_TIMEOUT' });
    await source.close();
    server.closeAllConnections();
    server.close();
  });

  it('takes a body cut on the road for an unavailable source', async () => {
    const { server, baseUrl } = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"a":', () => response.destroy());
    });
    const source = build(baseUrl);

    expect(await caught(source.getJson('/a', mockContext()))).toBeInstanceOf(
      SourceUnavailableError,
    );
    await source.close();
    server.close();
  });

  it('never has more requests under way than allowed', async () => {
    let now = 0;
    let most = 0;
    const { server, baseUrl } = await listen((_request, response) => {
      most = Math.max(most, ++now);
      setImmediate(() => {
        now--;
        response.end('{}');
      });
    });
    const source = build(baseUrl, { connections: 8, maxConcurrent: 2 });

    await Promise.all(Array.from({ length: 12 }, () => source.get('/a', mockContext())));

    expect(most).toBeLessThanOrEqual(2);
    await source.close();
    server.closeAllConnections();
    server.close();
  });
});
