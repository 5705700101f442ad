import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EjecucionErp } from '../../schema/registros/erp.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { corteOf } from './entidades.js';
import { createErpAdapter } from './index.js';
import { toCuenta, toProductoMga } from './mapper.js';

const MUESTRA = 'erp_sap_medellin_ejecucion_2025-03_muestra.csv';
const REAL = fileURLToPath(new URL(`../../sandbox/exports/${MUESTRA}`, import.meta.url));
const LISTA = 'patron,codigo_chip,vigencia,mes,muestra\n*medellin*,210105001,,,\n';
const MEDELLIN = '210105001|2025|3';

const HEADER =
  'Fondo,Centro Gestor,Posicion Presupuestaria,Area Funcional,Proyecto,Nombre,Ppto Inicial,Reducciones,Adiciones,' +
  'Creditos,Contracreditos,Total Ppto actual,Disponibilidad,Compromiso,Factura,Pagos,Disponible neto,Ejecucion,% ejecucion';
/** 100 - 10 + 20 + 5 - 15 = 100; 40 + 30 + 20 + 5 = 95. */
const GOOD =
  '1,70,2320202008,45021000.0011.99,240128,Obra,100,10,20,5,15,100,40,30,20,5,5,55,55.000000000000007';

let store: TestStore;
let folder: string;
let opened: number;
let adapter: Adapter;

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function clearStore(): Promise<void> {
  const acopio = createAcopio(store, { now: Date.now });
  for (const { id } of await acopio.parts('erp')) await acopio.forget('erp', id);
}

const makeFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'sugit-erp-'));
const put = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);

/** Listings are kept for two seconds: tests move the clock instead of waiting. */
let now: number;
const makeAdapter = (dropDir: string): Adapter =>
  createErpAdapter(
    { dropDir },
    {
      now: () => now,
      observer: { call: () => opened++, error: () => undefined },
      acopio: createAcopio(store, { now: () => now }),
    },
  );

async function readOne(key = MEDELLIN): Promise<Outcome<Row>> {
  const outcome = (await adapter.read(EjecucionErp, 'porEntidadMes', [key], contextOf())).get(key);
  if (outcome === undefined) throw new Error('the key was not answered');
  return outcome;
}

function rowsOf(outcome: Outcome<Row>): readonly Row[] {
  if (outcome.at === 'found') return outcome.rows;
  throw new Error(`the outcome is ${JSON.stringify(outcome)}`);
}

