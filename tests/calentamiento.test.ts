import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WholeSystem } from './whole-system.js';
import { openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem({ sistemas: ['cuipo', 'erp', 'siif'] });
  await system.sandbox.dropsReady;
}, 180_000);
afterAll(() => system.close());

/** How often each system was called in the name of whom. */
async function callsBy(origen: string): Promise<ReadonlyMap<string, number>> {
  const text = await system.gateway.metrics.registry.metrics();
  const lines = text.matchAll(
    /sugit_source_requests_total\{sistema="(\w+)",origen="(\w+)"\} (\d+)/g,
  );
  return new Map(
    [...lines].flatMap(([, sistema = '', who = '', n]) =>
      who === origen ? [[sistema, Number(n)]] : [],
    ),
  );
}

describe('what is read ahead of the first question', () => {
  it('is counted as background, costs no request anything, and opens each file once', async () => {
    system.gateway.calentamiento.start();
    await system.gateway.calentamiento.ended();
    const before = await callsBy('fondo');
    const { data, errors } = await system.ask(
      '{ apropiacionNacion(vigencia: 2025) { seccion } municipio(codigo: "05001") { alcaldia { ejecucionErp(vigencia: 2025) { pagos } } } }',
    );

    expect([errors, data?.['apropiacionNacion']]).toEqual([[], expect.any(Array)]);
    expect(before.get('cuipo')).toBeGreaterThan(0);
    expect(before.get('erp')).toBeGreaterThan(0);
    const after = await callsBy('fondo');
    for (const sistema of ['cuipo', 'erp', 'siif'])
      expect([sistema, after.get(sistema)]).toEqual([sistema, before.get(sistema)]);
    expect((await callsBy('consulta')).size).toBe(0);
  });

  it('says what it could not read, and ends all the same', () => {
    const { hechos, total, fallas, terminado } = system.gateway.calentamiento.estado();

    expect([hechos, terminado]).toEqual([total, expect.any(String)]);
    // These systems have no source in this test.
    expect(fallas.map(({ codigos }) => codigos)).toContainEqual(['SOURCE_UNAVAILABLE']);
  });
});
