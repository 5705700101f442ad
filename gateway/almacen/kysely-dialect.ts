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

const sessions = new WeakMap<DatabaseConnection, EngineSession>();

function createConnection(session: EngineSession): DatabaseConnection {
  const connection: DatabaseConnection = {
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      const params = compiled.parameters as readonly SqlParam[];
      return { rows: (await session.query<object>(compiled.sql, params)) as R[] };
    },
    streamQuery() {
      throw new Error('streaming goes through the store, not through Kysely');
    },
  };
  sessions.set(connection, session);
  return connection;
}

const run = async (connection: DatabaseConnection, text: string): Promise<void> => {
  await sessions.get(connection)?.query(text);
};

/** The engine stays the owner of its connections: destroying the Kysely instance closes nothing. */
export function createDialect(engine: Engine): Dialect {
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: async () => createConnection(await engine.acquire()),
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    releaseConnection: (connection) => {
      sessions.get(connection)?.release();
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
