/** One statement per question, answered by exactly the parts that were live in its own snapshot. */
import type { Origin, SourceContext } from '../../contract.js';
import { AdapterError, SourceTimeoutError, SourceUnavailableError } from '../../errors.js';
import {
  blocksSql,
  toRows,
  type Answered,
  type Asker,
  type Block,
  type Build,
  type Select,
} from '../sql/answer.js';
import type { SqlRow } from '../sql/columns.js';
import { Params } from '../sql/filter-sql.js';
import type { SqlParam, SqlStore } from '../sql/store.js';
import type { Question } from './acopio.js';
import { livePartsOf, originOf, type LivePart, type PartsMirror } from './parts.js';
import type { Prepare } from './prepare.js';
import { relationOf, tableOf } from './table.js';

/** More loads than these ending during one question: a store that never rests. */
const ATTEMPTS = 5;

export interface Statement {
  readonly select: Select;
  readonly text: string;
  readonly values: readonly SqlParam[];
}

/** The counter of changes comes with every row, so that an answer proves which parts were live when it was made. */
export function toStatement(sistema: string, parts: readonly LivePart[], build: Build): Statement {
  const params = new Params();
  const counter = `select cambio from acopio_cambio where sistema = ${params.add(sistema, 'text')}`;
  const generations = params.add(
    parts.map((part) => part.generation),
    'integer[]',
  );
  const select = build(`t._parte = any(${generations})`, params);
  return {
    select,
    text: `select m.cambio as _cambio, d.filas as _filas from (select (${counter}) as cambio) as m
      left join lateral (${blocksSql(select)}) as d on true order by d.bloque`,
    values: params.values,
  };
}

interface CountedBlock extends Block {
  readonly _cambio: bigint | null;
}

interface Gathered {
  readonly rows: readonly SqlRow[];
  readonly parts: readonly LivePart[];
}

/** The order of the file; of several files, that of their ids. */
function inFileOrder(parts: readonly LivePart[]): (a: SqlRow, b: SqlRow) => number {
  const byId = [...parts].sort((a, b) => (a.id < b.id ? -1 : 1));
  const order = new Map(byId.map((part, i) => [part.generation, i]));
  return (a, b) =>
    (order.get(Number(a['_parte'])) ?? 0) - (order.get(Number(b['_parte'])) ?? 0) ||
    Number(a['_fila']) - Number(b['_fila']);
}

/** One origin per set of parts, shared by all keys that they answered. */
function createOrigins(question: Question, parts: readonly LivePart[]) {
  const byGeneration = new Map(parts.map((part) => [part.generation, part]));
  const known = new Map<string, Origin>();
  return (rows: readonly SqlRow[]): Origin => {
    const generations = [...new Set(rows.map((row) => Number(row['_parte'])))].sort(
      (a, b) => a - b,
    );
    const name = generations.join(',');
    const found = known.get(name);
    if (found !== undefined) return found;
    const mine = generations.flatMap((generation) => byGeneration.get(generation) ?? []);
    const origin = originOf(question, question.registro, mine.length > 0 ? mine : parts);
    known.set(name, origin);
    return origin;
  };
}

const toAnswered = (question: Question, { rows, parts }: Gathered): Answered => ({
  rows,
  origin: originOf(question, question.registro, parts),
  originOf: createOrigins(question, parts),
  compare: inFileOrder(parts),
});

export type Ask = (question: Question) => Asker;

export function createAsk(store: SqlStore, mirror: PartsMirror, prepare: Prepare): Ask {
  const run = async (sistema: string, { text, values }: Statement, signal: AbortSignal) => {
    try {
      return await store.query<CountedBlock>(text, values, signal);
    } catch (cause) {
      if (signal.aborted) throw new SourceTimeoutError(sistema, { cause });
      throw cause;
    }
  };
  const gather = async (
    question: Question,
    build: Build,
    ctx: SourceContext,
  ): Promise<Gathered> => {
    const { sistema } = question;
    await prepare(tableOf(question.registro));
    let snapshot = await mirror.get(sistema);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const parts = livePartsOf(question, snapshot);
      const seen = snapshot.cambio;
      if (!(parts instanceof AdapterError)) {
        const statement = toStatement(sistema, parts, build);
        const blocks = await run(sistema, statement, ctx.signal);
        if (blocks[0]?._cambio === seen) return { rows: toRows(blocks, statement.select), parts };
      }
      // Another process may have loaded, or forgotten, a part since.
      snapshot = await mirror.refresh(sistema);
      if (parts instanceof AdapterError && snapshot.cambio === seen) throw parts;
    }
    throw new SourceUnavailableError(sistema);
  };
  return (question) => ({
    relation: relationOf(question.registro),
    ask: async (build, ctx) => toAnswered(question, await gather(question, build, ctx)),
  });
}
