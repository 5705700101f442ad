import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import ExcelJS from 'exceljs';
import iconv from 'iconv-lite';
import { rmSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FutGastosInversion, FutIngresos, RaizFut } from '../../schema/registros/fut.js';
import { adapterConformance } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { mockContext } from '../shared/http/testing.js';
import { createFutAdapter } from './index.js';

const EXPORTS = fileURLToPath(new URL('../../sandbox/exports/', import.meta.url));
const EL_TARRA = 'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls';
const ctx = mockContext({ deadline: Date.now() + 120_000 });

let store: TestStore;
let dir: string;
let calls: number;
let origenes: string[];
let errors: string[];
let now: number;
let adapter: Adapter;

const openAdapter = (): Adapter =>
  createFutAdapter(
    { dropDir: dir },
    {
      now: () => now,
      observer: {
        call: (_sistema, origen) => {
          calls += 1;
          origenes.push(origen);
        },
        error: (_sistema, code) => errors.push(code),
      },
      acopio: createAcopio(store, { now: () => now }),
    },
  );

beforeAll(async () => {
  store = await openTestStore();
}, 60_000);
afterAll(() => store.close());

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
  calls = 0;
  origenes = [];
  errors = [];
  now = Date.parse('2026-11-23T12:00:00Z');
  adapter = openAdapter();
});
afterEach(async () => {
  const acopio = createAcopio(store, { now: () => now });
  await adapter.close();
  for (const { id } of await acopio.parts('fut')) await acopio.forget('fut', id);
  await rm(dir, { recursive: true, force: true });
});

/** The folder is listed at most every two seconds. */
const later = (): void => {
  now += 5_000;
};
const write = (name: string, text: string): Promise<void> =>
  writeFile(path.join(dir, name), iconv.encode(text, 'win1252'));
const sd = (...lines: readonly string[][]): string =>
  lines.map((fields) => `${fields.join('\t')}\r\n`).join('');

const rowsOf = (outcome: Outcome<Row> | undefined): readonly Row[] => {
  if (outcome?.at !== 'found') throw new Error(`not found: ${JSON.stringify(outcome)}`);
  return outcome.rows;
};
const readOne = async (registro = FutGastosInversion, key = '219105091|2019') =>
  (await adapter.read(registro, 'porEntidadVigencia', [key], ctx)).get(key);
const raizOf = async (key = '219105091|2019'): Promise<Row> =>
  rowsOf(await readOne(RaizFut, key))[0] ?? {};

