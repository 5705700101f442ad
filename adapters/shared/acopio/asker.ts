/** One statement per question, answered by exactly the parts that were live in its own snapshot. */
import type { ByKey, Key, Outcome, SourceContext } from '../../contract.js';
import {
  AdapterError,
  SourceTimeoutError,
  SourceUnavailableError,
  toSourceError,
} from '../../errors.js';
import type { Question } from './acopio.js';
import { Params } from './filter-sql.js';
import { livePartsOf, type LivePart, type PartsMirror } from './parts.js';
import type { Prepare } from './prepare.js';
import type { SqlParam, SqlStore } from './store.js';
import { tableOf, type SqlRow } from './table.js';

/** More loads than these ending during one question: a store that never rests. */
const ATTEMPTS = 5;

/** Rows travel as JSON in blocks: on PGlite a fifth of the time of as many rows of the wire protocol. */
const ROWS_PER_BLOCK = 2_000;

export interface Statement {
  readonly text: string;
  readonly values: readonly SqlParam[];
}

/** Writes the statement; `live` is the condition on `t` that only rows of live parts meet. */
export type Build = (live: string, params: Params) => string;

export interface Answered {
  readonly rows: readonly SqlRow[];
  readonly parts: readonly LivePart[];
}

/** The counter of changes comes with every row, so that an answer proves which parts were live when it was made. */
export function toStatement(sistema: string, parts: readonly LivePart[], build: Build): Statement {
  const params = new Params();
  const counter = `select cambio from acopio_cambio where sistema = ${params.add(sistema, 'text')}`;
  const generations = params.add(
    parts.map((part) => part.generation),
    'integer[]',
  );
  const inner = build(`t._parte = any(${generations})`, params);
  return {
    text: `select m.cambio as _cambio, d.filas as _filas from (select (${counter}) as cambio) as m
      left join lateral (select b.n / ${ROWS_PER_BLOCK} as bloque, string_agg(b.j, ',' order by b.n) as filas
        from (select row_to_json(q)::text as j, row_number() over () as n from (${inner}) as q) as b
        group by 1) as d on true order by d.bloque`,
    values: params.values,
  };
}

interface Block {
  readonly _cambio: bigint | null;
  readonly _filas: string | null;
}

const toRows = (blocks: readonly Block[]): SqlRow[] =>
  blocks.flatMap(({ _filas }) =>
    _filas === null ? [] : (JSON.parse(`[${_filas}]`) as readonly SqlRow[]),
  );

export type Ask = (question: Question, build: Build, ctx: SourceContext) => Promise<Answered>;

export function createAsk(store: SqlStore, mirror: PartsMirror, prepare: Prepare): Ask {
  const run = async (sistema: string, { text, values }: Statement, signal: AbortSignal) => {
    try {
      return await store.query<Block>(text, values, signal);
    } catch (cause) {
      if (signal.aborted) throw new SourceTimeoutError(sistema, { cause });
      throw cause;
    }
  };
  return async (question, build, ctx) => {
    const { sistema } = question;
    await prepare(tableOf(question.registro));
    let snapshot = await mirror.get(sistema);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const parts = livePartsOf(question, snapshot);
      const seen = snapshot.cambio;
      if (!(parts instanceof AdapterError)) {
        const blocks = await run(sistema, toStatement(sistema, parts, build), ctx.signal);
        if (blocks[0]?._cambio === seen) {
          return { rows: toRows(blocks), parts };
        }
      }
      // Another process may have loaded, or forgotten, a part since.
      snapshot = await mirror.refresh(sistema);
      if (parts instanceof AdapterError && snapshot.cambio === seen) throw parts;
    }
    throw new SourceUnavailableError(sistema);
  };
}

/** A source that cannot answer fails for each key, and for nothing else. */
export async function orFailed<T>(
  keys: readonly Key[],
  work: () => Promise<ByKey<T>>,
): Promise<ByKey<T>> {
  if (keys.length === 0) return new Map();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const failed: Outcome<T> = { at: 'failed', error: toSourceError(error) };
    return new Map(keys.map((key) => [key, failed]));
  }
}

/** Rows by the place of their key. */
export function groupByPlace(rows: readonly SqlRow[]): ReadonlyMap<number, SqlRow[]> {
  const groups = new Map<number, SqlRow[]>();
  for (const row of rows) {
    const place = Number(row['_lugar']);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [row]);
    else group.push(row);
  }
  return groups;
}
