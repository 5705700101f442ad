import { describe, expect, it } from '@jest/globals';
import type { SqlSession } from '../almacen/port.js';
import { Bitacora } from './bitacora.js';
import { registroOf, tramoOf } from './testing.js';

describe('the ledger', () => {
  it('keeps what it holds when the store refuses it', async () => {
    const bitacora = new Bitacora();
    const tramo = tramoOf(registroOf('Anotada'), { fase: 'shadow' });
    bitacora.note({
      tramo,
      claveDigest: 'd',
      ruta: '05',
      comparacion: { clase: 'equal', regla: null, campos: [] },
      rechequeo: 0,
    });
    const texts: string[] = [];
    const session = (isDown: boolean): SqlSession => ({
      query: (text) => {
        texts.push(text);
        return isDown ? Promise.reject(new Error('caído')) : Promise.resolve([]);
      },
    });

    await expect(bitacora.flush(session(true), 'hoy')).rejects.toThrow('caído');
    await bitacora.flush(session(false), 'hoy');
    await bitacora.flush(session(false), 'hoy');

    expect(texts).toHaveLength(2);
  });
});
