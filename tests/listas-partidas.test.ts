import { describe, expect, it } from '@jest/globals';
import type { Adapter, Origin, Outcome, Row, Top } from '../adapters/contract.js';
import { AdapterError, toSourceError } from '../adapters/errors.js';
import { topOf } from '../adapters/shared/emulation.js';
import { Executor } from '../gateway/graph.js';
import type { Answer } from '../gateway/graph.js';
import type { Ruteo } from '../gateway/route/ruteo.js';
import { createRuteo } from '../gateway/route/ruteo.js';
import type { Tramo } from '../gateway/route/tramo.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { createAskSources } from '../gateway/rows/sources.js';
import { Contrato } from '../schema/registros/secop.js';
import { subgraphs } from '../subgraphs/index.js';
import { testContext } from './graph-context.js';
import { answerBoth, comparable } from './same-answer.js';
import { toSourceContext } from '../gateway/rows/testing.js';

/** Contracts of thirty entities, half of which have moved: one list, two systems, as readers page through it. */
const ENTIDADES = 30;
const CONTRATOS: readonly Row[] = Array.from({ length: 90 }, (_, n) => ({
  id: `CO1.PCCNTR.${String(n).padStart(4, '0')}`,
  nitEntidad: `8909801${String(n % ENTIDADES).padStart(2, '0')}`,
  // Many share one day, and some have none: order rests on the id too.
  fechaFirma: n % 9 === 0 ? null : `2026-03-${String(1 + (n % 7)).padStart(2, '0')}`,
  valor: String((n % 11) * 1_000),
  esPersonaNatural: false,
}));

const tramoOf = (mas: Partial<Tramo> = {}): Tramo => ({
  id: 'contratos',
  registro: Contrato.nombre,
  cohorte: {},
  viejo: 'secop',
  nuevo: 'unico',
  fase: 'canary',
  canaryPpm: 500_000,
  canaryCohorte: null,
  salt: 'sal',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 4,
  ...mas,
});

/** A system that holds some of the contracts and says of its lists which version they are of. */
class Lado implements Pick<Adapter, 'id' | 'capabilities' | 'page'> {
  readonly id: string;
  readonly rows: readonly Row[];
  edition = 1;

  constructor(id: string, rows: readonly Row[]) {
    this.id = id;
    this.rows = rows;
  }

  capabilities(): ReturnType<Adapter['capabilities']> {
    return { maxKeys: 100 } as ReturnType<Adapter['capabilities']>;
  }

  page(...[registro, filtro, orden, options]: Parameters<Adapter['page']>): Promise<Outcome<Top>> {
    const version = { token: `${this.id} ${this.edition}`, checkedAt: '2026-11-23T10:00:00.000Z' };
    const origin: Origin = {
      sistema: 'secop',
      registro: registro.nombre,
      modo: 'FILAS',
      version,
      servidoPor: this.id,
    };
    try {
      const source = { sistema: 'secop', version };
      const rows = [topOf(registro, this.rows, filtro, orden, options, source)];
      return Promise.resolve({ at: 'found', rows, origin });
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      return Promise.resolve({ at: 'failed', error: toSourceError(error) });
    }
  }
}

const BASE = new Map([[Contrato.nombre, 'secop']]);
const executor = new Executor(subgraphs);

interface World {
  ruteo: Ruteo;
  readonly viejo: Lado;
  readonly nuevo: Lado;
  ask(query: string): Promise<Answer>;
}

function openWorld(): World {
  const ruteo = createRuteo(9, [tramoOf()], BASE);
  const own = CONTRATOS.filter((row) => ruteo.ownerOfRow(Contrato, row) === 'unico');
  // The old side still holds all; the new one only what it was given.
  const world: World = {
    ruteo,
    viejo: new Lado('secop', CONTRATOS),
    nuevo: new Lado('unico', own),
    ask: async (query) => {
      const { planned, stitched } = await answerBoth(executor, () => testContext(fetch), query);
      expect(comparable(stitched)).toBe(comparable(planned));
      return planned;
    },
  };
  const ask = createAskSources(
    new Map([world.viejo, world.nuevo].map((lado) => [lado.id, lado as unknown as Adapter])),
    () => world.ruteo,
    (error) => {
      throw error;
    },
  );
  const fetch: FetchBucket = (bucket, keys, operation) =>
    ask(bucket, keys, toSourceContext(operation), world.ruteo);
  return world;
}

