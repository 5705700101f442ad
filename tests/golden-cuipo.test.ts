import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { read, utils } from '@e965/xlsx';
import type { WholeSystem } from './whole-system.js';
import { openWholeSystem } from './whole-system.js';

/**
 * The golden answers come from the real exports by this small reader alone: it shares nothing with the adapter. Amounts of
 * one municipality fit a safe integer.
 */
const EXPORTS = new URL('../sandbox/exports/', import.meta.url);

function readBook(form: string): string[][] {
  const file = readFileSync(new URL(`muestra_chip_219105091_2025T4_cuipo_${form}.xlsx`, EXPORTS));
  const book = read(file, { type: 'buffer' });
  const [name] = book.SheetNames;
  const rows = utils.sheet_to_json<string[]>(book.Sheets[name as string] as never, {
    header: 1,
    raw: false,
    defval: '',
  });
  return rows.map((row) => row.map((cell) => cell.replaceAll('\u00a0', '').trim()));
}

/** Rows below the header as objects; `vigencia` and `seccion` are written once per block and hold until the next. */
function tableOf(form: string): Record<string, string>[] {
  const rows = readBook(form);
  const at = rows.findIndex((row) => row.includes('CODIGO'));
  const header = (rows[at] as string[]).map((label) => label.replace(/\(Pesos\)/i, '').trim());
  const last: Record<string, string> = {};
  return rows.slice(at + 1).flatMap((row) => {
    const record = Object.fromEntries(header.map((label, i) => [label, row[i] ?? '']));
    if ((record['CODIGO'] ?? '') === '') return [];
    for (const label of ['VIGENCIA GASTO', 'SECCION PRESUPUESTAL']) {
      if ((record[label] ?? '') === '') record[label] = last[label] ?? '';
      else last[label] = record[label] as string;
    }
    return [record];
  });
}

const amount = (record: Record<string, string>, label: string): number =>
  Number(record[label] ?? 'NaN');

const sumOf = (records: Record<string, string>[], label: string): string =>
  String(records.reduce((sum, record) => sum + amount(record, label), 0));

/** Root rows of spending of the own year: account 2 in each section. */
const raices = (form: string): Record<string, string>[] =>
  tableOf(form).filter(
    (record) =>
      record['CODIGO'] === '2' &&
      /^(VIGENCIA ACTUAL|VIGENCIAS FUTURAS - VIGENCIA ACTUAL)$/i.test(
        record['VIGENCIA GASTO'] ?? '',
      ),
  );

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem({ sistemas: ['cuipo'] });
  await system.sandbox.dropsReady;
}, 120_000);
afterAll(() => system.close());

