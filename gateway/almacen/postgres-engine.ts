/** PostgreSQL behind the engine port: a pool, COPY streams, and cancellation of what outlives its reader. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Engine, EngineSession } from './engine.js';
import { OID } from './engine.js';
import { closedError, deadlineError, toSqlError } from './errors.js';
import type { SqlParam } from './port.js';

const toBigint = (item: string): bigint | null => (item === 'NULL' ? null : BigInt(item));

/** Parsers of this pool only: nothing global changes. */
const types = new pg.TypeOverrides();
types.setTypeParser(OID.int8, (value) => BigInt(value));
types.setTypeParser(OID.int8Array, (value) =>
  value === '{}' ? [] : value.slice(1, -1).split(',').map(toBigint),
);
for (const oid of [OID.date, OID.timestamp, OID.timestamptz, OID.numeric]) {
  types.setTypeParser(oid, (value) => value);
}

const toPgParams = (params: readonly SqlParam[]): unknown[] =>
  params.map((p) => (typeof p === 'bigint' ? String(p) : p));

/** A call, not a property: the flag changes while the query runs. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

type Client = pg.PoolClient & { readonly processID?: number | null };

async function copyInto(client: Client, into: string, block: Buffer): Promise<void> {
  try {
    await pipeline(Readable.from([block]), client.query(copyFrom(`copy ${into} from stdin`)));
  } catch (error) {
    throw toSqlError(error);
  }
}

/** Connects at once, so that a wrong address is known when the process starts. */
export async function openPostgres(databaseUrl: string, maxConnections = 10): Promise<Engine> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: maxConnections, types });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The pool listens to idle connections only. One that breaks in use rejects its query, and must not end the process either.
  pool.on('connect', (client) => client.on('error', () => undefined));
  let closed = false;

  const run = async <T extends object>(
    client: Client,
    text: string,
    params: readonly SqlParam[],
    signal: AbortSignal | undefined,
  ): Promise<T[]> => {
    if (isAborted(signal)) throw deadlineError(signal?.reason);
    const cancel = (): void => {
      if (typeof client.processID !== 'number') return;
      pool.query('select pg_cancel_backend($1)', [client.processID]).catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const result = await client.query(text, params.length === 0 ? undefined : toPgParams(params));
      const last = Array.isArray(result) ? (result as pg.QueryResult[]).at(-1) : result;
      return (last?.rows ?? []) as T[];
    } catch (error) {
      throw isAborted(signal) ? deadlineError(error) : toSqlError(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  };

  const acquire = async (signal?: AbortSignal): Promise<EngineSession> => {
    if (closed) throw closedError();
    const client: Client = await pool.connect().catch((error: unknown) => {
      throw toSqlError(error);
    });
    return {
      query: (text, params = [], querySignal = signal) => run(client, text, params, querySignal),
      copyBlock: (into, block) => copyInto(client, into, block),
      release: (broken = false) => {
        client.release(broken);
      },
    };
  };

  const withSession = async <T>(
    signal: AbortSignal | undefined,
    work: (session: EngineSession) => Promise<T>,
  ): Promise<T> => {
    const session = await acquire(signal);
    try {
      return await work(session);
    } finally {
      session.release();
    }
  };

  const engine: Engine = {
    name: 'postgres',
    acquire,
    query: <T extends object>(text: string, params: readonly SqlParam[], signal?: AbortSignal) =>
      withSession(signal, (session) => session.query<T>(text, params)),
    async copyBlock(into, block) {
      if (closed) throw closedError();
      const client = await pool.connect();
      try {
        await copyInto(client, into, block);
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    /** A session lock: it ends with its connection, so a process that dies leaves nothing locked. */
    exclusively: (name, wait, work) =>
      withSession(undefined, async (session) => {
        const got = await session.query<{ got: boolean }>(
          wait
            ? 'select true as got from (select pg_advisory_lock(hashtextextended($1, 0))) as held'
            : 'select pg_try_advisory_lock(hashtextextended($1, 0)) as got',
          [name],
        );
        if (got[0]?.got !== true) return undefined;
        try {
          return await work();
        } finally {
          await session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
        }
      }),
    async close() {
      if (closed) return;
      closed = true;
      await pool.end();
    },
  };
  await engine.query('select 1', []).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  return engine;
}
