import type { ByKey, Group, Key, Outcome, SourceContext } from '../../contract.js';
import type { Medida, Registro } from '../../../schema/registro.js';
import { groupByPlace, orFailed, type Asker, type Build } from './answer.js';
import { limpio, quote, suelto, texto, type Relation, type SqlRow } from './columns.js';
import { filterSql, keysSql } from './filter-sql.js';

const textOf = (value: SqlRow[string] | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

const named = (
  names: readonly string[],
  valueAt: (i: number) => string | null,
): Record<string, string | null> => Object.fromEntries(names.map((name, i) => [name, valueAt(i)]));

function medidaOf(registro: Registro, name: string, dims: readonly string[]): Medida {
  const medida = registro.medidas[name];
  if (medida === undefined) throw new TypeError(`${registro.nombre} has no medida ${name}`);
  const allowed = new Set([...medida.dimensiones, ...medida.grano]);
  for (const dim of dims) {
    if (!allowed.has(dim)) throw new TypeError(`medida ${name} has no dimension ${dim}`);
  }
  return medida;
}

export const buildMeasure =
  (
    { registro, from }: Relation,
    medida: Medida,
    keys: readonly Key[],
    dims: readonly string[],
  ): Build =>
  (live, params) => {
    const k = keysSql(registro, medida.grano, keys, params);
    const filter = filterSql(registro, medida.filtro ?? null, params);
    const groups = ['k.place', ...dims.map((dim) => `t.${quote(dim)}`)].join(', ');
    const columns = [
      suelto('_lugar', 'k.place'),
      suelto('_n', 'count(*)'),
      ...medida.suma.map((name, i) =>
        limpio(`_s${i}`, `trim_scale(sum(t.${quote(name)})::numeric)::text`),
      ),
      ...dims.map((dim, i) => texto(`_d${i}`, `t.${quote(dim)}::text`)),
    ];
    return {
      columns,
      from: `from ${k.from} join ${from} as t on ${k.join}
        where ${live} and ${filter} group by ${groups} order by ${groups}`,
    };
  };

/** Exact sums of the engine. A sum over nothing but unknown values is unknown. */
export async function measureByKey(
  { relation, ask }: Asker,
  name: string,
  keys: readonly Key[],
  dims: readonly string[],
  ctx: SourceContext,
): Promise<ByKey<Group>> {
  const medida = medidaOf(relation.registro, name, dims);
  return orFailed(keys, async () => {
    const { rows, origin } = await ask(buildMeasure(relation, medida, keys, dims), ctx);
    const groups = groupByPlace(rows);
    const toGroup = (row: SqlRow): Group => ({
      dims: named(dims, (i) => textOf(row[`_d${i}`])),
      sums: named(medida.suma, (i) => textOf(row[`_s${i}`])),
      count: Number(row['_n']),
    });
    return new Map(
      keys.map((key, place): [Key, Outcome<Group>] => {
        const mine = groups.get(place);
        if (mine === undefined) return [key, { at: 'absent', origin }];
        return [key, { at: 'found', rows: mine.map(toGroup), origin }];
      }),
    );
  });
}