const HEAD = ['S', '219105091', '11012', '2019', 'FUT_GASTOS_DE_INVERSION'];
const d = (codigo: string, fuente: string, ...montos: string[]): string[] => [
  'D',
  codigo,
  fuente,
  ...montos,
];
const INVERSION = [
  d('VAL', '700', '300.00', '450.50', '400', '350', '300'),
  d('A', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1.2', '', '300.00', '450.50', '400', '350', '300'),
  d('A.1.2', '410', '100', '150.50', '150', '120', '100'),
  d('A.1.2', '300', '200.00', '300', '250', '230', '200'),
];

adapterConformance('FUT', async () => {
  const own = await mkdtemp(path.join(tmpdir(), 'sugit-fut-'));
  let asked = 0;
  let at = now;
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

describe('FUT from submission files', () => {
  it('reads a form with its subtotals, its leaves and its root', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(5);
    expect(rows.filter((row) => row['esHoja']).map((row) => row['fuente'])).toEqual(['410', '300']);
    expect(rows[0]).toMatchObject({
      concepto: 'A',
      nombreConcepto: 'TOTAL INVERSIÓN',
      esSubtotal: true,
    });
    expect(await raizOf()).toMatchObject({
      formulario: 'GASTOS_INVERSION',
      periodo: 'T4',
      presupuestoDefinitivo: '450.5',
      pagos: '300',
      canal: 'SD',
      unidadOrigen: 'PESOS',
    });
  });

  it('answers absent for other entities, years and malformed codes', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    const keys = ['219105091|2018', '210105001|2019', '1|2019', '219105091|x'];

    const byKey = await adapter.read(FutGastosInversion, 'porEntidadVigencia', keys, ctx);

    expect([...byKey.keys()]).toEqual(keys);
    expect([...byKey.values()].map(({ at }) => at)).toEqual(keys.map(() => 'absent'));
  });

  it('opens only the files of the form and year asked, and none when asked again', async () => {
    await write('a.txt', sd(HEAD, ...INVERSION));
    await write('b.txt', sd(HEAD.with(3, '2018'), ...INVERSION));

    await readOne();
    const cold = calls;
    later();
    await readOne();

    // Two headers, and one file read whole.
    expect(cold).toBe(3);
    expect(calls).toBe(cold);
  });

  it('answers what is loaded when the time of a request is up, and goes on with the rest', async () => {
    const keys = ['219105091|2018', '219105091|2019'];
    await write('a.txt', sd(HEAD.with(3, '2018'), ...INVERSION));
    await write('b.txt', sd(HEAD, ...INVERSION));
    await readOne(FutGastosInversion, keys[0]);

    const late = { ...ctx, deadline: now };
    const byKey = await adapter.read(FutGastosInversion, 'porEntidadVigencia', keys, late);

    expect(rowsOf(byKey.get('219105091|2018'))).toHaveLength(5);
    expect(byKey.get('219105091|2019')).toMatchObject({
      at: 'failed',
      error: {
        code: 'SOURCE_TIMEOUT',
        retryable: true,
        mensaje: 'FUT aún carga los archivos de 2019: vuelva a preguntar en unos segundos.',
      },
    });
    expect(rowsOf(await readOne())).toHaveLength(5);
    // The headers of both, the first file; and the second one behind, for nobody's account.
    expect(origenes).toEqual(['consulta', 'consulta', 'consulta', 'fondo']);
  });

  it('takes no other reception for the answer while the file of a later one is loading', async () => {
    await write('a.txt', sd([...HEAD, '01-02-2020'], ...INVERSION));
    await readOne();
    await write('b.txt', sd([...HEAD, '01-03-2020'], ...INVERSION));
    later();

    const late = { ...ctx, deadline: now };
    const byKey = await adapter.read(RaizFut, 'porEntidadVigencia', ['219105091|2019'], late);

    expect(byKey.get('219105091|2019')).toMatchObject({ error: { code: 'SOURCE_TIMEOUT' } });
  });

  it('keeps its rows across a restart, so that only headers are read again', async () => {
    await write('a.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await adapter.close();
    calls = 0;
    adapter = openAdapter();

    expect(rowsOf(await readOne())).toHaveLength(5);
    expect(calls).toBe(1);
  });

  it('takes the total from the leaves where a generator writes no subtotals', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION.filter(([, , fuente]) => fuente !== '')));

    expect(await raizOf()).toMatchObject({ presupuestoInicial: '300', compromisos: '400' });
  });

  it('gives ingresos their total and says where its parts miss it', async () => {
    const head = HEAD.with(4, 'INGRESOS');
    const row = (codigo: string, ...montos: string[]) => [
      'D',
      codigo,
      ...montos,
      'No',
      'NA',
      '0',
      '0',
    ];
    await write(
      'ingresos.txt',
      sd(head, row('TI', '10', '20', '15', '1', '16'), row('TI.A', '10', '20', '15', '1', '16')),
    );
    await write('ingresos18.txt', sd(head.with(3, '2018'), row('TI', '10', '20', '15', '1', '90')));

    expect(await raizOf()).toMatchObject({ recaudo: '16', recaudoEfectivo: '15', descuadre: null });
    expect((await raizOf('219105091|2018'))['descuadre']).toContain('90');
    expect(rowsOf(await readOne(FutIngresos)).map((row) => row['esHoja'])).toEqual([false, true]);
  });

  it('keeps amounts of eighteen digits exact', async () => {
    const amount = '123456789012345678.25';
    await write('grande.txt', sd(HEAD, d('A', '', ...Array<string>(5).fill(amount))));

    expect(await raizOf()).toMatchObject({ pagos: amount, compromisos: amount });
  });

  it('scans every report once, resuming where it stopped', async () => {
    await write('a.txt', sd(HEAD, ...INVERSION, HEAD.with(1, '210105001'), ...INVERSION));
    const rows: Row[] = [];

    for await (const chunk of adapter.scan(RaizFut, null, null, ctx)) rows.push(...chunk.rows);
    const resumed = [];
    const { token } = await adapter.version(RaizFut, ctx);
    const from = JSON.stringify(['210105001|2019', token]);
    for await (const chunk of adapter.scan(RaizFut, null, from, ctx)) resumed.push(...chunk.rows);

    expect(rows.map((row) => row['codigoChip'])).toEqual(['210105001', '219105091']);
    expect(resumed.map((row) => row['codigoChip'])).toEqual(['219105091']);
  });
});

