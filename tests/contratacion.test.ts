import { describe, expect, it } from '@jest/globals';
import type { Outcome, Row, Top } from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../adapters/errors.js';
import { topOf } from '../adapters/shared/emulation.js';
import { Executor } from '../gateway/graph.js';
import { createIdentidad } from '../gateway/identidad/identidad.js';
import type { Alcance } from '../gateway/rows/context.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import { keyOfFila } from '../schema/key.js';
import { Contrato, ContratoProyecto } from '../schema/registros/secop.js';
import { subgraphs } from '../subgraphs/index.js';
import type { Bucket } from '../subgraphs/subgraph.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';

const NIT_BETANIA = '890980112';
const NIT_ANTIOQUIA = '890900286';
const VERSION = { token: 'v1', checkedAt: '2026-11-23T10:00:00.000Z' };

const contrato = (n: number, mas: Row = {}): Row => ({
  id: `CO1.PCCNTR.${n}`,
  referencia: `CPS-${n}`,
  objeto: null,
  estado: 'En ejecución',
  modalidad: 'Contratación directa',
  fechaFirma: `2026-03-${String(n).padStart(2, '0')}`,
  valor: String(n * 1_000_000),
  nitEntidad: NIT_BETANIA,
  nombreEntidad: 'ALCALDÍA DE PRUEBA',
  proveedorNombre: `EMPRESA FICTICIA ${n} SAS`,
  proveedorDocumento: `90100000${n}`,
  esPersonaNatural: false,
  ...mas,
});

const persona = { proveedorNombre: 'PERSONA FICTICIA', proveedorDocumento: '1000000001' };
const CONTRATOS: readonly Row[] = [
  contrato(1, { ...persona, esPersonaNatural: true }),
  contrato(2, { ...persona, esPersonaNatural: null }),
  contrato(3, { fechaFirma: null, estado: 'Borrador', valor: '0' }),
  contrato(4, { fechaFirma: '2887-05-01' }),
  contrato(5, { nitEntidad: NIT_ANTIOQUIA }),
  contrato(6, { nitEntidad: '800000001' }),
];

const link = (bpin: string, n: number, validado: boolean | null = true): Row => ({
  bpin,
  idContrato: `CO1.PCCNTR.${n}`,
  validado,
});
const BPIN = '2024050910001';
const VINCULOS: readonly Row[] = [
  link(BPIN, 4),
  link(BPIN, 1),
  link(BPIN, 9, null),
  link(BPIN, 2, false),
  link('2023050910002', 1),
];

const dataOf = ({ registro }: Bucket): readonly Row[] =>
  registro.nombre === Contrato.nombre ? CONTRATOS : VINCULOS;

function answerOf(bucket: Bucket, key: string): Outcome<Row | Top> {
  const { registro } = bucket;
  const origin = {
    sistema: 'secop',
    registro: registro.nombre,
    modo: 'FILAS' as const,
    version: VERSION,
    servidoPor: 'secop',
  };
  if (bucket.op === 'measure') throw new Error('no medida in this domain');
  const claves = bucket.op === 'page' ? [] : (registro.accesos[bucket.acceso]?.claves ?? []);
  const rows = dataOf(bucket).filter(
    (row) => bucket.op === 'page' || keyOfFila(row, claves) === key,
  );
  if (rows.length === 0) return { at: 'absent', origin };
  if (bucket.op === 'read') return { at: 'found', rows, origin };
  const { filtro, orden, options } = bucket.list;
  const source = { sistema: 'secop', version: VERSION };
  return { at: 'found', rows: [topOf(registro, rows, filtro, orden, options, source)], origin };
}

/** Secop in memory, dead for the registros named; it writes down what it was asked. */
const sourceOf =
  (asked: string[], dead: readonly string[] = []): FetchBucket =>
  (bucket, keys) => {
    asked.push(`${bucket.op} ${bucket.registro.nombre} ${keys.length}`);
    if (bucket.registro.sistema !== 'secop') {
      const error = toSourceError(new SourceUnavailableError(bucket.registro.sistema));
      return Promise.resolve(new Map(keys.map((key) => [key, { at: 'failed', error }])));
    }
    const error = toSourceError(new SourceUnavailableError('secop'));
    return Promise.resolve(
      new Map(
        keys.map((key): [string, Outcome<Row | Top>] => [
          key,
          dead.includes(bucket.registro.nombre) ? { at: 'failed', error } : answerOf(bucket, key),
        ]),
      ),
    );
  };

