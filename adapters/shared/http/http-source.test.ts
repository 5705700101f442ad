import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SourceContractError,
  SourceRejectedError,
  SourceTimeoutError,
  SourceUnavailableError,
} from '../../errors.js';
import { HttpStatusError } from './failures.js';
import type { MockedSource } from './testing.js';
import { MOCK_ORIGIN, mockContext, mockSource } from './testing.js';

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an HTTP source', () => {
  let mock: MockedSource;
  beforeEach(() => {
    mock = mockSource();
  });
  afterEach(async () => {
    mock.agent.assertNoPendingInterceptors();
    await mock.close();
  });
  const on = (path = '/datos') => mock.agent.get(MOCK_ORIGIN).intercept({ path });

  it('answers status, lower-case headers and the body', async () => {
    on().reply(200, '[1]', { headers: { 'X-Marca': 'a' } });

    const answer = await mock.source.get('/datos', mockContext());

    expect(answer).toMatchObject({ status: 200, headers: { 'x-marca': 'a' }, body: '[1]' });
  });

  it('keeps number literals as text when asked for exact JSON', async () => {
    on().reply(200, '{"valor":63664515.480,"grande":9007199254740993,"lista":[-1e3,null,"x"]}');

    const { body } = await mock.source.getJsonExact('/datos', mockContext());

    expect(body).toEqual({
      valor: '63664515.480',
      grande: '9007199254740993',
      lista: ['-1e3', null, 'x'],
    });
  });

  it('unfolds a compressed body', async () => {
    on().reply(200, gzipSync('{"a":"ñ"}'), { headers: { 'content-encoding': 'gzip' } });

    expect((await mock.source.getJson('/datos', mockContext())).body).toEqual({ a: 'ñ' });
  });

  it.each([429, 500, 502, 503, 504])('asks again after a %d', async (status) => {
    on().reply(status, 'no');
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext());

    expect(mock.calls).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 501])('does not ask again after a %d', async (status) => {
    on().reply(status, 'no');

    const error = await caught(mock.source.getJson('/datos', mockContext()));

    expect(error).toBeInstanceOf(status === 501 ? SourceUnavailableError : SourceRejectedError);
    expect(mock.calls).toHaveLength(1);
  });

  it('repeats a 202 for longer than a failure', async () => {
    on().reply(202, '').times(6);
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext());

    expect(mock.calls).toHaveLength(7);
  });

  it('waits as long as Retry-After says, in seconds or as a date', async () => {
    on().reply(429, '', { headers: { 'retry-after': '3' } });
    on().reply(503, '', {
      headers: { 'retry-after': new Date(Date.now() + 9_000).toUTCString() },
    });
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext());

    expect(mock.slept[0]).toBe(3_000);
    expect(mock.slept[1]).toBeGreaterThan(5_000);
    expect(mock.slept[1]).toBeLessThanOrEqual(9_000);
  });

  it('does not begin a wait that would pass the deadline', async () => {
    on().reply(503, '', { headers: { 'retry-after': '30' } });

    const error = await caught(mock.source.getJson('/datos', mockContext()));

    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(mock.slept).toEqual([]);
    expect(mock.calls).toHaveLength(1);
  });

  it('gives up after three attempts and says the source is unavailable', async () => {
    on().reply(503, 'tabla INTERNA').times(3);

    const error = await caught(mock.source.getJson('/datos', mockContext()));

    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', sistema: 'prueba' });
    expect((error as Error).message).not.toMatch(/INTERNA|fuente\.test|datos/);
    expect((error as Error).cause).toBeInstanceOf(HttpStatusError);
    expect(mock.errors).toEqual(['SOURCE_UNAVAILABLE']);
  });

  it('asks again after a reset, and not after a refusal', async () => {
    on().replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    on().reply(200, '{}');
    on('/otro').replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));

    await mock.source.getJson('/datos', mockContext());
    const error = await caught(mock.source.getJson('/otro', mockContext()));

    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(mock.calls).toHaveLength(3);
  });

  it('takes a page of HTML for a broken contract and asks only once', async () => {
    on().reply(200, '<html>mantenimiento</html>');

    expect(await caught(mock.source.getJson('/datos', mockContext()))).toBeInstanceOf(
      SourceContractError,
    );
  });

  it('asks again for JSON that stops half way', async () => {
    on().reply(200, '[{"a":"1"},{"a"');
    on().reply(200, '[{"a":"1"}]');

    expect((await mock.source.getJson('/datos', mockContext())).body).toEqual([{ a: '1' }]);
  });

  it('refuses a redirect', async () => {
    on().reply(302, '', { headers: { location: 'http://otro.test/' } });

    expect(await caught(mock.source.get('/datos', mockContext()))).toBeInstanceOf(
      SourceContractError,
    );
  });

  it('counts each HTTP request under the origin of the reader', async () => {
    on().reply(500, '');
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext({ origen: 'fondo' }));

    expect(mock.calls).toEqual([
      { sistema: 'prueba', origen: 'fondo' },
      { sistema: 'prueba', origen: 'fondo' },
    ]);
  });

  it('sends nothing when the deadline has passed', async () => {
    const error = await caught(
      mock.source.get('/datos', mockContext({ deadline: Date.now() - 1 })),
    );

    expect(error).toBeInstanceOf(SourceTimeoutError);
    expect(mock.calls).toEqual([]);
  });

  it('sends the headers of the source and of the question', async () => {
    const other = mockSource({ dispatcher: mock.agent, headers: { 'x-a': '1' } });
    mock.agent
      .get(MOCK_ORIGIN)
      .intercept({ path: '/datos', headers: { 'x-a': '1', 'x-b': '2' } })
      .reply(200, 'ok');

    const answer = await other.source.get('/datos', mockContext(), { headers: { 'x-b': '2' } });

    expect(answer.body).toBe('ok');
    await other.close();
  });
});

