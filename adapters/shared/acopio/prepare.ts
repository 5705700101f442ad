import { bumpCambio, type PartsMirror } from './parts.js';
import { quote } from '../sql/columns.js';
import type { SqlStore } from '../sql/store.js';
import { createTableSql, type Table } from './table.js';

/** Makes sure, once per process, that a table has the form of its declaration. */
export type Prepare = (table: Table) => Promise<void>;

/** A table of another form cannot be read: it goes, and the parts that were in it are loaded again. */
async function prepareTable(store: SqlStore, table: Table): Promise<boolean> {
  return store.transaction(async (session) => {
    await session.query(`select pg_advisory_xact_lock(hashtextextended($1::text, 0))`, [
      `acopio:tabla:${table.name}`,
    ]);
    const found = await session.query<{ firma: string }>(
      'select firma from acopio_tabla where tabla = $1::text',
      [table.name],
    );
    if (found[0]?.firma === table.signature) return false;
    const { nombre, sistema } = table.registro;
    await session.query(`drop table if exists ${quote(table.name)}`);
    await session.query(createTableSql(table));
    await session.query(
      `insert into acopio_tabla (tabla, firma) values ($1::text, $2::text)
       on conflict (tabla) do update set firma = excluded.firma`,
      [table.name, table.signature],
    );
    await session.query(
      `update acopio_parte set generacion = null, version = null, filas = '{}'
        where filas::jsonb ? $1::text`,
      [nombre],
    );
    await bumpCambio(session, sistema);
    return true;
  });
}

export function createPrepare(store: SqlStore, mirror: PartsMirror): Prepare {
  const done = new Map<string, Promise<void>>();
  return (table) => {
    const name = `${table.name} ${table.signature}`;
    const known = done.get(name);
    if (known !== undefined) return known;
    const work = prepareTable(store, table).then(async (changed) => {
      if (changed) await mirror.refresh(table.registro.sistema);
    });
    done.set(name, work);
    work.catch(() => done.delete(name));
    return work;
  };
}
