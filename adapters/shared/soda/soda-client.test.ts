import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MockedSource } from '../http/testing.js';
import { MOCK_ORIGIN, mockContext, mockSource } from '../http/testing.js';
import type { SodaClient, SodaClientOptions } from './soda-client.js';
import { createSodaClient } from './soda-client.js';

const DATASET = 'abcd-1234';
const MONDAY = 'Mon, 16 Sep 2019 23:13:03 GMT';
const TUESDAY = 'Tue, 17 Sep 2019 23:13:03 GMT';

/** One answer of the portal to one question, asserted from inside the mock. */
type Answer = (
  question: URLSearchParams,
  headers: Record<string, string>,
) => {
  status?: number;
  body: unknown;
  published?: string;
  headers?: Record<string, string>;
};

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a SODA client', () => {
  let mock: MockedSource;
  let asked: URLSearchParams[];
  let sentTokens: (string | undefined)[];
  beforeEach(() => {
    mock = mockSource();
    asked = [];
    sentTokens = [];
  });
  afterEach(async () => {
    mock.agent.assertNoPendingInterceptors();
    await mock.close();
  });

  const client = (mas: Partial<SodaClientOptions> = {}): SodaClient =>
    createSodaClient({
      sistema: 'prueba',
      source: mock.source,
      tools: { now: Date.now, observer: { call: () => undefined, error: () => undefined } },
      ...mas,
    });

  const answer = (reply: Answer, times = 1): void => {
    mock.agent
      .get(MOCK_ORIGIN)
      .intercept({ path: (path) => path.startsWith(`/resource/${DATASET}.json`) })
      .reply(({ path, headers }) => {
        const question = new URL(path, MOCK_ORIGIN).searchParams;
        const sent = headers as Record<string, string>;
        asked.push(question);
        sentTokens.push(sent['x-app-token']);
        const { status = 200, body, published = MONDAY, headers: more } = reply(question, sent);
        return {
          statusCode: status,
          data: typeof body === 'string' ? body : JSON.stringify(body),
          responseOptions: {
            headers: { 'X-SODA2-Truth-Last-Modified': published, ...more },
          },
        };
      })
      .times(times);
  };

  describe('asking one question', () => {
    it('answers rows and the version of the publication, with one call', async () => {
      answer(() => ({ body: [{ a: '1', b: 'x' }, { a: '2' }] }));

      const { rows, version } = await client().query(
        DATASET,
        { select: ['a', 'b'], where: "b = 'x'", order: ['a'], limit: 10 },
        mockContext(),
      );

      expect(rows).toEqual([{ a: '1', b: 'x' }, { a: '2' }]);
      expect(version).toMatchObject({ token: '2019-09-16T23:13:03.000Z' });
      expect(Object.fromEntries(asked[0] ?? [])).toEqual({
        $select: 'a,b',
        $where: "b = 'x'",
        $order: 'a',
        $limit: '10',
      });
      expect(mock.calls).toHaveLength(1);
    });

    it('always says its limit', async () => {
      answer(() => ({ body: [] }));

      await client().query(DATASET, {}, mockContext());

      expect(asked[0]?.get('$limit')).toBe('50000');
    });

    it.each([
      [{ 'Last-Modified': TUESDAY }, '2019-09-17T23:13:03.000Z'],
      [{ ETag: '"abc"' }, 'etag:"abc"'],
    ])('falls back to %j for the version', async (headers, token) => {
      answer(() => ({ body: [], published: '', headers }));

      const { version } = await client().query(DATASET, {}, mockContext());

      expect(version.token).toBe(token);
    });

    it('keeps the digits of a number that comes without quotes', async () => {
      answer(() => ({ body: '[{"a":"1"},{"a":9007199254740993.10}]' }));

      const { rows } = await client().query(DATASET, {}, mockContext());

      expect(rows).toEqual([{ a: '1' }, { a: '9007199254740993.10' }]);
    });

    it.each(['{"a":"1"}', '["x"]', '<html></html>'])('refuses %s as rows', async (body) => {
      answer(() => ({ body }));

      expect(await caught(client().query(DATASET, {}, mockContext()))).toMatchObject({
        code: 'SOURCE_CONTRACT',
      });
    });

    it('takes an unknown column for a changed schema, in both forms of error body', async () => {
      const message = 'Query coordinator error: query.soql.no-such-column; No such column: x';
      answer(() => ({
        status: 400,
        body: { message, errorCode: 'query.soql.no-such-column', data: { column: 'x' } },
      }));
      answer(() => ({
        status: 400,
        body: { code: 'query.soql.no-such-column', error: true, message },
      }));

      for (let i = 0; i < 2; i++) {
        expect(await caught(client().query(DATASET, {}, mockContext()))).toMatchObject({
          code: 'SOURCE_CONTRACT',
          mensaje: 'PRUEBA cambió el esquema de este conjunto de datos.',
        });
      }
    });

    it('takes any other 400 for a rejected question', async () => {
      answer(() => ({ status: 400, body: { errorCode: 'query.soql.type-mismatch', message: '' } }));

      expect(await caught(client().query(DATASET, {}, mockContext()))).toMatchObject({
        code: 'SOURCE_REJECTED',
      });
    });

    it('repeats a 202 until the answer is ready', async () => {
      answer(() => ({ status: 202, body: '' }), 3);
      answer(() => ({ body: [{ a: '1' }] }));

      const { rows } = await client().query(DATASET, {}, mockContext());

      expect(rows).toEqual([{ a: '1' }]);
      expect(mock.calls).toHaveLength(4);
    });
  });

  describe('given an application token', () => {
    const denied = {
      status: 403,
      body: { code: 'permission_denied', error: true, message: 'Invalid app_token specified' },
    };

    it('sends it', async () => {
      answer(() => ({ body: [] }));

      await client({ appToken: 'bueno' }).query(DATASET, {}, mockContext());

      expect(sentTokens).toEqual(['bueno']);
    });

    it('drops a refused token for good and says so', async () => {
      const soda = client({ appToken: 'malo' });
      answer(() => denied);
      answer(() => ({ body: [] }), 2);

      await soda.query(DATASET, {}, mockContext());
      await soda.query(DATASET, {}, mockContext());

      expect(sentTokens).toEqual(['malo', undefined, undefined]);
      expect(soda.estado().avisos).toMatchObject([{ codigo: 'APP_TOKEN_REJECTED' }]);
    });

    it('takes a 403 with and without it for a withdrawn dataset, and keeps the token', async () => {
      const soda = client({ appToken: 'bueno' });
      answer(() => ({ status: 403, body: '' }), 2);

      const error = await caught(soda.query(DATASET, {}, mockContext()));

      expect(error).toMatchObject({ code: 'SOURCE_WITHDRAWN' });
      expect(soda.estado().avisos).toEqual([]);
    });
  });

  it.each([403, 404])('takes a %d for a withdrawn dataset', async (status) => {
    answer(() => ({ status, body: '' }));

    expect(await caught(client().query(DATASET, {}, mockContext()))).toMatchObject({
      code: 'SOURCE_WITHDRAWN',
    });
  });

  it('asks for the version with the smallest question', async () => {
    answer(() => ({ body: [{ a: '1' }] }));

    const version = await client().version(DATASET, mockContext());

    expect(version.token).toBe('2019-09-16T23:13:03.000Z');
    expect(asked[0]?.get('$limit')).toBe('1');
  });

  describe('reading by keys', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `'${String(100_000 + i)}`);
    const askedKeys = (question: URLSearchParams): string[] =>
      (question.get('$where')?.match(/'((?:[^']|'')*)'/g) ?? []).map((text) =>
        text.slice(1, -1).replaceAll("''", "'"),
      );

    it('asks ten thousand keys in addresses of at most 6 000 bytes, each key once', async () => {
      const sizes: number[] = [];
      mock.agent
        .get(MOCK_ORIGIN)
        .intercept({ path: () => true })
        .reply(({ path }) => {
          sizes.push(new URL(path, MOCK_ORIGIN).href.length);
          const question = new URL(path, MOCK_ORIGIN).searchParams;
          return {
            statusCode: 200,
            data: JSON.stringify(askedKeys(question).map((k) => ({ k }))),
            responseOptions: { headers: { 'last-modified': MONDAY } },
          };
        })
        .persist();

      const answered = await client().readByKeys(
        DATASET,
        { column: 'k', values: keys, select: ['k'], where: "anio = '2024'", pageKey: ['k'] },
        mockContext(),
      );

      expect(Math.max(...sizes)).toBeLessThanOrEqual(6_000);
      expect(sizes.length).toBe(answered.calls);
      expect(answered.mode).toBe('keys');
      const got = answered.rows.map((row) => row.k).filter((k) => k !== '2024');
      expect([...got].sort()).toEqual([...keys].sort());
    });

    it('asks once with the cover and discards foreign rows', async () => {
      answer(() => ({ body: [{ k: keys[7] }, { k: 'ajena' }, { k: keys[3] }] }));

      const answered = await client().readByKeys(
        DATASET,
        { column: 'k', values: keys, cover: "anio = '2024'", where: "tipo = 'A'" },
        mockContext(),
      );

      expect(answered).toMatchObject({ mode: 'cover', calls: 1 });
      expect(answered.rows).toEqual([{ k: keys[7] }, { k: keys[3] }]);
      expect(asked[0]?.get('$where')).toBe("(tipo = 'A') and (anio = '2024')");
    });

    it('prefers the keys when they fit one address', async () => {
      answer((question) => ({ body: askedKeys(question).map((k) => ({ k })) }));

      const answered = await client().readByKeys(
        DATASET,
        { column: 'k', values: ["D'Acosta", "D'Acosta"], cover: "anio = '2024'" },
        mockContext(),
      );

      expect(answered.mode).toBe('keys');
      expect(asked[0]?.get('$where')).toBe("k in ('D''Acosta')");
    });

    it('starts again when its questions saw two publications', async () => {
      let question = 0;
      answer(() => ({ body: [], published: question++ === 0 ? MONDAY : TUESDAY }), 4);
      const two = keys.slice(0, 500);

      const answered = await client().readByKeys(
        DATASET,
        { column: 'k', values: two },
        mockContext(),
      );

      expect(answered.version.token).toBe('2019-09-17T23:13:03.000Z');
      expect(answered.calls).toBe(2);
    });

    it('refuses an answer that may go on when no total order was given', async () => {
      const full = JSON.stringify(Array.from({ length: 50_000 }, () => ({ k: '1' })));
      answer(() => ({ body: full }));

      const error = await caught(
        client().readByKeys(DATASET, { column: 'k', values: ['1'] }, mockContext()),
      );

      expect(error).toMatchObject({ code: 'CAPACIDAD_INSUFICIENTE' });
    });

    it('writes the same keys for each kind of column, however the question before wrote them', async () => {
      const ask = async (kind: 'text' | 'number', values: readonly string[]): Promise<string> => {
        await client().readByKeys(DATASET, { column: 'k', kind, values }, mockContext());
        return asked.at(-1)?.get('$where') ?? '';
      };
      answer(() => ({ body: [] }), 4);

      expect(await ask('text', ['1', '2'])).toBe("k in ('1','2')");
      expect(await ask('number', ['1', '2'])).toBe('k in (1,2)');
      expect(await ask('number', ['1', '3'])).toBe('k in (1,3)');
      expect(await ask('number', ['1', '3', '4'])).toBe('k in (1,3,4)');
    });

    it('refuses a key that is no number where the column is one', async () => {
      const error = await caught(
        client().readByKeys(
          DATASET,
          { column: 'k', kind: 'number', values: ['1) or (1=1'] },
          mockContext(),
        ),
      );

      expect(error).toMatchObject({ code: 'SOURCE_REJECTED' });
      expect(mock.calls).toEqual([]);
    });
  });
});
