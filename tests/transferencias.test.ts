import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { Executor } from '../gateway/graph.js';
import type { Group, Outcome, Row } from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../adapters/errors.js';
import type { Fila } from '../schema/registro.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const executor = new Executor(subgraphs);

const origin = (sistema: string, registro: string) => ({
  sistema,
  registro,
  modo: 'FILAS' as const,
  version: { token: 'v1', checkedAt: '2026-11-23T00:00:00Z' },
  servidoPor: sistema,
});

const parte = (idConcepto: string, valor: string | null, mas: Fila = {}): Row => ({
  idConcepto,
  concepto: `Concepto ${idConcepto}`,
  valor,
  padre: null,
  esTotal: idConcepto === '99',
  esHoja: idConcepto !== '99',
  ...mas,
});
const categoria = (id: string, presupuestoTotal: string, esHoja: boolean): Row => ({
  categoria: id,
  concepto: null,
  bienio: '2025-2026',
  presupuestoTotal,
  cajaTotal: null,
  padre: null,
  esTotal: id === 'total',
  esHoja,
});
const grupo = (seccion: string, unidadEjecutora: string, amount: string | null): Group => ({
  dims: { seccion, unidadEjecutora, nombreUnidad: `Unidad ${unidadEjecutora}` },
  sums: { apropiacionVigente: amount, compromisos: '0.1', obligaciones: null, pagos: '0' },
  count: 1,
});

const ROWS: Readonly<Record<string, readonly (Row | Group)[]>> = {
  'DistribucionSgp 05001|2025': [
    parte('0101', '9007199254740993.25'),
    parte('010101', '9007199254740993.25', { padre: '0101' }),
    parte('0102', null),
    parte('99', '9007199254740993.25'),
  ],
  'DistribucionSgp 05|2025': [parte('0101', '5'), parte('99', '50')],
  'PresupuestoSgr 05001|2025-2026': [
    categoria('total', '30.75', false),
    categoria('1', '30.75', false),
    categoria('1.1', '10.5', true),
    categoria('1.2', '20.25', true),
  ],
  'ApropiacionNacion 2024': [
    grupo('2210', '22-10-00', null),
    grupo('2201', '22-01-02', '0.2'),
    grupo('2201', '22-01-01', '9007199254740993.1'),
  ],
};

interface Fuente {
  readonly fetch: FetchBucket;
  readonly asked: string[];
}

/** Rows in memory; the registros named are of a dead source. */
function source(...dead: readonly string[]): Fuente {
  const asked: string[] = [];
  const fetch: FetchBucket = (bucket, keys) => {
    const { nombre, sistema } = bucket.registro;
    asked.push(`${nombre} ${[...keys].join(' ')}`);
    const outcomes = keys.map((key): [string, Outcome<Row | Group>] => {
      if (dead.includes(nombre)) {
        return [key, { at: 'failed', error: toSourceError(new SourceUnavailableError(sistema)) }];
      }
      const rows = ROWS[`${nombre} ${key}`];
      const from = origin(sistema, nombre);
      return [
        key,
        rows === undefined ? { at: 'absent', origin: from } : { at: 'found', rows, origin: from },
      ];
    });
    return Promise.resolve(new Map(outcomes) as Awaited<ReturnType<FetchBucket>>);
  };
  return { fetch, asked };
}

const answer = async (query: string, fuente = source()) => {
  const { planned, stitched } = await answerBoth(executor, () => testContext(fuente.fetch), query);
  expect(comparable(planned)).toBe(comparable(stitched));
  return planned;
};

const operationOf = (query: string) => ({
  document: parse(query),
  documentId: query,
  operationName: null,
  variables: {},
});