interface Connection {
  readonly totalCount: number | null;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly edges: readonly { readonly node: { readonly id: string } }[];
}

const pageQuery = (orden: string, first: number, after: string | null): string =>
  `{ contratos(orden: ${orden}, first: ${first}${after === null ? '' : `, after: "${after}"`}) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`;

const connectionIn = ({ data }: Answer): Connection =>
  (data as { contratos: Connection }).contratos;

const newest = (a: Row, b: Row): number => {
  const [x, y] = [a['fechaFirma'], b['fechaFirma']];
  if (x !== y) return x === null ? 1 : y === null ? -1 : String(x) < String(y) ? 1 : -1;
  return String(a['id']) < String(b['id']) ? -1 : 1;
};
const dearest = (a: Row, b: Row): number =>
  Number(b['valor']) - Number(a['valor']) || (String(a['id']) < String(b['id']) ? -1 : 1);

describe('a list of which half has moved', () => {
  it('is really shared by both systems', () => {
    const { viejo, nuevo } = openWorld();

    expect(nuevo.rows.length).toBeGreaterThan(20);
    expect(viejo.rows.length - nuevo.rows.length).toBeGreaterThan(20);
  });

  it.each([
    ['FECHA_FIRMA_DESC', newest],
    ['VALOR_DESC', dearest],
  ] as const)('I18: is walked whole, once and in order by %s', async (orden, compare) => {
    const world = openWorld();
    const ids: string[] = [];
    let after: string | null = null;

    for (let page = 1; ; page++) {
      const { pageInfo, edges } = connectionIn(await world.ask(pageQuery(orden, 7, after)));
      ids.push(...edges.map(({ node }) => node.id));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage || page > 20) break;
    }

    expect(ids).toEqual([...CONTRATOS].sort(compare).map(({ id }) => id));
  });

  it('has a total where it came whole, and else none with the reason', async () => {
    const world = openWorld();

    const cut = await world.ask(pageQuery('VALOR_DESC', 7, null));
    const whole = await world.ask(pageQuery('VALOR_DESC', 100, null));

    expect(connectionIn(cut).totalCount).toBeNull();
    expect(cut.avisos).toMatchObject([
      { codigo: 'TOTAL_NO_DISPONIBLE', mensaje: expect.stringContaining('dos sistemas') },
    ]);
    expect(connectionIn(whole).totalCount).toBe(CONTRATOS.length);
    expect(whole.avisos).toEqual([]);
  });

  it.each([
    [
      'the share of the canary grew',
      (world: World) => {
        world.ruteo = createRuteo(10, [tramoOf({ canaryPpm: 600_000, epoca: 5 })], BASE);
      },
    ],
    [
      'it moved whole',
      (world: World) => {
        world.ruteo = createRuteo(10, [tramoOf({ fase: 'primary', epoca: 5 })], BASE);
      },
    ],
    [
      'it stepped back',
      (world: World) => {
        world.ruteo = createRuteo(10, [tramoOf({ fase: 'shadow', epoca: 5 })], BASE);
      },
    ],
    [
      'the old side published',
      (world: World) => {
        world.viejo.edition = 2;
      },
    ],
    [
      'the new side was loaded',
      (world: World) => {
        world.nuevo.edition = 2;
      },
    ],
  ])('says CURSOR_VENCIDO once %s', async (_what, change) => {
    const world = openWorld();
    const { pageInfo } = connectionIn(await world.ask(pageQuery('VALOR_DESC', 7, null)));

    change(world);
    const { errors } = await world.ask(pageQuery('VALOR_DESC', 7, pageInfo.endCursor));

    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_VENCIDO' } }]);
  });

  it('keeps its cursors while another registro moves', async () => {
    const world = openWorld();
    const { pageInfo } = connectionIn(await world.ask(pageQuery('VALOR_DESC', 7, null)));
    const other = tramoOf({ id: 'otro', registro: 'OtroRegistro', epoca: 3 });

    world.ruteo = createRuteo(12, [tramoOf(), other], BASE);
    const { errors } = await world.ask(pageQuery('VALOR_DESC', 7, pageInfo.endCursor));

    expect(errors).toEqual([]);
  });
});
