import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read as readXlsx, utils } from '@e965/xlsx';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAcopio } from '../adapters/shared/acopio/create-acopio.js';
import { toSourceError, SourceUnavailableError } from '../adapters/errors.js';
import type { RegistrationTools } from '../adapters/index.js';
import type { Adapter } from '../adapters/contract.js';
import { createAskSources } from '../gateway/rows/sources.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { Executor } from '../gateway/graph.js';
import { subgraphs } from '../subgraphs/index.js';
import { openAdapterWorld } from './adapter-world.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';
import { createSodaFake, BASE_URL } from './soda-fake.js';
import { openTestStore, type TestStore } from './store.js';
import { toSourceContext } from '../gateway/rows/testing.js';

/**
 * Answers through the whole graph against the real exports, read here by a reader of our own: cells as text, decimal
 * comma, nothing shared with the adapters.
 */
const EXPORTS = fileURLToPath(new URL('../sandbox/exports/', import.meta.url));

type Cells = readonly string[];

/** Rows below the labels, by position; amounts as the export writes them. */
function readExport(name: string): { readonly labels: Cells; readonly rows: readonly Cells[] } {
  const book = readXlsx(readFileSync(path.join(EXPORTS, name)));
  const sheet = book.Sheets[book.SheetNames[0] ?? ''];
  if (sheet === undefined) throw new Error(`${name} has no sheet`);
  const all = utils
    .sheet_to_json<unknown[]>(sheet, { header: 1, raw: true, defval: '' })
    .map((row) => row.map((cell) => String(cell).trim()));
  const at = all.findIndex(([first]) => first === 'CODIGO');
  return { labels: all[at] ?? [], rows: all.slice(at + 1).filter(([codigo]) => codigo !== '') };
}

