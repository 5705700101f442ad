import { rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IndiceMipg, MedicionMipg } from '../../schema/registros/mipg.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { codigoOf, nombreOf } from './encabezado.js';
import { createMipgAdapter } from './index.js';
import type { Cell } from './testing.js';
import {
  HEADER_2023,
  HEADER_2025,
  makeFolder,
  ROWS_2023,
  ROWS_2025,
  VIG_2023,
  VIG_2025,
  writeLibro,
} from './testing.js';

let store: TestStore;
let folder: string;
let opened: number;
let now: number;
let adapter: Adapter;

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function clearStore(): Promise<void> {
  const acopio = createAcopio(store, { now: Date.now });
  for (const { id } of await acopio.parts('mipg')) await acopio.forget('mipg', id);
}

const makeAdapter = (dropDir: string): Adapter =>
  createMipgAdapter(
    { dropDir },
    {
      now: () => now,
      observer: { call: () => opened++, error: () => undefined },
      acopio: createAcopio(store, { now: () => now }),
    },
  );

async function readOne(key: string, registro = IndiceMipg): Promise<Outcome<Row>> {
  const acceso = 'porEntidadVigencia';
  const outcome = (await adapter.read(registro, acceso, [key], contextOf())).get(key);
  if (outcome === undefined) throw new Error('the key was not answered');
  return outcome;
}

function rowsOf(outcome: Outcome<Row>): readonly Row[] {
  if (outcome.at === 'found') return outcome.rows;
  throw new Error(`the outcome is ${JSON.stringify(outcome)}`);
}

const valuesOf = (rows: readonly Row[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ codigo, valor }): [string, unknown] => [String(codigo), valor]));

