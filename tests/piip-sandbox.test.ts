import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'graphql';
import type { Adapter } from '../adapters/contract.js';
import { createPiipAdapter } from '../adapters/piip/index.js';
import { Executor } from '../gateway/graph.js';
import { createRuteo } from '../gateway/route/ruteo.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { createAskSources } from '../gateway/rows/sources.js';
import { startSandbox, type Sandbox } from '../sandbox/main.js';
import { inversion } from '../subgraphs/inversion/index.js';
import { territorio } from '../subgraphs/territorio/index.js';
import { testContext } from './graph-context.js';
import { toSourceContext } from '../gateway/rows/testing.js';

/** The adapter and its subgraph against the sandbox, by HTTP, with the calls counted behind its control door. */

const executor = new Executor([territorio, inversion]);
let dropDir = '';
let sandbox: Sandbox;
let adapter: Adapter;
let fetchBucket: FetchBucket;

beforeAll(async () => {
  dropDir = await mkdtemp(path.join(tmpdir(), 'piip-'));
  sandbox = await startSandbox({ dropDir });
  adapter = createPiipAdapter(
    { baseUrl: sandbox.urls['piip'] ?? '', timeoutMs: 30_000 },
    { now: Date.now, observer: { call: () => undefined, error: () => undefined } },
  );
  const ask = createAskSources(
    new Map([['piip', adapter]]),
    () => createRuteo(0, []),
    (error) => {
      throw error;
    },
  );
  fetchBucket = (bucket, keys, operation) => ask(bucket, keys, toSourceContext(operation));
});

afterAll(async () => {
  await adapter.close();
  await sandbox.close();
  await rm(dropDir, { recursive: true, force: true });
});

beforeEach(async () => {
  await fetch(`${sandbox.controlUrl}/counts`, { method: 'DELETE' });
});

interface Counts {
  readonly calls: readonly { readonly dataset: string; readonly count: number }[];
}

/** Calls by dataset since the test began. */
async function callsOf(): Promise<Record<string, number>> {
  const { calls } = (await (await fetch(`${sandbox.controlUrl}/counts`)).json()) as Counts;
  return Object.fromEntries(calls.map(({ dataset, count }) => [dataset, count]));
}

async function ask(query: string): Promise<Record<string, unknown>> {
  const operation = {
    document: parse(query),
    documentId: query,
    operationName: null,
    variables: {},
  };
  const answer = await executor.execute(operation, testContext(fetchBucket));
  expect(answer.errors).toEqual([]);
  expect(answer.execution).toBe('planned');
  return answer.data ?? {};
}

interface Connection {
  readonly edges: readonly { readonly node: Readonly<Record<string, unknown>> }[];
}

const nodesOf = (connection: unknown) => (connection as Connection).edges.map(({ node }) => node);

describe('projects of many municipalities in the sandbox', () => {
  it.each([1, 50, 500])(
    'cost one call per dataset and stage for %i municipalities',
    async (first) => {
      const data = await ask(`{ municipios(first: ${first}) { edges { node { codigo
        proyectos { totalCount edges { node { bpin bpinOriginal nombre valorVigente avanceFisico
          ejecucion { vigencia vigente } productos { nombre } ejecutores localizaciones { codigo } } } } } } } }`);
      const places = nodesOf(data['municipios']);
      const projects = places.flatMap(({ proyectos }) => nodesOf(proyectos));

      expect(places).toHaveLength(first);
      expect(projects.length).toBeGreaterThan(first);
      expect(await callsOf()).toEqual({
        // Once by place, once by code for all places of what was found.
        'xikz-44ja': 2,
        'cf9k-55fw': 1,
        '7mxf-bp6x': 1,
        'v4ap-cvae': 1,
        '8kfp-z3my': 1,
        'epzv-8ck4': 1,
      });
    },
  );

  it('lists the same projects for the nation as for each municipality alone', async () => {
    const query = (codigo: string) =>
      `{ municipio(codigo: "${codigo}") { proyectos(first: 100) { edges { node { bpin } } } } }`;
    const nation = await ask(
      '{ municipios(first: 1200) { edges { node { codigo proyectos(first: 100) { edges { node { bpin } } } } } } }',
    );
    const wanted = ['05091', '25175', '94885'];
    const found = nodesOf(nation['municipios'])
      .filter(({ codigo }) => wanted.includes(String(codigo)))
      .map(({ proyectos }) => nodesOf(proyectos));
    const alone = await Promise.all(
      wanted.map(async (codigo) =>
        nodesOf(((await ask(query(codigo)))['municipio'] as { proyectos: unknown }).proyectos),
      ),
    );

    expect(found).toEqual(alone);
    expect(alone[0]?.length).toBeGreaterThan(0);
  });
});

describe('the list of all projects in the sandbox', () => {
  interface Page {
    readonly totalCount: number;
    readonly edges: Connection['edges'];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  }

  it.each(['BPIN', 'VALOR_DESC'])(
    'by %s gives every project of a filter once, page by page',
    async (orden) => {
      const nodes: Readonly<Record<string, unknown>>[] = [];
      const filtro = 'filtro: { sector: ["Cultura"], horizonteIncluye: 2025 }';
      let total = -1;
      for (let after = 'null', hasNext = true; hasNext;) {
        const data =
          await ask(`{ proyectos(first: 200, orden: ${orden}, after: ${after}, ${filtro}) {
          totalCount edges { node { bpin sector horizonte valorVigente } } pageInfo { hasNextPage endCursor } } }`);
        const page = data['proyectos'] as Page;
        nodes.push(...nodesOf(page));
        total = page.totalCount;
        hasNext = page.pageInfo.hasNextPage;
        after = JSON.stringify(page.pageInfo.endCursor);
      }
      const values = nodes.map(({ valorVigente }) => valorVigente);
      const firstUnreported = values.indexOf(null);

      expect(nodes.length).toBeGreaterThan(200);
      expect(nodes).toHaveLength(total);
      expect(new Set(nodes.map(({ bpin }) => bpin)).size).toBe(total);
      for (const { sector, horizonte } of nodes) {
        const [from, to] = String(horizonte).split('-').map(Number);
        expect(sector).toBe('Cultura');
        expect(Number(from) <= 2025 && Number(to) >= 2025).toBe(true);
      }
      if (orden === 'VALOR_DESC') {
        const amounts = values.slice(0, firstUnreported).map(Number);
        expect(firstUnreported).toBeGreaterThan(0);
        expect(values.slice(firstUnreported).every((value) => value === null)).toBe(true);
        expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
      }
    },
  );
});