describe('an HTTP source with a body cap', () => {
  it('refuses an answer that unfolds beyond the cap', async () => {
    const mock = mockSource({ maxBodyBytes: 1_000 });
    mock.agent
      .get(MOCK_ORIGIN)
      .intercept({ path: '/datos' })
      .reply(200, gzipSync('x'.repeat(100_000)), { headers: { 'content-encoding': 'gzip' } });

    expect(await caught(mock.source.get('/datos', mockContext()))).toBeInstanceOf(
      SourceContractError,
    );
    await mock.close();
  });
});

describe('given a breaker that opened', () => {
  const open = async (mock: MockedSource, failures: number): Promise<void> => {
    mock.agent.get(MOCK_ORIGIN).intercept({ path: '/datos' }).reply(500, '').times(failures);
    for (let i = 0; i < failures; i++) await caught(mock.source.get('/datos', mockContext()));
  };
  const settings = { resilience: { retries: 0, breakerFailures: 3, breakerOpenMs: 10_000 } };

  it('fails at once without a request, and says so in its state', async () => {
    const mock = mockSource(settings);
    await open(mock, 3);

    const error = await caught(mock.source.get('/datos', mockContext()));

    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(mock.calls).toHaveLength(3);
    expect(mock.source.estado().breaker).toBe('open');
    await mock.close();
  });

  it('lets one request through after the pause and closes when it succeeds', async () => {
    const mock = mockSource(settings);
    await open(mock, 3);
    mock.agent.get(MOCK_ORIGIN).intercept({ path: '/datos' }).reply(200, 'ok');
    const later = Date.now() + 10_001;
    jest.spyOn(Date, 'now').mockReturnValue(later);

    const answer = await mock.source.get('/datos', mockContext());

    expect(answer.body).toBe('ok');
    expect(mock.source.estado().breaker).toBe('closed');
    await mock.close();
  });

  it('stays open when the reader of the probe leaves', async () => {
    const mock = mockSource(settings);
    await open(mock, 3);
    mock.agent.get(MOCK_ORIGIN).intercept({ path: '/datos' }).reply(200, 'ok').delay(100);
    const later = Date.now() + 10_001;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    const reader = new AbortController();

    const probe = caught(mock.source.get('/datos', mockContext({ signal: reader.signal })));
    reader.abort();
    await probe;
    await new Promise(setImmediate);

    expect(mock.source.estado().breaker).toBe('open');
    await mock.close();
  });

  it('does not open for rejected questions nor for throttling', async () => {
    const mock = mockSource(settings);
    const pool = mock.agent.get(MOCK_ORIGIN);
    pool.intercept({ path: '/datos' }).reply(400, '').times(4);
    pool.intercept({ path: '/datos' }).reply(429, '').times(4);

    for (let i = 0; i < 8; i++) await caught(mock.source.get('/datos', mockContext()));

    expect(mock.source.estado().breaker).toBe('closed');
    expect(mock.calls).toHaveLength(8);
    await mock.close();
  });
});
