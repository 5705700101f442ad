import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { utils, write } from '@e965/xlsx';
import { parse } from 'csv-parse/sync';
import { MockAgent } from 'undici';
import type { Registro } from '../../schema/registro.js';
import { EntidadSigep, PlantaEmpleo, Vacante } from '../../schema/registros/sigep.js';
import { adapterConformance, contextOf, type Conducta } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import {
  createBench,
  createPortal,
  ENTIDADES,
  fixture,
  PLANTA,
  PLANTA_ANTERIOR,
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

/** Lines of a fixture after its header, behaving as told. */
function rewrite(name: string, nulables: RegExp, conducta: Conducta): string {
  const delimiter = name === VACANTES ? ',' : ';';
  const text = readFileSync(fixture(name), 'utf8').replace('\uFEFF', '');
  const table: string[][] = parse(text, { delimiter });
  const [header = [], ...rows] = table;
  const blank = (row: string[]): string[] =>
    row.map((cell, at) => (nulables.test(header[at] ?? '') ? '' : cell));
  const behaved = {
    NORMAL: rows,
    BARAJADA: [...rows].reverse(),
    DOBLE: rows.flatMap((row) => [row, row]),
    CORTA: rows.map(blank),
    MUERTA: [],
  }[conducta];
  const toLine = (row: string[]): string => row.map((cell) => `"${cell}"`).join(delimiter);
  return [header, ...behaved].map(toLine).join('\r\n') + '\r\n';
}

const fileSubject =
  (registro: Registro, name: string, keys: readonly string[], nulables: RegExp) => async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const bench = await createBench(acopio, agent);
    await copyFile(fixture(name), path.join(bench.dir, name));
    return {
      adapter: bench.adapter,
      registro,
      acceso: 'porEntidad',
      keys,
      unknown: '9999',
      conduct: (conducta: Conducta) => {
        writeFileSync(path.join(bench.dir, name), rewrite(name, nulables, conducta));
        bench.later();
      },
      calls: () => bench.calls,
      dispose: async () => {
        await agent.close();
        await rm(bench.dir, { recursive: true, force: true });
      },
    };
  };

