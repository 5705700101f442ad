import { encodeCopyRow } from '../../adapters/index.js';
import type { Engine } from './engine.js';
import { migrate } from './migrate.js';
import type { CopyRow, SqlStore, SqlTransaction, TransactionOptions } from './port.js';

/** Rows per COPY: the engine loads one block while the next one is encoded. */
const ROWS_PER_COPY = 2_500;
/** Rows encoded before other work of the main thread gets its turn. */
const ROWS_PER_TURN = 250;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function transaction<T>(
  engine: Engine,
  { snapshot = false, repeatable = false }: TransactionOptions,
  work: (session: SqlTransaction) => Promise<T>,
): Promise<T> {
  const session = await engine.acquire();
  let broken = false;
  try {
    await session.query(snapshot ? 'begin isolation level repeatable read read only' : 'begin');
    if (repeatable) await session.query('set local synchronous_commit = off');
    const result = await work({
      query: (...args) => session.query(...args),
      copy: (table, columns, rows) =>
        copyInto((into, block) => session.copyBlock(into, block), table, columns, [rows]),
    });
    await session.query('commit');
    return result;
  } catch (error) {
    await session.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    session.release(broken);
  }
}

type CopyBlock = Engine['copyBlock'];

async function copyInto(
  copyBlock: CopyBlock,
  table: string,
  columns: readonly string[],
  batches: AsyncIterable<readonly CopyRow[]> | Iterable<Iterable<CopyRow>>,
): Promise<number> {
  const into = `${quote(table)} (${columns.map(quote).join(', ')})`;
  let lines: string[] = [];
  let total = 0;
  let loading: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const block = Buffer.from(`${lines.join('\n')}\n`);
    lines = [];
    await loading;
    loading = copyBlock(into, block);
    // Seen when it is awaited, which may be a while.
    loading.catch(() => undefined);
  };
  try {
    for await (const batch of batches) {
      for (const row of batch) {
        lines.push(typeof row === 'string' ? row : encodeCopyRow(row));
        total++;
        if (lines.length >= ROWS_PER_COPY) await flush();
        else if (total % ROWS_PER_TURN === 0) await nextTurn();
      }
    }
    await flush();
  } finally {
    // Also when a row fails: whoever rolls back must not do so under a load that still runs.
    await loading;
  }
  return total;
}

/** The port over an engine: everything that both engines do alike. */
export const createSqlStore = (engine: Engine): SqlStore => ({
  engine: engine.name,
  query: (text, params = [], signal) => engine.query(text, params, signal),
  transaction: (work, options = {}) => transaction(engine, options, work),
  copy: (table, columns, rows) =>
    copyInto((into, block) => engine.copyBlock(into, block), table, columns, rows),
  exclusively: (name, work, { wait = true } = {}) => engine.exclusively(name, wait, work),
  migrate: (owner, migrations) => migrate(engine, owner, migrations),
});
