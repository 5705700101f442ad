/** Ordered lists: pages, the first rows under each key, and the walk over everything. */
import type { Filtro, Orden, Valor } from '../../../schema/registro.js';
import type {
  After,
  ByKey,
  Chunk,
  Key,
  ListOptions,
  Origin,
  Outcome,
  SourceContext,
  Top,
  Version,
} from '../../contract.js';
import { ExpiredCursorError } from '../../errors.js';
import { accesoOf, groupByPlace, orFailed, type Asker, type Build } from './answer.js';
import { columnsOf, createRowDecoder, suelto, type Relation, type SqlRow } from './columns.js';
import { afterSql, filterSql, keysSql, orderSql, totalOrder, type Params } from './filter-sql.js';

const SCAN_ROWS = 5_000;

interface List {
  readonly relation: Relation;
  readonly filtro: Filtro | null;
  /** Made total by the clave. */
  readonly orden: readonly Orden[];
  readonly options: ListOptions;
}

/** The rows `r` and the number of all of them `n`, as lateral relations under one condition. */
function listSql(list: List, where: string, params: Params): { total: string; rows: string } {
  const { relation, orden, options } = list;
  const { registro } = relation;
  const from = `from ${relation.from} as t where ${where}`;
  const total = options.count ? `(select count(*) ${from})` : 'null::bigint';
  const position =
    options.after === null ? '' : ` and ${afterSql(registro, orden, options.after.values, params)}`;
  const limit = params.add(options.first + 1, 'integer');
  return {
    total: `(select ${total} as total) as n`,
    rows: `(select t.* ${from}${position} order by ${orderSql(registro, orden)} limit ${limit}) as r`,
  };
}

export const buildPage =
  (list: List): Build =>
  (live, params) => {
    const { registro } = list.relation;
    const where = `${live} and ${filterSql(registro, list.filtro, params)}`;
    const { total, rows } = listSql(list, where, params);
    return {
      columns: [suelto('_total', 'n.total'), ...columnsOf(list.relation, 'r')],
      from: `from ${total} left join lateral ${rows} on true order by ${orderSql(registro, list.orden, 'r')}`,
    };
  };

export const buildTopPerKey =
  (list: List, claves: readonly string[], keys: readonly Key[]): Build =>
  (live, params) => {
    const { registro } = list.relation;
    const k = keysSql(registro, claves, keys, params);
    const where = `${k.join} and ${live} and ${filterSql(registro, list.filtro, params)}`;
    const { total, rows } = listSql(list, where, params);
    const own = [suelto('_lugar', 'k.place'), suelto('_total', 'n.total')];
    return {
      columns: [...own, ...columnsOf(list.relation, 'r')],
      from: `from ${k.from} cross join lateral ${total} left join lateral ${rows} on true
        order by k.place, ${orderSql(registro, list.orden, 'r')}`,
    };
  };

function toTop({ relation, options }: List, answered: readonly SqlRow[]): Top {
  const rows = answered.filter((row) => row['_fila'] !== null);
  const total = answered[0]?.['_total'];
  return {
    rows: rows.slice(0, options.first).map(createRowDecoder(relation.registro)),
    hasNext: rows.length > options.first,
    ...(typeof total === 'number' && { total }),
  };
}

function refuseOldCursor({ relation, options }: List, version: Version): void {
  if (options.after !== null && options.after.version !== version.token) {
    throw new ExpiredCursorError(relation.registro.sistema);
  }
}

type PageOfOrigin = Top & { readonly origin: Origin };

async function askPage(asker: Asker, list: List, ctx: SourceContext): Promise<PageOfOrigin> {
  const { rows, origin } = await asker.ask(buildPage(list), ctx);
  refuseOldCursor(list, origin.version);
  return { ...toTop(list, rows), origin };
}

export function pageOf(
  asker: Asker,
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
  ctx: SourceContext,
): Promise<PageOfOrigin> {
  const { relation } = asker;
  const list = { relation, filtro, orden: totalOrder(relation.registro, orden), options };
  return askPage(asker, list, ctx);
}

/** A key under which nothing meets the filter is absent; one whose cursor stands at the end is an empty list. */
export async function topByKey(
  asker: Asker,
  acceso: string,
  keys: readonly Key[],
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
  ctx: SourceContext,
): Promise<ByKey<Top>> {
  const { claves } = accesoOf(asker.relation.registro, acceso);
  const { relation } = asker;
  const list = { relation, filtro, orden: totalOrder(relation.registro, orden), options };
  return orFailed(keys, async () => {
    const { rows, origin } = await asker.ask(buildTopPerKey(list, claves, keys), ctx);
    refuseOldCursor(list, origin.version);
    const groups = groupByPlace(rows);
    return new Map(
      keys.map((key, place): [Key, Outcome<Top>] => {
        const top = toTop(list, groups.get(place) ?? []);
        const some =
          top.rows.length > 0 || top.hasNext || (top.total ?? 0) > 0 || options.after !== null;
        return [key, some ? { at: 'found', rows: [top], origin } : { at: 'absent', origin }];
      }),
    );
  });
}

const toPosition = (value: Valor | undefined): string | number | null =>
  typeof value === 'boolean' ? String(value) : (value ?? null);

function toAfter(sistema: string, resume: string): After {
  let value: Partial<After> | null;
  try {
    value = JSON.parse(resume) as Partial<After> | null;
  } catch {
    value = null;
  }
  const { values, version } = value ?? {};
  if (!Array.isArray(values) || typeof version !== 'string') {
    throw new ExpiredCursorError(sistema);
  }
  return { values: values as After['values'], version };
}

/** Every row in the order of the clave. The token holds clave and version, so it outlives this process. */
export async function* scanAll(
  asker: Asker,
  filtro: Filtro | null,
  resume: string | null,
  ctx: SourceContext,
): AsyncGenerator<Chunk> {
  const { relation } = asker;
  const { clave, sistema } = relation.registro;
  const orden = totalOrder(relation.registro, []);
  let after = resume === null ? null : toAfter(sistema, resume);
  for (;;) {
    const options: ListOptions = { first: SCAN_ROWS, after, count: false };
    const { rows, hasNext, origin } = await askPage(
      asker,
      { relation, filtro, orden, options },
      ctx,
    );
    const { version } = origin;
    const last = hasNext ? rows.at(-1) : undefined;
    if (last === undefined) {
      yield { rows, version, resume: null };
      return;
    }
    after = { values: clave.map((name) => toPosition(last[name])), version: version.token };
    yield { rows, version, resume: JSON.stringify(after) };
  }
}