/** `271732587,50` → `271732587.5`. */
const plain = (amount = ''): string => {
  const [whole = '', cents = ''] = amount.split(',');
  const kept = cents.replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept}`;
};

const executor = new Executor(subgraphs);

interface Answered {
  readonly municipio: Record<string, unknown>;
  readonly avisos: readonly { codigo: string; mensaje: string; path?: readonly unknown[] }[];
}

let store: TestStore;
let dir: string;
let adapters: Map<string, Adapter>;
let fetch: FetchBucket;
let calls: string[];

beforeAll(async () => {
  store = await openTestStore();
  dir = await mkdtemp(path.join(tmpdir(), 'sugit-golden-'));
  await cp(EXPORTS, dir, { recursive: true, filter: (name) => !/sap|sicodis|csv$/.test(name) });
  calls = [];
  const soda = createSodaFake(new Map(), /^$/);
  const tools = {
    now: Date.now,
    observer: { call: (sistema: string) => calls.push(sistema), error: () => undefined },
    acopio: createAcopio(store, { now: Date.now }),
    store,
    dispatcher: soda.agent,
  } as RegistrationTools;
  const values = {
    FUT_DROP_DIR: dir,
    CUIPO_DROP_DIR: dir,
    CUIPO_BASE_URL: BASE_URL,
    CUIPO_TIMEOUT_MS: '5000',
  };
  const world = await openAdapterWorld(['fut', 'fut-cierre', 'cuipo'], values, tools);
  ({ adapters } = world);
  const { ruteo } = world;
  const ask = createAskSources(
    adapters,
    () => ruteo,
    (error) => {
      throw error;
    },
  );
  fetch = (bucket, keys, operation) => ask(bucket, keys, toSourceContext(operation));
}, 120_000);
afterAll(async () => {
  for (const adapter of adapters.values()) await adapter.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

/** Both executions, which must agree; the answer of the planned one. */
async function ask(query: string, source: FetchBucket = fetch): Promise<Answered> {
  const { planned, stitched } = await answerBoth(executor, () => testContext(source), query);
  expect(comparable(planned)).toBe(comparable(stitched));
  expect(planned.errors).toEqual([]);
  const data = planned.data as { municipio: Record<string, unknown> };
  return { municipio: data.municipio, avisos: planned.avisos };
}

interface Connection {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: Record<string, unknown> }[];
}

describe.each([
  ['54250', 'El Tarra', 'muestra_chip_215054250_2019T4_fut_gastos_inversion.xls'],
  ['05400', 'La Unión', 'muestra_chip_210005400_2019T4_fut_gastos_inversion.xls'],
])('FUT inversión 2019 of %s %s', (codigo, _nombre, file) => {
  const query = `{ municipio(codigo: "${codigo}") { registrosFut(formulario: GASTOS_INVERSION, vigencia: 2019, first: 1000) {
    totalCount edges { node { formulario concepto nombre fuenteFinanciacion presupuestoInicial presupuestoDefinitivo
      compromisos obligaciones pagos recaudo esSubtotal } } } } }`;

  it('gives every row of the export, by concepto and fuente, to the cent', async () => {
    const { rows } = readExport(file);
    const expected = rows
      .filter(([concepto]) => concepto !== 'VAL')
      .map(([concepto, nombre, fuente, ...amounts]) => [
        concepto,
        nombre,
        fuente === '' ? null : fuente,
        ...amounts.map(plain),
        fuente === '',
      ]);

    const { municipio } = await ask(query);

    const { edges, totalCount } = municipio['registrosFut'] as Connection;
    const given = edges.map(({ node }) => [
      node['concepto'],
      node['nombre'],
      node['fuenteFinanciacion'],
      node['presupuestoInicial'],
      node['presupuestoDefinitivo'],
      node['compromisos'],
      node['obligaciones'],
      node['pagos'],
      node['esSubtotal'],
    ]);
    const sortText = (list: readonly (readonly unknown[])[]): string[] =>
      list.map((row) => JSON.stringify(row)).sort();
    expect(totalCount).toBe(expected.length);
    expect(sortText(given)).toEqual(sortText(expected));
  });

  it('lists A.9 before A.10, and a subtotal before its details', async () => {
    const { municipio } = await ask(query);

    const nodes = (municipio['registrosFut'] as Connection).edges.map(({ node }) => node);
    const first = (concepto: string): number =>
      nodes.findIndex((node) => node['concepto'] === concepto);
    expect(nodes[0]).toMatchObject({ concepto: 'A', esSubtotal: true });
    expect(first('A.9')).toBeLessThan(first('A.10'));
    expect(nodes[first('A.1.2.2')]?.['esSubtotal']).toBe(true);
  });

  it('names the forms that were not reported and leaves their totals unknown', async () => {
    const { municipio, avisos } = await ask(
      `{ municipio(codigo: "${codigo}") { presupuesto(vigencia: 2019) { periodo fuente gastos { pagos } ingresos { recaudo } reservas { pagos } } } }`,
    );

    expect(municipio['presupuesto']).toEqual({
      periodo: 'T4',
      fuente: 'FUT',
      gastos: null,
      ingresos: null,
      reservas: null,
    });
    expect(avisos.map(({ mensaje }) => mensaje).join()).toContain('FUT_GASTOS_FUNCIONAMIENTO');
    expect(avisos.map(({ mensaje }) => mensaje).join()).not.toContain('FUT_GASTOS_DE_INVERSION');
  });
});

describe('Cierre Fiscal of Betania', () => {
  const queryOf = (vigencia: number): string =>
    `{ municipio(codigo: "05091") { cierreFiscal(vigencia: ${vigencia}) { vigencia envio recibido
      renglones { codigo nombre disponibilidades exigibilidades cuentasPorPagar reservas superavit } } } }`;

  it.each([
    [2024, '4544801', '2025-02-12T21:53:38-05:00'],
    [2025, '4658472', '2026-02-24T15:43:44-05:00'],
  ])('of %d gives every row of the export to the cent', async (vigencia, envio, recibido) => {
    const { labels, rows } = readExport(
      `muestra_chip_219105091_${vigencia}_fut_cierre_fiscal.xlsx`,
    );
    const at = (label: string): number => labels.findIndex((one) => one.startsWith(label));
    const expected = rows
      .filter(([codigo]) => codigo !== 'VAL')
      .map((row) => ({
        codigo: row[0],
        nombre: row[1],
        disponibilidades: plain(row[at('TOTAL DISPONIBILIDADES')]),
        exigibilidades: plain(row[at('TOTAL EXIGIBILIDADES')]),
        cuentasPorPagar: plain(row[at('CUENTAS POR PAGAR')]),
        reservas: plain(row[at('RESERVAS')]),
        superavit: plain(row[at('SUPERÁVIT')]),
      }));

    const { municipio } = await ask(queryOf(vigencia));

    expect(municipio['cierreFiscal']).toEqual({ vigencia, envio, recibido, renglones: expected });
  });

  it('agrees with CUIPO 2025 on reservas and cuentas por pagar', async () => {
    const { avisos } = await ask(queryOf(2025));

    expect(avisos).toEqual([]);
  });

  it('shows the reservas of 2024 that CUIPO 2025 began with otherwise, and only those', async () => {
    const { avisos } = await ask(queryOf(2024));

    expect(avisos).toHaveLength(1);
    expect(avisos[0]).toMatchObject({ codigo: 'IDENTIDAD_NO_CUADRA', sistema: 'fut' });
    expect(avisos[0]?.path).toEqual(['municipio', 'cierreFiscal']);
    expect(avisos[0]?.mensaje).toContain('2294953452.92');
    expect(avisos[0]?.mensaje).toContain('2325840240');
  });

  it('stands without its checks when CUIPO does not answer', async () => {
    const withoutCuipo: FetchBucket = (bucket, keys, operation) =>
      bucket.registro.sistema === 'cuipo'
        ? Promise.resolve(
            new Map(
              keys.map((key) => [
                key,
                { at: 'failed', error: toSourceError(new SourceUnavailableError('cuipo')) },
              ]),
            ),
          )
        : fetch(bucket, keys, operation);

    const { municipio, avisos } = await ask(queryOf(2024), withoutCuipo);

    expect(municipio['cierreFiscal']).toMatchObject({ envio: '4544801' });
    expect(avisos).toEqual([]);
  });

  it('says that there is none for a year without one', async () => {
    const { municipio, avisos } = await ask(queryOf(2010));

    expect(municipio['cierreFiscal']).toBeNull();
    expect(avisos.map(({ codigo }) => codigo)).toEqual(['SIN_REPORTE']);
  });
});

describe('a FUT that does not answer', () => {
  it('costs its own fields only, alike in both executions', async () => {
    const dead: FetchBucket = (_bucket, keys) =>
      Promise.resolve(
        new Map(
          keys.map((key) => [
            key,
            { at: 'failed', error: toSourceError(new SourceUnavailableError('fut')) },
          ]),
        ),
      );
    const query = `{ municipio(codigo: "05091") { nombre cierreFiscal(vigencia: 2024) { envio }
      presupuesto(vigencia: 2018) { periodo } registrosFut(formulario: INGRESOS, vigencia: 2018) { totalCount } } }`;

    const { planned, stitched } = await answerBoth(executor, () => testContext(dead), query);

    expect(comparable(planned)).toBe(comparable(stitched));
    expect(planned.data).toMatchObject({ municipio: { nombre: 'BETANIA', cierreFiscal: null } });
    expect(planned.errors).toHaveLength(3);
  });

  it('opens no file when everything asked was read before', async () => {
    const query = '{ municipio(codigo: "54250") { presupuesto(vigencia: 2019) { periodo } } }';
    await ask(query);
    calls.length = 0;

    await ask(query);

    expect(calls).toEqual([]);
  });
});
