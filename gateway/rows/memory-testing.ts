import fc from 'fast-check';
import type {
  Adapter,
  After,
  ByKey,
  Group,
  Key,
  ListOptions,
  Outcome,
  Row,
  Top,
} from '../../adapters/contract.js';
import { ExpiredCursorError, toSourceError } from '../../adapters/errors.js';
import { keyOfFila } from '../../schema/key.js';
import type { Orden } from '../../schema/registro.js';
import { addDecimal, compareDecimal } from '../../schema/values/decimal.js';
import { PAGE_KEY } from '../../subgraphs/subgraph.js';
import type { AnyOutcome } from './outcome.js';
import { createAskSources } from './sources.js';
import { absent, Cifra, found, operationOf, originOf, toSourceContext } from './testing.js';

export const ctx = toSourceContext(operationOf());

/** Nulls last in both senses, then by id: the order that adapters keep. */
export function ordered(rows: readonly Row[], orden: readonly Orden[]): Row[] {
  return [...rows].sort((a, b) => {
    for (const { campo, sentido } of orden) {
      const [x, y] = [a[campo] ?? null, b[campo] ?? null];
      if (x === y) continue;
      if (x === null) return 1;
      if (y === null) return -1;
      const order = campo === 'valor' ? compareDecimal(String(x), String(y)) : x < y ? -1 : 1;
      if (order !== 0) return sentido === 'asc' ? order : -order;
    }
    return 0;
  });
}

const comesAfter = (row: Row, place: Row, orden: readonly Orden[]): boolean =>
  row['id'] !== place['id'] && ordered([row, place], orden)[0] === place;

/** A system in memory that orders, cuts and counts, and goes on from a cursor of its own version only. */
export class MemoryAdapter implements Pick<
  Adapter,
  'id' | 'capabilities' | 'read' | 'measure' | 'topPerKey' | 'page'
> {
  readonly id: string;
  readonly asked: Key[][] = [];
  edition = 1;
  readonly #rows: readonly Row[];

  constructor(id: string, rows: readonly Row[]) {
    this.id = id;
    this.#rows = rows;
  }

  capabilities(): ReturnType<Adapter['capabilities']> {
    const all = { read: 'native', page: 'native', measure: 'native', topPerKey: 'native' } as const;
    return { ...all, scan: 'native', accesos: ['porEntidad', 'porContrato'], maxKeys: 5 };
  }

  read(...[, acceso, keys]: Parameters<Adapter['read']>): Promise<ByKey<Row>> {
    return this.#each(keys, (key) => {
      const rows = this.#of(acceso, key);
      return rows.length === 0 ? absent(this.id) : found(rows, this.id);
    }) as Promise<ByKey<Row>>;
  }

  measure(...[, , keys]: Parameters<Adapter['measure']>): Promise<ByKey<Group>> {
    return this.#each(keys, (key) => {
      const rows = this.#of('porEntidad', key);
      const valor = rows.reduce((sum, row) => addDecimal(sum, String(row['valor'] ?? '0')), '0');
      const group: Group = { dims: {}, sums: { valor }, count: rows.length };
      return { at: 'found', rows: [group], origin: originOf(this.id) };
    }) as Promise<ByKey<Group>>;
  }

  topPerKey(
    ...[, acceso, keys, , orden, options]: Parameters<Adapter['topPerKey']>
  ): Promise<ByKey<Top>> {
    return this.#each(keys, (key) => this.#top(this.#of(acceso, key), orden, options)) as Promise<
      ByKey<Top>
    >;
  }

  page(...[, , orden, options]: Parameters<Adapter['page']>): Promise<Outcome<Top>> {
    this.asked.push([PAGE_KEY]);
    return Promise.resolve(this.#top(this.#rows, orden, options) as Outcome<Top>);
  }

  #top(
    rows: readonly Row[],
    orden: readonly Orden[],
    { first, after, count }: ListOptions,
  ): AnyOutcome {
    const token = `${this.id} ${this.edition}`;
    if (after !== null && after.version !== token)
      return { at: 'failed', error: toSourceError(new ExpiredCursorError(this.id)) };
    const total: readonly Orden[] = [...orden, { campo: 'id', sentido: 'asc' }];
    const sorted = ordered(rows, total);
    const place = Object.fromEntries(
      (after?.values ?? []).map((value, i) => [total[i]?.campo, value]),
    ) as Row;
    const rest = after === null ? sorted : sorted.filter((r) => comesAfter(r, place, total));
    const top: Top = {
      rows: rest.slice(0, first),
      hasNext: rest.length > first,
      ...(count ? { total: sorted.length } : {}),
    };
    const origin = originOf(this.id);
    return {
      at: 'found',
      rows: [top],
      origin: { ...origin, version: { ...origin.version, token } },
    };
  }

  #of(acceso: string, key: Key): Row[] {
    const { claves } = Cifra.accesos[acceso] ?? { claves: [] };
    return this.#rows.filter((row) => keyOfFila(row, claves) === key);
  }

  #each(keys: readonly Key[], answer: (key: Key) => AnyOutcome): Promise<Map<Key, AnyOutcome>> {
    this.asked.push([...keys]);
    return Promise.resolve(new Map(keys.map((key) => [key, answer(key)])));
  }
}

