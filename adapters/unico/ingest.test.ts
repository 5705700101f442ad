import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { huellaOf } from '../../schema/digest.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Digest, RecordStore, Row } from '../contract.js';
import { createUnico } from './index.js';
import { contextAt, Gasto, gasto, versionAt } from './testing.js';

let store: TestStore;
let unico: RecordStore;

beforeAll(async () => {
  store = await openTestStore();
  unico = createUnico({ store, now: () => 0, registros: [Gasto] });
});
afterAll(() => store.close());

const rows = ['1', '2', '3'].map((cuenta) => gasto('05001', cuenta));
const huellasOf = (some: readonly Row[]) => some.map((row) => huellaOf(Gasto, row));

async function digests(): Promise<Digest[]> {
  const found: Digest[] = [];
  for await (const digest of unico.digests(Gasto, {}, contextAt())) found.push(digest);
  return found;
}

describe('huellas that come with their rows', () => {
  it('are those that the single store would have made', async () => {
    const version = versionAt(1);
    const chunk = { rows, version, huellas: huellasOf(rows) };
    const first = await unico.ingest(Gasto, chunk, null, contextAt());
    const given = await digests();

    const again = await unico.ingest(Gasto, { rows, version }, null, contextAt());

    expect([first.escritas, again.escritas, again.iguales]).toEqual([3, 0, 3]);
    expect(await digests()).toEqual(given);
  });

  it('are refused when one is not that of its row, or lacks', async () => {
    const before = await digests();
    const version = versionAt(2);
    const changed = rows.map((row) => ({ ...row, compromisos: '11' }));
    const huellas = huellasOf(changed);
    const wrong = [huellas.toReversed(), huellas.slice(1), huellas.slice(0, 2), []];

    for (const some of wrong) {
      const chunk = { rows: changed, version, huellas: some };
      await expect(unico.ingest(Gasto, chunk, null, contextAt())).rejects.toThrow(
        'a huella is not that of its row',
      );
    }

    expect(await digests()).toEqual(before);
  });
});
