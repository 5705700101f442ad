/** Statistics that keep pace with a table that grows by bulk: without them the engine plans for an empty one. */
import type { Registro } from '../../schema/registro.js';
import { quote } from '../shared/sql/columns.js';
import type { SqlStore } from '../shared/sql/store.js';
import { tableName } from './table.js';

/** Below this, any plan is quick. */
const FIRST_ROWS = 5_000;
/** The engine itself scales what it knows by the size of the table. */
const NOTICEABLE_SHARE = 3;
/** Of 300 rows each: the usual 100 cost, in a wide table, as much as taking 20,000 rows in, and plan no better. */
const STATISTICS_TARGET = 20;

export function createGrowth(
  store: SqlStore,
): (registro: Registro, written: number) => Promise<void> {
  const seen = new Map<string, { analyzed: number; rows: number }>();
  return async (registro, written) => {
    const table = tableName(registro);
    const known = seen.get(table) ?? { analyzed: 0, rows: 0 };
    known.rows += written;
    seen.set(table, known);
    const grown = known.rows - known.analyzed;
    if (grown < Math.max(FIRST_ROWS, known.analyzed * NOTICEABLE_SHARE)) return;
    known.analyzed = known.rows;
    await store.transaction(async (session) => {
      await session.query(`set local default_statistics_target = ${STATISTICS_TARGET}`);
      await session.query(`analyze ${quote(table)}`);
    });
  };
}
