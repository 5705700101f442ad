import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Adapter, ByKey, Row } from '../adapters/contract.js';
import { createErpAdapter } from '../adapters/erp/index.js';
import { createMdmAdapter, createMipgAdapter } from '../adapters/mipg/index.js';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { startSandbox, type Sandbox } from '../sandbox/main.js';
import { createWorld } from '../sandbox/seed.js';
import { EjecucionErp } from '../schema/registros/erp.js';
import { IndiceMdm, IndiceMipg } from '../schema/registros/mipg.js';
import { contextOf } from './adapter-conformance.js';
import { openTestStore, type TestStore } from './store.js';

/** The adapters against the sandbox: that they meet at all, and how often they ask. Meanings are tested on fixtures. */
describe('MIPG, MDM and ERP in the sandbox', () => {
  let dir: string;
  let sandbox: Sandbox;
  let store: TestStore;
  let mipg: Adapter;
  let mdm: Adapter;
  let erp: Adapter;
  const calls: string[] = [];
  const world = createWorld('sugit');

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-mipg-'));
    sandbox = await startSandbox({ dropDir: dir });
    store = await openTestStore();
    const tools = {
      now: Date.now,
      observer: {
        call: (sistema: string) => {
          calls.push(sistema);
        },
        error: () => undefined,
      },
      acopio: createAcopio(store, { now: Date.now }),
    };
    const { urls, drops } = sandbox;
    mipg = createMipgAdapter({ dropDir: drops['mipg'] ?? '' }, tools);
    erp = createErpAdapter({ dropDir: drops['erp'] ?? '' }, tools);
    mdm = createMdmAdapter({ baseUrl: urls['mdm'] ?? '', timeoutMs: 20_000 }, tools);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([mipg.close(), mdm.close(), erp.close()]);
    await store.close();
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  });

  const countCalls = async <T>(work: () => Promise<T>): Promise<[T, readonly string[]]> => {
    calls.length = 0;
    const result = await work();
    return [result, [...calls]];
  };
  const foundIn = (byKey: ByKey<Row>): number =>
    [...byKey.values()].filter(({ at }) => at === 'found').length;

  it('reads the indices of every alcaldía from two books, and then opens none', async () => {
    const keys = world.territoriales.map(({ codigoSigep }) => `${codigoSigep}|2025`);
    const read = () => mipg.read(IndiceMipg, 'porEntidadVigencia', keys, contextOf());

    const [cold, first] = await countCalls(read);
    const [, second] = await countCalls(read);

    expect(foundIn(cold)).toBeGreaterThan(keys.length * 0.98);
    expect(foundIn(cold)).toBeLessThan(keys.length);
    const one = [...cold.values()].find(({ at }) => at === 'found');
    expect(one?.at === 'found' ? one.rows.length : 0).toBe(1 + 7 + 19 + 66);
    expect(first).toEqual(['mipg', 'mipg']);
    expect(second).toEqual([]);
  }, 120_000);

  it('calls a vigencia that is not published absent, and opens nothing for it', async () => {
    const [byKey, asked] = await countCalls(() =>
      mipg.read(IndiceMipg, 'porEntidadVigencia', ['0011|2026'], contextOf()),
    );

    expect(byKey.get('0011|2026')).toMatchObject({
      at: 'absent',
      origin: { corte: '2025-12-31' },
    });
    expect(asked).toEqual([]);
  });

  it.each([2018, 2024])('reads the MDM of the nation of %i in one call', async (anio) => {
    const keys = world.territoriales
      .filter(({ clase }) => clase === 'ALCALDIA')
      .map(({ divipola }) => `${divipola}|${anio}`);

    const [byKey, asked] = await countCalls(() =>
      mdm.read(IndiceMdm, 'porMunicipioVigencia', keys, contextOf()),
    );

    expect(asked).toEqual(['mdm']);
    expect(foundIn(byKey)).toBeGreaterThan(keys.length * 0.97);
    expect(foundIn(byKey)).toBeLessThan(keys.length);
    const rows = [...byKey.values()].flatMap((o) => (o.at === 'found' ? o.rows : []));
    expect(rows.every(({ valor }) => /^\d{1,2}(\.\d+)?$/.test(String(valor)))).toBe(true);
  });

  it('reads the books of Medellín from its export and the list beside it', async () => {
    const ask = () =>
      erp.measure(EjecucionErp, 'total', ['210105001|2025'], ['mes', 'muestra'], contextOf());

    const [byKey, first] = await countCalls(ask);
    const [, second] = await countCalls(ask);

    expect(byKey.get('210105001|2025')).toMatchObject({
      at: 'found',
      rows: [{ dims: { mes: '3', muestra: 'true' }, count: 400 }],
    });
    expect(first).toEqual(['erp', 'erp']);
    expect(second).toEqual([]);
  }, 60_000);
});
