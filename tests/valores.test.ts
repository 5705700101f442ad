import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Gateway } from '../gateway/gateway.js';
import { openGateway } from '../gateway/gateway.js';
import type { Server } from '../gateway/serve/server.js';
import { startServer } from '../gateway/serve/server.js';
import { readSettings } from '../gateway/settings.js';
import { createStoreDirectory } from './store.js';

/** Wrong values as a reader meets them: over HTTP, each with its code, field and example. No source is needed for it. */
let folder: string;
let gateway: Gateway;
let server: Server;
beforeAll(async () => {
  folder = await createStoreDirectory();
  const env = { PORT: '0', SUGIT_DATA_DIR: path.join(folder, 'estado'), SUGIT_SANDBOX: 'false' };
  gateway = await openGateway({
    settings: readSettings(env, []),
    registrations: [],
    log: () => undefined,
  });
  server = await startServer(gateway, null);
}, 60_000);
afterAll(async () => {
  await server.close();
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

interface Reply {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: object }[];
}

async function ask(query: string, variables: object = {}): Promise<Reply> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Reply;
}

const MUNICIPIO = (below: string): string => `{ municipio(codigo: "05091") { ${below} } }`;

describe('a wrong value', () => {
  it.each([
    ['{ municipio(codigo: "5091") { nombre } }', 'DIVIPOLA_INVALIDO', 'codigo', '05091'],
    ['{ municipio(codigo: 5091) { nombre } }', 'VALOR_INVALIDO', 'codigo', '05091'],
    ['{ municipio(codigo: "99998") { nombre } }', 'DIVIPOLA_DESCONOCIDO', 'codigo', '05091'],
    ['{ departamento(codigo: "05091") { nombre } }', 'DIVIPOLA_INVALIDO', 'codigo', '05091'],
    ['{ departamento(codigo: "04") { nombre } }', 'DIVIPOLA_DESCONOCIDO', 'codigo', '05091'],
    [
      '{ municipios(filtro: { departamento: "04" }) { totalCount } }',
      'DIVIPOLA_DESCONOCIDO',
      'departamento',
      '05091',
    ],
    ['{ proyecto(bpin: "12") { nombre } }', 'BPIN_INVALIDO', 'bpin', '202400000002842'],
    ['{ entidad(nit: "12") { nombre } }', 'NIT_INVALIDO', 'nit', '890905211-1'],
    ['{ entidad(nit: "890980802-9") { nombre } }', 'NIT_INVALIDO', 'nit', '890905211-1'],
    ['{ entidad(nit: "999999999") { nombre } }', 'ENTIDAD_DESCONOCIDA', 'nit', '890905211-1'],
    ['{ entidad(codigoChip: "123") { nombre } }', 'CHIP_INVALIDO', 'codigoChip', '219105091'],
    ['{ entidad(codigoSigep: "zz") { nombre } }', 'ENTIDAD_DESCONOCIDA', 'codigoSigep', '0012'],
    [MUNICIPIO('presupuesto(vigencia: 1800) { periodo }'), 'VIGENCIA_INVALIDA', 'vigencia', '2025'],
    [
      MUNICIPIO('presupuesto(vigencia: "2025") { periodo }'),
      'VIGENCIA_INVALIDA',
      'vigencia',
      '2025',
    ],
    [
      MUNICIPIO('presupuesto(vigencia: 99999999999) { periodo }'),
      'VIGENCIA_INVALIDA',
      'vigencia',
      '2025',
    ],
    [
      MUNICIPIO('serie(desde: [2018], hasta: 2025) { vigencia }'),
      'VIGENCIA_INVALIDA',
      'desde',
      '2018',
    ],
    [
      MUNICIPIO('presupuesto(vigencia: 2025, periodo: T5) { periodo }'),
      'VALOR_INVALIDO',
      'periodo',
      'T4',
    ],
    ['{ municipios(first: 1201) { totalCount } }', 'PAGINA_INVALIDA', 'first', '20'],
    ['{ contratos(first: 1001) { totalCount } }', 'PAGINA_INVALIDA', 'first', '20'],
    ['{ proyectos(first: 1001) { totalCount } }', 'PAGINA_INVALIDA', 'first', '20'],
    [MUNICIPIO('contratos(first: 1001) { totalCount }'), 'PAGINA_INVALIDA', 'first', '20'],
    [
      '{ contratos(filtro: { valorMinimo: "1e5" }) { totalCount } }',
      'VALOR_INVALIDO',
      'valorMinimo',
      '1234.5',
    ],
  ])('in %s is named with its field and a good one', async (query, code, campo, ejemplo) => {
    const { errors } = await ask(query);

    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code, campo, ejemplo });
    expect(errors?.[0]?.message).not.toMatch(/cannot represent|does not exist in|expected/);
  });

  it.each([
    [
      'query ($v: Int!) { municipio(codigo: "05091") { presupuesto(vigencia: $v) { periodo } } }',
      { v: '2025' },
      '2025',
    ],
    ['query ($v: CodigoDivipola!) { municipio(codigo: $v) { nombre } }', { v: 5091 }, '05091'],
  ])('in the variable of %s too', async (query, variables, ejemplo) => {
    const { errors, data } = await ask(query, variables);

    expect(data).toBeUndefined();
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^Variables inválidas: El valor de «v» no es/),
      extensions: { campo: 'v', ejemplo },
    });
  });

  it('is told apart from a field that does not exist', async () => {
    const { errors } = await ask('{ sistemas { clave } }');

    expect(errors?.[0]?.extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});
