import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codigo, defineRegistro, dinero, entero, logico } from '../../../schema/registro.js';
import { keyOf } from '../../../schema/key.js';
import { openAlmacen, type Almacen } from '../../../gateway/almacen/almacen.js';
import { describeWithPostgres } from '../../../tests/servers.js';
import { openTestStore } from '../../../tests/store.js';
import type { Build } from '../sql/answer.js';
import { buildPage, buildTopPerKey } from '../sql/lists.js';
import { buildMeasure } from '../sql/measure.js';
import { buildRead } from '../sql/read.js';
import type { Question } from './acopio.js';
import { toStatement } from './asker.js';
import { createAcopio } from './create-acopio.js';
import { livePartsOf, loadParts } from './parts.js';
import { relationOf } from './table.js';

/** The proportions of a real quarter: thousands of entities, a few of them asked at once. */
const ENTIDADES = 3_000;
const ROWS_EACH = 40;

const registro = defineRegistro({
  nombre: 'GastoGrande',
  sistema: 'plan',
  clave: ['entidad', 'periodo', 'cuenta'],
  ruta: ['entidad'],
  accesos: {
    porEntidad: { claves: ['entidad'], cardinalidad: 'muchos' },
    porEntidadPeriodo: { claves: ['entidad', 'periodo'], cardinalidad: 'muchos' },
    porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
    porPeriodoCuenta: { claves: ['periodo', 'cuenta'], cardinalidad: 'muchos' },
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

const question: Question = { sistema: 'plan', servidoPor: 'plan', registro };
const relation = relationOf(registro);

const row = (i: number, j: number) => ({
  entidad: `e${i}`,
  periodo: 202500 + (j % 12),
  cuenta: `${i % 97}.${j}`,
  bpin: `b${(i * ROWS_EACH + j) % 20_000}`,
  compromisos: String(i * j),
  esHoja: j % 3 === 0,
});

async function load(store: Almacen): Promise<void> {
  const ctx = {
    signal: new AbortController().signal,
    deadline: Number.MAX_SAFE_INTEGER,
    alcance: 'publico',
    corte: null,
    epoca: 1,
    origen: 'fondo' as const,
  };
  await createAcopio(store, { now: () => 0 }).ensure(
    {
      sistema: 'plan',
      id: 'todo',
      version: { token: 'v1', checkedAt: '2026-01-01T00:00:00Z' },
      async *load() {
        for (let i = 0; i < ENTIDADES; i++) {
          const rows = Array.from({ length: ROWS_EACH }, (_, j) => row(i, j));
          yield await Promise.resolve({ registro, rows });
        }
      },
    },
    ctx,
  );
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How the engine would reach the table: one line per node that does. */
async function reaches(store: Almacen, build: Build): Promise<string[]> {
  const parts = livePartsOf(question, await loadParts(store, 'plan'));
  if (parts instanceof Error) throw parts;
  const { text, values } = toStatement('plan', parts, build);
  const rows = await store.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `explain (format json) ${text}`,
    values,
  );
  const root = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (root === undefined) throw new Error('the engine gave no plan');
  return nodesOf(root).flatMap((node) => {
    const index = node['Index Name'];
    if (index?.startsWith('acopio_gasto_grande') === true) return [`index ${index}`];
    return node['Relation Name'] === 'acopio_gasto_grande' && node['Node Type'] === 'Seq Scan'
      ? ['Seq Scan']
      : [];
  });
}

const entidades = Array.from({ length: 10 }, (_, i) => `e${i * 7}`);
const KEYS: Readonly<Record<string, readonly string[]>> = {
  porEntidad: entidades.map((e) => keyOf([e])),
  porEntidadPeriodo: entidades.map((e) => keyOf([e, 202503])),
  porBpin: entidades.map((_, i) => keyOf([`b${i}`])),
  porPeriodoCuenta: entidades.map((_, i) => keyOf([202503, `${i}.3`])),
};

const list = (first: number) => ({
  relation,
  filtro: null,
  orden: registro.clave.map((campo) => ({ campo, sentido: 'asc' as const })),
  options: { first, after: { version: 'v1', values: ['e5', 202503, '1'] }, count: false },
});

const CASES: readonly (readonly [string, Build])[] = [
  ...Object.entries(registro.accesos).flatMap(([name, { claves }]): [string, Build][] => [
    [`reads ${name} by its index`, buildRead(relation, claves, KEYS[name] ?? [])],
    [
      `lists the first rows under each key of ${name} by its index`,
      buildTopPerKey(
        { ...list(5), options: { ...list(5).options, after: null } },
        claves,
        KEYS[name] ?? [],
      ),
    ],
  ]),
  [
    'sums a medida by the index of its grain',
    buildMeasure(relation, medidaOf('compromisos'), KEYS['porEntidadPeriodo'] ?? [], []),
  ],
  ['walks in the order of the clave by its index', buildPage(list(500))],
];

function medidaOf(name: string) {
  const medida = registro.medidas[name];
  if (medida === undefined) throw new TypeError(`no medida ${name}`);
  return medida;
}

function checkPlans(store: () => Almacen): void {
  it.each(CASES)('%s', async (_title, build) => {
    const found = await reaches(store(), build);

    expect(found.length).toBeGreaterThan(0);
    expect(found).not.toContain('Seq Scan');
    expect(found.some((line) => /_ix\d+$/.test(line))).toBe(true);
  });
}

describe('plans on PGlite', () => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openTestStore();
    await load(store);
  });
  afterAll(() => store.close());

  checkPlans(() => store);
});

await describeWithPostgres('plans on PostgreSQL', (url) => {
  let store: Almacen;
  beforeAll(async () => {
    store = await openAlmacen({ databaseUrl: url() });
    await load(store);
  });
  afterAll(() => store.close());

  checkPlans(() => store);
});
