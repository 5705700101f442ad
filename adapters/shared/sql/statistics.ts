/** Statistics that keep pace with a table that grows by bulk: without them the engine plans for an empty one. */
import { quote } from './columns.js';
import type { SqlStore } from './store.js';

/** Of 300 rows each: the usual 100 cost, in a wide table, as much as taking 20,000 rows in, and plan no better. */
const STATISTICS_TARGET = 20;
/** The engine itself scales what it knows by the size of the table; below so many pages any plan is quick. */
const GROWN = 4;
const FIRST_PAGES = 100;

/** Analyses a table that has grown so much since it was analysed last. Making an index counts its pages too, and no more. */
export async function analyzeGrown(store: SqlStore, table: string): Promise<void> {
  const [found] = await store.query<{ grown: boolean }>(
    `select c.pages >= ${FIRST_PAGES} and (c.pages >= c.relpages * ${GROWN} or not exists (
        select from pg_stats as s where s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname
      )) as grown
      from (select *, pg_relation_size(oid) / current_setting('block_size')::int as pages
        from pg_class where oid = to_regclass($1::text)) as c`,
    [quote(table)],
  );
  if (found?.grown !== true) return;
  await store.transaction(async (session) => {
    await session.query(`set local default_statistics_target = ${STATISTICS_TARGET}`);
    await session.query(`analyze ${quote(table)}`);
  });
}