adapterConformance(
  'Entidad of SIGEP',
  fileSubject(EntidadSigep, ENTIDADES, ['0847', '6349', '0351'], /Sigla|NIT|DANE|Categor/),
);
adapterConformance(
  'PlantaEmpleo of SIGEP',
  fileSubject(PlantaEmpleo, PLANTA, ['0847', '0351'], /Nivel|Grado|Vacancia|provistos/),
);
describe('the reports of SIGEP', () => {
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

  const { put, ask, rowsOf } = readersOf(() => bench);

  describe('given its weekly reports', () => {
    it('reads the register with padded codes, bare NIT and repaired DIVIPOLA', async () => {
      await put(ENTIDADES);

      expect(await rowsOf(EntidadSigep, '0847')).toEqual([
        {
          codigoSigep: '0847',
          nombre: 'ALCALDÍA MUNICIPAL DE PALMIRA',
          sigla: null,
          nit: '891380007',
          digitoVerificacion: '3',
          codigoDane: '76520',
          orden: 'TERRITORIAL',
          suborden: 'MUNICIPAL',
          naturalezaJuridica: 'ALCALDÍA',
          clasificacionOrganica: 'RAMA EJECUTIVA',
          sector: 'NO APLICA',
          departamento: 'VALLE DEL CAUCA',
          municipio: 'PALMIRA',
          categoria: 'PRIMERA CATEGORÍA',
          estado: 'ACTIVA',
        },
      ]);
      expect(await rowsOf(EntidadSigep, '0351')).toMatchObject([{ codigoDane: '05002' }]);
      expect(await rowsOf(EntidadSigep, '6349')).toMatchObject([
        { codigoDane: '25', municipio: null, naturalezaJuridica: null },
      ]);
    });

    it('adds posts by level, without drafts nor plantas of the past', async () => {
      await put(PLANTA);

      const byKey = await bench.adapter.measure(
        PlantaEmpleo,
        'porNivel',
        ['0847'],
        ['nivel'],
        contextOf(),
      );
      const outcome = byKey.get('0847');

      if (outcome?.at !== 'found') throw new Error('Palmira has a planta');
      expect(outcome.origin).toMatchObject({ modo: 'ACOPIO', corte: '2026-04-13' });
      const sums = (
        cargos: string,
        conApropiacion: string,
        provistos: string,
        vacantes: string,
      ) => ({
        cargos,
        conApropiacion,
        provistos,
        vacantes,
      });
      const byNivel = new Map<string | null | undefined, unknown>(
        outcome.rows.map(({ dims, sums: own }) => [dims['nivel'], own]),
      );
      expect(byNivel).toEqual(
        new Map<string, unknown>([
          ['DIRECTIVO', sums('1', '1', '1', '0')],
          ['TECNICO', sums('14', '14', '13', '3')],
          ['ASISTENCIAL', { ...sums('3', '', '2', '1'), conApropiacion: null }],
        ]),
      );
    });

    it('reads workbooks in which Excel made numbers of the codes', async () => {
      const text = readFileSync(fixture(PLANTA), 'utf8');
      const table: string[][] = parse(text, { delimiter: ';' });
      const typed = table.map((row) =>
        row.map((cell) => (/^\d+$/.test(cell) ? Number(cell) : cell)),
      );
      const book = utils.book_new(
        utils.aoa_to_sheet([['REPORTE DE PLANTA'], [], ...typed]),
        'Hoja1',
      );
      const file = path.join(bench.dir, PLANTA.replace('.csv', '.xlsx'));
      await writeFile(file, write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer);

      const [alcalde] = (await rowsOf(PlantaEmpleo, '0847')).filter(
        ({ empleo }) => empleo === 'E1',
      );

      expect(alcalde).toMatchObject({ codigoCargo: '005', grado: '16', cargos: 1, vigente: true });
      expect(await rowsOf(PlantaEmpleo, '0351')).toMatchObject([
        { planta: 'PLANTA GLOBAL', empleo: 'DIRECTIVO/005/07/DESPACHO' },
      ]);
    });

    it('keeps each of two equal vacancies, and an impossible date as unknown', async () => {
      await put(VACANTES);

      expect(await rowsOf(Vacante, '0847')).toMatchObject([
        { ordinal: 1, vacanciaDefinitiva: 1, fechaVacancia: '2025-03-15' },
        { ordinal: 2, vacanciaDefinitiva: 1, fechaVacancia: null },
      ]);
    });

    it('answers from the newest week, and from an older one only until that comes', async () => {
      await put(PLANTA_ANTERIOR);
      const before = await ask(PlantaEmpleo, '0847');
      await put(PLANTA);
      bench.later();
      const after = await ask(PlantaEmpleo, '0847');

      expect(before).toMatchObject({ origin: { corte: '2026-04-06' }, rows: [{ empleo: 'E1' }] });
      expect(after).toMatchObject({ at: 'found', origin: { corte: '2026-04-13' } });
    });

    it('opens each file once, however often it is asked', async () => {
      await put(PLANTA, PLANTA_ANTERIOR);

      await ask(PlantaEmpleo, '0847');
      bench.later();
      await ask(PlantaEmpleo, '0351');

      expect(bench.calls).toBe(1);
    });
  });

  describe('given a broken week', () => {
    const renamed = 'plantaDePersonalEntidadYEmpleosProvistos_20260420.csv';
    const putRenamed = (): Promise<void> =>
      writeFile(
        path.join(bench.dir, renamed),
        readFileSync(fixture(PLANTA), 'utf8').replace('aprobados por norma', 'autorizados'),
      );

    it('puts a file with a renamed column in quarantine and answers by the last good week', async () => {
      await putRenamed();
      await put(PLANTA);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({ origin: { corte: '2026-04-13' } });
      expect(bench.adapter.estado().avisos).toEqual([
        {
          codigo: 'SOURCE_QUARANTINED',
          mensaje:
            'Faltan columnas en plantaDePersonalEntidadYEmpleosProvistos: Número de empleos aprobados por norma. (línea 1)',
          donde: renamed,
        },
      ]);
    });

    it('goes on answering by what it read of a good week that is no longer in the folder', async () => {
      await put(PLANTA);
      await ask(PlantaEmpleo, '0847');
      await rm(path.join(bench.dir, PLANTA));
      await putRenamed();
      bench.later();

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({
        at: 'found',
        origin: { corte: '2026-04-13' },
      });
    });

    it('fails each key when no week was ever good, and the other reports stand', async () => {
      await putRenamed();
      await put(ENTIDADES);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({
        at: 'failed',
        error: { code: 'SOURCE_QUARANTINED' },
      });
      expect(await ask(EntidadSigep, '0847')).toMatchObject({ at: 'found' });
    });

    it('does not take a report without rows for a complete week', async () => {
      const [header = ''] = readFileSync(fixture(PLANTA), 'utf8').split('\r\n');
      await writeFile(path.join(bench.dir, renamed), `${header}\r\n`);
      await put(PLANTA);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({ origin: { corte: '2026-04-13' } });
    });
  });
});
