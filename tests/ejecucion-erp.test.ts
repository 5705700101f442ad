import { describe, expect, it } from '@jest/globals';
import type { Group } from '../adapters/contract.js';
import { SourceQuarantinedError, toSourceError } from '../adapters/errors.js';
import { Executor } from '../gateway/graph.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const executor = new Executor(subgraphs);

const month = (mes: string, total: string, muestra = 'false'): Group => ({
  dims: { mes, muestra },
  sums: { inicial: '90', total, compromisos: '50', obligaciones: '40', pagos: '30', cdp: '60' },
  count: 3,
});
const BOOKS: Readonly<Record<string, readonly Group[]>> = {
  '210105001|2025': [month('5', '120'), month('2', '95'), month('3', '100')],
  '219105091|2025': [month('3', '7', 'true')],
};

const source =
  (dead = false): FetchBucket =>
  (bucket, keys) => {
    const origin = {
      sistema: 'erp',
      registro: bucket.registro.nombre,
      modo: 'ACOPIO' as const,
      version: { token: 'v1', checkedAt: '2026-04-17T00:00:00Z' },
      servidoPor: 'erp',
    };
    const outcomeOf = (key: string): AnyOutcome => {
      if (dead) return { at: 'failed', error: toSourceError(new SourceQuarantinedError('erp')) };
      const rows = BOOKS[key];
      return rows === undefined ? { at: 'absent', origin } : { at: 'found', rows, origin };
    };
    return Promise.resolve(new Map(keys.map((key) => [key, outcomeOf(key)])));
  };

async function answer(chip: string, args: string, dead = false) {
  const query = `{ entidad(codigoChip: "${chip}") { id ejecucionErp(${args}) { apropiacionInicial apropiacion compromisos obligaciones pagos } } }`;
  const both = await answerBoth(executor, () => testContext(source(dead)), query);
  expect(comparable(both.planned)).toBe(comparable(both.stitched));
  const { data, errors, avisos } = both.planned;
  const { ejecucionErp } = (data as { entidad: { ejecucionErp: unknown } }).entidad;
  return { ejecucionErp, errors, avisos: avisos.map(({ codigo }) => codigo) };
}

describe('the books of an entity', () => {
  it('are shown at the last month of the quarter asked, never as a sum of months', async () => {
    expect(await answer('210105001', 'vigencia: 2025, periodo: T1')).toEqual({
      ejecucionErp: {
        apropiacionInicial: '90',
        apropiacion: '100',
        compromisos: '50',
        obligaciones: '40',
        pagos: '30',
      },
      errors: [],
      avisos: [],
    });
  });

  it('are shown at their latest month where no quarter is asked, with a word on a month within a quarter', async () => {
    const { ejecucionErp, avisos } = await answer('210105001', 'vigencia: 2025');

    expect(ejecucionErp).toMatchObject({ apropiacion: '120' });
    expect(avisos).toEqual(['CORTE_INTERMEDIO']);
  });

  it('say that they are an excerpt where they are', async () => {
    const { ejecucionErp, avisos } = await answer('219105091', 'vigencia: 2025');

    expect(ejecucionErp).toMatchObject({ apropiacion: '7' });
    expect(avisos).toEqual(['MUESTRA']);
  });

  it.each([
    ['219105091', 'vigencia: 2025, periodo: T2'],
    ['219105091', 'vigencia: 2024'],
  ])('are null with their reason where nothing was delivered: %s %s', async (chip, args) => {
    expect(await answer(chip, args)).toEqual({
      ejecucionErp: null,
      errors: [],
      avisos: ['SIN_REPORTE'],
    });
  });

  it('fail alone when their file is in quarantine', async () => {
    const { ejecucionErp, errors } = await answer('210105001', 'vigencia: 2025', true);

    expect(ejecucionErp).toBeNull();
    expect(JSON.stringify(errors)).toContain('SOURCE_QUARANTINED');
  });
});
