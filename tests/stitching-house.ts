import { expect } from '@jest/globals';
import type { Adapter, Key, Row } from '../adapters/contract.js';
import { noCache } from '../gateway/cache/cache.js';
import type { GraphContext } from '../gateway/compose/stitched-field.js';
import { Executor } from '../gateway/graph.js';
import type { OperationContext } from '../gateway/rows/context.js';
import { createFlights } from '../gateway/rows/flight.js';
import { RowStore } from '../gateway/rows/row-store.js';
import { createAskSources } from '../gateway/rows/sources.js';
import { codigo, defineRegistro, dinero, entero } from '../schema/registro.js';
import { MUNICIPIO, municipioNode } from '../subgraphs/shared/entities.js';
import type { Bucket, Field, Lookup, Node, Subgraph } from '../subgraphs/subgraph.js';
import { byAcceso, Reason } from '../subgraphs/subgraph.js';
import { FakeAdapter } from './fake-adapter.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const Lista = defineRegistro({
  nombre: 'ListaDePrueba',
  sistema: 'listas',
  clave: ['grupo', 'codigo'],
  ruta: ['grupo'],
  accesos: { porGrupo: { claves: ['grupo'], cardinalidad: 'muchos' } },
  campos: { grupo: codigo(), codigo: codigo() },
});
const Otra = defineRegistro({ ...Lista, nombre: 'OtraLista', sistema: 'otras' });
export const Nombre = defineRegistro({
  nombre: 'NombreDePrueba',
  sistema: 'nombres',
  clave: ['codigo'],
  ruta: ['codigo'],
  accesos: { porCodigo: { claves: ['codigo'], cardinalidad: 'uno' } },
  campos: { codigo: codigo(), nombre: codigo() },
});
export const Monto = defineRegistro({
  nombre: 'MontoDePrueba',
  sistema: 'montos',
  clave: ['codigo'],
  ruta: ['codigo'],
  accesos: { porCodigo: { claves: ['codigo'], cardinalidad: 'uno' } },
  campos: { codigo: codigo(), monto: dinero(), personas: entero(), vecino: codigo() },
});

const nombres = byAcceso(Nombre, 'porCodigo');
const montos = byAcceso(Monto, 'porCodigo');
const keyIn = (node: Node): Key => String(node['codigo']);

const listOf = (bucket: Bucket): Field => ({
  steps: [(_root, { grupo }) => [{ bucket, keys: [String(grupo)] }]],
  value: (_root, { grupo }, _env, rows) =>
    rows.rows(bucket, String(grupo)).map((row) => MUNICIPIO.fromKey(row['codigo'] as string)),
});
const columnOf = (
  bucket: Bucket,
  pick: (row: Row | undefined, rows: Lookup) => unknown,
): Field => ({
  steps: [(node) => [{ bucket, keys: [keyIn(node)] }]],
  value: (node, _args, _env, rows) => pick(rows.rows(bucket, keyIn(node))[0], rows),
});

const lugares: Subgraph = {
  id: 'lugares',
  sdl: `type Municipio { codigo: ID! nombre: String }
    type Query { lugares(grupo: ID = "a"): [Municipio!] lugar(codigo: ID!): Municipio }`,
  entities: { Municipio: MUNICIPIO },
  table: {
    Query: {
      lugares: listOf(byAcceso(Lista, 'porGrupo')),
      lugar: { value: (_root, args) => municipioNode(String(args['codigo'])) },
    },
    Municipio: { nombre: columnOf(nombres, (row) => row?.['nombre'] ?? null) },
  },
};
const dineros: Subgraph = {
  id: 'dineros',
  sdl: `type Municipio { codigo: ID! monto: Dinero personas: Int estricto: Dinero! vecino: Municipio }`,
  entities: { Municipio: MUNICIPIO },
  table: {
    Municipio: {
      monto: columnOf(montos, (row) =>
        row === undefined
          ? new Reason('SIN_REPORTE', 'No reportó.', 'montos')
          : (row['monto'] ?? null),
      ),
      personas: columnOf(montos, (row) => row?.['personas'] ?? null),
      estricto: columnOf(montos, (row) => row?.['monto'] ?? null),
      vecino: columnOf(montos, (row) =>
        row?.['vecino'] == null
          ? null
          : // More than was selected, and wrong: it must not reach the answer.
            { ...municipioNode(row['vecino'] as string), nombre: 'FALSO', monto: '-1' },
      ),
    },
  },
};
const otros: Subgraph = {
  id: 'otros',
  sdl: `type Municipio { codigo: ID! } type Query { otros(grupo: ID = "a"): [Municipio!] }`,
  entities: { Municipio: MUNICIPIO },
  table: { Query: { otros: listOf(byAcceso(Otra, 'porGrupo')) } },
};

