/** Ordered lists: pages, the first rows under each key, and the walk over everything. */
import type { Filtro, Orden, Valor } from '../../../schema/registro.js';
import type {
  After,
  ByKey,
  Chunk,
  Key,
  ListOptions,
  Outcome,
  SourceContext,
  Top,
  Version,
} from '../../contract.js';
import { ExpiredCursorError } from '../../errors.js';
import type { Question } from './acopio.js';
import { groupByPlace, orFailed, type Ask, type Build } from './asker.js';
import { afterSql, filterSql, keysSql, orderSql, totalOrder, type Params } from './filter-sql.js';
import { originOf, versionOf } from './parts.js';
import { accesoOf } from './read.js';
import { columnsSql, createRowDecoder, quote, tableOf, type SqlRow } from './table.js';

const SCAN_ROWS = 5_000;

interface List {
  readonly question: Question;
  readonly filtro: Filtro | null;
  /** Made total by the clave. */
  readonly orden: readonly Orden[];
  readonly options: ListOptions;
}

/** The rows `r` and the number of all of them `n`, as lateral relations under one condition. */
function listSql(list: List, where: string, params: Params): { total: string; rows: string } {
  const { question, orden, options } = list;
  const { registro } = question;
  const from = `from ${quote(tableOf(registro).name)} as t where ${where}`;
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
    const { registro } = list.question;
    const where = `${live} and ${filterSql(registro, list.filtro, params)}`;
    const { total, rows } = listSql(list, where, params);
    return `select n.total as _total, ${columnsSql(tableOf(registro), 'r')} from ${total} left join lateral ${rows} on true
      order by ${orderSql(registro, list.orden, 'r')}`;
  };

export const buildTopPerKey =
  (list: List, claves: readonly string[], keys: readonly Key[]): Build =>
  (live, params) => {
    const { registro } = list.question;
    const k = keysSql(registro, claves, keys, params);
    const where = `${k.join} and ${live} and ${filterSql(registro, list.filtro, params)}`;
    const { total, rows } = listSql(list, where, params);
    return `select k.place as _lugar, n.total as _total, ${columnsSql(tableOf(registro), 'r')} from ${k.from}
      cross join lateral ${total} left join lateral ${rows} on true
      order by k.place, ${orderSql(registro, list.orden, 'r')}`;
  };

function toTop({ question, options }: List, answered: readonly SqlRow[]): Top {
  const rows = answered.filter((row) => row['_fila'] !== null);
  const total = answered[0]?.['_total'];
  return {
    rows: rows.slice(0, options.first).map(createRowDecoder(tableOf(question.registro))),
    hasNext: rows.length > options.first,
    ...(typeof total === 'number' && { total }),
  };
}

function refuseOldCursor({ question, options }: List, version: Version): void {
  if (options.after !== null && options.after.version !== version.token) {
    throw new ExpiredCursorError(question.sistema);
  }
}

type PageOfVersion = Top & { readonly version: Version };

async function askPage(ask: Ask, list: List, ctx: SourceContext): Promise<PageOfVersion> {
  const { rows, parts } = await ask(list.question, buildPage(list), ctx);
  const version = versionOf(parts);
  refuseOldCursor(list, version);
  return { ...toTop(list, rows), version };
}

export function pageOf(
  ask: Ask,
  question: Question,
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
  ctx: SourceContext,
): Promise<PageOfVersion> {
  const list = { question, filtro, orden: totalOrder(question.registro, orden), options };
  return askPage(ask, list, ctx);
}

/** A key under which nothing meets the filter is absent; one whose cursor stands at the end is an empty list. */
export async function topByKey(
  ask: Ask,
  question: Question,
  acceso: string,
  keys: readonly Key[],
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
  ctx: SourceContext,
): Promise<ByKey<Top>> {
  const { claves } = accesoOf(question, acceso);
  const list = { question, filtro, orden: totalOrder(question.registro, orden), options };
  return orFailed(keys, async () => {
    const { rows, parts } = await ask(question, buildTopPerKey(list, claves, keys), ctx);
    const origin = originOf(question, question.registro, parts);
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

function toAfter(question: Question, resume: string): After {
  let value: Partial<After> | null;
  try {
    value = JSON.parse(resume) as Partial<After> | null;
  } catch {
    value = null;
  }
  const { values, version } = value ?? {};
  if (!Array.isArray(values) || typeof version !== 'string') {
    throw new ExpiredCursorError(question.sistema);
  }
  return { values: values as After['values'], version };
}

/** Every row in the order of the clave. The token holds clave and version, so it outlives this process. */
export async function* scanAll(
  ask: Ask,
  question: Question,
  filtro: Filtro | null,
  resume: string | null,
  ctx: SourceContext,
): AsyncGenerator<Chunk> {
  const { clave } = question.registro;
  const orden = totalOrder(question.registro, []);
  let after = resume === null ? null : toAfter(question, resume);
  for (;;) {
    const options: ListOptions = { first: SCAN_ROWS, after, count: false };
    const { rows, hasNext, version } = await askPage(
      ask,
      { question, filtro, orden, options },
      ctx,
    );
    const last = hasNext ? rows.at(-1) : undefined;
    if (last === undefined) {
      yield { rows, version, resume: null };
      return;
    }
    after = { values: clave.map((name) => toPosition(last[name])), version: version.token };
    yield { rows, version, resume: JSON.stringify(after) };
  }
}
