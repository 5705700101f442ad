import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { Bitacora } from './bitacora.js';
import { loadDemanda } from './demanda.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';
import { registroOf, tramoOf } from './testing.js';

const tramo = tramoOf(registroOf('Pedido'), { fase: 'shadow', epoca: 3 });
const NOW = Date.parse('2026-03-03T15:20:00.000Z');
const HOUR_MS = 3_600_000;

let store: TestStore;

describe('what readers ask of a slice, hour by hour', () => {
  beforeAll(async () => {
    store = await openTestStore();
    await store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
  });
  afterAll(() => store.close());

  it('is added up over writings and instances', async () => {
    const [here, there] = [new Bitacora(), new Bitacora()];
    here.noteDemanda(tramo, NOW, 'preguntas', 1);
    here.noteDemanda(tramo, NOW, 'comparadas', 5);
    await here.flush(store, '');
    here.noteDemanda(tramo, NOW, 'preguntas', 1);
    there.noteDemanda(tramo, NOW + HOUR_MS, 'preguntas', 1);
    there.noteDemanda(tramo, NOW, 'descartadas', 2);

    for (const bitacora of [here, there, here, there]) await bitacora.flush(store, '');

    expect(await loadDemanda(store, tramo, NOW)).toEqual([
      { hora: '2026-03-03T15', preguntas: 2, comparadas: 5, descartadas: 2 },
      { hora: '2026-03-03T16', preguntas: 1, comparadas: 0, descartadas: 0 },
    ]);
  });

  it('counts as asked in every epoch, as compared in this one only', async () => {
    expect(await loadDemanda(store, { ...tramo, epoca: 4 }, NOW)).toEqual([
      { hora: '2026-03-03T15', preguntas: 2, comparadas: 0, descartadas: 0 },
      { hora: '2026-03-03T16', preguntas: 1, comparadas: 0, descartadas: 0 },
    ]);
  });

  it('is forgotten after four weeks', async () => {
    expect(await loadDemanda(store, tramo, NOW + 29 * 24 * HOUR_MS)).toEqual([]);
  });

  it('waits for a store that is down, and what comes in meanwhile with it', async () => {
    const bitacora = new Bitacora();
    const late = NOW + 2 * HOUR_MS;
    bitacora.noteDemanda(tramo, late, 'preguntas', 1);
    const down = { query: () => Promise.reject(new Error('caído')) };
    await expect(bitacora.flush(down, '')).rejects.toThrow('caído');
    const slow = {
      query: (...args: Parameters<TestStore['query']>) => {
        bitacora.noteDemanda(tramo, late, 'preguntas', 1);
        return store.query(...args);
      },
    } as TestStore;

    await bitacora.flush(slow, '');
    await bitacora.flush(store, '');

    expect((await loadDemanda(store, tramo, NOW)).at(-1)).toMatchObject({ preguntas: 2 });
  });
});
