/** Brings the table of a registro to the form of its declaration, once per process. Nothing stored is ever dropped. */
import { DIGEST_VERSION } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import { SourceContractError } from '../errors.js';
import { columnSql, quote } from '../shared/sql/columns.js';
import type { SqlSession, SqlStore } from '../shared/sql/store.js';
import { createTableSql, formaOf, indexesOf, tableName, type Forma } from './table.js';

export type Prepare = (registro: Registro) => Promise<void>;

/** What was stored under another declaration cannot be read, nor compared, under this one. */
function refuseChanged(registro: Registro, before: Forma, forma: Forma): void {
  const changed = (key: 'tipos' | 'comparadores'): string[] =>
    Object.keys(before[key]).filter(
      (name) => forma[key][name] !== undefined && forma[key][name] !== before[key][name],
    );
  const campos = [...changed('tipos'), ...changed('comparadores')];
  if (campos.length === 0 && before.digestVersion === forma.digestVersion) return;
  throw new SourceContractError(registro.sistema, {
    mensaje:
      `El almacén guarda ${registro.nombre} con otra declaración ` +
      `(${campos.length > 0 ? campos.join(', ') : 'versión de los resúmenes'}). ` +
      'Expórtelo con la versión anterior e impórtelo con esta.',
  });
}

/** Rows from before a campo existed did not carry it. */
async function addCampos(
  session: SqlSession,
  registro: Registro,
  before: Forma,
  forma: Forma,
): Promise<void> {
  const table = quote(tableName(registro));
  for (const name of Object.keys(forma.tipos)) {
    if (before.tipos[name] !== undefined) continue;
    await session.query(
      `alter table ${table} add column if not exists ${columnSql(registro, name)}`,
    );
    await session.query(`update ${table} set _ausente = concat_ws(',', _ausente, $1::text)`, [
      name,
    ]);
  }
}

async function prepareTable(store: SqlStore, registro: Registro): Promise<void> {
  const forma = formaOf(registro, DIGEST_VERSION);
  await store.transaction(async (session) => {
    const table = tableName(registro);
    await session.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [table]);
    const found = await session.query<{ forma: string }>(
      'select forma from unico_tabla where tabla = $1::text',
      [table],
    );
    const written = JSON.stringify(forma);
    if (found[0] === undefined) {
      await session.query(createTableSql(registro));
    } else if (found[0].forma !== written) {
      const before = JSON.parse(found[0].forma) as Forma;
      refuseChanged(registro, before, forma);
      await addCampos(session, registro, before, forma);
    }
    const present = await session.query<{ indexname: string }>(
      'select indexname::text as indexname from pg_indexes where tablename = $1::text',
      [table],
    );
    const names = new Set(present.map(({ indexname }) => indexname));
    for (const { name, sql } of indexesOf(registro)) {
      if (!names.has(name)) await session.query(sql);
    }
    await session.query(
      `insert into unico_tabla (tabla, forma) values ($1::text, $2::text)
       on conflict (tabla) do update set forma = excluded.forma`,
      [table, written],
    );
  });
}

export function createPrepare(store: SqlStore): Prepare {
  const done = new Map<Registro, Promise<void>>();
  return (registro) => {
    const known = done.get(registro);
    if (known !== undefined) return known;
    const work = prepareTable(store, registro);
    done.set(registro, work);
    work.catch(() => done.delete(registro));
    return work;
  };
}
