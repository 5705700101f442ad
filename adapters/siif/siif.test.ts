import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApropiacionNacion } from '../../schema/registros/siif.js';
import { adapterConformance, contextOf, type Conducta } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import {
  CDP,
  LINEAS,
  toCsv,
  toReservasCsv,
  toXlsx,
  toXlsxMensual,
  type LineaReporte,
} from './fixtures/reportes.js';
import { createSiifAdapter } from './index.js';

const AGREGADA = 'ejecucion_agregada_2024-12-31.csv';
const LIBRO = 'Ejecucion desagregada.xlsx';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Taller {
  readonly dir: string;
  readonly adapter: Adapter;
  calls: number;
  clock: number;
}

async function open(): Promise<Taller> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sugit-siif-'));
  const taller = { dir, calls: 0, clock: Date.now(), adapter: null as unknown as Adapter };
  const now = () => (taller.clock += 10_000);
  taller.adapter = createSiifAdapter(
    { dropDir: dir },
    {
      now,
      observer: { call: () => (taller.calls += 1), error: () => undefined },
      acopio: createAcopio(store, { now }),
    },
  );
  return taller;
}

async function clear({ dir }: Taller): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  const acopio = createAcopio(store, { now: Date.now });
  for (const { id } of await acopio.parts('siif')) await acopio.forget('siif', id);
}

const CONDUCTAS: Readonly<Record<Conducta, (lineas: readonly LineaReporte[]) => LineaReporte[]>> = {
  NORMAL: (lineas) => [...lineas],
  BARAJADA: (lineas) => [...lineas].reverse(),
  DOBLE: (lineas) => lineas.slice(-1).flatMap((linea) => [linea, linea]),
  CORTA: (lineas) =>
    lineas.map(({ uej = '', rubro }) => ({ uej, rubro, montos: ['', '', '', '', '', '', ''] })),
  MUERTA: (lineas) => [...lineas],
};

adapterConformance('SIIF', async () => {
  const taller = await open();
  const years = ['2023', '2024'];
  const files = years.map((year) => path.join(taller.dir, `ejecucion_${year}-12-31.csv`));
  let pending: Promise<unknown> = Promise.all(files.map((file) => writeFile(file, toCsv(LINEAS))));
  await pending;
  const { adapter } = taller;
  return {
    // A file is written before the next question is asked.
    adapter: {
      ...adapter,
      read: async (...args) => {
        await pending;
        return adapter.read(...args);
      },
    },
    registro: ApropiacionNacion,
    acceso: 'porVigencia',
    keys: years,
    unknown: '1999',
    conduct: (conducta) => {
      pending =
        conducta === 'MUERTA'
          ? rm(taller.dir, { recursive: true }).then(() => writeFile(taller.dir, ''))
          : Promise.all(files.map((f) => writeFile(f, toCsv(CONDUCTAS[conducta](LINEAS)))));
    },
    calls: () => taller.calls,
    dispose: () => clear(taller),
  };
});

