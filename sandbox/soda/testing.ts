/** A server of two small datasets with its control door, for the tests of the SODA wire. */
import { afterAll, beforeAll } from '@jest/globals';
import { createControlServer } from '../control.js';
import { FaultBoard } from '../faults.js';
import { closeServer, listen } from '../http.js';
import type { Row, SodaDataset } from './dataset.js';
import { SystemServer } from './server.js';

const ROWS: readonly Row[] = [
  {
    codigo: '05001',
    nombre: 'Medellín',
    valor: '10.10',
    fecha: '2024-01-15T00:00:00.000',
    url: 'https://a',
  },
  {
    codigo: '05002',
    nombre: "L'Abejorral",
    valor: '900719925474099312',
    fecha: '2024-02-20T00:00:00.000',
  },
  { codigo: '08001', nombre: 'Barranquilla', valor: null, fecha: '2025-02-20T00:00:00.000' },
  { codigo: '08002', valor: '0.20', texto: '7' },
];
/** Keys of the rows that the server looked at. */
export const seen: string[] = [];
const dataset: SodaDataset = {
  id: 'aaaa-bbbb',
  name: 'Prueba',
  columns: [
    { name: 'codigo', type: 'text' },
    { name: 'nombre', type: 'text' },
    { name: 'valor', type: 'number' },
    { name: 'fecha', type: 'calendar_date' },
    { name: 'url', type: 'url' },
    { name: 'texto', type: 'text' },
  ],
  index: ['codigo'],
  updatedAt: '2026-01-02T03:04:05.000Z',
  *rows(pushdown) {
    for (const row of ROWS) {
      if (!pushdown.accepts('codigo', row['codigo'])) continue;
      seen.push(String(row['codigo']));
      yield { ...row };
    }
  },
};
const many: SodaDataset = {
  ...dataset,
  id: 'mmmm-mmmm',
  columns: [{ name: 'n', type: 'number' }],
  index: [],
  ordered: true,
  *rows() {
    for (let n = 0; n < 2500; n++) yield { n, ':id': n };
  },
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What a test of the wire asks with. */
export interface SodaHouse {
  readonly base: string;
  readonly door: string;
  readonly ask: (
    params: Record<string, string>,
    id?: string,
    init?: RequestInit,
  ) => Promise<Answer>;
  readonly codes: ($where: string) => Promise<string[]>;
  readonly errorOf: (params: Record<string, string>) => Promise<unknown>;
}

export function setUpSoda(): SodaHouse {
  const board = new FaultBoard(true, ['bueno']);
  const { server } = new SystemServer({
    sistema: 's',
    datasets: [dataset, many],
    board,
    seed: 'x',
  });
  const control = createControlServer(board);
  let base = '';
  let door = '';

  beforeAll(async () => {
    base = await listen(server, 0);
    door = await listen(control, 0);
  });

  afterAll(async () => {
    await closeServer(server);
    await closeServer(control);
  });

  async function ask(
    params: Record<string, string>,
    id = 'aaaa-bbbb',
    init?: RequestInit,
  ): Promise<Answer> {
    const response = await fetch(
      `${base}/resource/${id}.json?${new URLSearchParams(params).toString()}`,
      init,
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  async function codes($where: string): Promise<string[]> {
    const { body } = await ask({ $where, $select: 'codigo', $order: 'codigo' });
    return (body as { codigo: string }[]).map((r) => r.codigo);
  }

  async function errorOf(params: Record<string, string>): Promise<unknown> {
    const { status, body } = await ask(params);
    return [status, (body as { errorCode?: string }).errorCode];
  }

  return {
    ask,
    codes,
    errorOf,
    get base() {
      return base;
    },
    get door() {
      return door;
    },
  };
}
