import { describe, expect, it } from '@jest/globals';
import { validate } from 'graphql';
import { subgraphs } from '../subgraphs/index.js';
import { ANONYMOUS_LIMITS, parseWithin } from './access/limits.js';
import type { PublicError } from './access/errors.js';
import type { CalentamientoOptions } from './calentamiento.js';
import { Calentamiento, PASOS } from './calentamiento.js';
import { composeGraph } from './compose/compose.js';
import { readSettings } from './settings.js';

const paso = (titulo: string) => ({ titulo, query: `{ ${titulo} }` });
const failing = (...codes: readonly string[]): readonly PublicError[] =>
  codes.map((code) => ({ message: code, extensions: { code } }));

const create = (mas: Partial<CalentamientoOptions> = {}) => {
  const asked: string[] = [];
  const calentamiento = new Calentamiento({
    pasos: [paso('a'), paso('b')],
    ask: (query) => {
      asked.push(query);
      return Promise.resolve([]);
    },
    ocupado: () => false,
    pausa: () => Promise.resolve(),
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    log: (message, error) => {
      throw new Error(message, { cause: error });
    },
    ...mas,
  });
  return { calentamiento, asked };
};

describe('what is read ahead', () => {
  it('asks one step after the other, and says how far it is', async () => {
    const { calentamiento, asked } = create();
    expect(calentamiento.estado()).toMatchObject({ activo: false, hechos: 0, total: 2 });

    calentamiento.start();
    calentamiento.start();
    await calentamiento.ended();

    expect(asked).toEqual(['{ a }', '{ b }']);
    expect(calentamiento.estado()).toEqual({
      activo: true,
      hechos: 2,
      total: 2,
      enCurso: null,
      fallas: [],
      terminado: '2026-01-01T00:00:00.000Z',
    });
  });

  it('begins no step while people wait, and each in the end however long they do', async () => {
    let pauses = 0;
    const busyFor: number[] = [];
    const { calentamiento } = create({
      ocupado: () => pauses !== 3,
      pausa: () => {
        pauses += 1;
        return Promise.resolve();
      },
      ask: () => {
        busyFor.push(pauses);
        return Promise.resolve([]);
      },
    });

    calentamiento.start();
    await calentamiento.ended();

    expect(busyFor).toEqual([3, 123]);
  });

  it('goes on after a source that does not answer, and names it', async () => {
    const answers = [
      failing('SOURCE_TIMEOUT', 'SOURCE_TIMEOUT'),
      failing('CAPACIDAD_INSUFICIENTE'),
    ];
    const { calentamiento } = create({ ask: () => Promise.resolve(answers.shift() ?? []) });

    calentamiento.start();
    await calentamiento.ended();

    expect(calentamiento.estado()).toMatchObject({
      hechos: 2,
      fallas: [{ titulo: 'a', codigos: ['SOURCE_TIMEOUT'] }],
    });
  });

  it('ends with the service, also in the middle of a step', async () => {
    let begun = (): void => undefined;
    const underWay = new Promise<void>((resolve) => (begun = resolve));
    const { calentamiento } = create({
      ask: (_query, signal) =>
        new Promise((resolve) => {
          begun();
          signal.addEventListener('abort', () => {
            resolve([]);
          });
        }),
    });

    calentamiento.start();
    await underWay;
    await calentamiento.close();

    expect(calentamiento.estado()).toMatchObject({ hechos: 0, terminado: null });
  });

  it('is on by default, and off by a setting', () => {
    expect(readSettings({}, []).calentamiento).toBe(true);
    expect(readSettings({ SUGIT_CALENTAMIENTO: 'false' }, []).calentamiento).toBe(false);
  });

  it.each(PASOS)('is asked as anybody may ask it: $titulo', ({ query }) => {
    const document = parseWithin(query, ANONYMOUS_LIMITS);

    expect(validate(composeGraph(subgraphs).schema, document)).toEqual([]);
  });
});
