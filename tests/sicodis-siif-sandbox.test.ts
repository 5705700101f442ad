import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { createSicodisAdapter, type SicodisAdapter } from '../adapters/sicodis/index.js';
import { createSiifAdapter } from '../adapters/siif/index.js';
import type { Adapter, SourceContext } from '../adapters/contract.js';
import { startSandbox, type Sandbox } from '../sandbox/main.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { DistribucionSgp, PresupuestoSgr } from '../schema/registros/sicodis.js';
import { ApropiacionNacion } from '../schema/registros/siif.js';
import { sumDecimals } from '../schema/values/decimal.js';
import { contextOf } from './adapter-conformance.js';
import { openTestStore, type TestStore } from './store.js';

/** Adapters against the sandbox: that they meet at all, and how often they call. */
describe('given the sandbox', () => {
  let dir: string;
  let sandbox: Sandbox;
  let store: TestStore;
  let sicodis: SicodisAdapter;
  let siif: Adapter;
  let calls: SourceContext['origen'][] = [];

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-sicodis-'));
    sandbox = await startSandbox({ dropDir: dir });
    store = await openTestStore();
    const tools = {
      now: Date.now,
      observer: {
        call: (_sistema: string, origen: SourceContext['origen']) => calls.push(origen),
        error: () => undefined,
      },
      acopio: createAcopio(store, { now: Date.now }),
    };
    const { urls, drops } = sandbox;
    sicodis = createSicodisAdapter(
      {
        baseUrl: urls['sicodis'] ?? '',
        timeoutMs: 20_000,
        pausaMs: 0,
        vigenciaCosechaMs: 86_400_000,
      },
      tools,
    );
    siif = createSiifAdapter({ dropDir: drops['siif'] ?? '' }, tools);
  }, 120_000);
  beforeEach(() => {
    calls = [];
  });
  afterAll(async () => {
    await sicodis.close();
    await siif.close();
    await sandbox.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  const sgp = (keys: readonly string[]) =>
    sicodis.read(DistribucionSgp, 'porTerritorioVigencia', keys, contextOf());
  const sgr = (keys: readonly string[]) =>
    sicodis.read(PresupuestoSgr, 'porTerritorioBienio', keys, contextOf());
  const rowsOf = async (answer: ReturnType<Adapter['read']>, key: string) => {
    const outcome = (await answer).get(key);
    if (outcome?.at !== 'found') throw new Error(`${key}: ${outcome?.at ?? 'not asked'}`);
    return outcome.rows;
  };

  it('SICODIS answers a municipio with one call of the SGP and one of the SGR, once the bienios are known', async () => {
    await sgr(['05|2025-2026']);
    calls = [];

    const participaciones = await rowsOf(sgp(['05091|2025']), '05091|2025');
    const regalias = await rowsOf(sgr(['05091|2025-2026']), '05091|2025-2026');

    expect(calls).toEqual(['consulta', 'consulta']);
    const roots = participaciones.filter((row) => row['padre'] === null && !row['esTotal']);
    expect(sumDecimals(roots.map((row) => String(row['valor'])))).toBe(
      participaciones.find((row) => row['esTotal'])?.['valor'],
    );
    const leaves = regalias.filter((row) => row['esHoja']);
    expect(sumDecimals(leaves.map((row) => String(row['presupuestoTotal'])))).toBe(
      regalias.find((row) => row['esTotal'])?.['presupuestoTotal'],
    );
  });

  it('SICODIS refuses sixty municipios cold, and answers the whole nation without a call once harvested', async () => {
    const nation = loadTerritorio().municipios.map(({ codigo }) => `${codigo}|2025`);

    const cold = await sgp(nation.slice(0, 60));
    await sicodis.harvest(DistribucionSgp, '2025');
    const background = calls.length;
    const warm = await sgp(nation);

    expect([...cold.values()]).toEqual(
      Array(60).fill(
        expect.objectContaining({
          error: expect.objectContaining({ code: 'CAPACIDAD_INSUFICIENTE' }),
        }),
      ),
    );
    expect(calls).toEqual(Array(background).fill('fondo'));
    // One per territory, the list of years and the national total.
    expect(background).toBe(nation.length + 33 + 2);
    expect([...warm.values()].filter(({ at }) => at === 'found').length).toBeGreaterThan(1_090);
    expect([...warm.values()].filter(({ at }) => at === 'failed')).toEqual([]);
  }, 120_000);

  it('SIIF answers two vigencias from a CSV and a workbook and leaves the report with persons alone', async () => {
    await sandbox.dropsReady;

    const byKey = await siif.measure(
      ApropiacionNacion,
      'porUnidad',
      ['2024', '2025'],
      ['seccion'],
      contextOf(),
    );

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['found', 'found']);
    expect(calls).toHaveLength(3);
    expect(siif.estado().avisos).toEqual([]);
    calls = [];
    expect(
      (await rowsOf(siif.read(ApropiacionNacion, 'porVigencia', ['2025'], contextOf()), '2025'))
        .length,
    ).toBe(80);
    expect(calls).toEqual([]);
  }, 120_000);
});
