import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pagador } from '../../contract.js';
import { BudgetExceededError, SourceUnavailableError } from '../../errors.js';
import type { MockedSource } from './testing.js';
import { MOCK_ORIGIN, mockContext, mockSource } from './testing.js';

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const pays = (llamadas: number, bytes = 1_000, parte = 1): Pagador => ({
  saldo: { llamadas, bytes },
  parte,
  impago: false,
});

describe('an HTTP source that somebody pays for', () => {
  let mock: MockedSource;
  beforeEach(() => {
    mock = mockSource();
  });
  afterEach(async () => {
    mock.agent.assertNoPendingInterceptors();
    await mock.close();
  });
  const on = () => mock.agent.get(MOCK_ORIGIN).intercept({ path: '/datos' });

  it('charges each call and the bytes of its body, decompressed', async () => {
    const pagador = pays(2);
    on().reply(200, gzipSync(`"${'a'.repeat(500)}"`), { headers: { 'content-encoding': 'gzip' } });

    await mock.source.getJson('/datos', mockContext({ pagadores: [pagador] }));

    expect(pagador).toMatchObject({ saldo: { llamadas: 1, bytes: 498 }, impago: false });
  });

  it('is not called once nothing is left, and is not blamed for it', async () => {
    const pagador = pays(0);

    const error = await caught(
      mock.source.getJson('/datos', mockContext({ pagadores: [pagador] })),
    );

    expect(error).toBeInstanceOf(BudgetExceededError);
    expect([mock.calls, mock.errors, pagador.impago]).toEqual([[], [], true]);
  });

  it('charges the attempts after the first like any call', async () => {
    const pagador = pays(2);
    on().reply(503, 'no').times(2);

    const error = await caught(
      mock.source.getJson('/datos', mockContext({ pagadores: [pagador] })),
    );

    expect(error).toBeInstanceOf(BudgetExceededError);
    expect(mock.calls).toHaveLength(2);
  });

  it('cuts a body that nobody can pay for, and asks nothing more of it', async () => {
    const pagador = pays(5, 100);
    on().reply(200, `"${'a'.repeat(500)}"`);
    const ctx = mockContext({ pagadores: [pagador] });

    expect(await caught(mock.source.getJson('/datos', ctx))).toBeInstanceOf(BudgetExceededError);
    expect(await caught(mock.source.getJson('/datos', ctx))).toBeInstanceOf(BudgetExceededError);
    expect([mock.calls.length, mock.errors]).toEqual([1, []]);
  });

  it('goes on while one of those who wait can pay, and says who could not', async () => {
    const [rich, poor] = [pays(3, 1_000, 0.5), pays(0.2, 1_000, 0.5)];
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext({ pagadores: [poor, rich] }));

    expect([poor.impago, rich.impago]).toEqual([true, false]);
    expect(rich.saldo).toEqual({ llamadas: 2.5, bytes: 999 });
  });

  it('charges nothing of the background', async () => {
    const pagador = pays(0);
    on().reply(200, '{}');

    await mock.source.getJson('/datos', mockContext({ origen: 'fondo', pagadores: [pagador] }));

    expect(pagador).toEqual(pays(0));
  });

  it('does not take a refusal for a proof that a dead source lives', async () => {
    await mock.close();
    mock = mockSource({ resilience: { retries: 0, breakerFailures: 1, breakerOpenMs: 0 } });
    on().reply(503, 'no').times(2);
    await caught(mock.source.getJson('/datos', mockContext()));
    const broke = mockContext({ pagadores: [pays(0)] });

    expect(await caught(mock.source.getJson('/datos', broke))).toBeInstanceOf(BudgetExceededError);
    expect(mock.source.estado().breaker).toBe('open');
    expect(await caught(mock.source.getJson('/datos', mockContext()))).toBeInstanceOf(
      SourceUnavailableError,
    );
  });
});