adapterConformance('IndiceMipg of MIPG', async () => {
  opened = 0;
  now = Date.now();
  await clearStore();
  const dir = await makeFolder();
  await writeLibro(dir, VIG_2025, HEADER_2025, ROWS_2025);
  await writeLibro(dir, VIG_2023, HEADER_2023, ROWS_2023);
  let pending: Promise<unknown> = Promise.resolve();
  const subject = makeAdapter(dir);
  const read: Adapter['read'] = async (...args) => {
    await pending;
    return subject.read(...args);
  };
  return {
    adapter: { ...subject, read },
    registro: IndiceMipg,
    acceso: 'porEntidadVigencia',
    keys: ['0999|2025', '0847|2025', '0999|2023'],
    unknown: '0847|2023',
    conduct(conducta) {
      now += 10_000;
      const rewrite = (rows: readonly (readonly Cell[])[]) =>
        writeLibro(dir, VIG_2025, HEADER_2025, rows);
      if (conducta === 'MUERTA') pending = rm(dir, { recursive: true, force: true });
      if (conducta === 'BARAJADA') pending = rewrite([...ROWS_2025].reverse());
      if (conducta === 'DOBLE') pending = rewrite(ROWS_2025.flatMap((row) => [row, row]));
      if (conducta === 'CORTA') {
        pending = rewrite(
          ROWS_2025.map((row) => [
            row[0] ?? null,
            null,
            null,
            null,
            null,
            null,
            null,
            ...row.slice(7),
          ]),
        );
      }
    },
    calls: () => opened,
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
});

describe('the results of MIPG', () => {
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

  it('takes a blank cell as not applicable and a zero as a zero', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);

    const [full, small] = [rowsOf(await readOne('0999|2025')), rowsOf(await readOne('0847|2025'))];

    expect(full.find(({ codigo }) => codigo === 'I70')).toMatchObject({ valor: '0', aplica: true });
    expect(small.find(({ codigo }) => codigo === 'I70')).toMatchObject({
      valor: null,
      aplica: false,
    });
    expect(valuesOf(small)).toMatchObject({ IDI: '30.2', D2: '31.5', I01: '25', I09: null });
  });

  it('shows only internal control of an entity that answered MECI', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);

    const rows = rowsOf(await readOne('5678|2025'));

    expect(rows.filter(({ aplica }) => aplica).map(({ codigo }) => codigo)).toEqual(['POL19']);
    expect(rows.find(({ codigo }) => codigo === 'IDI')).toMatchObject({ valor: null });
  });

  it('reads codes and names from labels with every artefact of the sheet', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);

    const rows = rowsOf(await readOne('0999|2025'));

    expect(rows.map(({ codigo }) => codigo).join(' ')).toBe('IDI D1 D2 D4 POL01 POL19 I01 I09 I70');
    expect(rows.map(({ nombre }) => nombre)).toEqual(
      expect.arrayContaining([
        'Direccionamiento Estratégico y Planeación',
        'Evaluación de Resultados',
        'Registro y publicación contractual en las plataformas',
      ]),
    );
  });

  it('keeps the meaning of a code to its vigencia', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);
    await writeLibro(folder, VIG_2023, HEADER_2023, ROWS_2023);
    const nameOf = async (key: string): Promise<unknown> =>
      rowsOf(await readOne(key)).find(({ codigo }) => codigo === 'POL01')?.nombre;

    expect(await nameOf('0999|2025')).toBe('Índice de Gestión Estratégica del Talento Humano');
    expect(await nameOf('0999|2023')).toBe('Índice Planeación Institucional');
  });

  it('keeps who was measured beside what was measured', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);

    expect(rowsOf(await readOne('0847|2025', MedicionMipg))).toEqual([
      {
        codigoSigep: '0847',
        vigencia: 2025,
        nombreEntidad: 'ALCALDÍA DE SAN RAFAEL',
        naturalezaJuridica: 'ALCALDÍA',
        departamento: 'ANTIOQUIA',
        municipio: 'SAN RAFAEL',
        grupoPar: 'ALCALDÍA GRUPO 4',
        tipoFormulario: 'MIPG',
        ambito: 'TERRITORIO',
      },
    ]);
  });

  it('answers absent for a vigencia that is not published, as of the last one that is', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);

    expect(await readOne('0999|2026')).toMatchObject({
      at: 'absent',
      origin: { corte: '2025-12-31', sistema: 'mipg' },
    });
    expect(opened).toBe(0);
  });

  it('opens only the books of the vigencias asked, each once', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);
    await writeLibro(folder, VIG_2023, HEADER_2023, ROWS_2023);

    await readOne('0999|2025');
    now += 60_000;
    await readOne('0847|2025');

    expect(opened).toBe(1);
  });

  it('takes a book replaced under its name as a new version', async () => {
    await writeLibro(folder, VIG_2023, HEADER_2023, ROWS_2023);
    const before = await readOne('0999|2023');
    const corrected = ROWS_2023.map((row) => row.map((cell) => (cell === 70.1 ? 71.4 : cell)));
    await writeLibro(folder, VIG_2023, HEADER_2023, corrected);
    await utimes(path.join(folder, VIG_2023), 1_800_000_000, 1_800_000_000);
    now += 10_000;

    const after = await readOne('0999|2023');

    expect(valuesOf(rowsOf(after))['IDI']).toBe('71.4');
    if (before.at === 'failed' || after.at === 'failed') throw new Error('failed');
    expect(after.origin.version.token).not.toBe(before.origin.version.token);
  });

  it('reads the vigencia from the titles where the name does not say it', async () => {
    await writeLibro(folder, 'resultados.xlsx', HEADER_2023, ROWS_2023, [
      'Resultados Vigencia 2023',
      'TERRITORIO',
    ]);

    expect(rowsOf(await readOne('0999|2023'))).toHaveLength(3);
  });

  it.each([
    ['a title of another vigencia', ROWS_2023, 'Resultados vigencia 2022', /vigencia 2022.*2023/],
    [
      'a value above 100',
      [['0999', null, null, null, null, null, 170.1, 66, 60]],
      '',
      /IDI.*línea 4/,
    ],
    ['a text for a value', [['0999', null, null, null, null, null, 'bajo', 66, 60]], '', /IDI/],
    ['a value of nobody', [[null, 'X', null, null, null, null, 50, 66, 60]], '', /SIGEP.*línea 4/],
    [
      'one entity with two values',
      [...ROWS_2023, ['999', null, null, null, null, null, 1, 1, 1]],
      '',
      /0999 aparece dos veces/,
    ],
  ])('sends to quarantine a book with %s', async (_what, rows, title, motivo) => {
    await writeLibro(folder, VIG_2023, HEADER_2023, rows, [title, '']);

    expect(await readOne('0999|2023')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_QUARANTINED' },
    });
    expect(adapter.estado().avisos[0]?.mensaje).toMatch(motivo);
  });

  it('does not call absent what may stand in the broken book of the same vigencia', async () => {
    await writeLibro(folder, VIG_2025, HEADER_2025, ROWS_2025);
    await writeFile(path.join(folder, 'Resultados_vig2025_nacion.xlsx'), 'no es un libro');

    expect((await readOne('0999|2025')).at).toBe('found');
    expect((await readOne('0011|2025')).at).toBe('failed');
  });

  it('answers that nothing was delivered while the folder is empty', async () => {
    expect(await readOne('0999|2025')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_UNAVAILABLE', mensaje: expect.stringContaining('Función Pública') },
    });
  });
});

describe('a label of the results', () => {
  it.each([
    ['I01 Calidad', 'I01'],
    ['i9', 'I09'],
    ['I1 x', 'I01'],
    ['I70 x', 'I70'],
    ['D04', 'D4'],
    ['POL 7 Gobierno', 'POL07'],
    ['IDI', 'IDI'],
    ['Índice de Desempeño Institucional', 'IDI'],
    ['Departamento', null],
    ['Índice sintético', null],
  ])('%s is %s', (label, codigo) => {
    expect(codigoOf(label)).toBe(codigo);
  });

  it('loses its code and the hyphen of a broken line', () => {
    expect(nombreOf('D2 Direcciona- miento Estratégico')).toBe('Direccionamiento Estratégico');
    expect(nombreOf('I05')).toBe('I05');
  });
});
