import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { CONJUNTOS } from '../adapters/piip/conjuntos.js';
import { toEntidades } from '../adapters/cuipo/entidades.js';
import { toMdmFilas } from '../adapters/mipg/mdm-mapper.js';
import { COLUMNAS_CONTRATO, COLUMNAS_CONTRATO_PROYECTO } from '../adapters/secop/raw.js';
import { createWorld } from '../sandbox/seed.js';
import { SYSTEMS } from '../sandbox/systems/index.js';

/**
 * The columns that datos.gov.co has, against those that the adapters read and the sandbox serves: a name of our own would
 * pass every test here and be refused there. Where the list comes from is said in its file.
 */

const columnas = new Map(
  readFileSync(new URL('datosgovco-columnas.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id = '', ...names] = line.split(' ');
      return [id, new Set(names)] as const;
    }),
);
const known = (id: string): ReadonlySet<string> => columnas.get(id) ?? new Set();

/** What a mapper asks of its keys; any other column holds a text that is a number and a year. */
const CELDAS: Readonly<Record<string, string>> = {
  bpin: '202500000002257',
  codigo_entidad: '05091',
  id_entidad: '219105091',
};

/** The columns that a mapper looks at in a row that has them all. */
function columnasLeidas(
  toFilas: (rows: readonly Record<string, string>[]) => unknown,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const watch = (_row: object, name: string | symbol): string => {
    seen.add(String(name));
    return CELDAS[String(name)] ?? '2023';
  };
  toFilas([new Proxy<Record<string, string>>({}, { get: watch })]);
  return seen;
}

const LEIDAS: readonly (readonly [string, Iterable<string>])[] = [
  ['jbjy-vk9h', COLUMNAS_CONTRATO],
  ['d9na-abhe', COLUMNAS_CONTRATO_PROYECTO],
  ['5c7g-ptic', columnasLeidas(toEntidades)],
  ['nkjx-rsq7', columnasLeidas(toMdmFilas)],
  ...CONJUNTOS.filter(({ id }) => columnas.has(id)).map((conjunto) => {
    const { id, select = [] } = conjunto;
    return [id, [...select, ...columnasLeidas((rows) => conjunto.toFilas(rows))]] as const;
  }),
];

const world = createWorld('sugit');
const servidos = SYSTEMS.flatMap((system) => system.soda?.(world) ?? []);

describe('the datasets of datos.gov.co', () => {
  it.each(LEIDAS)('%s has every column that its adapter reads', (id, leidas) => {
    expect([...leidas].filter((name) => !known(id).has(name))).toEqual([]);
    expect([...leidas].length).toBeGreaterThan(2);
  });

  it.each(servidos.filter(({ id }) => columnas.has(id)).map((d) => [d.id, d] as const))(
    '%s has the columns that the sandbox serves, and no others',
    (id, { columns }) => {
      expect(columns.map(({ name }) => name).sort()).toEqual([...known(id)].sort());
    },
  );
});
