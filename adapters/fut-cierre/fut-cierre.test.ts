import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { rmSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CierreFiscal } from '../../schema/registros/fut.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Outcome, Row } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { toReporteSD } from '../shared/chip/read-sd.js';
import { DropError } from '../shared/drop-error.js';
import { SITUACION_FISCAL } from './forma.js';
import { createFutCierreAdapter } from './index.js';
import { toFilas } from './mapper.js';

const EXPORTS = fileURLToPath(new URL('../../sandbox/exports/', import.meta.url));

let store: TestStore;
let dir: string;
let now = Date.parse('2026-11-23T12:00:00Z');

beforeAll(async () => {
  store = await openTestStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'sugit-cierre-'));
});
afterEach(async () => {
  const acopio = createAcopio(store, { now: () => now });
  for (const { id } of await acopio.parts('fut')) await acopio.forget('fut', id);
  await rm(dir, { recursive: true, force: true });
});

const HEAD = ['219105091', '10112', '2023', 'FUT_CIERRE_FISCAL'];
/** caja, total; terceros, cheques, cxp, cxp anteriores, otras, reservas; total; superávit. */
const row = (codigo: string, caja: number, cuentas: number, reservas: number): string[] => {
  const owed = cuentas + reservas;
  return [codigo, caja, 0, 0, 0, caja, 0, 0, cuentas, 0, 0, reservas, owed, caja - owed].map(
    String,
  );
};
const ROWS = [
  row('VAL', 90, 30, 70),
  row('C', 90, 30, 70),
  row('C.1', 60, 10, 20),
  row('C.1.1', 20, 10, 0),
  row('C.1.2', 40, 0, 20),
  row('C.2', 30, 20, 50),
];
const sd = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [['S', ...head], ...rows.map((fields) => ['D', ...fields])]
    .map((fields) => `${fields.join('\t')}\r\n`)
    .join('');
const put = (folder: string, name: string, text: string): void => {
  writeFileSync(path.join(folder, name), iconv.encode(text, 'win1252'));
};

const openAdapter = (folder: string, onCall: () => void = () => undefined) =>
  createFutCierreAdapter(
    { dropDir: folder },
    {
      now: () => now,
      observer: { call: onCall, error: () => undefined },
      acopio: createAcopio(store, { now: () => now }),
    },
  );

const rowsOf = (outcome: Outcome<Row> | undefined): readonly Row[] => {
  if (outcome?.at !== 'found') throw new Error(`not found: ${JSON.stringify(outcome)}`);
  return outcome.rows;
};

adapterConformance('FUT Cierre Fiscal', async () => {
  const own = await mkdtemp(path.join(tmpdir(), 'sugit-cierre-'));
  let asked = 0;
  const other = HEAD.with(0, '210105001');
  const both = (rows: readonly (readonly string[])[]): string => sd(HEAD, rows) + sd(other, rows);
  put(own, 'cierre.txt', both(ROWS));
  const acopio = createAcopio(store, { now: () => now });
  return {
    adapter: openAdapter(own, () => (asked += 1)),
    registro: CierreFiscal,
    acceso: 'porEntidadVigencia',
    keys: ['219105091|2023', '210105001|2023'],
    unknown: '219105091|2019',
    conduct: (conducta) => {
      now += 5_000;
      if (conducta === 'BARAJADA') put(own, 'cierre.txt', both([...ROWS].reverse()));
      if (conducta === 'DOBLE') put(own, 'copia.txt', both(ROWS));
      if (conducta === 'CORTA')
        put(own, 'cierre.txt', both([['C', ...Array<string>(13).fill('')]]));
      if (conducta === 'MUERTA') rmSync(own, { recursive: true });
    },
    calls: () => asked,
    dispose: async () => {
      for (const { id } of await acopio.parts('fut')) await acopio.forget('fut', id);
      rmSync(own, { recursive: true, force: true });
    },
  };
});

describe('Cierre Fiscal', () => {
  it('reads the real export of Betania 2025 beside budget files that it leaves alone', async () => {
    for (const name of [
      'muestra_chip_219105091_2025_fut_cierre_fiscal.xlsx',
      'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls',
    ]) {
      await copyFile(path.join(EXPORTS, name), path.join(dir, name));
    }
    const adapter = openAdapter(dir);
    const keys = ['219105091|2025', '215054250|2019'];

    const byKey = await adapter.read(CierreFiscal, 'porEntidadVigencia', keys, contextOf());

    expect(rowsOf(byKey.get('219105091|2025'))[0]).toMatchObject({
      concepto: 'C',
      superavit: '-1871483255',
      recepcion: '4658472',
      recibidoEn: '2026-02-24T15:43:44-05:00',
      esHoja: false,
    });
    expect(byKey.get('215054250|2019')?.at).toBe('absent');
    await adapter.close();
  });

  it('is quarantined whole when its control total misses the root', async () => {
    put(dir, 'malo.txt', sd(HEAD, [row('VAL', 95, 30, 70), ...ROWS.slice(1)]));
    const adapter = openAdapter(dir);

    const byKey = await adapter.read(
      CierreFiscal,
      'porEntidadVigencia',
      ['219105091|2023'],
      contextOf(),
    );

    expect([...byKey.values()][0]).toMatchObject({ error: { code: 'SOURCE_QUARANTINED' } });
    expect(adapter.estado().avisos[0]?.mensaje).toContain('cifra de control');
    await adapter.close();
  });
});

describe('the rows of a Cierre Fiscal', () => {
  const header = {
    entidad: '219105091',
    periodo: '10112',
    anio: '2023',
    formulario: 'SITUACION_FISCAL',
  };
  const filasOf = (rows: readonly (readonly string[])[]) =>
    toFilas(
      toReporteSD(
        { header, linea: 1, detalles: rows.map((campos, at) => ({ campos, linea: at + 2 })) },
        SITUACION_FISCAL,
        'envio.txt',
      ),
    )[0]?.rows ?? [];
  const byConcepto = (rows: readonly Row[]): string[] =>
    rows.map((fila) => JSON.stringify(fila)).sort();

  it('give the same records in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ROWS, { minLength: ROWS.length }), (shuffled) => {
        expect(byConcepto(filasOf(shuffled))).toEqual(byConcepto(filasOf(ROWS)));
      }),
    );
  });

  it('are refused when any of them comes twice, is short, or is left out below its parent', () => {
    const at = fc.integer({ min: 2, max: ROWS.length - 1 });
    const damages = [
      (i: number) => [...ROWS, ROWS[i] ?? []],
      (i: number) => ROWS.map((fields, j) => (i === j ? fields.slice(0, -1) : fields)),
      (i: number) =>
        ROWS.filter(
          (_, j) => j !== i && !(ROWS[j]?.[0] ?? '').startsWith(`${ROWS[i]?.[0] ?? ''}.`),
        ),
    ];
    fc.assert(
      fc.property(at, fc.constantFrom(...damages), (i, damage) => {
        expect(() => filasOf(damage(i))).toThrow(DropError);
      }),
    );
  });

  it('keep amounts of eighteen digits with their cents exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 999_999_999_999_999_999n }), (amount) => {
        const fields = ['C', `${amount}.25`, ...Array<string>(12).fill('')];

        expect(filasOf([fields])[0]?.['cajaBancos']).toBe(`${amount}.25`);
      }),
    );
  });
});