describe('transferencias', () => {
  it('gives the participaciones without their total nor their details, and the leaves of the biennium', async () => {
    const { data, errors, avisos } = await answer(
      '{ municipio(codigo: "05001") { transferencias(vigencia: 2026) { sgr { codigo concepto bienio valor caja } } y: transferencias(vigencia: 2025) { sgp { codigo concepto valor } } } }',
    );

    expect(errors).toEqual([]);
    expect(avisos).toEqual([]);
    expect(data).toEqual({
      municipio: {
        transferencias: {
          sgr: [
            { codigo: '1.1', concepto: '1.1', bienio: '2025-2026', valor: '10.5', caja: null },
            { codigo: '1.2', concepto: '1.2', bienio: '2025-2026', valor: '20.25', caja: null },
          ],
        },
        y: {
          sgp: [
            { codigo: '0101', concepto: 'Concepto 0101', valor: '9007199254740993.25' },
            { codigo: '0102', concepto: 'Concepto 0102', valor: null },
          ],
        },
      },
    });
  });

  it('reads only the list that is selected, and all municipios of a list in one call', async () => {
    const fuente = source();

    await executor.executePlanned(
      operationOf(
        '{ a: municipio(codigo: "05001") { transferencias(vigencia: 2025) { sgp { valor } } } b: municipio(codigo: "05002") { transferencias(vigencia: 2025) { sgp { valor } } } }',
      ),
      testContext(fuente.fetch),
    );

    expect(fuente.asked).toEqual(['DistribucionSgp 05001|2025 05002|2025']);
  });

  it('warns when the concepts of a departamento do not add up to its published total', async () => {
    const { data, avisos } = await answer(
      '{ departamento(codigo: "05") { transferencias(vigencia: 2025) { sgp { valor } } } }',
    );

    expect(data).toEqual({ departamento: { transferencias: { sgp: [{ valor: '5' }] } } });
    expect(avisos).toMatchObject([{ codigo: 'TOTALES_NO_CUADRAN', sistema: 'sicodis' }]);
  });

  it('is null with a reason where SICODIS publishes nothing', async () => {
    const { data, errors, avisos } = await answer(
      '{ municipio(codigo: "05002") { transferencias(vigencia: 2025) { sgp { valor } sgr { valor } } } }',
    );

    expect(data).toEqual({ municipio: { transferencias: { sgp: null, sgr: null } } });
    expect(errors).toEqual([]);
    expect(avisos.map(({ codigo }) => codigo)).toEqual(['SIN_REPORTE', 'SIN_REPORTE']);
  });

  it('loses the SGR alone when only the SGR fails', async () => {
    const { data, errors } = await answer(
      '{ municipio(codigo: "05001") { nombre transferencias(vigencia: 2025) { sgp { codigo } sgr { valor } } } }',
      source('PresupuestoSgr'),
    );

    expect(data).toMatchObject({
      municipio: { nombre: expect.any(String), transferencias: { sgp: [{}, {}], sgr: null } },
    });
    expect(errors).toHaveLength(1);
  });

  it('refuses a vigencia out of range', async () => {
    const { errors } = await answer(
      '{ municipio(codigo: "05001") { transferencias(vigencia: 1990) { sgp { valor } } } }',
    );

    expect(errors).toMatchObject([{ extensions: { code: 'VIGENCIA_INVALIDA' } }]);
  });
});

describe('apropiacionNacion', () => {
  const QUERY =
    '{ apropiacionNacion(vigencia: 2024) { vigencia seccion nombre apropiacion compromisos obligaciones pagos } }';

  it('adds the units of each section exactly, sorted, named after the first unit', async () => {
    const { data } = await answer(QUERY);

    expect(data).toEqual({
      apropiacionNacion: [
        {
          vigencia: 2024,
          seccion: '2201',
          nombre: 'Unidad 22-01-01',
          apropiacion: '9007199254740993.3',
          compromisos: '0.2',
          obligaciones: null,
          pagos: '0',
        },
        {
          vigencia: 2024,
          seccion: '2210',
          nombre: 'Unidad 22-10-00',
          apropiacion: null,
          compromisos: '0.1',
          obligaciones: null,
          pagos: '0',
        },
      ],
    });
  });

  it('is null with a reason for a vigencia without a report, and with an error when the drop is dead', async () => {
    const absent = await answer('{ apropiacionNacion(vigencia: 2019) { seccion } }');
    const dead = await answer(QUERY, source('ApropiacionNacion'));

    expect(absent.data).toEqual({ apropiacionNacion: null });
    expect(absent.avisos).toMatchObject([{ codigo: 'SIN_REPORTE', sistema: 'siif' }]);
    expect(dead.data).toEqual({ apropiacionNacion: null });
    expect(dead.errors).toHaveLength(1);
  });
});
