import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultBoard } from '../faults.js';
import { closeServer, listen } from '../http.js';
import { createWorld, type World } from '../seed.js';
import { SystemServer } from '../soda/server.js';
import { proyectosDe } from '../proyectos.js';
import { secop } from './secop.js';

type Row = Readonly<Record<string, unknown>>;

let world: World;
let server: SystemServer['server'];
let base = '';

beforeAll(async () => {
  world = createWorld('prueba');
  const board = new FaultBoard(true, []);
  const datasets = secop.soda?.(world) ?? [];
  ({ server } = new SystemServer({ sistema: 'secop', datasets, board, seed: 'prueba' }));
  base = await listen(server, 0);
});
afterAll(() => closeServer(server));

async function ask(dataset: string, params: Record<string, string>): Promise<Row[]> {
  const query = new URLSearchParams(params).toString();
  const response = await fetch(`${base}/resource/${dataset}.json?${query}`);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as Row[];
}

/** About a third of the entities, in both written forms of their NIT. */
const SOME =
  'nit_entidad between 800000000 and 830000000 or nit_entidad between 8000000000 and 8300000000';
const CONTRATOS = 'jbjy-vk9h';
const VINCULOS = 'd9na-abhe';

describe('SECOP of the sandbox', () => {
  it('gives 0 to 40 contracts to each alcaldía, of 84 columns and with every known defect', async () => {
    const $select =
      'id_contrato,nit_entidad,fecha_de_firma,valor_del_contrato,documento_proveedor,proveedor_adjudicado';
    const rows = await ask(CONTRATOS, {
      $select,
      $where: SOME,
      $limit: '50000',
    });
    const whole = await ask(CONTRATOS, { $where: 'nit_entidad < 800500000', $limit: '500' });
    const alcaldias = new Map(
      world.entidades.filter(({ clase }) => clase === 'ALCALDIA').map(({ nit }) => [nit, 0]),
    );
    for (const { nit_entidad } of rows) {
      const nit = String(nit_entidad).slice(0, 9);
      const known = alcaldias.get(nit);
      if (known !== undefined) alcaldias.set(nit, known + 1);
    }
    const counts = [...alcaldias.values()];
    const share = (test: (row: Row) => boolean): number => rows.filter(test).length / rows.length;

    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(30);
    expect(Math.max(...counts)).toBeLessThanOrEqual(40);
    expect(new Set(rows.map(({ id_contrato }) => id_contrato)).size).toBe(rows.length);
    expect(new Set(whole.flatMap(Object.keys)).size).toBe(84);
    expect(share(({ nit_entidad }) => String(nit_entidad).length === 10)).toBeCloseTo(0.08, 1);
    expect(share(({ fecha_de_firma }) => fecha_de_firma === undefined)).toBeGreaterThan(0.05);
    expect(share(({ valor_del_contrato }) => valor_del_contrato === '0')).toBeGreaterThan(0.02);
    expect(rows.some((row) => String(row['fecha_de_firma']) > '2090')).toBe(true);
    expect(rows.some((row) => row['documento_proveedor'] === 'No Definido')).toBe(true);
    expect(whole[0]?.['urlproceso']).toMatchObject({ url: expect.stringContaining('CO1.NTC.') });
    const names = rows.map(({ proveedor_adjudicado }) => String(proveedor_adjudicado));
    expect(names.every((name) => /FICTICI|No Definido/.test(name))).toBe(true);
  });

  it('answers by NIT and by id with the very rows of the whole', async () => {
    const nit = world.porDivipola.get('05091')?.nit ?? '';
    const digit = world.porDivipola.get('05091')?.digitoVerificacion ?? '';
    const $order = 'id_contrato';

    const rows = await ask(CONTRATOS, { $where: `nit_entidad in (${nit},${nit}${digit})`, $order });
    const ids = rows.map(({ id_contrato }) => `'${String(id_contrato)}'`);
    const same = await ask(CONTRATOS, { $where: `id_contrato in (${ids.join(',')})`, $order });

    expect(rows.length).toBeGreaterThan(0);
    expect(same).toEqual(rows);
  });

  it('links contracts to the projects of their entity', async () => {
    const [entidad = never()] = world.territoriales;
    const bpins = proyectosDe(world, entidad).map(({ bpin }) => `'${bpin}'`);

    const links = await ask(VINCULOS, { $where: `codigo_bpin in (${bpins.join(',')})` });
    const ids = links.map(({ id_contracto }) => `'${String(id_contracto)}'`).join(',');
    const contracts = await ask(CONTRATOS, { $where: `id_contrato in (${ids})` });

    expect(links.length).toBeGreaterThan(0);
    expect(contracts.length).toBeGreaterThan(0);
    for (const { nit_entidad } of contracts) expect(String(nit_entidad)).toContain(entidad.nit);
    for (const { destino_gasto } of contracts) expect(destino_gasto).toBe('Inversión');
  });

  it('writes links without contract, without BPIN and not validated', async () => {
    const defects = {
      id_contracto: 'No Definido',
      codigo_bpin: 'No Definido',
      validacion_bpin: 'No Validado',
    };
    const tests = Object.entries(defects).map(([column, value]) => `${column} = '${value}'`);

    const rows = await ask(VINCULOS, { $where: tests.join(' or '), $limit: '50000' });

    for (const [column, value] of Object.entries(defects)) {
      expect(rows.some((row) => row[column] === value)).toBe(true);
    }
  });
});

function never(): never {
  throw new Error('the world has no entities');
}
