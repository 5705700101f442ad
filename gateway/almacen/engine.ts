import type { SqlParam, SqlSession } from './port.js';

/** One connection, held until it is released. */
export interface EngineSession extends SqlSession {
  /** Loads one block in COPY text format, as part of what this session is doing. */
  copyBlock(into: string, block: Buffer): Promise<void>;
  /** `broken` connections are thrown away, not handed to the next one. */
  release(broken?: boolean): void;
}

/** What differs between PGlite and PostgreSQL; everything else is written once, in sql-store.ts. */
export interface Engine {
  readonly name: 'pglite' | 'postgres';
  acquire(signal?: AbortSignal): Promise<EngineSession>;
  query<T extends object>(
    text: string,
    params: readonly SqlParam[],
    signal?: AbortSignal,
  ): Promise<T[]>;
  /** Loads one block in COPY text format. */
  copyBlock(into: string, block: Buffer): Promise<void>;
  exclusively<T>(name: string, wait: boolean, work: () => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

/** Numbers that both engines must read alike: int8 → bigint; numeric, date and timestamps → text. */
export const OID = {
  int8: 20,
  int8Array: 1016,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
};
