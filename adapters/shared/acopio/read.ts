import type { ByKey, Key, Origin, Outcome, Row, SourceContext } from '../../contract.js';
import type { Acceso } from '../../../schema/registro.js';
import type { Question } from './acopio.js';
import { groupByPlace, orFailed, type Ask, type Build } from './asker.js';
import { keysSql } from './filter-sql.js';
import { originOf, type LivePart } from './parts.js';
import { columnsSql, createRowDecoder, quote, tableOf, type SqlRow } from './table.js';

export function accesoOf({ registro }: Question, name: string): Acceso {
  const acceso = registro.accesos[name];
  if (acceso === undefined) throw new TypeError(`${registro.nombre} has no acceso ${name}`);
  return acceso;
}

/** The statement of a keyed read, open to the test that looks at its plan. */
export const buildRead =
  ({ registro }: Question, claves: readonly string[], keys: readonly Key[]): Build =>
  (live, params) => {
    const k = keysSql(registro, claves, keys, params);
    return `select k.place as _lugar, ${columnsSql(tableOf(registro), 't')} from ${k.from}
      join ${quote(tableOf(registro).name)} as t on ${k.join} where ${live}`;
  };

/** The order of the file; of several files, that of their ids. */
const inFileOrder =
  (order: ReadonlyMap<number, number>) =>
  (a: SqlRow, b: SqlRow): number =>
    (order.get(Number(a['_parte'])) ?? 0) - (order.get(Number(b['_parte'])) ?? 0) ||
    Number(a['_fila']) - Number(b['_fila']);

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

/** All rows of each key, in the order of the file. */
export function readByKey(
  ask: Ask,
  question: Question,
  acceso: string,
  keys: readonly Key[],
  ctx: SourceContext,
): Promise<ByKey<Row>> {
  const { claves } = accesoOf(question, acceso);
  return orFailed(keys, async () => {
    const { rows, parts } = await ask(question, buildRead(question, claves, keys), ctx);
    const decode = createRowDecoder(tableOf(question.registro));
    const originFor = createOrigins(question, parts);
    const byId = [...parts].sort((a, b) => (a.id < b.id ? -1 : 1));
    const compare = inFileOrder(new Map(byId.map((part, i) => [part.generation, i])));
    const groups = groupByPlace(rows);
    return new Map(
      keys.map((key, place): [Key, Outcome<Row>] => {
        const mine = groups.get(place)?.sort(compare) ?? [];
        const origin = originFor(mine);
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
