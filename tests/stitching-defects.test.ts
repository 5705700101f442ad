/**
 * What a plain stitching gateway does wrong without saying so, each situation as a test: every operation runs through the
 * planner and through stitched execution, which must agree.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { isNonNullType, isObjectType } from 'graphql';
import type { Adapter, Key, Row } from '../adapters/contract.js';
import { noCache } from '../gateway/cache/cache.js';
import { Executor } from '../gateway/graph.js';
import type { GraphContext } from '../gateway/compose/stitched-field.js';
import type { OperationContext } from '../gateway/rows/context.js';
import { createFlights } from '../gateway/rows/flight.js';
import { RowStore } from '../gateway/rows/row-store.js';
import { createAskSources } from '../gateway/rows/sources.js';
import { codigo, defineRegistro, dinero, entero } from '../schema/registro.js';
import { subgraphs } from '../subgraphs/index.js';
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
const Nombre = defineRegistro({
  nombre: 'NombreDePrueba',
  sistema: 'nombres',
  clave: ['codigo'],
  ruta: ['codigo'],
  accesos: { porCodigo: { claves: ['codigo'], cardinalidad: 'uno' } },
  campos: { codigo: codigo(), nombre: codigo() },
});
const Monto = defineRegistro({
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
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Codes of the lists, and what each source holds of them. */
let codes: readonly (string | null)[];
let rowOf: (code: Key) => Row | null;
let sources: Record<'listas' | 'otras' | 'nombres' | 'montos', FakeAdapter>;
let owners: { now: (epoca: number) => string };

beforeEach(() => {
  codes = ['1', '2', '3'];
  rowOf = (code) => ({
    codigo: code,
    monto: `${Number(code) * 100}`,
    vecino: code === '1' ? '2' : '1',
  });
  const listed = (): Row[] => codes.map((code) => ({ grupo: 'a', codigo: code }));
  const one = (row: Row | null): readonly Row[] | null => (row === null ? null : [row]);
  sources = {
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
      rowsOf: (_r, _a, key) => one(rowOf(key)),
    }),
  };
  owners = { now: () => 'montos' };
});

