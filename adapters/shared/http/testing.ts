import { MockAgent } from 'undici';
import type { SourceContext } from '../../contract.js';
import type { SourceErrorCode } from '../../errors.js';
import type { HttpSource, HttpSourceOptions } from './http-source.js';
import { createHttpSource } from './http-source.js';

/** A source whose wire is a MockAgent: nothing leaves the machine, and whatever was promised must have been asked. */
export interface MockedSource {
  readonly agent: MockAgent;
  readonly source: HttpSource;
  readonly calls: { readonly sistema: string; readonly origen: SourceContext['origen'] }[];
  readonly errors: SourceErrorCode[];
  /** Waits between attempts, in place of waiting. */
  readonly slept: number[];
  close(): Promise<void>;
}

export const MOCK_ORIGIN = 'http://fuente.test';

export const mockContext = (mas: Partial<SourceContext> = {}): SourceContext => ({
  signal: new AbortController().signal,
  deadline: Date.now() + 20_000,
  alcance: 'publico',
  corte: null,
  epoca: 1,
  origen: 'consulta',
  ...mas,
});

export function mockSource(mas: Partial<HttpSourceOptions> = {}): MockedSource {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const calls: MockedSource['calls'] = [];
  const errors: SourceErrorCode[] = [];
  const slept: number[] = [];
  const source = createHttpSource({
    sistema: 'prueba',
    baseUrl: MOCK_ORIGIN,
    connections: 4,
    timeoutMs: 5_000,
    maxConcurrent: 4,
    dispatcher: agent,
    tools: {
      now: Date.now,
      observer: {
        call: (sistema, origen) => calls.push({ sistema, origen }),
        error: (_sistema, code) => errors.push(code),
      },
    },
    ...mas,
    resilience: {
      sleep: (ms) => {
        slept.push(ms);
        return Promise.resolve();
      },
      ...mas.resilience,
    },
  });
  return {
    agent,
    source,
    calls,
    errors,
    slept,
    close: async () => {
      await source.close();
      await agent.close();
    },
  };
}