const executor = new Executor([lugares, dineros, otros]);

interface House {
  /** Codes of the lists. */
  codes: readonly (string | null)[];
  /** The amounts of a code. */
  rowOf: (code: Key) => Row | null;
  /** The system that answers for the amounts in an epoch. */
  ownerOf: (epoca: number) => string;
  readonly sources: Record<'listas' | 'otras' | 'nombres' | 'montos', FakeAdapter>;
}

function newHouse(): House {
  const listed = (): Row[] => house.codes.map((code) => ({ grupo: 'a', codigo: code }));
  const one = (row: Row | null): readonly Row[] | null => (row === null ? null : [row]);
  return {
    codes: ['1', '2', '3'],
    rowOf: (code) => ({
      codigo: code,
      monto: `${Number(code) * 100}`,
      vecino: code === '1' ? '2' : '1',
    }),
    ownerOf: () => 'montos',
    sources: {
      listas: new FakeAdapter({ id: 'listas', registros: [Lista], rowsOf: listed }),
      otras: new FakeAdapter({ id: 'otras', registros: [Otra], rowsOf: listed }),
      nombres: new FakeAdapter({
        id: 'nombres',
        registros: [Nombre],
        rowsOf: (_r, _a, key) => [{ codigo: key, nombre: `Lugar ${key}` }],
      }),
      montos: new FakeAdapter({
        id: 'montos',
        registros: [Monto],
        rowsOf: (_r, _a, key) => one(house.rowOf(key)),
      }),
    },
  };
}

/** What the case at hand has its sources say; a case changes it before it asks. */
export const house = newHouse();
export const renewHouse = (): void => {
  Object.assign(house, newHouse());
};

export function newContext(mas: Partial<OperationContext> = {}): GraphContext {
  const adapters = new Map<string, Adapter>(Object.entries(house.sources));
  adapters.set('nuevo', house.sources.montos);
  const ownerOf = (epoca: number, sistema: string): string =>
    sistema === 'montos' ? house.ownerOf(epoca) : sistema;
  const ask = createAskSources(
    adapters,
    (epoca) => ({
      ownersOf: ({ sistema }) => [ownerOf(epoca, sistema)],
      ownersOfKey: ({ sistema }) => [ownerOf(epoca, sistema)],
      ownerOfRow: ({ sistema }) => ownerOf(epoca, sistema),
    }),
    (error) => {
      throw error;
    },
  );
  const base = testContext(createFlights(ask, noCache));
  const operation = { ...base.operation, ...mas };
  return { ...base, operation, store: new RowStore(createFlights(ask, noCache), operation) };
}

/** Runs both executions, which must agree; answers the planned one and what each asked of its sources. */
export async function run(query: string, context: () => GraphContext = newContext) {
  const contexts: GraphContext[] = [];
  const answers = await answerBoth(
    executor,
    () => {
      const next = context();
      contexts.push(next);
      return next;
    },
    query,
  );
  expect(comparable(answers.stitched)).toBe(comparable(answers.planned));
  return { ...answers.planned, usage: contexts.map(({ store }) => store.usage()) };
}
