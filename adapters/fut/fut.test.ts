import { describe, expect, it } from '@jest/globals';
import ExcelJS from 'exceljs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FutGastosInversion, FutIngresos, RaizFut } from '../../schema/registros/fut.js';
import type { Row } from '../contract.js';
import { ctx, d, HEAD, INVERSION, rowsOf, sd, setUpFut } from './testing.js';

const EXPORTS = fileURLToPath(new URL('../../sandbox/exports/', import.meta.url));
const EL_TARRA = 'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls';

const fut = setUpFut();
const { write, later, readOne, raizOf } = fut;

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

    const byKey = await fut.adapter.read(FutGastosInversion, 'porEntidadVigencia', keys, ctx);

    expect([...byKey.keys()]).toEqual(keys);
    expect([...byKey.values()].map(({ at }) => at)).toEqual(keys.map(() => 'absent'));
  });

  it('opens only the files of the form and year asked, and none when asked again', async () => {
    await write('a.txt', sd(HEAD, ...INVERSION));
    await write('b.txt', sd(HEAD.with(3, '2018'), ...INVERSION));

    await readOne();
    const cold = fut.calls;
    later();
    await readOne();

    // Two headers, and one file read whole.
    expect(cold).toBe(3);
    expect(fut.calls).toBe(cold);
  });

  it('answers what is loaded when the time of a request is up, and goes on with the rest', async () => {
    const keys = ['219105091|2018', '219105091|2019'];
    await write('a.txt', sd(HEAD.with(3, '2018'), ...INVERSION));
    await write('b.txt', sd(HEAD, ...INVERSION));
    await readOne(FutGastosInversion, keys[0]);

    const late = { ...ctx, deadline: fut.now };
    const byKey = await fut.adapter.read(FutGastosInversion, 'porEntidadVigencia', keys, late);

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
    expect(fut.origenes).toEqual(['consulta', 'consulta', 'consulta', 'fondo']);
  });

  it('takes no other reception for the answer while the file of a later one is loading', async () => {
    await write('a.txt', sd([...HEAD, '01-02-2020'], ...INVERSION));
    await readOne();
    await write('b.txt', sd([...HEAD, '01-03-2020'], ...INVERSION));
    later();

    const late = { ...ctx, deadline: fut.now };
    const byKey = await fut.adapter.read(RaizFut, 'porEntidadVigencia', ['219105091|2019'], late);

    expect(byKey.get('219105091|2019')).toMatchObject({ error: { code: 'SOURCE_TIMEOUT' } });
  });

  it('keeps its rows across a restart, so that only headers are read again', async () => {
    await write('a.txt', sd(HEAD, ...INVERSION));
    await readOne();
    fut.calls = 0;
    await fut.restart();

    expect(rowsOf(await readOne())).toHaveLength(5);
    expect(fut.calls).toBe(1);
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

    for await (const chunk of fut.adapter.scan(RaizFut, null, null, ctx)) rows.push(...chunk.rows);
    const resumed = [];
    const { token } = await fut.adapter.version(RaizFut, ctx);
    const from = JSON.stringify(['210105001|2019', token]);
    for await (const chunk of fut.adapter.scan(RaizFut, null, from, ctx))
      resumed.push(...chunk.rows);

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
    await book.xlsx.writeFile(path.join(fut.dir, name));
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
    await copyFile(path.join(EXPORTS, EL_TARRA), path.join(fut.dir, 'cualquier nombre'));
    await write('otro.txt', sd(HEAD, ...INVERSION));

    const raiz = await raizOf('215054250|2019');

    expect(raiz).toMatchObject({
      presupuestoDefinitivo: '24844127997.87',
      pagos: '22827241115.14',
      descuadre: null,
    });
  });
});