describe('Betania 2025 from its real workbooks, through the whole graph', () => {
  it('gives the spending of the root rows', async () => {
    const { data, errors } = await system.ask(
      '{ municipio(codigo: "05091") { presupuesto(vigencia: 2025) { periodo corte fuente gastos { apropiacionInicial apropiacion compromisos obligaciones pagos } } } }',
    );

    const programado = raices('C_programacion_gastos');
    const ejecutado = raices('D_ejecucion_gastos');
    expect(errors).toEqual([]);
    expect(data).toEqual({
      municipio: {
        presupuesto: {
          periodo: 'T4',
          corte: '2025-12-31',
          fuente: 'CUIPO',
          gastos: {
            apropiacionInicial: sumOf(programado, 'APROPIACION INICIAL'),
            apropiacion: sumOf(programado, 'APROPIACION DEFINITIVA'),
            compromisos: sumOf(ejecutado, 'COMPROMISOS'),
            obligaciones: sumOf(ejecutado, 'OBLIGACIONES'),
            pagos: sumOf(ejecutado, 'PAGOS'),
          },
        },
      },
    });
  });

  it('gives the income of account 1', async () => {
    const { data } = await system.ask(
      '{ municipio(codigo: "05091") { presupuesto(vigencia: 2025) { ingresos { presupuestoInicial presupuestoDefinitivo recaudo } } } }',
    );

    const [programado] = tableOf('A_programacion_ingresos').filter(({ CODIGO }) => CODIGO === '1');
    const [recaudado] = tableOf('B_ejecucion_ingresos').filter(({ CODIGO }) => CODIGO === '1');
    expect(data).toEqual({
      municipio: {
        presupuesto: {
          ingresos: {
            presupuestoInicial: programado?.['PRESUPUESTO INICIAL'],
            presupuestoDefinitivo: programado?.['PRESUPUESTO DEFINITIVO'],
            recaudo: recaudado?.['TOTAL RECAUDO'],
          },
        },
      },
    });
    expect(programado?.['PRESUPUESTO INICIAL']).toBe('21276337596');
  });

  it('lists leaves that add up to the root within one peso per section', async () => {
    const { data } = await system.ask(
      '{ municipio(codigo: "05091") { ejecucionGastos(vigencia: 2025, first: 1000) { totalCount edges { node { vigenciaGasto compromisos } } } } }',
    );

    const { edges } = (
      data as never as {
        municipio: {
          ejecucionGastos: { edges: { node: { vigenciaGasto: string; compromisos: string } }[] };
        };
      }
    ).municipio.ejecucionGastos;
    const actual = edges.filter(({ node }) => ['1', '4'].includes(node.vigenciaGasto));
    const leaves = actual.reduce((sum, { node }) => sum + Number(node.compromisos), 0);
    const root = Number(sumOf(raices('D_ejecucion_gastos'), 'COMPROMISOS'));
    expect(Math.abs(leaves - root)).toBeLessThanOrEqual(raices('D_ejecucion_gastos').length);
  });

  it('pages the rows without gaps or doubles', async () => {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const answer = await system.ask(
        'query($after: String) { municipio(codigo: "05091") { ejecucionGastos(vigencia: 2025, first: 100, after: $after, filtro: { soloHojas: false }) { edges { cursor } pageInfo { hasNextPage endCursor } } } }',
        { after },
      );
      const page = (
        answer.data as never as {
          municipio: {
            ejecucionGastos: {
              edges: { cursor: string }[];
              pageInfo: { hasNextPage: boolean; endCursor: string };
            };
          };
        }
      ).municipio.ejecucionGastos;
      ids.push(...page.edges.map(({ cursor }) => cursor));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(tableOf('D_ejecucion_gastos').length);
  });
});

describe('Caramanta 2021 to 2023 from the real dump, through the whole graph', () => {
  it('gives the series of the last quarter of each year', async () => {
    const { data } = await system.ask(
      '{ municipio(codigo: "05145") { serie(desde: 2021, hasta: 2023) { vigencia fuente rupturaDeSerie gastos { compromisos pagos } ingresos { recaudo } } } }',
    );

    expect(data).toEqual({ municipio: { serie: [2021, 2022, 2023].map(expectedPoint) } });
  });
});

/** The dump again by a reader of its own: plain lines, quotes only around text with commas. */
function dumpRows(): Record<string, string>[] {
  const text = readFileSync(
    new URL('muestra_cuipo_datosabiertos_214505145_2021-2023.csv', EXPORTS),
    'utf8',
  );
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = splitLine(head as string);
  return lines.map((line) => {
    const cells = splitLine(line);
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

const splitLine = (line: string): string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map((match) => (match[1] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"'))
    .slice(0, 47);

function expectedPoint(vigencia: number): unknown {
  const rows = dumpRows().filter((row) => row['VIGENCIA'] === String(vigencia));
  const last = rows
    .map((row) => row['PERIODO'] as string)
    .sort()
    .at(-1);
  const at = rows.filter((row) => row['PERIODO'] === last);
  const sum = (column: string, cuenta: string): string =>
    String(
      at
        .filter(
          (row) =>
            row['CUENTA'] === cuenta &&
            row[column] !== '' &&
            (cuenta === '1' || /VIGENCIA ACTUAL/.test(row['VIGENCIA_DEL_GASTO'] ?? '')),
        )
        .reduce((total, row) => total + Number(row[column]), 0),
    );
  return {
    vigencia,
    fuente: 'CUIPO',
    rupturaDeSerie: vigencia === 2021,
    gastos: { compromisos: sum('COMPROMISOS', '2'), pagos: sum('PAGOS', '2') },
    ingresos: { recaudo: sum('TOTAL_RECAUDO', '1') },
  };
}
