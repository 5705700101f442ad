import { describe, expect, it } from '@jest/globals';
import type { SqlStore } from '../almacen/port.js';
import { prepareBarridos } from './barrido.js';

describe('the tables of walks', () => {
  it('are made once for a store, and tried again where that failed', async () => {
    let tries = 0;
    const store = {
      migrate: () => (++tries === 1 ? Promise.reject(new Error('caído')) : Promise.resolve()),
    } as unknown as SqlStore;

    await expect(prepareBarridos(store)).rejects.toThrow('caído');
    await prepareBarridos(store);
    await prepareBarridos(store);

    expect(tries).toBe(2);
  });
});
