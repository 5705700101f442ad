import { describe, expect, it } from '@jest/globals';
import { nitCheckDigit, createWorld } from '../seed.js';
import { proyectosDe } from '../proyectos.js';
import type { Pushdown, Row, SodaDataset } from '../soda/dataset.js';
import { cuipo, PERIODOS_CUIPO } from './cuipo.js';

const world = createWorld('prueba');
const datasets = new Map((cuipo.soda?.(world) ?? []).map((d) => [d.id, d]));

/** Pushdown of plain equalities, as the server would build it. */
function only(equal: Readonly<Record<string, readonly string[]>>, wantsId = false): Pushdown {
  return {
    wantsId,
    accepts: (column, value) => equal[column]?.includes(String(value)) ?? true,
    values: (column) => (equal[column] ? new Set(equal[column]) : undefined),
  };
}

function dataset(id: string): SodaDataset {
  const found = datasets.get(id);
  if (!found) throw new Error(`no dataset ${id}`);
  return found;
}

function ask(id: string, equal: Readonly<Record<string, readonly string[]>>): Row[] {
  return [...dataset(id).rows(only(equal))];
}

const FORMS = [
  ['22ah-ddsj', 'presupuesto_definitivo'],
  ['9axr-9gnb', 'total_recaudo'],
  ['d9mu-h6ar', 'apropiacion_definitiva'],
  ['4f7r-epif', 'compromisos'],
] as const;
const IDS = FORMS.map(([id]) => id);
const SOME = ['219105091', '210111001', '110505000', '213405034', '89970221'];

function isLeaf(row: Row): boolean {
  return Object.entries(row).some(
    ([k, v]) => v !== undefined && /^cod_(detalle|cpc|programatico)/.test(k),
  );
}

function block(row: Row): string {
  return [
    row['codigo_entidad'],
    row['periodo'],
    row['cod_vigencia_del_gasto'],
    row['cod_seccion_presupuestal'],
  ].join('|');
}