describe('FUT from workbooks', () => {
  const LABELS = [
    'CODIGO',
    'NOMBRE',
    'FUENTES DE FINANCIACION',
    'PRESUPUESTO INICIAL',
    'PRESUPUESTO DEFINITIVO',
    'COMPROMISOS',
    'TOTAL OBLIGACIONES',
    'PAGOS',
  ];

  async function writeLibro(
    name: string,
    { unidad = 'Pesos', envio = '', recibido = '', monto = '450,00' },
  ): Promise<void> {
    const book = new ExcelJS.Workbook();
    const sheet = book.addWorksheet('reporte pag 1');
    const row = (codigo: string, fuente: string) => [
      codigo,
      'X ',
      fuente,
      ...Array<string>(5).fill(`${monto} `),
    ];
    sheet.addRows([
      [''],
      [''],
      ['219105091 - Betania '],
      ['MUNICIPIOS '],
      ['01-10-2016 al 31-12-2016'],
      ['FUT_GASTOS_DE_INVERSION '],
      ['GASTOS_DE_INVERSION '],
      ...(envio === '' ? [] : [[`ENVÍO NÚMERO ${envio}`], [`FECHA RECEPCIÓN ${recibido}`]]),
      [''],
      LABELS.map((label, at) => (at < 3 ? label : `${label}(${unidad})`)),
      row('VAL ', 'No Aplica '),
      row('A ', '  '),
      row('A.1 ', '  '),
      row('A.1 ', 'FOSYGA '),
    ]);
    await book.xlsx.writeFile(path.join(dir, name));
  }

  it('brings thousands to pesos and keeps the unit that the source wrote', async () => {
    await writeLibro('libro.xlsx', { unidad: 'Miles' });

    expect(await raizOf('219105091|2016')).toMatchObject({
      pagos: '450000',
      unidadOrigen: 'MILES',
    });
  });

  it('lets the last envío win and keeps what the earlier one stated', async () => {
    await writeLibro('b.xlsx', { envio: '100', recibido: '2017-02-10 08:00:00', monto: '1,00' });
    await writeLibro('a.xlsx', { envio: '101', recibido: '2017-02-11 08:00:00', monto: '2,00' });
    await write('envio.txt', sd(HEAD.with(3, '2016'), d('A', '', '3', '3', '3', '3', '3')));

    const raiz = await raizOf('219105091|2016');
    const rows = rowsOf(await readOne(FutGastosInversion, '219105091|2016'));

    expect(raiz).toMatchObject({
      pagos: '2',
      recepcion: '101',
      recibidoEn: '2017-02-11T08:00:00-05:00',
    });
    expect(raiz['contradiccion']).toMatch(/^LIBRO 100: .*pagos 1; SD envio\.txt: .*pagos 3$/);
    expect(rows.map((row) => row['recepcion'])).toEqual(['101', '101', '101']);
  });

  it('reads the real export of El Tarra beside other files of the folder', async () => {
    await copyFile(path.join(EXPORTS, EL_TARRA), path.join(dir, 'cualquier nombre'));
    await write('otro.txt', sd(HEAD, ...INVERSION));

    const raiz = await raizOf('215054250|2019');

    expect(raiz).toMatchObject({
      presupuestoDefinitivo: '24844127997.87',
      pagos: '22827241115.14',
      descuadre: null,
    });
  });
});

