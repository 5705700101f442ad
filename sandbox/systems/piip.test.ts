import { describe, expect, it } from '@jest/globals';
import { createWorld } from '../seed.js';
import type { Pushdown, Row } from '../soda/dataset.js';
import { piip } from './piip.js';

const world = createWorld('prueba');
const datasets = new Map((piip.soda?.(world) ?? []).map((dataset) => [dataset.id, dataset]));

/** Pushdown of plain equalities, as the server would build it. */
const only = (equal: Readonly<Record<string, readonly string[]>>): Pushdown => ({
  wantsId: false,
  accepts: (column, value) => equal[column]?.includes(String(value)) ?? true,
  values: (column) => (equal[column] ? new Set(equal[column]) : undefined),
});

const ask = (id: string, equal: Readonly<Record<string, readonly string[]>> = {}): Row[] => [
  ...(datasets.get(id)?.rows(only(equal)) ?? []),
];

const basicos = ask('cf9k-55fw');
const lugares = ask('xikz-44ja');
const countBy = (rows: readonly Row[]): Map<unknown, number> => {
  const counts = new Map<unknown, number>();
  for (const { bpin } of rows) counts.set(bpin, (counts.get(bpin) ?? 0) + 1);
  return counts;
};

describe('the PIIP datasets', () => {
  it.each([...datasets])('%s has no column that its catalogue does not name', (_id, dataset) => {
    const named = new Set(dataset.columns.map(({ name }) => name));
    const [row = {}] = dataset.rows(only({}));

    expect(Object.keys(row).filter((name) => !named.has(name))).toEqual([]);
  });

  it.each([...datasets.keys()])('%s answers a keyed question as the whole table would', (id) => {
    const whole = ask(id);
    const bpin = String(whole[100]?.['bpin']);

    expect(ask(id, { bpin: [bpin] }).filter((row) => row['bpin'] === bpin)).toEqual(
      whole.filter((row) => row['bpin'] === bpin),
    );
  });

  it('finds the places of a municipality without the rest of the country', () => {
    const wanted = lugares.filter((row) => row['codigomunicipio'] === '25175');
    const found = ask('xikz-44ja', { codigomunicipio: ['25175'] });

    expect(found.filter((row) => row['codigomunicipio'] === '25175')).toEqual(wanted);
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(200);
  });

  it('writes all shapes of the code', () => {
    const lengths = new Set(basicos.map(({ bpin }) => String(bpin).length));

    expect(lengths).toEqual(new Set([13, 15]));
    expect(ask('v4ap-cvae').some(({ bpin }) => /^\d{4}0000\d{5}$/.test(String(bpin)))).toBe(true);
  });

  it('carries the defects of the published tables', () => {
    const names = basicos.map((row) => String(row['nombreproyecto']));
    const zero = basicos.filter((row) => row['valorvigenteproyecto'] === '0.00000000');
    const programas = basicos.map((row) => String(row['programapresupuestal']));
    const repeated = [...countBy(ask('7mxf-bp6x')).values()].filter((count) => count > 1);

    expect(names.some((name) => name.includes('  '))).toBe(true);
    expect(names.some((name) => name.endsWith(' '))).toBe(true);
    expect(names.some((name) => name.includes('Construccin'))).toBe(true);
    expect(zero.length).toBeGreaterThan(0);
    expect(programas.some((text) => !/^\d{4} /.test(text))).toBe(true);
    expect(repeated.length).toBeGreaterThan(0);
  });

  it('names one entity in three ways', () => {
    const ofChia = basicos.filter((row) => row['codigoentidadresponsable'] === '25175');
    const byPlace = ask('u3qu-swda', { bpin: ofChia.map((row) => String(row['bpin'])) });
    const codes = new Set(byPlace.map((row) => row['codigoentidadresponsable']));

    expect(new Set(ofChia.map((row) => row['entidadresponsable']))).toEqual(
      new Set(['ChíaCundinamarca']),
    );
    expect(new Set(byPlace.map((row) => row['entidadresponsable']))).toEqual(
      new Set(['Chía,Cundinamarca']),
    );
    expect(codes.size).toBe(1);
    expect(codes.has('25175')).toBe(false);
  });

  it('places a project in several municipalities, or in a whole department', () => {
    const counts = [...countBy(lugares).values()];

    expect(counts.some((count) => count > 1)).toBe(true);
    expect(lugares.some((row) => String(row['codigomunicipio']).endsWith('000'))).toBe(true);
  });

  it('lets one table lag, and locates projects that the basic data do not have yet', () => {
    const known = new Set(basicos.map(({ bpin }) => bpin));
    const executed = new Set(ask('v4ap-cvae').map(({ bpin }) => String(bpin).slice(0, 4)));

    expect(lugares.some(({ bpin }) => !known.has(bpin))).toBe(true);
    expect(executed.has('2025')).toBe(false);
    expect((datasets.get('v4ap-cvae')?.updatedAt ?? '') < '2026').toBe(true);
  });
});
