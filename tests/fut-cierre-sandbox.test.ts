import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { ADAPTERS } from '../adapters/index.js';
import type { Adapter, Row } from '../adapters/contract.js';
import { CierreFiscal } from '../schema/registros/fut.js';
import type { Registro } from '../schema/registro.js';
import { prepareDrops } from '../sandbox/drops.js';
import { createWorld } from '../sandbox/seed.js';
import { futReducido } from '../sandbox/systems/fut.js';
import { contextOf } from './adapter-conformance.js';
import { openTestStore, type TestStore } from './store.js';

/** The adapters against the sandbox: that they meet at all. What the numbers mean is tested on real exports. */
describe('the Cierre Fiscal in the sandbox', () => {
  let dir: string;
  let store: TestStore;
  let adapters: ReadonlyMap<string, Adapter>;
  const world = createWorld('sugit');
  const codigoOf = (divipola: string): string => world.porDivipola.get(divipola)?.codigoChip ?? '';

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
    const drops = await prepareDrops([futReducido(['05'], [])], dir, world);
    await drops.start(new AbortController().signal);
    store = await openTestStore();
    const tools = {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      acopio: createAcopio(store, { now: Date.now }),
      store,
    };
    const values = { FUT_DROP_DIR: drops.drops['fut'] };
    adapters = new Map(
      ADAPTERS.filter(({ id }) => id === 'fut-cierre').map(({ id, create }) => [
        id,
        create(values, tools),
      ]),
    );
  }, 120_000);
  afterAll(async () => {
    for (const adapter of adapters.values()) await adapter.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  const readAll = async (id: string, registro: Registro, keys: readonly string[]) => {
    const adapter = adapters.get(id);
    if (adapter === undefined) throw new Error(`no adapter ${id}`);
    const byKey = await adapter.read(registro, 'porEntidadVigencia', keys, contextOf());
    return new Map(
      [...byKey].map(([key, outcome]): [string, readonly Row[]] => {
        if (outcome.at === 'failed') throw new Error(outcome.error.mensaje);
        return [key, outcome.at === 'found' ? outcome.rows : []];
      }),
    );
  };

  it('answers the living Cierre Fiscal by both channels', async () => {
    const keys = ['05001', '05034'].map((divipola) => `${codigoOf(divipola)}|2024`);

    const byKey = await readAll('fut-cierre', CierreFiscal, keys);

    expect([...byKey.values()].map(([first]) => first?.['canal'])).toEqual(['LIBRO', 'SD']);
    expect(adapters.get('fut-cierre')?.estado().avisos).toEqual([]);
  }, 60_000);
});
