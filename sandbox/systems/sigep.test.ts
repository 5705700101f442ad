import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWorld } from '../seed.js';
import type { Pushdown, Row } from '../soda/dataset.js';
import { sigep } from './sigep.js';

const world = createWorld('sugit');
const [dataset] = sigep.soda?.(world) ?? [];
const rowsOf = (pushdown: Partial<Pushdown> = {}): Row[] => [
  ...(dataset?.rows({
    accepts: () => true,
    values: () => undefined,
    wantsId: false,
    ...pushdown,
  }) ?? []),
];

describe('the open dataset of servants', () => {
  const rows = rowsOf();

  it('has 23 columns, all of text but the date of joining', () => {
    expect(dataset?.columns).toHaveLength(23);
    expect(dataset?.columns.filter(({ type }) => type !== 'text').map(({ name }) => name)).toEqual([
      'fecha_de_vinculaci_n',
    ]);
  });

  it('writes the document again as name, and salaries with commas', () => {
    const [row = {}] = rows;

    expect(row['nombre']).toBe(row['numerodeidentificacion']);
    expect(row['asignacionbasicasalarial']).toMatch(/^\d{1,3}(,\d{3})+$/);
    expect(Object.keys(row)).toContain('sexo');
  });

  it('has codes that lost their zeros, and levels without accents', () => {
    const codes = new Set(rows.map(({ codigosigep }) => String(codigosigep).length < 4));
    const levels = new Set(rows.map(({ niveljerarquicoempleo }) => niveljerarquicoempleo));

    expect(codes).toEqual(new Set([true, false]));
    expect(levels).toContain('TECNICO');
    expect(levels).not.toContain('TÉCNICO');
  });

  it('gives the same rows with the same ids when it is asked by entity', () => {
    const all = rowsOf({ wantsId: true }).filter(({ codigosigep }) => codigosigep === '0014');
    const asked = rowsOf({ wantsId: true, accepts: (_name, value) => value === '0014' });

    expect(asked).toEqual(all);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('has bodies without any servant', () => {
    const known = new Set(rows.map(({ codigosigep }) => Number(codigosigep)));

    expect(world.entidades.some(({ codigoSigep }) => !known.has(Number(codigoSigep)))).toBe(true);
  });
});

describe('the folder of reports', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sugit-sigep-'));
    await sigep.writeDrop?.(dir, world, new AbortController().signal);
  }, 60_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('holds two weeks, workbooks and texts, and nothing half written', async () => {
    expect((await readdir(dir)).sort()).toEqual([
      'consultaGeneralDeEntidades_20260417.csv',
      'plantaDePersonalEntidadYEmpleosProvistos_20260406.csv',
      'plantaDePersonalEntidadYEmpleosProvistos_20260413.csv',
      'vacantesVigentesPorEntidades_20260406.xlsx',
      'vacantesVigentesPorEntidades_20260413.csv',
    ]);
  });

  it('has at most twelve posts per body, and some with more filled than approved', async () => {
    const file = path.join(dir, 'plantaDePersonalEntidadYEmpleosProvistos_20260413.csv');
    const [header = [], ...rows] = (await readFile(file, 'utf8'))
      .replace('\uFEFF', '')
      .trim()
      .split('\r\n')
      .map((line) => line.split(';'));
    const cell = (row: readonly string[], label: string): number =>
      Number(row[header.indexOf(label)]);
    const codeAt = header.indexOf('Código SIGEP');
    const perBody = new Map<number, number>();
    for (const row of rows) {
      const code = Number(row[codeAt]);
      perBody.set(code, (perBody.get(code) ?? 0) + 1);
    }
    const exceeded = rows.filter((row) => {
      const filled = ['permanente', 'temporal', 'transitoria', 'por encargo permanente'].reduce(
        (sum, how) => sum + cell(row, `Empleos provistos ${how}`),
        0,
      );
      return filled > cell(row, 'Número de empleos aprobados por norma');
    });

    expect(header).toHaveLength(38);
    expect(exceeded.length).toBeGreaterThan(0);
    expect(Math.max(...perBody.values())).toBe(12);
  });

  it('writes the recent week of vacancies with a renamed column', async () => {
    const text = await readFile(
      path.join(dir, 'vacantesVigentesPorEntidades_20260413.csv'),
      'utf8',
    );

    expect(text.split('\r\n')[0]).not.toContain('Vacancia Definitiva');
  });
});
