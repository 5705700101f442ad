import { afterAll, beforeAll } from '@jest/globals';
import iconv from 'iconv-lite';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FutGastosInversion } from '../../schema/registros/fut.js';
import { adapterConformance } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { createFutAdapter } from './index.js';
import { d, HEAD, INVERSION, sd } from './testing.js';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
}, 60_000);
afterAll(() => store.close());

adapterConformance('FUT', async () => {
  const own = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
  let asked = 0;
  let at = Date.parse('2026-11-23T12:00:00Z');
  const acopio = createAcopio(store, { now: () => at });
  const tools = {
    now: () => at,
    observer: { call: () => (asked += 1), error: () => undefined },
    acopio,
  };
  const put = (name: string, text: string): void => {
    writeFileSync(path.join(own, name), iconv.encode(text, 'win1252'));
  };
  const other = HEAD.with(1, '210105001');
  const corta = d('A.1', '410', '', '', '', '', '');
  put('envio.txt', sd(HEAD, ...INVERSION, other, ...INVERSION));
  return {
    adapter: createFutAdapter({ dropDir: own }, tools),
    registro: FutGastosInversion,
    acceso: 'porEntidadPeriodo',
    keys: ['219105091|2019|T4', '210105001|2019|T4'],
    unknown: '210205002|2019|T4',
    conduct: (conducta) => {
      at += 5_000;
      if (conducta === 'BARAJADA') {
        const shuffled = [...INVERSION].reverse();
        put('envio.txt', sd(other, ...shuffled, HEAD, ...shuffled));
      }
      if (conducta === 'DOBLE') put('copia.txt', sd(HEAD, ...INVERSION, other, ...INVERSION));
      if (conducta === 'CORTA') put('envio.txt', sd(HEAD, corta, other, corta));
      if (conducta === 'MUERTA') rmSync(own, { recursive: true });
    },
    calls: () => asked,
    dispose: async () => {
      for (const { id } of await acopio.parts('fut')) await acopio.forget('fut', id);
      rmSync(own, { recursive: true, force: true });
    },
  };
});
