import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter, ListOptions, Outcome, Top } from '../adapters/contract.js';
import { createSecopAdapter } from '../adapters/secop/index.js';
import { FaultBoard } from '../sandbox/faults.js';
import { closeServer, listen } from '../sandbox/http.js';
import { proyectosDe } from '../sandbox/proyectos.js';
import { createWorld } from '../sandbox/seed.js';
import { SystemServer } from '../sandbox/soda/server.js';
import { secop } from '../sandbox/systems/secop.js';
import { keyOfFila } from '../schema/key.js';
import { Contrato, ContratoProyecto } from '../schema/registros/secop.js';
import { contextOf } from './adapter-conformance.js';

/** The adapter against the wire of the sandbox: what it asks is counted there. */

const world = createWorld('sugit');
const board = new FaultBoard(true, []);
const nits = world.territoriales.map(({ nit }) => nit);
const orden = [{ campo: 'fechaFirma', sentido: 'desc' as const }];
const two: ListOptions = { first: 2, after: null, count: false };
let server: SystemServer['server'];
let baseUrl = '';
const open: Adapter[] = [];

beforeAll(async () => {
  const datasets = secop.soda?.(world) ?? [];
  ({ server } = new SystemServer({ sistema: 'secop', datasets, board, seed: 'sugit' }));
  baseUrl = await listen(server, 0);
});
afterEach(async () => {
  for (const adapter of open.splice(0)) await adapter.close();
  board.resetCounts();
});
afterAll(() => closeServer(server));

function createAdapter(windows: boolean): Adapter {
  board.windows = windows;
  const observer = { call: () => undefined, error: () => undefined };
  const adapter = createSecopAdapter(
    { baseUrl, timeoutMs: 60_000, windows },
    { now: Date.now, observer },
  );
  open.push(adapter);
  return adapter;
}

const calls = (): number => board.counts().reduce((sum, { count }) => sum + count, 0);

function topOf(outcome: Outcome<Top> | undefined): Top {
  if (outcome?.at === 'absent') return { rows: [], hasNext: false, total: 0 };
  const top = outcome?.at === 'found' ? outcome.rows[0] : undefined;
  if (top === undefined) throw new Error(JSON.stringify(outcome));
  return top;
}

describe('SECOP, adapter against sandbox', () => {
  it.each([true, false])('asks once for one entity (windows: %s)', async (windows) => {
    const adapter = createAdapter(windows);

    const byKey = await adapter.topPerKey(
      Contrato,
      'porNit',
      nits.slice(0, 1),
      null,
      orden,
      two,
      contextOf(),
    );

    expect(topOf(byKey.get(nits[0] ?? '')).rows.length).toBeGreaterThan(0);
    expect(calls()).toBe(1);
  });

  it('lists the newest contracts of every entity in one call with windows, in six without, alike', async () => {
    const ask = (adapter: Adapter) =>
      adapter.topPerKey(Contrato, 'porNit', nits, null, orden, two, contextOf());

    const native = await ask(createAdapter(true));
    const callsNative = calls();
    board.resetCounts();
    const emulated = await ask(createAdapter(false));

    expect(callsNative).toBe(1);
    expect(calls()).toBe(6);
    expect([...emulated.keys()].sort()).toEqual([...nits].sort());
    for (const nit of nits) expect(topOf(emulated.get(nit))).toEqual(topOf(native.get(nit)));
  });

  it('pages through one entity to the end, each contract once, unsigned last', async () => {
    const adapter = createAdapter(false);
    const nit = world.entidades.find(({ clase }) => clase === 'GOBERNACION')?.nit ?? '';
    const whole = (await adapter.read(Contrato, 'porNit', [nit], contextOf())).get(nit);
    if (whole?.at !== 'found') throw new Error('no contracts');
    const seen: unknown[] = [];
    const dates: (string | null)[] = [];
    for (let after: ListOptions['after'] = null; ;) {
      const options = { first: 7, after, count: true };
      const outcome = (
        await adapter.topPerKey(Contrato, 'porNit', [nit], null, orden, options, contextOf())
      ).get(nit);
      const top = topOf(outcome);
      expect(top.total).toBe(whole.rows.length);
      seen.push(...top.rows.map(({ id }) => id));
      dates.push(...top.rows.map(({ fechaFirma }) => fechaFirma as string | null));
      const last = top.rows.at(-1);
      if (!top.hasNext || last === undefined) break;
      const values = [last['fechaFirma'] as string | null, String(last['id'])];
      after = { values, version: whole.origin.version.token };
    }

    expect(seen).toHaveLength(whole.rows.length);
    expect(new Set(seen)).toEqual(new Set(whole.rows.map(({ id }) => id)));
    const signed = dates.filter((date) => date !== null);
    expect(dates).toEqual([...signed.sort().reverse(), ...dates.slice(signed.length)]);
    expect(dates.slice(signed.length).every((date) => date === null)).toBe(true);
  });

  it('goes from projects to their contracts in two calls', async () => {
    const adapter = createAdapter(false);
    const bpins = world.territoriales
      .slice(0, 10)
      .flatMap((e) => proyectosDe(world, e).map((p) => p.bpin));

    const links = await adapter.read(ContratoProyecto, 'porBpin', bpins, contextOf());
    const ids = new Set(
      [...links.values()].flatMap((outcome) =>
        outcome.at === 'found' ? outcome.rows.map(({ idContrato }) => String(idContrato)) : [],
      ),
    );
    const some = [...ids].slice(0, 100);
    const contracts = await adapter.read(Contrato, 'porId', some, contextOf());

    expect([...contracts.values()].map(({ at }) => at)).toEqual(some.map(() => 'found'));
    expect(board.counts().map(({ dataset, count }) => [dataset, count])).toEqual([
      ['d9na-abhe', 1],
      ['jbjy-vk9h', 1],
    ]);
  });

  it('walks over every link once, without the sentinels', async () => {
    const adapter = createAdapter(false);
    const keys: (string | undefined)[] = [];
    for await (const { rows } of adapter.scan(ContratoProyecto, null, null, contextOf())) {
      keys.push(...rows.map((row) => keyOfFila(row, ContratoProyecto.clave)));
    }

    expect(keys.length).toBeGreaterThan(5_000);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.some((key) => key?.includes('No Definido'))).toBe(false);
  });

  it('answers a cursor of before the nightly publication with CURSOR_VENCIDO', async () => {
    const adapter = createAdapter(false);
    const version = await adapter.version(Contrato, contextOf());
    const after = { values: ['2026-01-01', 'CO1.PCCNTR.10000000'], version: version.token };
    board.swap('secop', 'jbjy-vk9h');

    const page = await adapter.page(
      Contrato,
      { op: 'eq', campo: 'nitEntidad', valor: nits[0] ?? '' },
      orden,
      { ...two, after },
      contextOf(),
    );

    expect(page).toMatchObject({ at: 'failed', error: { code: 'CURSOR_VENCIDO' } });
  });
});