describe('broken FUT files', () => {
  const broken: readonly (readonly [string, string, string])[] = [
    [
      'control totals that miss the root',
      sd(HEAD, d('VAL', '700', '1', '1', '1', '1', '1'), ...INVERSION.slice(1)),
      'cifra de control',
    ],
    ['a parent that is not the sum of its details', sd(HEAD, ...INVERSION.slice(0, 5)), 'suma'],
    ['a row twice', sd(HEAD, ...INVERSION, ...INVERSION.slice(5)), 'se repite'],
    ['payments above obligations', sd(HEAD, d('A', '', '1', '1', '1', '1', '2')), 'supera'],
    ['a short row', sd(HEAD, ...INVERSION.slice(0, 2), d('A.1', '')), 'campos'],
    ['a tab inside a row', sd(HEAD, d('A', '', '1', '1', '1', '1', '1', '1')), 'tabulador'],
    [
      'an amount that is no number',
      sd(HEAD, d('A', '', '1', '1,5', '1', '1', '1')),
      'no es un valor',
    ],
    ['a cut last line', sd(HEAD, ...INVERSION).slice(0, -10), 'cortada'],
    ['a foreign line', sd(HEAD, ...INVERSION, ['X', 'nada']), 'no es S ni D'],
  ];

  it.each(broken)('is quarantined whole for %s', async (_what, text, motivo) => {
    await write('malo.txt', text);

    const outcome = await readOne();

    expect(outcome).toMatchObject({ at: 'failed', error: { code: 'SOURCE_QUARANTINED' } });
    const [aviso] = adapter.estado().avisos;
    expect(aviso?.mensaje).toContain(motivo);
    expect(aviso?.mensaje).toMatch(/ \(línea \d+\)$/);
    expect(aviso?.donde).toBe('malo.txt');
    expect(errors).toEqual(['SOURCE_QUARANTINED']);
  });

  it.each([
    ['zero bytes', Buffer.alloc(0), 'vacío'],
    ['UTF-16', Buffer.from('\ufeffS\t219105091\t11012\t2019\tINGRESOS\r\n', 'utf16le'), 'UTF-16'],
    ['no header', Buffer.from('hola\r\n'), 'no es un informe'],
    ['a damaged workbook', Buffer.from('504b0304ffff', 'hex'), 'libro'],
  ])('is named in the state for %s', async (_what, bytes, motivo) => {
    await writeFile(path.join(dir, 'malo.txt'), bytes);
    await write('bueno.txt', sd(HEAD, ...INVERSION));

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(5);
    expect(
      adapter
        .estado()
        .avisos.map(({ mensaje }) => mensaje)
        .join(),
    ).toContain(motivo);
  });

  it('leaves the last good version of the file answering', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(5);
    expect(adapter.estado().avisos).toHaveLength(1);
  });

  it('leaves it answering also for a report that the broken file no longer reaches', async () => {
    const other = HEAD.with(1, '210105001');
    await write('envio.txt', sd(HEAD, ...INVERSION, other, ...INVERSION));
    await readOne(FutGastosInversion, '210105001|2019');
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();

    expect(rowsOf(await readOne(FutGastosInversion, '210105001|2019'))).toHaveLength(5);
    expect(adapter.estado().avisos).toHaveLength(1);
  });

  describe('cut before a whole vigencia that it had', () => {
    const anterior = HEAD.with(3, '2018');
    const restart = async (): Promise<void> => {
      await adapter.close();
      adapter = openAdapter();
    };
    beforeEach(async () => {
      await write('envio.txt', sd(anterior, ...INVERSION, HEAD, ...INVERSION));
      await readOne();
      await write('envio.txt', sd(anterior, ...INVERSION.slice(0, 5)));
      later();
    });

    it('leaves the last good version answering for it, also after a restart', async () => {
      expect(rowsOf(await readOne())).toHaveLength(5);
      await restart();

      expect(rowsOf(await readOne())).toHaveLength(5);
      expect(adapter.estado().avisos).toMatchObject([{ codigo: 'SOURCE_QUARANTINED' }]);
    });

    it('walks the reports of the last good version', async () => {
      await restart();
      const vigencias: unknown[] = [];

      for await (const { rows } of adapter.scan(RaizFut, null, null, ctx))
        vigencias.push(...rows.map((row) => row['vigencia']));

      expect(vigencias).toEqual([2018, 2019]);
    });

    it('takes it for absent once a complete file says so', async () => {
      await write('envio.txt', sd(anterior, ...INVERSION));
      later();

      expect((await readOne())?.at).toBe('absent');
      expect(adapter.estado().avisos).toEqual([]);
    });
  });

  it('takes no report for absent that a broken file may have held', async () => {
    await write('malo.txt', sd(HEAD, ...INVERSION.slice(0, 5)));

    expect(await readOne(FutGastosInversion, '210105001|2019')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_QUARANTINED' },
    });
    expect((await readOne(FutGastosInversion, '210105001|2018'))?.at).toBe('absent');
  });

  it('is forgotten once the file is again what it was', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await write('envio.txt', sd(HEAD, ...INVERSION.slice(0, 5)));
    later();
    await readOne();
    expect(adapter.estado().avisos).toHaveLength(1);
    await write('envio.txt', sd(HEAD, ...INVERSION));
    later();

    expect(rowsOf(await readOne())).toHaveLength(5);
    expect(adapter.estado().avisos).toEqual([]);
  });

  it('is found by a line without end before the file is read whole, whoever is asked for', async () => {
    await write('largo.txt', `${sd(HEAD)}D\tA\t${'9'.repeat(3_000_000)}`);
    await write('bueno.txt', sd(HEAD.with(1, '210105001'), ...INVERSION));

    expect(rowsOf(await readOne(FutGastosInversion, '210105001|2019'))).toHaveLength(5);
    expect(adapter.estado().avisos).toMatchObject([
      {
        codigo: 'SOURCE_QUARANTINED',
        mensaje: expect.stringMatching(/ \(línea 2\)$/),
        donde: 'largo.txt',
      },
    ]);
  });

  it('does not keep the other files of the folder from answering', async () => {
    await write('malo.txt', sd(HEAD.with(1, '210105001'), ...INVERSION.slice(0, 5)));
    await write('bueno.txt', sd(HEAD, ...INVERSION));

    const byKey = await adapter.read(
      RaizFut,
      'porEntidadVigencia',
      ['210105001|2019', '219105091|2019'],
      ctx,
    );

    expect([...byKey.values()].map(({ at }) => at)).toEqual(['failed', 'found']);
  });

  it('walks what it knew when the folder goes away', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await rm(dir, { recursive: true });
    later();
    const rows: Row[] = [];

    for await (const chunk of adapter.scan(RaizFut, null, null, ctx)) rows.push(...chunk.rows);

    expect(rows.map(({ vigencia }) => vigencia)).toEqual([2019]);
  });

  it('fails every key as unavailable where the folder is empty', async () => {
    expect(await readOne()).toMatchObject({ at: 'failed', error: { code: 'SOURCE_UNAVAILABLE' } });
  });

  it('answers what it knew when the folder goes away, and says that it is stale', async () => {
    await write('envio.txt', sd(HEAD, ...INVERSION));
    await readOne();
    await rm(dir, { recursive: true });
    later();

    const outcome = await readOne();

    expect(rowsOf(outcome)).toHaveLength(5);
    expect(outcome).toMatchObject({ origin: { version: { stale: true } } });
  });
});
