/** Answers of the single store: one statement gives the rows and the epoch in which they stood. */
import type { Registro } from '../../schema/registro.js';
import type { Origin, SourceContext } from '../contract.js';
import { AdapterError, SourceTimeoutError, SourceUnavailableError } from '../errors.js';
import {
  blocksSql,
  toRows,
  type Answered,
  type Asker,
  type Block,
  type Build,
  type Select,
} from '../shared/sql/answer.js';
import type { Relation, SqlRow } from '../shared/sql/columns.js';
import { Params } from '../shared/sql/filter-sql.js';
import type { SqlParam, SqlStore } from '../shared/sql/store.js';
import type { Prepare } from './prepare.js';
import { versionOf, type Estado } from './state.js';
import { liveSql, relationOf } from './table.js';

export const ID = 'unico';

export interface Statement {
  readonly select: Select;
  readonly text: string;
  readonly values: readonly SqlParam[];
}

export function toStatement(registro: Registro, corte: number | null, build: Build): Statement {
  const params = new Params();
  const nombre = params.add(registro.nombre, 'text');
  const select = build(liveSql(corte, params), params);
  return {
    select,
    text: `select e.epoca, e.registrada, e.filas, e.fuente, e.verificada, d.filas as _filas
      from (select 1) as uno left join unico_estado as e on e.registro = ${nombre}
      left join lateral (${blocksSql(select)}) as d on true order by d.bloque`,
    values: params.values,
  };
}

/** The as-of instant of a request, null for now. */
export function corteOf(ctx: SourceContext): number | null {
  if (ctx.corte === null) return null;
  const ms = Date.parse(ctx.corte);
  if (Number.isNaN(ms)) throw new TypeError('corte is no ISO instant');
  return ms;
}

/** A call, not a property: the flag changes while a query runs. */
const isAborted = ({ signal }: SourceContext): boolean => signal.aborted;

/** A store that does not answer is a source that does not answer; anything else is our own error. */
export async function asSource<T>(
  registro: Registro,
  ctx: SourceContext,
  work: () => Promise<T>,
): Promise<T> {
  if (isAborted(ctx)) throw new SourceTimeoutError(registro.sistema, { cause: ctx.signal.reason });
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AdapterError) throw cause;
    if (isAborted(ctx)) throw new SourceTimeoutError(registro.sistema, { cause });
    const isStore = cause instanceof Error && cause.name === 'AlmacenError';
    throw isStore ? new SourceUnavailableError(registro.sistema, { cause }) : cause;
  }
}

interface EstadoBlock extends Block {
  readonly epoca: bigint | null;
  readonly registrada: bigint | null;
  readonly filas: bigint | null;
  readonly fuente: bigint | null;
  readonly verificada: bigint | null;
}

const toEstado = (block: EstadoBlock | undefined): Estado => ({
  epoca: block?.epoca ?? 0n,
  registrada: block?.registrada ?? 0n,
  filas: block?.filas ?? 0n,
  fuente: block?.fuente ?? null,
  verificada: block?.verificada ?? null,
});

export interface AskTools {
  readonly store: SqlStore;
  readonly prepare: Prepare;
  readonly now: () => number;
}

/** Rows of a statement at an instant, and the state in which they stood. */
export async function gather(
  { store, prepare }: AskTools,
  registro: Registro,
  corte: number | null,
  build: Build,
  ctx: SourceContext,
): Promise<{ readonly rows: readonly SqlRow[]; readonly estado: Estado }> {
  return asSource(registro, ctx, async () => {
    await prepare(registro);
    const { select, text, values } = toStatement(registro, corte, build);
    const blocks = await store.query<EstadoBlock>(text, values, ctx.signal);
    return { rows: toRows(blocks, select), estado: toEstado(blocks[0]) };
  });
}

export function askerOf(tools: AskTools, registro: Registro, ctx: SourceContext): Asker {
  const corte = corteOf(ctx);
  const relation: Relation = relationOf(registro);
  return {
    relation,
    async ask(build, asking): Promise<Answered> {
      const { rows, estado } = await gather(tools, registro, corte, build, asking);
      const origin: Origin = {
        sistema: registro.sistema,
        registro: registro.nombre,
        modo: 'ALMACEN',
        version: versionOf(estado, corte, tools.now()),
        servidoPor: ID,
      };
      return { rows, origin, originOf: () => origin };
    },
  };
}
