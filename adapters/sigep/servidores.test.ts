import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EntidadSigep,
  PlantaEmpleo,
  REGISTROS_SIGEP,
  ServidoresResumen,
  Vacante,
} from '../../schema/registros/sigep.js';
import { adapterConformance, contextOf, type Conducta } from '../../tests/adapter-conformance.js';
import { BASE_URL, createSodaFake } from '../../tests/soda-fake.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Row } from '../contract.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { createSigepAdapter } from './index.js';
import {
  createBench,
  createPortal,
  ENTIDADES,
  PERSONAS,
  PLANTA,
  readersOf,
  VACANTES,
  type Bench,
  type Portal,
} from './testing.js';

let store: TestStore;
let acopio: Acopio;
beforeAll(async () => {
  store = await openTestStore();
  acopio = createAcopio(store, { now: Date.now });
}, 60_000);
afterAll(() => store.close());

adapterConformance('ServidoresResumen of SIGEP', async () => {
  const fake = createSodaFake(
    new Map([['2jzx-383z', PERSONAS]]),
    /^(niveljerarquicoempleo|tipodenombramiento)$/,
  );
  const bench = await createBench(acopio, fake.agent);
  return {
    adapter: bench.adapter,
    registro: ServidoresResumen,
    acceso: 'porEntidad',
    keys: ['0847', '0022'],
    unknown: '9999',
    conduct: (conducta: Conducta) => {
      fake.conducta = conducta;
    },
    calls: () => fake.asked.length,
    dispose: async () => {
      await fake.agent.close();
      await rm(bench.dir, { recursive: true, force: true });
    },
  };
});

