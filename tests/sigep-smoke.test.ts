import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Adapter, Row } from '../adapters/contract.js';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { createSigepAdapter } from '../adapters/sigep/index.js';
import { createIdentidad } from '../gateway/identidad/identidad.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import {
  EntidadSigep,
  PlantaEmpleo,
  ServidoresResumen,
  Vacante,
} from '../schema/registros/sigep.js';
import { startSandbox, type Sandbox } from '../sandbox/main.js';
import { createWorld } from '../sandbox/seed.js';
import { contextOf } from './adapter-conformance.js';
import { openTestStore, type TestStore } from './store.js';

/** The adapter against the sandbox: that they meet at all. What the numbers mean is tested on fixtures. */
describe('SIGEP in the sandbox', () => {
  let dir: string;
  let sandbox: Sandbox;
  let store: TestStore;
  let adapter: Adapter;
  const world = createWorld('sugit');
  const codigoOf = (divipola: string): string => world.porDivipola.get(divipola)?.codigoSigep ?? '';
  const control = (method: string, route: string, body?: unknown): Promise<Response> =>
    fetch(`${sandbox.controlUrl}${route}`, { method, body: JSON.stringify(body) });

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-sigep-'));
    sandbox = await startSandbox({ dropDir: dir });
    store = await openTestStore();
    const tools = {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      acopio: createAcopio(store, { now: Date.now }),
    };
    const { urls, drops } = sandbox;
    adapter = createSigepAdapter(
      { baseUrl: urls['sigep'] ?? '', dropDir: drops['sigep'] ?? '', timeoutMs: 20_000 },
      tools,
    );
  }, 120_000);
  afterAll(async () => {
    await adapter.close();
    await store.close();
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  });

  const rowsOf = async (registro: typeof PlantaEmpleo, codigo: string): Promise<readonly Row[]> => {
    const outcome = (await adapter.read(registro, 'porEntidad', [codigo], contextOf())).get(codigo);
    if (outcome?.at !== 'found') throw new Error(`${registro.nombre}: ${outcome?.at ?? ''}`);
    return outcome.rows;
  };

  it('reads the register of more than 1 200 bodies, with their NIT and DIVIPOLA', async () => {
    const rows: Row[] = [];
    for await (const chunk of adapter.scan(EntidadSigep, null, null, contextOf())) {
      rows.push(...chunk.rows);
    }

    expect(rows.length).toBe(world.entidades.length);
    expect(rows.length).toBeGreaterThan(1_200);
    expect(rows.map(({ nit }) => nit).sort()).toEqual(world.entidades.map(({ nit }) => nit).sort());
    expect(rows.every(({ codigoSigep }) => /^\d{4,}$/.test(String(codigoSigep)))).toBe(true);
    const identidad = createIdentidad(loadTerritorio(), [
      { sistema: 'sigep', corte: '2026-04-17T00:00:00Z', rows },
    ]);
    const alcaldias = world.territoriales.filter(({ clase }) => clase === 'ALCALDIA');
    const linked = alcaldias.filter(
      ({ divipola, codigoSigep }) => identidad.alcaldia(divipola)?.sigep === codigoSigep,
    );
    expect(linked.length).toBe(alcaldias.length);
  }, 60_000);

  it('reads the posts of the newest week and the vacancies of the last whole one', async () => {
    const codigo = codigoOf('05001');

    expect((await rowsOf(PlantaEmpleo, codigo)).length).toBe(12);
    const answer = await adapter.read(Vacante, 'porEntidad', [codigo], contextOf());
    expect(answer.get(codigo)).toMatchObject({ at: 'found', origin: { corte: '2026-04-06' } });
    expect(adapter.estado().avisos).toContainEqual(
      expect.objectContaining({
        codigo: 'SOURCE_QUARANTINED',
        donde: 'vacantesVigentesPorEntidades_20260413.csv',
      }),
    );
  }, 60_000);

  it('counts the servants of the nation in one call, and goes on by its copy when they are withdrawn', async () => {
    const codigos = world.territoriales.map(({ codigoSigep }) => codigoSigep);
    await control('DELETE', '/counts');
    const open = await adapter.read(ServidoresResumen, 'porEntidad', codigos, contextOf());
    const counts = (await (await control('GET', '/counts')).json()) as { total: number };

    await control('POST', '/faults', { sistema: 'sigep', fault: { withdraw: true } });
    const closed = await adapter.read(ServidoresResumen, 'porEntidad', codigos, contextOf());
    await control('DELETE', '/faults');

    expect(counts.total).toBe(1);
    const palmira = codigoOf('76520');
    const [before, after] = [open.get(palmira), closed.get(palmira)];
    if (before?.at !== 'found' || after?.at !== 'found') throw new Error('Palmira has servants');
    expect(after.rows).toEqual(before.rows);
    expect(before.origin.modo).toBe('AGREGADO_EN_FUENTE');
    expect(after.origin.version.stale).toBe(true);
  }, 60_000);
});
