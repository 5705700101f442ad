import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WholeSystem } from './whole-system.js';
import { openWholeSystem } from './whole-system.js';

/** States of the systems as faults of the sandbox bring them about, through `Query.sistemas`. */
let system: WholeSystem;
/** A folder is listed again after a while: tests move the clock instead of waiting. */
let ahead = 0;
beforeAll(async () => {
  system = await openWholeSystem({
    sistemas: ['piip', 'secop', 'erp'],
    now: () => Date.now() + ahead,
  });
  await system.sandbox.dropsReady;
}, 180_000);
afterEach(async () => {
  await control('DELETE');
});
afterAll(() => system.close());

async function control(method: 'POST' | 'DELETE', body?: Record<string, unknown>): Promise<void> {
  const options = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  await fetch(`${system.sandbox.controlUrl}/faults`, options);
}

interface Sistema {
  readonly id: string;
  readonly estado: string;
  readonly corte: string | null;
  readonly verificado: string | null;
  readonly mensaje: string | null;
}

async function estadoOf(id: string): Promise<Sistema | undefined> {
  const { data, errors } = await system.ask('{ sistemas { id estado corte verificado mensaje } }');
  expect(errors).toEqual([]);
  return (data?.['sistemas'] as readonly Sistema[]).find((each) => each.id === id);
}

const PROYECTO = '{ proyectos(first: 1) { edges { node { bpin nombre } } } }';
const CONTRATOS = '{ contratos(first: 1) { edges { node { id } } } }';
const ERP =
  '{ municipio(codigo: "05001") { alcaldia { ejecucionErp(vigencia: 2025) { pagos } } } }';

describe('a system', () => {
  it('that nobody asked yet is not said to be online', async () => {
    expect(await estadoOf('piip')).toMatchObject({
      estado: 'SIN_VERIFICAR',
      verificado: null,
      mensaje: expect.any(String),
    });
  });

  it('that answers is online, and is down while it does not', async () => {
    await system.ask(PROYECTO);
    expect(await estadoOf('piip')).toMatchObject({
      estado: 'EN_LINEA',
      verificado: expect.any(String),
      mensaje: null,
    });

    await control('POST', { sistema: 'piip', fault: { status: { code: 500 } } });
    await system.ask(PROYECTO);
    expect(await estadoOf('piip')).toMatchObject({
      estado: 'CAIDO',
      mensaje: expect.stringContaining('SOURCE_UNAVAILABLE'),
    });

    await control('DELETE');
    await system.ask(PROYECTO);
    expect((await estadoOf('piip'))?.estado).toBe('EN_LINEA');
  });

  it('that closed its dataset is said to have done so', async () => {
    await control('POST', { sistema: 'secop', fault: { withdraw: true } });
    await system.ask(CONTRATOS);

    expect(await estadoOf('secop')).toMatchObject({
      estado: 'RETIRADO_POR_LA_FUENTE',
      mensaje: expect.stringContaining('SOURCE_WITHDRAWN'),
    });
  });

  it('that delivers files is a copy, and out of date while its newest file is broken', async () => {
    const { data } = await system.ask(ERP);
    expect(data).toMatchObject({
      municipio: { alcaldia: { ejecucionErp: { pagos: expect.any(String) } } },
    });
    expect(await estadoOf('erp')).toMatchObject({ estado: 'ACOPIO', corte: expect.any(String) });

    const folder = system.sandbox.drops['erp'] ?? '';
    const name = 'erp_sap_medellin_ejecucion_2025-03_muestra.csv';
    await writeFile(path.join(folder, name), 'Fondo,Centro Gestor\n1');
    ahead = 10_000;

    expect((await system.ask(ERP)).data).toEqual(data);
    expect(await estadoOf('erp')).toMatchObject({
      estado: 'DESACTUALIZADO',
      mensaje: expect.stringContaining(name),
    });
  });
});