describe('SIIF', () => {
  let taller: Taller;
  beforeEach(async () => {
    taller = await open();
  });
  afterEach(async () => {
    await taller.adapter.close();
    await clear(taller);
  });

  const put = (name: string, content: Buffer) => writeFile(path.join(taller.dir, name), content);
  const read = async (vigencia: string) =>
    (await taller.adapter.read(ApropiacionNacion, 'porVigencia', [vigencia], contextOf())).get(
      vigencia,
    );
  const rowsOf = async (vigencia: string) => {
    const outcome = await read(vigencia);
    return outcome?.at === 'found' ? outcome.rows : [];
  };
  const vigentes = async (vigencia: string) =>
    (await rowsOf(vigencia)).filter(({ esHoja }) => esHoja).map((row) => row['apropiacionVigente']);

  it('reads a cp1252 report with US commas, exact beyond the integers of JavaScript', async () => {
    await put(AGREGADA, toCsv(LINEAS));

    const [first] = await rowsOf('2024');

    expect(first).toMatchObject({
      vigencia: 2024,
      corte: '2024-12-31',
      seccion: '2201',
      unidadEjecutora: '22-01-01',
      nombreUnidad: 'MINISTERIO DE EDUCACIÓN NACIONAL - GESTIÓN GENERAL',
      apropiacionVigente: '9007199254740994.5',
      descripcion: 'Descripción, con coma',
    });
  });

  it('marks as leaves only what has nothing below, and of a repeated rubro only its detail', async () => {
    await put(AGREGADA, toCsv(LINEAS));

    const rows = await rowsOf('2024');

    expect(rows.map(({ rubro, recurso, esHoja }) => [rubro, recurso, esHoja])).toEqual([
      ['A-02', '', false],
      ['A-02-01', '10', true],
      ['A-02-02', '', false],
      ['A-02-02', '11', true],
      ['C-2201-0700-1', '20', true],
    ]);
  });

  it('adds leaves only', async () => {
    await put(AGREGADA, toCsv(LINEAS));

    const byKey = await taller.adapter.measure(
      ApropiacionNacion,
      'porUnidad',
      ['2024'],
      ['seccion'],
      contextOf(),
    );

    expect(byKey.get('2024')).toMatchObject({
      rows: [
        {
          dims: { seccion: '2201' },
          sums: { apropiacionVigente: '9007199254740994.5', pagos: '10' },
        },
        { dims: { seccion: '2210' }, sums: { apropiacionVigente: '1200000', pagos: '650000' } },
      ],
    });
  });

  it('finds the header of a workbook in row 4, below the year, and passes over repeated labels', async () => {
    await put(LIBRO, await toXlsx(LINEAS, '2025'));

    expect(await rowsOf('2025')).toHaveLength(LINEAS.length);
    expect((await rowsOf('2025'))[0]).toMatchObject({ corte: '2025-06-30' });
  });

  it('answers a vigencia from the report with the latest cut, whichever was written last', async () => {
    const [, , , , last] = LINEAS;
    if (last === undefined) throw new Error('no line');
    await put(AGREGADA, toCsv([last]));
    await put('ejecucion_2024-06-30.csv', toCsv(LINEAS));
    await utimes(path.join(taller.dir, AGREGADA), new Date(0), new Date(0));

    expect(await vigentes('2024')).toEqual(['1200000']);
  });

  it('leaves out the reports by document, with their persons, and those of other vigencias del gasto', async () => {
    await put('CDP 2024.csv', CDP);
    await put('reservas 2024.csv', toCsv(LINEAS, ['Año Fiscal:,2024', 'Vigencia:,Reservas']));

    expect(await read('2024')).toMatchObject({ at: 'absent' });
    expect(taller.adapter.estado().avisos).toEqual([]);
  });

  it('leaves out what was carried over from the year before, in a file or in a sheet of its own', async () => {
    await put('reservas.csv', toReservasCsv('2025'));
    await put('abril.xlsx', await toXlsxMensual(LINEAS, '2025'));

    const rows = await rowsOf('2025');

    expect(rows).toHaveLength(LINEAS.length);
    expect(rows[0]).toMatchObject({ corte: '2025-04-30' });
    expect(taller.adapter.estado().avisos).toEqual([]);
  });

  it.each([
    ['two budgets', { vigentes: ['Vigente', 'Vigente (2)'] }, /dos hojas/],
    ['a budget with a column less', { sin: 'APR. VIGENTE' }, /APR\. VIGENTE/],
  ])('puts a workbook in quarantine that holds %s', async (_what, defecto, motivo) => {
    await put('abril.xlsx', await toXlsxMensual(LINEAS, '2025', defecto));

    expect(await read('2025')).toMatchObject({ at: 'failed' });
    expect(taller.adapter.estado().avisos[0]?.mensaje).toMatch(motivo);
  });

  it('puts a report in quarantine with the line whose vigente is not inicial + adicionada − reducida', async () => {
    const [, leaf] = LINEAS;
    if (leaf === undefined) throw new Error('no line');
    await put(AGREGADA, toCsv([{ ...leaf, montos: ['1.00', '5.00', '1.00', '9.00', '', '', ''] }]));

    expect(await read('2024')).toMatchObject({ error: { code: 'SOURCE_QUARANTINED' } });
    expect(taller.adapter.estado().avisos).toMatchObject([
      {
        codigo: 'SOURCE_QUARANTINED',
        donde: AGREGADA,
        mensaje: expect.stringMatching(/ \(línea 2\)$/),
      },
    ]);
  });

  it('puts a report in quarantine when a parent is not the sum of its leaves', async () => {
    const [parent, leaf] = LINEAS;
    if (parent === undefined || leaf === undefined) throw new Error('no line');
    await put(AGREGADA, toCsv([parent, leaf]));

    expect((await read('2024'))?.at).toBe('failed');
  });

  it('keeps the last good version of a report that comes back broken', async () => {
    await put(AGREGADA, toCsv(LINEAS));
    const before = await vigentes('2024');
    await put(AGREGADA, toCsv(LINEAS).subarray(0, 900));

    expect(await vigentes('2024')).toEqual(before);
    expect(taller.adapter.estado().avisos).toHaveLength(1);
  });

  it('opens nothing again for a folder that did not change, not even after a restart', async () => {
    await put(AGREGADA, toCsv(LINEAS));
    await read('2024');
    const again = createSiifAdapter(
      { dropDir: taller.dir },
      {
        now: Date.now,
        observer: { call: () => (taller.calls += 1), error: () => undefined },
        acopio: createAcopio(store, { now: Date.now }),
      },
    );

    await again.read(ApropiacionNacion, 'porVigencia', ['2024'], contextOf());
    await again.close();

    expect(taller.calls).toBe(1);
  });

  it('charges its whole folder to nobody: it is opened whatever is asked', async () => {
    await put(AGREGADA, toCsv(LINEAS));
    const pagadores = [{ saldo: { llamadas: 0, bytes: 1 }, parte: 1, impago: false }];
    const ctx = { ...contextOf(), pagadores };

    const answer = await taller.adapter.read(ApropiacionNacion, 'porVigencia', ['2024'], ctx);

    expect(answer.get('2024')?.at).toBe('found');
  });

  it('fails each key while no folder is configured', async () => {
    const { acopio } = { acopio: createAcopio(store, { now: Date.now }) };
    const observer = { call: () => undefined, error: () => undefined };
    const bare = createSiifAdapter({}, { now: Date.now, observer, acopio });

    const byKey = await bare.read(ApropiacionNacion, 'porVigencia', ['2024'], contextOf());

    expect(byKey.get('2024')).toMatchObject({ error: { code: 'SOURCE_UNAVAILABLE' } });
  });
});
