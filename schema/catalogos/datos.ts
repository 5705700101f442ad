import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** Reads a catalog that ships with the code. A column that is asked for and missing is a broken build, so it throws. */
export function readDatos<C extends string>(
  file: string,
  columns: readonly C[],
): Readonly<Record<C, string>>[] {
  const text = readFileSync(new URL(`./datos/${file}`, import.meta.url), 'utf8');
  const [header = [], ...rows] = parse(text, { bom: true });
  const positions = columns.map((column) => {
    const position = header.indexOf(column);
    if (position < 0) throw new Error(`${file} has no column ${column}`);
    return [column, position] as const;
  });
  return rows.map((row) => {
    const record = {} as Record<C, string>;
    for (const [column, position] of positions) record[column] = row[position] ?? '';
    return record;
  });
}

/** Computes once, when first asked. */
export function lazy<T>(compute: () => T): () => T {
  let box: { value: T } | undefined;
  return () => (box ??= { value: compute() }).value;
}
