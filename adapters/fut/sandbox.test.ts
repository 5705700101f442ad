import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { ADAPTERS } from '../index.js';
import type { Adapter, Row } from '../contract.js';
import { FutGastosInversion, RaizFut } from '../../schema/registros/fut.js';
import type { Registro } from '../../schema/registro.js';
import { prepareDrops } from '../../sandbox/drops.js';
import { createWorld } from '../../sandbox/seed.js';
import { fut } from '../../sandbox/systems/fut.js';
import { contextOf } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';

/** The adapters against the sandbox: that they meet at all. What the numbers mean is tested on real exports. */
describe('FUT in the sandbox', () => {
  let dir: string;
  let store: TestStore;
  let adapters: ReadonlyMap<string, Adapter>;
  let calls = 0;
  const world = createWorld('sugit');
  const codigoOf = (divipola: string): string => world.porDivipola.get(divipola)?.codigoChip ?? '';

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
    await mkdir(dir, { recursive: true });
    const drops = await prepareDrops([fut], dir, world);
    await drops.start(new AbortController().signal);
    store = await openTestStore();
    const tools = {
      now: Date.now,
      observer: { call: () => (calls += 1), error: () => undefined },
      acopio: createAcopio(store, { now: Date.now }),
      store,
    };
    const values = { FUT_DROP_DIR: drops.drops['fut'] };
    adapters = new Map(
      ADAPTERS.filter(({ id }) => id.startsWith('fut')).map(({ id, create }) => [
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

  it('writes one submission file per form and year, and stays below a million rows', async () => {
    const names = await readdir(path.join(dir, 'fut'));

    expect(names.filter((name) => name.endsWith('_11012.txt'))).toHaveLength(63);
    expect(names).not.toContain('.preparando');
  });

  it('answers the roots of the whole nation for a year, each file opened once', async () => {
    const keys = world.territoriales.map(({ codigoChip }) => `${codigoChip}|2018`);

    const byKey = await readAll('fut', RaizFut, keys);
    const cold = calls;
    await readAll('fut', RaizFut, keys);

    const complete = [...byKey.values()].filter((rows) => rows.length === 7).length;
    expect(complete).toBeGreaterThan(700);
    expect(calls).toBe(cold);
    expect(adapters.get('fut')?.estado().avisos).toEqual([]);
  }, 120_000);

  it('gives twelve rows per form and entity, and nothing where a real export lies', async () => {
    const [tarra = [], medellin = []] = [
      ...(
        await readAll('fut', FutGastosInversion, [
          `${codigoOf('54250')}|2019`,
          `${codigoOf('05001')}|2019`,
        ])
      ).values(),
    ];

    expect(medellin).toHaveLength(12);
    expect(new Set(tarra.map(({ canal }) => canal))).toEqual(new Set(['LIBRO']));
  }, 60_000);

  it('carries a superseded envío in thousands', async () => {
    const key = `${codigoOf('05091')}|2016`;

    const rows = (await readAll('fut', RaizFut, [key])).get(key) ?? [];

    const raiz = rows.find(({ formulario }) => formulario === 'GASTOS_INVERSION');
    expect(raiz).toMatchObject({ unidadOrigen: 'MILES', recepcion: '2916408' });
    expect(raiz?.['contradiccion']).toContain('LIBRO 2914001');
  }, 60_000);
});