describe('the CUIPO datasets', () => {
  it.each(FORMS)('%s: leaves sum to every parent exactly', (id, money) => {
    const rows = ask(id, { codigo_entidad: SOME, periodo: ['20240901', '20241201'] });
    const leaves = rows.filter(isLeaf);
    const parents = rows.filter((r) => !isLeaf(r));

    const wrong = parents.filter((p) => {
      const mine = leaves.filter(
        (l) => block(l) === block(p) && String(l['cuenta']).startsWith(`${String(p['cuenta'])}.`),
      );
      return mine.reduce((s, l) => s + Number(l[money]), 0) !== Number(p[money]);
    });

    expect(parents.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it.each(IDS)('%s: at most twenty leaves in a report', (id) => {
    const rows = ask(id, { codigo_entidad: SOME, periodo: ['20241201'] }).filter(isLeaf);

    const counts = SOME.map((e) => rows.filter((r) => r['codigo_entidad'] === e).length);

    expect(Math.max(...counts)).toBeLessThanOrEqual(20);
    expect(Math.max(...counts)).toBeGreaterThan(5);
  });

  it.each(IDS)('%s: the root rows alone are the root rows of the whole', (id) => {
    const keys = { codigo_entidad: SOME, periodo: ['20241201'] };
    const roots = { ...keys, cuenta: ['1', '2'] };
    const whole = [...dataset(id).rows(only(keys, true))];

    const alone = [...dataset(id).rows(only(roots, true))];

    expect(alone).toEqual(whole.filter((r) => r['cuenta'] === '1' || r['cuenta'] === '2'));
    expect(alone.length).toBeGreaterThanOrEqual(SOME.length - 1);
  });

  it('accumulates within the year: no leaf falls from one quarter to the next', () => {
    const rows = ask('4f7r-epif', { codigo_entidad: ['210205002'] }).filter(isLeaf);
    const last = new Map<string, number>();

    const falls = rows.filter((r) => {
      const year = String(r['periodo']).slice(0, 4);
      const key = [
        year,
        block(r).replace(/\|\d{8}/, ''),
        r['cuenta'],
        r['bpin'],
        r['cod_cpc'],
        r['cod_fuentes_financiacion'],
      ].join('|');
      const before = last.get(key) ?? 0;
      last.set(key, Number(r['compromisos']));
      return Number(r['compromisos']) < before;
    });

    expect(rows.length).toBeGreaterThan(50);
    expect(falls).toEqual([]);
  });

  it('keeps the initial appropriation through the year', () => {
    const rows = ask('d9mu-h6ar', { codigo_entidad: ['210205002'], cuenta: ['2'] });
    const values = new Set(
      rows.map(
        (r) => `${block(r).replace(/\|(\d{4})\d{4}/, '|$1')}=${String(r['apropiacion_inicial'])}`,
      ),
    );
    const blocks = new Set([...values].map((v) => v.split('=')[0]));

    expect(values.size).toBe(blocks.size);
  });

  it('programs investment as 2.99 and executes it as 2.3 under the same BPIN and programme', () => {
    const keys = { codigo_entidad: ['210205002'], periodo: ['20240601'] };
    const joined = (id: string, account: RegExp): Set<string> =>
      new Set(
        ask(id, keys)
          .filter((r) => isLeaf(r) && account.test(String(r['cuenta'])))
          .map(
            (r) =>
              `${block(r)}|${String(r['bpin'])}|${String(r['cod_programatico_mga']).slice(0, 4)}`,
          ),
      );

    const programmed = joined('d9mu-h6ar', /^2\.99$/);

    expect(programmed.size).toBeGreaterThan(1);
    expect(joined('4f7r-epif', /^2\.3\./)).toEqual(programmed);
    expect(joined('d9mu-h6ar', /^2\.3(\.|$)/).size).toBe(0);
  });

  it('takes CPC codes that begin with the last digit of the account', () => {
    const rows = ask('4f7r-epif', { codigo_entidad: SOME, periodo: ['20241201'] });
    const checked = rows.filter(
      (r) => isLeaf(r) && /^2\.[13]\.2\.02\..*\.00\d$/.test(String(r['cuenta'])),
    );

    expect(checked.length).toBeGreaterThan(5);
    expect(
      checked.filter((r) => String(r['cod_cpc']).charAt(0) !== String(r['cuenta']).slice(-1)),
    ).toEqual([]);
  });

  it('finds the rows of a BPIN without computing the nation', () => {
    const entidad = world.porDivipola.get('05002');
    const bpins = entidad ? proyectosDe(world, entidad).map((p) => p.bpinCuipo) : [];

    const rows = ask('d9mu-h6ar', { bpin: bpins, periodo: ['20241201'] });

    expect(new Set(rows.map((r) => r['codigo_entidad']))).toEqual(new Set(['210205002']));
  });

  it('generates nothing where a real export exists', () => {
    const betania = ask('4f7r-epif', { codigo_entidad: ['219105091'] });
    const caramanta = ask('4f7r-epif', { codigo_entidad: ['214505145'] });
    const years = (rows: Row[]): Set<string> =>
      new Set(rows.map((r) => String(r['periodo']).slice(0, 4)));

    expect(years(betania)).toEqual(new Set(['2023', '2024']));
    expect(years(caramanta)).toEqual(new Set(['2024', '2025']));
  });

  it('has at least 95 % of the entities in every quarter but the open last one', () => {
    const shares = PERIODOS_CUIPO.map(({ periodo }) => {
      const rows = ask('22ah-ddsj', { periodo: [periodo], cuenta: ['1'] });
      return rows.length / world.territoriales.length;
    });

    expect(Math.min(...shares.slice(0, -1))).toBeGreaterThan(0.95);
    expect(shares.at(-1)).toBeLessThan(0.95);
    expect(Math.max(...shares)).toBeLessThan(1);
  });

  it('uses only accounts and sources that its catalogs name', () => {
    const rows = FORMS.flatMap(([id]) => ask(id, { codigo_entidad: SOME, periodo: ['20241201'] }));

    expect(rows.filter((r) => r['nombre_cuenta'] === undefined)).toEqual([]);
    expect(
      rows.filter((r) => r['cod_fuentes_financiacion'] && !r['nom_fuentes_financiacion']),
    ).toEqual([]);
  });
});

describe('the seed', () => {
  it('gives the same rows for the same seed and others for another', () => {
    const rowsOf = (seed: string): Row[] => {
      const [, , c] = cuipo.soda?.(createWorld(seed)) ?? [];
      return [...(c?.rows(only({ codigo_entidad: ['210205002'], periodo: ['20241201'] })) ?? [])];
    };

    expect(rowsOf('uno')).toEqual(rowsOf('uno'));
    expect(rowsOf('uno')).not.toEqual(rowsOf('dos'));
  });

  it('gives every entity codes of its own', () => {
    const { entidades } = world;
    const distinct = (of: (e: (typeof entidades)[number]) => string): number =>
      new Set(entidades.map(of)).size;

    expect(distinct((e) => e.codigoChip)).toBe(entidades.length);
    expect(distinct((e) => e.nit)).toBe(entidades.length);
    expect(distinct((e) => e.codigoSigep)).toBe(entidades.length);
    expect(entidades.every((e) => /^\d{9}$/.test(e.nit) && /^\d{4,}$/.test(e.codigoSigep))).toBe(
      true,
    );
  });

  it('computes the check digit of known NITs', () => {
    expect(nitCheckDigit('899999061')).toBe('9');
    expect(nitCheckDigit('890905211')).toBe('1');
    expect(nitCheckDigit('800197268')).toBe('4');
  });

  it('writes BPINs of three shapes, each once', () => {
    const projects = world.territoriales.flatMap((e) => proyectosDe(world, e));

    expect(new Set(projects.map((p) => p.forma)).size).toBe(3);
    expect(new Set(projects.map((p) => p.bpin)).size).toBe(projects.length);
    expect(new Set(projects.map((p) => p.bpinCuipo)).size).toBe(projects.length);
    expect(projects.every((p) => /^\d{13}$|^\d{15}$/.test(p.bpin))).toBe(true);
  });
});