function newContext(mas: Partial<OperationContext> = {}): GraphContext {
  const adapters = new Map<string, Adapter>(Object.entries(sources));
  adapters.set('nuevo', sources.montos);
  const ownerOf = (epoca: number, sistema: string): string =>
    sistema === 'montos' ? owners.now(epoca) : sistema;
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
async function run(query: string, context: () => GraphContext = newContext) {
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

const callsOf = (adapter: FakeAdapter): readonly (readonly Key[])[] =>
  adapter.calls.map(({ keys }) => [...keys].sort());

describe('what stitching does wrong without saying so', () => {
  it('1: rows in another order than the keys still reach their own entity', async () => {
    const { data } = await run('{ lugares { codigo monto nombre } }');

    expect(data?.['lugares']).toEqual(
      ['1', '2', '3'].map((c) => ({ codigo: c, monto: `${c}00`, nombre: `Lugar ${c}` })),
    );
  });

  it('2: fewer rows than keys leave a null at the missing one and shift nothing', async () => {
    rowOf = (code) => (code === '2' ? null : { codigo: code, monto: `${code}00` });
    const { data } = await run('{ lugares { codigo monto } }');

    expect(data?.['lugares']).toEqual([
      { codigo: '1', monto: '100' },
      { codigo: '2', monto: null },
      { codigo: '3', monto: '300' },
    ]);
  });

  it('3: values are there when the key field is not selected, or its name is an alias of another', async () => {
    const { data } = await run('{ lugares { monto } b: lugares { codigo: nombre monto } }');

    expect(data).toEqual({
      lugares: [{ monto: '100' }, { monto: '200' }, { monto: '300' }],
      b: ['1', '2', '3'].map((c) => ({ codigo: `Lugar ${c}`, monto: `${c}00` })),
    });
  });

  it('4: a dead source of a thousand entities is one error a field, with place, total and sample', async () => {
    codes = Array.from({ length: 1_000 }, (_, i) => String(i));
    sources.montos.dead = true;
    const { data, errors } = await run('{ lugares { codigo monto personas } }');

    expect(errors.map(({ path, extensions }) => ({ path, ...extensions }))).toEqual(
      ['monto', 'personas'].map((field) => ({
        path: ['lugares', 0, field],
        code: 'SOURCE_UNAVAILABLE',
        sistema: 'montos',
        registro: 'MontoDePrueba',
        retryable: true,
        claves: ['0', '1', '2', '3', '4'],
        total: 1_000,
      })),
    );
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(data?.['lugares']).toHaveLength(1_000);
  });

  it('5: absent in the source and null in the source are told apart', async () => {
    rowOf = (code) => (code === '2' ? null : { codigo: code, monto: null });
    const { data, avisos, usage } = await run('{ lugares { monto } }');

    expect(data?.['lugares']).toEqual([{ monto: null }, { monto: null }, { monto: null }]);
    expect(avisos).toEqual([
      {
        codigo: 'SIN_REPORTE',
        mensaje: 'No reportó.',
        sistema: 'montos',
        path: ['lugares', 1, 'monto'],
        total: 1,
      },
    ]);
    for (const used of usage) {
      expect(used.find(({ sistema }) => sistema === 'montos')).toMatchObject({
        asked: 3,
        found: 2,
      });
    }
  });

  it('6: a second request asks the source again: nothing is shared between contexts', async () => {
    await run('{ lugar(codigo: "1") { monto } }');
    rowOf = (code) => ({ codigo: code, monto: '7' });
    const { data } = await run('{ lugar(codigo: "1") { monto } }');

    expect(data).toEqual({ lugar: { monto: '7' } });
    expect(sources.montos.calls).toHaveLength(4);
  });

  it('7: the AbortSignal of the request reaches the source', async () => {
    const stops: AbortController[] = [];
    sources.montos.before = ({ ctx }) =>
      new Promise((resolve) => {
        ctx.signal.addEventListener('abort', () => {
          resolve();
        });
        // After this turn, when every source of the stage has been asked.
        setImmediate(() => stops.at(-1)?.abort());
      });
    const { data, errors } = await run('{ lugar(codigo: "1") { nombre monto } }', () => {
      const stop = new AbortController();
      stops.push(stop);
      return newContext({ signal: stop.signal });
    });

    expect(data).toEqual({ lugar: { nombre: 'Lugar 1', monto: null } });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['SOURCE_TIMEOUT']);
    expect(sources.montos.calls.map(({ ctx }) => ctx.signal.aborted)).toEqual([true, true]);
  });

  it.each(['5000000000', '123456789012345678', '-0.01', '999999999999999999.99'])(
    '8: the amount %s arrives to the last digit',
    async (monto) => {
      rowOf = (code) => ({ codigo: code, monto });
      const { data, errors } = await run('{ lugar(codigo: "1") { monto } }');

      expect(data).toEqual({ lugar: { monto } });
      expect(errors).toEqual([]);
    },
  );

  it.each([
    ['a number beyond Int', { personas: 5e9 }, 'personas'],
    ['a float as an amount', { monto: 12.5 }, 'monto'],
    ['an amount that is not in canonical form', { monto: '007' }, 'monto'],
  ])('8: %s is an error in its place and not a silent null', async (_what, cells, field) => {
    rowOf = (code) => ({ codigo: code, ...cells });
    const { data, errors } = await run(`{ lugar(codigo: "1") { codigo ${field} } }`);

    expect(data).toEqual({ lugar: { codigo: '1', [field]: null } });
    expect(errors).toMatchObject([
      { path: ['lugar', field], extensions: { code: 'ERROR_INTERNO', total: 1 } },
    ]);
  });

  it('9: fields that nobody selected never overwrite what their owner says', async () => {
    const { data } = await run('{ lugar(codigo: "1") { vecino { codigo nombre monto } } }');

    expect(data).toEqual({
      lugar: { vecino: { codigo: '2', nombre: 'Lugar 2', monto: '200' } },
    });
  });

  it('10: a null merge key is an error and asks nobody for the key «null»', async () => {
    codes = ['1', null, '3'];
    const { errors } = await run('{ lugares { monto } }');

    expect(errors).not.toEqual([]);
    expect(sources.montos.keysOf(Monto)).not.toContain('null');
    expect(sources.montos.keysOf(Monto)).not.toContain('undefined');
  });

  it('11: chunks are cut below the batcher: the adapter gets all keys at once, and no more than it takes', async () => {
    codes = Array.from({ length: 2_000 }, (_, i) => String(i));
    await run('{ lugares { monto } }');

    expect(sources.montos.calls.map(({ keys }) => keys.length)).toEqual([2_000, 2_000]);

    codes = Array.from({ length: 6_000 }, (_, i) => String(i));
    const { errors } = await run('{ lugares { monto } }');

    expect(errors).toMatchObject([
      { extensions: { code: 'CAPACIDAD_INSUFICIENTE', total: 6_000 } },
    ]);
    expect(sources.montos.calls).toHaveLength(2);
  });

  it('12: two root fields of one source are one call', async () => {
    await run('{ a: lugar(codigo: "1") { monto } b: lugar(codigo: "2") { personas } }');

    expect(callsOf(sources.montos)).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it('13: one entity by two paths with different selections is asked once', async () => {
    await run(
      '{ a: lugar(codigo: "1") { monto } b: lugar(codigo: "1") { personas vecino { codigo } } }',
    );

    expect(callsOf(sources.montos)).toEqual([['1'], ['1']]);
  });

  it('14: going from A to B and back to A asks no key twice', async () => {
    const query = '{ lugar(codigo: "1") { nombre vecino { nombre vecino { nombre monto } } } }';
    const { data } = await run(query);

    expect(data).toEqual({
      lugar: {
        nombre: 'Lugar 1',
        vecino: { nombre: 'Lugar 2', vecino: { nombre: 'Lugar 1', monto: '100' } },
      },
    });
    for (const source of [sources.nombres, sources.montos]) {
      expect(callsOf(source)).toEqual([['1'], ['2'], ['1'], ['2']]);
    }
  });

  it('15: the route is that of the epoch in which the request began, whatever moves meanwhile', async () => {
    let moved = 0;
    owners = { now: (epoca) => (epoca >= moved ? 'nuevo' : 'montos') };
    const { data, usage } = await run(
      '{ a: lugar(codigo: "1") { monto vecino { monto } } }',
      () => {
        moved = 1;
        return newContext({ epoca: 0 });
      },
    );

    expect(data).toEqual({ a: { monto: '100', vecino: { monto: '200' } } });
    for (const used of usage) expect(used).toHaveLength(1);
    expect(sources.montos.calls.map(({ ctx }) => ctx.epoca)).toEqual([0, 0, 0, 0]);
  });

  it('16: a non-null field of a dead source takes its entity with it, and no other', async () => {
    sources.montos.dead = true;
    const { data, errors } = await run(
      '{ a: lugar(codigo: "1") { nombre estricto } b: lugar(codigo: "2") { nombre monto } }',
    );

    expect(data).toEqual({ a: null, b: { nombre: 'Lugar 2', monto: null } });
    expect(errors.map(({ path }) => path)).toEqual([['a'], ['b', 'monto']]);
  });

  it('16: in the public schema every field that reads a source may be null', () => {
    const { schema, table } = new Executor(subgraphs).graph;
    const strict = Object.entries(table).flatMap(([typeName, fields]) => {
      const type = schema.getType(typeName);
      if (!isObjectType(type)) return [];
      return Object.entries(fields).flatMap(([name, { steps }]) => {
        const definition = type.getFields()[name];
        return steps !== undefined && definition !== undefined && isNonNullType(definition.type)
          ? [`${typeName}.${name}`]
          : [];
      });
    });

    // Gives the BPIN that is its key, with an aviso, where PIIP does not answer.
    expect(strict).toEqual(['ProyectoInversion.bpinOriginal']);
  });

  it('17: two root lists of different sources that need the same keys ask them once', async () => {
    await run('{ lugares { monto } otros { codigo monto } }');

    expect(callsOf(sources.montos)).toEqual([
      ['1', '2', '3'],
      ['1', '2', '3'],
    ]);
  });

  it('18: uneven timing splits no stage of the plan and asks no key twice in either execution', async () => {
    sources.listas.before = () => turns(7);
    sources.nombres.before = () => turns(3);
    const query = '{ lugares { nombre monto vecino { nombre } } otros { monto nombre } }';
    const document = await run(query);

    expect(document.errors).toEqual([]);
    const [planned, ...stitched] = callsOf(sources.montos);
    expect(planned).toEqual(['1', '2', '3']);
    expect(stitched.flat().sort()).toEqual(['1', '2', '3']);
    expect(sources.nombres.keysOf(Nombre).sort()).toEqual(['1', '1', '2', '2', '3', '3']);
  });
});
