import { Kysely, Migrator, sql, type Migration } from 'kysely';
import type { Engine } from './engine.js';
import { AlmacenError } from './errors.js';
import { createDialect } from './kysely-dialect.js';
import type { SqlMigration } from './port.js';

const toMigration = ({ statements }: SqlMigration): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});

/** Each owner has its own trail, so that a folder that dies takes its migrations along. All run in one transaction. */
export async function migrate(
  engine: Engine,
  owner: string,
  migrations: readonly SqlMigration[],
): Promise<void> {
  const db = new Kysely<unknown>({ dialect: createDialect(engine) });
  const migrator = new Migrator({
    db,
    migrationTableName: `migracion_${owner}`,
    migrationLockTableName: `migracion_${owner}_turno`,
    provider: {
      getMigrations: () =>
        Promise.resolve(Object.fromEntries(migrations.map((m) => [m.name, toMigration(m)]))),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const detail = error instanceof Error ? error.message : 'sin detalle';
  throw new AlmacenError(
    'ALMACEN_MIGRACION',
    `No se pudieron preparar las tablas de ${owner}: ${detail}`,
    { cause: error },
  );
}
