/** What a column holds comes back as it was, however it travels. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openAlmacen, type Almacen } from '../../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../../tests/servers.js';
import { openTestStore } from '../../../tests/store.js';
import { blocksSql, toRows, type Block, type Select } from './answer.js';
import { limpio, suelto, texto, type SqlRow } from './columns.js';
import { Params } from './filter-sql.js';

/** The rows as the engine gives them back in one answer. */
async function travel(store: Almacen, rows: readonly SqlRow[]): Promise<readonly SqlRow[]> {
  const params = new Params();
  const json = params.add(JSON.stringify(rows), 'jsonb');
  const select: Select = {
    columns: [texto('t', 'x.t'), limpio('d', 'x.d::text'), suelto('n', 'x.n'), suelto('b', 'x.b')],
    from: `from jsonb_to_recordset(${json}) as x(i int, t text, d numeric, n bigint, b boolean) order by x.i`,
  };
  const blocks = await store.query<Block & { bloque: bigint }>(
    `select d.filas as _filas from (${blocksSql(select)}) as d order by d.bloque`,
    params.values,
  );
  return toRows(blocks, select);
}

const numbered = (rows: readonly SqlRow[]): SqlRow[] => rows.map((row, i) => ({ ...row, i }));

// PostgreSQL keeps no NUL and no half of a character.
const text = fc.string({ unit: 'grapheme' }).map((one) => one.replaceAll('\0', ''));
const control = fc
  .array(
    fc.constantFrom(
      '\u0001',
      '\b',
      '\t',
      '\n',
      '\r',
      '\u001f',
      '\u007f',
      '"',
      '\\',
      ',',
      ']',
      '\\u0041',
    ),
  )
  .map((parts) => parts.join(''));
const row: fc.Arbitrary<SqlRow> = fc.record({
  t: fc.option(fc.oneof(text, control, fc.constantFrom('', 'null', '"', '\\', '\\"'))),
  d: fc.option(
    fc
      .tuple(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.integer({ min: 0, max: 99 }))
      .map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}`),
  ),
  n: fc.option(fc.maxSafeInteger()),
  b: fc.option(fc.boolean()),
});

function checkTravel(store: () => Almacen): void {
  it('gives every text, amount, number, boolean and null back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        expect(await travel(store(), numbered(rows))).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  it('joins more columns than a function of the engine takes arguments', async () => {
    const columns = Array.from({ length: 101 }, (_, n) => suelto(`c${n}`, String(n)));
    const select: Select = { columns, from: '' };

    const blocks = await store().query<Block & object>(
      `select d.filas as _filas from (${blocksSql(select)}) as d`,
    );

    expect(toRows(blocks, select)).toEqual([
      Object.fromEntries(columns.map(({ name }, n) => [name, n])),
    ]);
  });

  it('keeps the order of more rows than fit in one block', async () => {
    const rows = Array.from({ length: 4_500 }, (_, n) => ({ t: `«${n}»`, d: null, n, b: null }));

    expect(await travel(store(), numbered(rows))).toEqual(rows);
  });
}

describe('rows on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => (store = await openTestStore()));
  afterAll(() => store.close());

  checkTravel(() => store);
});

await describeWithPostgres('rows on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => (store = await openAlmacen({ databaseUrl: url() })));
  afterAll(() => store.close());

  checkTravel(() => store);
});
