import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { openAlmacen, type Almacen } from '../../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../../tests/servers.js';
import { openTestStore } from '../../../tests/store.js';
import { createAcopio } from './create-acopio.js';
import { LOADS } from './loads-testing.js';
import { PARTS } from './parts-testing.js';
import { QUARANTINE } from './quarantine-testing.js';
import { READS } from './reads-testing.js';
import { gasto } from './testing.js';

/** All run in one file, which starts each engine once; each has a sistema, and so a table, of its own. */
const CASES = [...READS, ...LOADS, ...QUARANTINE, ...PARTS].map(
  ([title, check], i) => [title, check, `S${String.fromCharCode(97 + i)}`] as const,
);

describe('acopio on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check, name) =>
    check(createAcopio(store, { now: () => 0 }), gasto(name), store),
  );
});

await describeWithPostgres('acopio on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
  });
  afterAll(() => store.close());

  it.each(CASES)('%s', (_title, check, name) =>
    check(createAcopio(store, { now: () => 0 }), gasto(name), store),
  );
});