const territorio = loadTerritorio();
const identidad = createIdentidad(territorio, [
  {
    sistema: 'chip',
    corte: '2026-11-01T00:00:00.000Z',
    rows: [
      {
        codigoChip: territorio.municipio('05091')?.chip ?? '',
        nit: NIT_BETANIA,
        nombre: 'Betania',
      },
      {
        codigoChip: territorio.departamento('05')?.chip ?? '',
        nit: NIT_ANTIOQUIA,
        nombre: 'Antioquia',
      },
    ],
  },
]);
const executor = new Executor(subgraphs);

async function answer(
  query: string,
  { dead = [], alcance }: { dead?: readonly string[]; alcance?: Alcance } = {},
) {
  const asked: string[][] = [];
  const newContext = () => {
    const own: string[] = [];
    asked.push(own);
    return testContext(sourceOf(own, dead), {
      identidad,
      ...(alcance === undefined ? {} : { alcance }),
    });
  };
  const { planned, stitched } = await answerBoth(executor, newContext, query);
  expect(comparable(planned)).toBe(comparable(stitched));
  return { ...planned, asked: asked[0] ?? [] };
}

const CAMPOS =
  'id referencia objeto estado modalidad fechaFirma valor proveedor { nombre documento esPersonaNatural }';

describe('contracts', () => {
  it('of a municipio are those of its alcaldía, newest first, unsigned last, in one question', async () => {
    const { data, errors, avisos, asked } = await answer(
      `{ municipio(codigo: "05091") { contratos(first: 3) { totalCount pageInfo { hasNextPage } edges { node { ${CAMPOS} } } } } }`,
    );

    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      municipio: {
        contratos: {
          totalCount: 4,
          pageInfo: { hasNextPage: true },
          edges: ['4', '2', '1'].map((n) => ({ node: { id: `CO1.PCCNTR.${n}` } })),
        },
      },
    });
    expect(avisos.map(({ codigo }) => codigo)).toEqual(['FECHA_DUDOSA']);
    expect(asked).toEqual(['top Contrato 1']);
  });

  it('go on after a cursor and are filtered and ordered as asked', async () => {
    const list = (args: string): string =>
      `{ municipio(codigo: "05091") { contratos(orden: VALOR_DESC, ${args}) { edges { cursor node { id valor } } pageInfo { endCursor hasNextPage } } } }`;
    const first = await answer(list('first: 2'));
    const cursor = /"endCursor":"([^"]+)"/.exec(JSON.stringify(first.data))?.[1] ?? '';

    const rest = await answer(list(`first: 9, after: "${cursor}"`));
    const some = await answer(
      list(
        'first: 9, filtro: { desde: "2026-01-01", hasta: "2026-12-31", valorMinimo: "2000000" }',
      ),
    );

    const idsOf = (data: unknown): string[] =>
      [...JSON.stringify(data).matchAll(/PCCNTR\.(\d)/g)].map(([, n = '']) => n);
    expect(idsOf(first.data)).toEqual(['4', '2']);
    expect(idsOf(rest.data)).toEqual(['1', '3']);
    expect(idsOf(some.data)).toEqual(['2']);
  });

  it('hide name and document of a natural person, and of who may be one, but not from control', async () => {
    const query = `{ contratos(first: 9) { edges { node { id proveedor { nombre documento esPersonaNatural } } } } }`;

    const publico = JSON.stringify((await answer(query)).data);
    const control = JSON.stringify((await answer(query, { alcance: 'control' })).data);

    expect(publico).not.toMatch(/PERSONA FICTICIA|1000000001/);
    expect(publico).toContain('EMPRESA FICTICIA 4 SAS');
    expect(control.match(/PERSONA FICTICIA/g)).toHaveLength(2);
  });

  it.each([
    [
      'by id',
      `{ contrato(id: "CO1.PCCNTR.1") { ${CAMPOS} entidad { id nit } proyectos { bpin } } }`,
    ],
    ['unknown by id', '{ contrato(id: "CO1.PCCNTR.77") { id valor } }'],
    ['by a malformed id', '{ contrato(id: "77") { id } }'],
    [
      'of a departamento',
      '{ departamento(codigo: "05") { contratos { edges { node { id entidad { id } } } } } }',
    ],
    [
      'of bodies',
      '{ municipio(codigo: "05091") { alcaldia { contratos(first: 1) { totalCount } } } }',
    ],
    [
      'where there is no entity or no NIT',
      '{ a: municipio(codigo: "94885") { contratos { totalCount } } b: municipio(codigo: "05001") { contratos { totalCount } } }',
    ],
    [
      'under a list',
      '{ departamento(codigo: "05") { municipios(first: 20) { edges { node { codigo contratos(first: 1) { edges { cursor node { id fechaFirma } } } } } } } }',
    ],
    [
      'with bad arguments',
      '{ municipio(codigo: "05091") { a: contratos(first: 5000) { totalCount } b: contratos(after: "x") { totalCount } c: contratos(filtro: { desde: "2026-02-30" }) { totalCount } } }',
    ],
    ['of nobody known', '{ contratos(first: 9) { edges { node { id entidad { id } } } } }'],
    [
      'to projects and back',
      `{ contrato(id: "CO1.PCCNTR.1") { proyectos { bpin contratos { totalCount edges { node { ${CAMPOS} } } } } } }`,
    ],
  ])('answer alike on both executions: %s', async (_title, query) => {
    expect((await answer(query)).data).toBeDefined();
  });

  it('by id say which projects they serve, and give a reason where the id is unknown', async () => {
    const known = await answer('{ contrato(id: "CO1.PCCNTR.1") { proyectos { bpin } } }');
    const unknown = await answer('{ contrato(id: "CO1.PCCNTR.77") { id } }');
    const malformed = await answer('{ contrato(id: "77") { id } }');

    expect(known.data).toEqual({
      contrato: { proyectos: [{ bpin: '2023050910002' }, { bpin: BPIN }] },
    });
    expect(unknown).toMatchObject({
      data: { contrato: null },
      errors: [],
      avisos: [{ codigo: 'CONTRATO_DESCONOCIDO' }],
    });
    expect(malformed.errors).toMatchObject([{ extensions: { code: 'CONTRATO_INVALIDO' } }]);
    expect(malformed.asked).toEqual([]);
  });

  it('of a project are its validated links, each once, read by id in one more question', async () => {
    const { data, asked } = await answer(
      `{ contrato(id: "CO1.PCCNTR.4") { proyectos { contratos(first: 2) { totalCount pageInfo { hasNextPage } edges { node { id valor } } } } } }`,
    );

    expect(data).toEqual({
      contrato: {
        proyectos: [
          {
            contratos: {
              totalCount: 3,
              pageInfo: { hasNextPage: true },
              edges: [
                { node: { id: 'CO1.PCCNTR.1', valor: '1000000' } },
                { node: { id: 'CO1.PCCNTR.4', valor: '4000000' } },
              ],
            },
          },
        ],
      },
    });
    expect(asked).toEqual([
      'read Contrato 1',
      'read ContratoProyecto 1',
      'read ContratoProyecto 1',
      'read Contrato 1',
    ]);
  });

  it('cost their own fields only when the source is dead', async () => {
    const query =
      '{ municipio(codigo: "05091") { nombre contratos { totalCount } } departamento(codigo: "05") { nombre contratos { totalCount } } }';

    const { data, errors } = await answer(query, { dead: ['Contrato'] });

    expect(data).toMatchObject({
      municipio: { nombre: expect.any(String), contratos: null },
      departamento: { nombre: expect.any(String), contratos: null },
    });
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) {
      expect(extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', sistema: 'secop' });
    }
  });

  it('keep their own data when only the links to projects are dead', async () => {
    const { data, errors } = await answer(
      '{ contrato(id: "CO1.PCCNTR.4") { valor proyectos { bpin } } }',
      { dead: [ContratoProyecto.nombre] },
    );

    expect(data).toEqual({ contrato: { valor: '4000000', proyectos: null } });
    expect(errors).toHaveLength(1);
  });
});