/** Entities of a set have moved to `nuevo`; only the entity is of the ruta. */
export const half = (moved: ReadonlySet<string>) => ({
  ownersOf: () => ['viejo', 'nuevo'],
  ownerOfRow: (_registro: unknown, row: Row) =>
    moved.has(String(row['entidad'])) ? 'nuevo' : 'viejo',
  ownersOfKey: (_registro: unknown, claves: readonly string[], key: Key) => {
    if (!claves.includes('entidad')) return ['viejo', 'nuevo'];
    return [moved.has(key) ? 'nuevo' : 'viejo'];
  },
});

/** Asking over some systems, and the errors that nobody expected. */
export function sourcesOf(adapters: readonly Partial<Adapter>[], owners = half(new Set())) {
  const unexpected: unknown[] = [];
  const ask = createAskSources(
    new Map(adapters.map((adapter) => [adapter.id ?? '', adapter as Adapter])),
    () => owners,
    (error) => unexpected.push(error),
  );
  return { ask, unexpected };
}

export const row = (id: string, entidad: string, mas: Row = {}): Row => ({ id, entidad, ...mas });
export const listOf = (orden: readonly Orden[], first: number, after: After | null = null) => ({
  filtro: null,
  orden,
  options: { first, after, count: true },
});

/** Both sides hold everything, as after a backfill; only ownership tells whose rows count. */
export const ROWS = [
  row('a', '05', { contrato: 'C', valor: '9' }),
  row('b', '1', { contrato: 'C', valor: '10' }),
  row('c', '1', { contrato: 'C' }),
  row('d', '05', { contrato: 'C', valor: '-2' }),
];
export const bothSides = (): [viejo: MemoryAdapter, nuevo: MemoryAdapter] => [
  new MemoryAdapter('viejo', ROWS),
  new MemoryAdapter('nuevo', ROWS),
];
/** Entity 1 has moved. */
export const SPLIT = half(new Set(['1']));
/** One side owns all. */
export const UNSPLIT: typeof SPLIT = {
  ...half(new Set()),
  ownersOf: () => ['viejo'],
  ownersOfKey: () => ['viejo'],
};

export const anyEntidad = fc.constantFrom('05', '1', '2', '3');
/** The fewer the amounts, the more rows tie. */
export const anyRow = (most: number) =>
  fc.record({
    entidad: anyEntidad,
    contrato: fc.constantFrom('C', 'D'),
    valor: fc.option(fc.integer({ min: -most, max: most }).map(String)),
  });
