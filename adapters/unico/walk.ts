/** Walks over current records by bucket and clave: digests for a census, rows for an archive; and their keys. All as of one instant. */
import { BUCKETS } from '../../schema/digest.js';
import { keyOf, type Key } from '../../schema/key.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { BucketDigest, Digest, DigestScope, Row, SourceContext } from '../contract.js';
import type { Build } from '../shared/sql/answer.js';
import {
  columnsOf,
  createRowDecoder,
  limpio,
  quote,
  suelto,
  texto,
  type Column,
  type SqlRow,
} from '../shared/sql/columns.js';
import { filterSql, type Params } from '../shared/sql/filter-sql.js';
import { asSource, corteOf, gather, type AskTools } from './asker.js';
import { loadEstado } from './state.js';
import { relationOf } from './table.js';

const DIGESTS_PER_PAGE = 20_000;
const ROWS_PER_PAGE = 2_000;

interface Position {
  readonly bucket: number;
  readonly clave: string;
}

/** The instant of a walk: the one asked, else the last recorded one, so that no page sees what comes in meanwhile. */
export async function instantOf(
  { store, prepare }: AskTools,
  registro: Registro,
  ctx: SourceContext,
): Promise<number> {
  const corte = corteOf(ctx);
  if (corte !== null) return corte;
  return asSource(registro, ctx, async () => {
    await prepare(registro);
    return Number((await loadEstado(store, registro)).registrada);
  });
}

function scopeSql(registro: Registro, scope: DigestScope, params: Params): string {
  const [first, last] = scope.buckets ?? [0, BUCKETS - 1];
  return `t._balde between ${params.add(first, 'smallint')} and ${params.add(last, 'smallint')}
    and ${filterSql(registro, scope.filtro ?? null, params)}`;
}

export const buildWalk =
  (
    registro: Registro,
    scope: DigestScope,
    columns: readonly Column[],
    after: Position | null,
    limit: number,
  ): Build =>
  (live, params) => {
    const { from } = relationOf(registro);
    const beyond =
      after === null
        ? ''
        : ` and (t._balde, t._clave) > (${params.add(after.bucket, 'smallint')}, ${params.add(after.clave, 'text')})`;
    return {
      columns,
      from: `from ${from} as t where ${live}${beyond}
        and ${scopeSql(registro, scope, params)} order by t._balde, t._clave limit ${limit}`,
    };
  };

async function* walk(
  tools: AskTools,
  registro: Registro,
  scope: DigestScope,
  columns: readonly Column[],
  limit: number,
  ctx: SourceContext,
): AsyncGenerator<readonly SqlRow[]> {
  const instant = await instantOf(tools, registro, ctx);
  let after: Position | null = null;
  for (;;) {
    const build: Build = buildWalk(registro, scope, columns, after, limit);
    const { rows } = await gather(tools, registro, instant, build, ctx);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    after = { bucket: Number(last['_balde']), clave: String(last['_clave']) };
  }
}

const DIGEST_COLUMNS: readonly Column[] = [
  texto('_clave', 't._clave'),
  suelto('_balde', 't._balde'),
  limpio('_resumen', `encode(t._resumen, 'hex')`),
];

export async function* digestsOf(
  tools: AskTools,
  registro: Registro,
  scope: DigestScope,
  ctx: SourceContext,
): AsyncGenerator<Digest> {
  const pages = walk(tools, registro, scope, DIGEST_COLUMNS, DIGESTS_PER_PAGE, ctx);
  for await (const rows of pages) {
    for (const row of rows) {
      yield {
        clave: String(row['_clave']),
        digest: String(row['_resumen']),
        bucket: Number(row['_balde']),
      };
    }
  }
}

/** A record with all that an archive keeps of it. */
export interface Stored {
  readonly clave: string;
  readonly bucket: number;
  readonly digest: string;
  readonly row: Row;
  readonly version: string;
  /** Newest version of the source that said so, epoch ms. */
  readonly tiempo: number;
  readonly mapeo: number;
}

export async function* storedOf(
  tools: AskTools,
  registro: Registro,
  scope: DigestScope,
  ctx: SourceContext,
): AsyncGenerator<Stored> {
  const columns = [
    ...DIGEST_COLUMNS,
    texto('_version', 't._version'),
    suelto('_confirmada', 't._confirmada'),
    suelto('_mapeo', 't._mapeo'),
    ...columnsOf(relationOf(registro), 't'),
  ];
  const decode = createRowDecoder(registro);
  for await (const rows of walk(tools, registro, scope, columns, ROWS_PER_PAGE, ctx)) {
    for (const row of rows) {
      yield {
        clave: String(row['_clave']),
        bucket: Number(row['_balde']),
        digest: String(row['_resumen']),
        row: decode(row),
        version: String(row['_version']),
        tiempo: Number(row['_confirmada']),
        mapeo: Number(row['_mapeo']),
      };
    }
  }
}

export async function bucketDigestsOf(
  tools: AskTools,
  registro: Registro,
  scope: DigestScope,
  ctx: SourceContext,
): Promise<readonly BucketDigest[]> {
  const instant = corteOf(ctx);
  const { from } = relationOf(registro);
  const digest = `sha256(string_agg(t._resumen, ''::bytea order by t._clave) || int8send(count(*)))`;
  const build: Build = (live, params) => ({
    columns: [
      suelto('_balde', 't._balde'),
      suelto('_n', 'count(*)'),
      limpio('_resumen', `encode(${digest}, 'hex')`),
    ],
    from: `from ${from} as t where ${live} and ${scopeSql(registro, scope, params)}
      group by t._balde order by t._balde`,
  });
  const { rows } = await gather(tools, registro, instant, build, ctx);
  return rows.map((row) => ({
    bucket: Number(row['_balde']),
    filas: Number(row['_n']),
    digest: String(row['_resumen']),
  }));
}

export async function distinctKeysOf(
  tools: AskTools,
  registro: Registro,
  campos: readonly string[],
  filtro: Filtro | null,
  ctx: SourceContext,
): Promise<readonly Key[]> {
  const { from } = relationOf(registro);
  const names = campos.map((campo) => `t.${quote(campo)}`);
  const build: Build = (live, params) => ({
    columns: campos.map((campo, i) => texto(campo, `${names[i] ?? ''}::text`)),
    from: `from ${from} as t where ${live} and ${filterSql(registro, filtro, params)}
      group by ${names.join(', ')}`,
  });
  const { rows } = await gather(tools, registro, corteOf(ctx), build, ctx);
  return rows.map((row) => keyOf(campos.map((campo) => row[campo] ?? '')));
}
