/** Kysely over either engine, for its migrator and for typed queries of the gateway's own tables. */
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Engine, EngineSession } from './engine.js';
import type { SqlParam } from './port.js';

class SessionConnection implements DatabaseConnection {
  readonly session: EngineSession;

  constructor(session: EngineSession) {
    this.session = session;
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const params = compiled.parameters as readonly SqlParam[];
    return { rows: (await this.session.query<object>(compiled.sql, params)) as R[] };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming goes through the store, not through Kysely');
  }
}

const run = async (connection: DatabaseConnection, text: string): Promise<void> => {
  await (connection as SessionConnection).session.query(text);
};

/** The engine stays the owner of its connections: destroying the Kysely instance closes nothing. */
export function createDialect(engine: Engine): Dialect {
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: async () => new SessionConnection(await engine.acquire()),
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    releaseConnection: (connection) => {
      (connection as SessionConnection).session.release();
      return Promise.resolve();
    },
    destroy: () => Promise.resolve(),
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