adapterConformance('EjecucionErp of a territorial ERP', async () => {
  opened = 0;
  now = Date.now();
  await clearStore();
  const dir = await makeFolder();
  const [, ...lines] = (await readFile(REAL, 'utf8')).trimEnd().split('\n');
  const header = (await readFile(REAL, 'utf8')).split('\n')[0] ?? '';
  const write = (rows: readonly string[]) => [
    writeFile(path.join(dir, MUESTRA), [header, ...rows, ''].join('\n')),
    writeFile(path.join(dir, '219105091_2025-06_ejecucion.csv'), `${header}\n${lines[0] ?? ''}\n`),
  ];
  await Promise.all([...write(lines), writeFile(path.join(dir, 'entidades.csv'), LISTA)]);
  let pending: Promise<unknown> = Promise.resolve();
  const subject = makeAdapter(dir);
  const read: Adapter['read'] = async (...args) => {
    await pending;
    return subject.read(...args);
  };
  return {
    adapter: { ...subject, read },
    registro: EjecucionErp,
    acceso: 'porEntidadMes',
    keys: [MEDELLIN, '219105091|2025|6'],
    unknown: '210105001|2025|7',
    conduct(conducta) {
      now += 10_000;
      if (conducta === 'MUERTA') pending = rm(dir, { recursive: true, force: true });
      if (conducta === 'BARAJADA') pending = Promise.all(write([...lines].reverse()));
      if (conducta === 'DOBLE') pending = Promise.all(write(lines.flatMap((l) => [l, l])));
      if (conducta === 'CORTA') {
        const nameless = lines.map((line) => {
          const cells = line.split(',');
          return [...cells.slice(0, 5), '', ...cells.slice(-13)].join(',');
        });
        pending = Promise.all(write(nameless));
      }
    },
    calls: () => opened,
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
});

describe('the ERP of an entity', () => {
  beforeEach(async () => {
    await clearStore();
    folder = await makeFolder();
    opened = 0;
    now = Date.now();
    adapter = makeAdapter(folder);
  });
  afterEach(async () => {
    await adapter.close();
    await rm(folder, { recursive: true, force: true });
  });

  const putReal = async (): Promise<void> => {
    await cp(REAL, path.join(folder, MUESTRA));
    await put('entidades.csv', LISTA);
  };

  /** Another reader of the same file: amounts are whole, and counted from the right, where no name brings a comma. */
  const [header = [], ...real] = readFileSync(REAL, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(','));
  const total = (...columns: readonly string[]): string =>
    String(
      real.reduce(
        (sum, cells) =>
          columns.reduce(
            (part, name) => part + BigInt(cells.at(header.indexOf(name) - header.length) ?? ''),
            sum,
          ),
        0n,
      ),
    );

  it('adds up to what an independent reading of the export of Medellín gives', async () => {
    await putReal();

    const key = '210105001|2025';
    const byKey = await adapter.measure(EjecucionErp, 'total', [key], ['mes'], contextOf());

    expect(real).toHaveLength(400);
    expect(byKey.get(key)).toMatchObject({
      at: 'found',
      origin: { corte: '2025-03-31', modo: 'ACOPIO', sistema: 'erp' },
      rows: [
        {
          dims: { mes: '3' },
          count: 400,
          sums: {
            inicial: total('Ppto Inicial'),
            total: total('Total Ppto actual'),
            cdp: total('Disponibilidad', 'Compromiso', 'Factura', 'Pagos'),
            compromisos: total('Compromiso', 'Factura', 'Pagos'),
            obligaciones: total('Factura', 'Pagos'),
            pagos: total('Pagos'),
          },
        },
      ],
    });
    expect(total('Ppto Inicial')).toBe('999060965830');
    expect(total('Pagos')).toBe('197673464429');
  });

  it('finds the MGA product of every row in the catalog, and the account of those that are in it', async () => {
    await putReal();

    const rows = rowsOf(await readOne());

    expect(rows).toHaveLength(400);
    expect(rows.filter(({ productoMga }) => productoMga === null)).toEqual([]);
    expect(rows[0]).toMatchObject({
      posicion: '2320202008',
      cuenta: '2.3.2.02.02.008',
      areaFuncional: '45021000.0011.99',
      productoMga: '4502001',
      nombre: 'Espacios para fortalecer rela',
      muestra: true,
    });
    const outside = rows.filter(({ cuenta }) => cuenta === null).map(({ posicion }) => posicion);
    expect(outside).toHaveLength(104);
    expect(outside.every((posicion) => String(posicion).startsWith('2340201'))).toBe(true);
  });

  it('keeps exclusive buckets and cumulative chain side by side', async () => {
    await put('219105091_2025-06_x.csv', `${HEADER}\n${GOOD}\n`);

    const [row] = rowsOf(await readOne('219105091|2025|6'));

    expect(row).toMatchObject({
      enDisponibilidad: '40',
      enCompromiso: '30',
      enFactura: '20',
      enPago: '5',
      cdp: '95',
      compromisos: '55',
      obligaciones: '25',
      pagos: '5',
      muestra: false,
    });
  });

  it('opens each file once, and nothing while the folder stays as it is', async () => {
    await putReal();

    await readOne();
    const cold = opened;
    now += 60_000;
    await readOne();

    expect([cold, opened]).toEqual([2, 2]);
  });

  it.each([
    ['Total Ppto actual', '5,15,100,40', '5,15,101,40'],
    ['Disponible neto', ',5,5,55,', ',5,6,55,'],
    ['Ejecucion', ',5,5,55,', ',5,5,54,'],
  ])(
    'sends a file whose %s does not follow from its parts to quarantine, with the line',
    async (name, from, to) => {
      const bad = GOOD.replace(from, to);
      await put('219105091_2025-06_x.csv', `${HEADER}\n${GOOD}\n${bad}\n`);

      const outcome = await readOne('219105091|2025|6');

      expect(bad).not.toBe(GOOD);
      expect(outcome).toMatchObject({ at: 'failed', error: { code: 'SOURCE_QUARANTINED' } });
      expect(adapter.estado().avisos).toEqual([
        {
          codigo: 'SOURCE_QUARANTINED',
          mensaje: expect.stringMatching(new RegExp(`«${name}».*\\(línea 3\\)`)),
          donde: '219105091_2025-06_x.csv',
        },
      ]);
    },
  );

  it('lets who can pay open the delivery that who asked first could not', async () => {
    await putReal();
    const readWith = (llamadas: number) => {
      const pagadores = [{ saldo: { llamadas, bytes: 1 }, parte: 1, impago: false }];
      const ctx = { ...contextOf(), pagadores };
      return adapter.read(EjecucionErp, 'porEntidadMes', [MEDELLIN], ctx);
    };

    const [poor, rich] = await Promise.all([readWith(0), readWith(1)]);

    expect(poor.get(MEDELLIN)).toMatchObject({ error: { code: 'CONSULTA_EXCESIVA' } });
    expect(rich.get(MEDELLIN)?.at).toBe('found');
    expect(adapter.estado().avisos.map(({ codigo }) => codigo)).not.toContain('SOURCE_QUARANTINED');
  });

  it('goes on with the other files, and with the last good version of a broken one', async () => {
    await putReal();
    await put('219105091_2025-06_x.csv', `${HEADER}\n${GOOD}\n`);
    await readOne('219105091|2025|6');
    await put('219105091_2025-06_x.csv', `${HEADER}\n${GOOD},9\n`);
    now += 10_000;

    const kept = await readOne('219105091|2025|6');

    expect(rowsOf(kept)).toHaveLength(1);
    expect(rowsOf(await readOne())).toHaveLength(400);
    expect(adapter.estado().avisos.map(({ codigo }) => codigo)).toEqual([
      'MUESTRA',
      'SOURCE_QUARANTINED',
    ]);
  });

  it('lets the newest of two deliveries of one month answer, and never adds them', async () => {
    await put('219105091_2025-06_primera.csv', `${HEADER}\n${GOOD}\n`);
    await put('219105091_2025-06_segunda.csv', `${HEADER}\n${GOOD}\n${GOOD}\n`);
    await utimes(path.join(folder, '219105091_2025-06_primera.csv'), 1_750_000_000, 1_750_000_000);

    const rows = rowsOf(await readOne('219105091|2025|6'));

    expect(rows.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
  });

  it('says which files it cannot place', async () => {
    await put('exportacion.csv', `${HEADER}\n${GOOD}\n`);
    await put('entidades.csv', LISTA);

    await readOne();

    expect(adapter.estado().avisos).toMatchObject([
      { codigo: 'ENTREGA_SIN_ENTIDAD', donde: 'exportacion.csv' },
    ]);
  });

  it('reads Windows-1252 as well as UTF-8', async () => {
    const line = GOOD.replace('Obra', 'Señalización');
    await writeFile(
      path.join(folder, '219105091_2025-06_x.csv'),
      Buffer.from(`${HEADER}\n${line}\n`, 'latin1'),
    );

    const [row] = rowsOf(await readOne('219105091|2025|6'));

    expect(row?.nombre).toBe('Señalización');
  });
});

describe('the name of an export', () => {
  it.each([
    ['210105001_2025-03_ejecucion.csv', 'MUESTRA no', 3],
    ['2025/89970221_2024-12.csv', 'eight digits', 12],
  ])('says entity and month by itself: %s', (name, _why, mes) => {
    expect(corteOf(name, [])).toMatchObject({ mes, muestra: false });
  });

  it('is looked up in the list, whose patterns are no regular expressions', () => {
    const renglon = { codigo_chip: '210105001', vigencia: '2025', mes: '3', muestra: 'sí' };
    const found = corteOf('Informe (SAP).csv', [{ ...renglon, patron: 'informe (sap)*' }]);

    expect(found).toEqual({ codigoChip: '210105001', vigencia: 2025, mes: 3, muestra: true });
    expect(corteOf('Informe (SAP).csv', [{ ...renglon, patron: '.*' }])).toHaveProperty('motivo');
  });

  it('refuses a month that does not exist', () => {
    expect(corteOf('210105001_2025-13_x.csv', [])).toHaveProperty('motivo');
  });
});

describe('codes of SAP', () => {
  it('restores the dots of an account by look-up only', () => {
    expect(toCuenta('23201010030302')).toBe('2.3.2.01.01.003.03.02');
    expect(toCuenta('234020109')).toBeNull();
  });

  it('takes the product from programme and product, never from the first seven digits', () => {
    expect(toProductoMga('45021000.0011.99')).toBe('4502001');
    expect(toProductoMga('45021000')).toBeNull();
    expect(toProductoMga('99991000.9991.99')).toBeNull();
  });
});
