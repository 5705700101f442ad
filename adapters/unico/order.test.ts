/** Whatever the order in which a source is taken in, the same state stands at the end. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claveOf, recordDigest } from '../../schema/digest.js';
import { defineRegistro } from '../../schema/registro.js';
import { openAlmacen, type Almacen } from '../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../tests/servers.js';
import { openTestStore } from '../../tests/store.js';
import type { Row } from '../contract.js';
import { createUnico } from './index.js';
import { contextAt, Gasto, gasto, versionAt } from './testing.js';

const ctx = contextAt();

/** Either rows of a version, or claves that it lacks. */
interface Step {
  readonly version: number;
  readonly cuentas: readonly string[];
  readonly gone: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  version: fc.integer({ min: 1, max: 4 }),
  cuentas: fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 1, maxLength: 7 }),
  gone: fc.boolean(),
});

/** A version says one thing of one clave; some say the same as the version before. */
const rowOf = (cuenta: string, version: number): Row =>
  gasto('05001', cuenta, { compromisos: String(Math.floor(version / 2)) });

/** What must stand: of each clave the newest version, a record before a tombstone. */
function oracle(steps: readonly Step[]): string[] {
  const last = new Map<string, { version: number; gone: boolean }>();
  for (const { version, cuentas, gone } of steps) {
    for (const cuenta of cuentas) {
      const other = last.get(cuenta);
      const isNewer = other === undefined || version > other.version;
      if (isNewer || (version === other.version && other.gone)) last.set(cuenta, { version, gone });
    }
  }
  return [...last]
    .filter(([, { gone }]) => !gone)
    .map(([cuenta, { version }]) => recordDigest(Gasto, rowOf(cuenta, version)))
    .sort();
}

let tables = 0;

async function settle(store: Almacen, steps: readonly Step[]): Promise<string[]> {
  const registro = defineRegistro({ ...Gasto, nombre: `Orden${++tables}` });
  const unico = createUnico({ store, now: () => 0, registros: [registro] });
  for (const { version, cuentas, gone } of steps) {
    const rows = cuentas.map((cuenta) => rowOf(cuenta, version));
    if (gone) {
      const claves = rows.map((row) => claveOf(registro, row));
      await unico.tombstone(registro, claves, versionAt(version), ctx);
    } else {
      await unico.ingest(registro, { rows, version: versionAt(version) }, null, ctx);
    }
  }
  const { rows } = await (async () => {
    const page = await unico.page(
      registro,
      null,
      [],
      { first: 99, after: null, count: false },
      ctx,
    );
    if (page.at !== 'found') throw new Error(page.at);
    return page.rows[0] ?? { rows: [] };
  })();
  let walked = 0;
  for await (const { digest } of unico.digests(registro, {}, ctx)) {
    walked++;
    // The stored digest is that of the columns as they come back.
    expect(rows.map((row) => recordDigest(registro, row))).toContain(digest);
  }
  expect(walked).toBe(rows.length);
  return rows.map((row) => recordDigest(Gasto, row)).sort();
}

function checkOrder(storeOf: () => Almacen): void {
  it('ends in the newest version of each clave for any order and repetition of chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        expect(await settle(storeOf(), steps)).toEqual(oracle(steps));
      }),
      { numRuns: 20 },
    );
  });
}

describe('the order of ingestion on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  checkOrder(() => store);
});

await describeWithPostgres('the order of ingestion on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
  });
  afterAll(() => store.close());

  checkOrder(() => store);
});
