import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bucketOf } from '../../schema/digest.js';
import { keyOf } from '../../schema/key.js';
import { codigo, defineRegistro, dinero, entero, logico } from '../../schema/registro.js';
import { openAlmacen, type Almacen } from '../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../tests/servers.js';
import { openTestStore } from '../../tests/store.js';
import { type Build } from '../shared/sql/answer.js';
import { buildPage, buildTopPerKey } from '../shared/sql/lists.js';
import { buildMeasure } from '../shared/sql/measure.js';
import { texto } from '../shared/sql/columns.js';
import { buildRead } from '../shared/sql/read.js';
import { toStatement } from './asker.js';
import type { SqlParam } from '../contract.js';
import { createUnico } from './index.js';
import { lastSql } from './ingest.js';
import { relationOf } from './table.js';
import { contextAt, versionAt } from './testing.js';
import { buildWalk } from './walk.js';

/** The proportions of a real quarter, and a share of it that came in again with another content. */
const ENTIDADES = 1_500;
const ROWS_EACH = 40;
const BATCH = 300;

const registro = defineRegistro({
  nombre: 'GastoGrande',
  sistema: 'plan',
  clave: ['entidad', 'periodo', 'cuenta'],
  ruta: ['entidad'],
  accesos: {
    porEntidad: { claves: ['entidad'], cardinalidad: 'muchos' },
    porEntidadPeriodo: { claves: ['entidad', 'periodo'], cardinalidad: 'muchos' },
    porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
  },
  campos: {
    entidad: codigo({ nulo: false }),
    periodo: entero({ nulo: false }),
    cuenta: codigo({ nulo: false }),
    bpin: codigo(),
    compromisos: dinero(),
    esHoja: logico(),
  },
  medidas: {
    compromisos: {
      grano: ['entidad', 'periodo'],
      dimensiones: [],
      filtro: { op: 'hoja' },
      suma: ['compromisos'],
      version: 1,
    },
  },
});

const rowsOf = (i: number, factor: number) =>
  Array.from({ length: ROWS_EACH }, (_, j) => ({
    entidad: `e${i}`,
    periodo: 202500 + (j % 12),
    cuenta: `${i % 97}.${j}`,
    bpin: `b${(i * ROWS_EACH + j) % 20_000}`,
    compromisos: String(i * j * factor + factor),
    esHoja: j % 3 === 0,
  }));

async function load(store: Almacen): Promise<void> {
  const unico = createUnico({ store, now: () => 1_000, registros: [registro] });
  const take = async (from: number, until: number, version: number): Promise<void> => {
    for (let i = from; i < until; i += BATCH) {
      const entidades = Array.from({ length: BATCH }, (_, k) => i + k);
      const rows = entidades.flatMap((entidad) => rowsOf(entidad, version));
      await unico.ingest(registro, { rows, version: versionAt(version) }, null, contextAt());
    }
  };
  await take(0, ENTIDADES, 1);
  await take(0, BATCH, 2);
  await store.query('analyze unico_gasto_grande');
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How the engine would reach the table: one line per node that does. */
async function reaches(store: Almacen, corte: number | null, build: Build): Promise<string[]> {
  const { text, values } = toStatement(registro, corte, build);
  return reachesOf(store, text, values);
}

async function reachesOf(
  store: Almacen,
  text: string,
  values: readonly SqlParam[],
): Promise<string[]> {
  const rows = await store.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `explain (format json) ${text}`,
    values,
  );
  const root = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (root === undefined) throw new Error('the engine gave no plan');
  return nodesOf(root).flatMap((node) => {
    const index = node['Index Name'];
    if (index?.startsWith('unico_gasto_grande') === true) return ['index'];
    return node['Relation Name'] === 'unico_gasto_grande' ? [node['Node Type']] : [];
  });
}

const entidades = Array.from({ length: 10 }, (_, i) => `e${i * 7}`);
const KEYS: Readonly<Record<string, readonly string[]>> = {
  porEntidad: entidades.map((e) => keyOf([e])),
  porEntidadPeriodo: entidades.map((e) => keyOf([e, 202503])),
  porBpin: entidades.map((_, i) => keyOf([`b${i}`])),
};

const CORTE = 1_000;

function casesAt(corte: number | null): (readonly [string, Build])[] {
  const relation = relationOf(registro);
  const orden = registro.clave.map((campo) => ({ campo, sentido: 'asc' as const }));
  const list = { relation, filtro: null, orden };
  const first = { first: 5, after: null, count: false };
  const medida = registro.medidas['compromisos'];
  if (medida === undefined) throw new TypeError('no medida');
  const page = { first: 500, after: { version: 'u1', values: ['e5', 202503, '1'] }, count: false };
  const when = corte === null ? 'now' : 'as of an instant';
  return [
    ...Object.entries(registro.accesos).flatMap(([name, { claves }]): [string, Build][] => [
      [`reads ${name} ${when}`, buildRead(relation, claves, KEYS[name] ?? [], 'clave')],
      [
        `lists the first rows under each key of ${name} ${when}`,
        buildTopPerKey({ ...list, options: first }, claves, KEYS[name] ?? []),
      ],
    ]),
    [`sums a medida ${when}`, buildMeasure(relation, medida, KEYS['porEntidadPeriodo'] ?? [], [])],
    [`walks in the order of the clave ${when}`, buildPage({ ...list, options: page })],
  ];
}

const WALK = buildWalk(
  registro,
  {},
  [texto('_clave', 't._clave')],
  { bucket: 5, clave: 'e5' },
  1_000,
);

const CASES: readonly (readonly [string, number | null, Build])[] = [
  ...casesAt(null).map(([title, build]) => [title, null, build] as const),
  ...casesAt(CORTE).map(([title, build]) => [title, CORTE, build] as const),
  ['walks over digests by bucket', CORTE, WALK],
];

function checkPlans(store: () => Almacen): void {
  it.each(CASES)('%s by its index', async (_title, corte, build) => {
    const found = await reaches(store(), corte, build);

    expect(found).toContain('index');
    expect(found).not.toContain('Seq Scan');
  });

  it('looks for what a chunk of a load would replace by the index, as long as the chunk may be', async () => {
    const claves = Array.from({ length: 5_000 }, (_, i) => `e${i}|202500|${i}`);

    const found = await reachesOf(store(), lastSql(registro), [claves.map(bucketOf), claves]);

    expect(found).toEqual(['index']);
  });
}

describe('plans of unico on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
    await load(store);
  }, 60_000);
  afterAll(() => store.close());

  checkPlans(() => store);
});

await describeWithPostgres('plans of unico on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
    await load(store);
  }, 60_000);
  afterAll(() => store.close());

  checkPlans(() => store);
});