describe('SIGEP', () => {
  let portal: Portal;
  let bench: Bench;
  beforeEach(async () => {
    portal = createPortal();
    bench = await createBench(acopio, portal.agent);
  });
  afterEach(async () => {
    await bench.adapter.close();
    await portal.agent.close();
    await rm(bench.dir, { recursive: true, force: true });
  });

  const { put, ask, rowsOf, scanAll } = readersOf(() => bench);

  describe('given the open data', () => {
    const TOTAL = 6;
    const totalOf = (rows: readonly Row[]): number =>
      rows.reduce((sum, { servidores }) => sum + Number(servidores), 0);

    it('counts servants by level and appointment, whatever the spelling of code and level', async () => {
      const outcome = await ask(ServidoresResumen, '0847');

      expect(outcome).toMatchObject({ origin: { modo: 'AGREGADO_EN_FUENTE' } });
      const rows = await rowsOf(ServidoresResumen, '0847');
      expect(rows).toContainEqual({
        codigoSigep: '0847',
        grupo: 'TECNICO/CARRERA ADMINISTRATIVA',
        nivel: 'TECNICO',
        tipoNombramiento: 'CARRERA ADMINISTRATIVA',
        servidores: 3,
      });
      expect(totalOf(rows)).toBe(TOTAL);
    });

    it('gives the same counts with 23 and with 22 columns', async () => {
      const whole = await rowsOf(ServidoresResumen, '0847');
      portal.rows = PERSONAS.map((row) => ({ ...row, idmunicipioentidad: undefined }));

      expect(await rowsOf(ServidoresResumen, '0847')).toEqual(whole);
    });

    it('asks once per reading, and for both spellings of a code', async () => {
      await ask(ServidoresResumen, '0847');
      await ask(ServidoresResumen, '0847');

      expect(portal.asked).toHaveLength(2);
      expect(portal.asked[1]?.get('$where')).toBe("codigosigep in ('0847','847')");
    });

    it('answers by its dated copy when the dataset is withdrawn', async () => {
      const before = await rowsOf(ServidoresResumen, '0847');
      portal.withdrawn = true;
      const outcome = await ask(ServidoresResumen, '0847');

      expect(outcome).toMatchObject({
        at: 'found',
        origin: {
          modo: 'ACOPIO',
          corte: '2026-04-09',
          version: { stale: true, checkedAt: '2026-04-20T12:00:00.000Z' },
        },
      });
      expect(outcome.at === 'found' && outcome.rows).toEqual(before);
      expect(await ask(ServidoresResumen, '9999')).toMatchObject({ at: 'absent' });
      expect(bench.adapter.estado().avisos).toMatchObject([{ codigo: 'SOURCE_WITHDRAWN' }]);
    });

    it('keeps the copy over a restart, and leaves it as soon as the dataset opens again', async () => {
      await ask(ServidoresResumen, '0847');
      await bench.adapter.close();
      const kept = await acopio.parts('sigep');
      portal.withdrawn = true;
      const restarted = createSigepAdapter(
        { baseUrl: BASE_URL, timeoutMs: 2_000 },
        {
          now: Date.now,
          observer: { call: () => undefined, error: () => undefined },
          acopio,
          dispatcher: portal.agent,
        },
      );
      const read = () => restarted.read(ServidoresResumen, 'porEntidad', ['0847'], contextOf());

      const closed = (await read()).get('0847');
      portal.withdrawn = false;
      const open = (await read()).get('0847');
      await restarted.close();

      expect(kept.map(({ id }) => id)).toEqual(['2jzx-383z']);
      expect(closed).toMatchObject({ at: 'found', origin: { modo: 'ACOPIO' } });
      expect(open).toMatchObject({ at: 'found', origin: { modo: 'AGREGADO_EN_FUENTE' } });
    });

    it('keeps a newer publication when it meets one', async () => {
      await ask(ServidoresResumen, '0847');
      portal.published = 'Sat, 09 May 2026 11:20:31 GMT';
      portal.rows = PERSONAS.slice(0, 5);
      await ask(ServidoresResumen, '0847');
      await ask(ServidoresResumen, '0847');
      portal.withdrawn = true;

      expect(await ask(ServidoresResumen, '0847')).toMatchObject({
        origin: { corte: '2026-05-09' },
      });
      expect(totalOf(await rowsOf(ServidoresResumen, '0847'))).toBe(5);
    });

    it('says that the dataset was withdrawn when there is no copy, and its reports stand', async () => {
      portal.withdrawn = true;
      await put(ENTIDADES);

      expect(await ask(ServidoresResumen, '0847')).toMatchObject({
        at: 'failed',
        error: { code: 'SOURCE_WITHDRAWN', retryable: false },
      });
      expect(await ask(EntidadSigep, '0847')).toMatchObject({ at: 'found' });
    });

    it('tries a closed dataset without its token before it takes it for withdrawn', async () => {
      await bench.adapter.close();
      await rm(bench.dir, { recursive: true, force: true });
      bench = await createBench(acopio, portal.agent, 'un-token');
      portal.withdrawn = true;

      await ask(ServidoresResumen, '0847');

      expect(portal.tokens).toEqual(['un-token', undefined]);
    });
  });

  describe('given the data of persons', () => {
    const PERSONAL =
      /numerodeidentificacion|nombre|sexo|nacimiento|experiencia|niveleducativo|asignacion|vinculaci|denominacion|dependencia/;

    it('never names a column of a person in a question, nor asks for all columns', async () => {
      await scanAll(ServidoresResumen);
      await ask(ServidoresResumen, '0847');
      await bench.adapter.version(ServidoresResumen, contextOf());
      await bench.adapter.page(
        ServidoresResumen,
        null,
        [{ campo: 'servidores', sentido: 'desc' }],
        { first: 2, after: null, count: true },
        contextOf(),
      );

      expect(portal.asked.length).toBeGreaterThan(2);
      for (const params of portal.asked) {
        expect(params.get('$select')).toMatch(/count\(\*\)/);
        expect(params.get('$select')?.replace('count(*)', '')).not.toContain('*');
        expect([...params.values()].join(' ').replaceAll('tipodenombramiento', '')).not.toMatch(
          PERSONAL,
        );
      }
    });

    it('holds nothing of a person in its records, in the acopio nor in its state', async () => {
      await put(ENTIDADES, PLANTA, VACANTES);
      const rows: Row[] = [];
      for (const registro of REGISTROS_SIGEP) rows.push(...(await scanAll(registro)));
      portal.withdrawn = true;
      rows.push(...(await scanAll(ServidoresResumen)));

      const text = JSON.stringify([rows, bench.adapter.estado()]);
      expect(rows.length).toBeGreaterThan(15);
      expect(text).not.toMatch(/CANARI|canario|1000000|601[19]|2019-03-04|1,440,300/);
    });

    it('opens no report about people', async () => {
      await put(ENTIDADES);
      await writeFile(
        path.join(bench.dir, 'vinculacionesDeLaEntidad_20260417.csv'),
        'Nombre\r\nCANARIO\r\n',
      );

      for (const registro of [EntidadSigep, PlantaEmpleo, Vacante]) await ask(registro, '0847');

      expect(bench.calls).toBe(1);
    });
  });
});
