import type { Registro } from '../../schema/registro.js';
import type { Change, SourceContext } from '../contract.js';
import { ExpiredCursorError } from '../errors.js';
import type { Build } from '../shared/sql/answer.js';
import { columnsOf, createRowDecoder, suelto, texto } from '../shared/sql/columns.js';
import { gather, type AskTools } from './asker.js';
import { relationOf } from './table.js';

const CHANGES_PER_PAGE = 5_000;

const buildChanges =
  (registro: Registro, after: number): Build =>
  (_live, params) => {
    const relation = relationOf(registro);
    return {
      columns: [
        ...['_clave', '_version'].map((name) => texto(name, `t.${name}`)),
        ...['_valida', '_registrada', '_lapida'].map((name) => suelto(name, `t.${name}`)),
        ...columnsOf(relation, 't'),
      ],
      from: `from ${relation.from} as t where t._fila > ${params.add(after, 'bigint')}
        order by t._fila limit ${CHANGES_PER_PAGE}`,
    };
  };

function fromCursor(registro: Registro, since: string | null): number {
  if (since === null) return 0;
  if (!/^\d{1,15}$/.test(since)) throw new ExpiredCursorError(registro.sistema);
  return Number(since);
}

const isoOf = (ms: unknown): string => new Date(Number(ms)).toISOString();

/** Every version in the order in which it was recorded: writers of a registro take turns, so none comes in behind. */
export async function* changesOf(
  tools: AskTools,
  registro: Registro,
  since: string | null,
  ctx: SourceContext,
): AsyncGenerator<Change> {
  const decode = createRowDecoder(registro);
  let after = fromCursor(registro, since);
  for (;;) {
    const { rows } = await gather(tools, registro, null, buildChanges(registro, after), ctx);
    for (const row of rows) {
      after = Number(row['_fila']);
      const registradoEn = isoOf(row['_registrada']);
      yield {
        clave: String(row['_clave']),
        row: row['_lapida'] === true ? null : decode(row),
        version: {
          token: String(row['_version']),
          sourceTime: isoOf(row['_valida']),
          checkedAt: registradoEn,
        },
        registradoEn,
        cursor: String(after),
      };
    }
    if (rows.length < CHANGES_PER_PAGE) return;
  }
}
