import type { ByKey, Key, Outcome, Row, SourceContext } from '../../contract.js';
import { accesoOf, groupByPlace, orFailed, type Asker, type Build } from './answer.js';
import { columnsOf, createRowDecoder, suelto, type Relation } from './columns.js';
import { keysSql, orderSql, totalOrder } from './filter-sql.js';

/** The statement of a keyed read, open to the test that looks at its plan. */
export const buildRead =
  (
    relation: Relation,
    claves: readonly string[],
    keys: readonly Key[],
    orden: 'clave' | 'ninguno' = 'ninguno',
  ): Build =>
  (live, params) => {
    const { registro, from } = relation;
    const k = keysSql(registro, claves, keys, params);
    const order =
      orden === 'clave' ? ` order by k.place, ${orderSql(registro, totalOrder(registro, []))}` : '';
    return {
      columns: [suelto('_lugar', 'k.place'), ...columnsOf(relation, 't')],
      from: `from ${k.from} join ${from} as t on ${k.join} where ${live}${order}`,
    };
  };

/** All rows of each key, in the order that their keeper knows; of the clave where it knows none. */
export function readByKey(
  { relation, ask }: Asker,
  acceso: string,
  keys: readonly Key[],
  ctx: SourceContext,
  orden: 'clave' | 'ninguno' = 'ninguno',
): Promise<ByKey<Row>> {
  const { claves } = accesoOf(relation.registro, acceso);
  return orFailed(keys, async () => {
    const { rows, originOf, compare } = await ask(buildRead(relation, claves, keys, orden), ctx);
    const decode = createRowDecoder(relation.registro);
    const groups = groupByPlace(rows);
    return new Map(
      keys.map((key, place): [Key, Outcome<Row>] => {
        const mine = groups.get(place) ?? [];
        if (compare !== undefined) mine.sort(compare);
        const origin = originOf(mine);
        return [
          key,
          mine.length === 0
            ? { at: 'absent', origin }
            : { at: 'found', rows: mine.map(decode), origin },
        ];
      }),
    );
  });
}
