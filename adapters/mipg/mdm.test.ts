import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IndiceMdm } from '../../schema/registros/mipg.js';
import { adapterConformance, contextOf } from '../../tests/adapter-conformance.js';
import {
  BASE_URL,
  createSodaFake,
  type SodaFake,
  type SodaFixture,
} from '../../tests/soda-fake.js';
import type { Adapter } from '../contract.js';
import { createMdmAdapter } from './index.js';

const FIXTURE = JSON.parse(
  readFileSync(new URL('fixtures/nkjx-rsq7.json', import.meta.url), 'utf8'),
) as SodaFixture[];
const createFake = (): SodaFake =>
  createSodaFake(
    new Map([['nkjx-rsq7', FIXTURE]]),
    /^(codigo_(unico|cat|sub|var|dep)|dep|entidad$|etiqueta|mes)/,
  );
const makeMdm = (fake: SodaFake): Adapter =>
  createMdmAdapter(
    { baseUrl: BASE_URL, timeoutMs: 5_000 },
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      dispatcher: fake.agent,
    },
  );

adapterConformance('IndiceMdm of MDM', () => {
  const fake = createFake();
  // The walk reads every value: the municipio whose value is no number has a test of its own.
  fake.rows.set(
    'nkjx-rsq7',
    FIXTURE.filter(({ codigo_unico }) => codigo_unico !== '7'),
  );
  return Promise.resolve({
    adapter: makeMdm(fake),
    registro: IndiceMdm,
    acceso: 'porMunicipioVigencia',
    keys: ['76001|2020', '05045|2020', '05045|2019'],
    unknown: '05091|2020',
    conduct: (conducta) => {
      fake.conducta = conducta;
    },
    calls: () => fake.asked.length,
    dispose: () => fake.agent.close(),
  });
});

describe('the MDM', () => {
  let fake: SodaFake;
  let mdm: Adapter;

  beforeEach(() => {
    fake = createFake();
    mdm = makeMdm(fake);
  });
  afterEach(async () => {
    await mdm.close();
    await fake.agent.close();
  });
  const read = (...keys: readonly string[]) =>
    mdm.read(IndiceMdm, 'porMunicipioVigencia', keys, contextOf());

  it('knows the MDM of Cali in 2020, as of the end of that year', async () => {
    const outcome = (await read('76001|2020')).get('76001|2020');

    expect(outcome).toMatchObject({
      at: 'found',
      origin: { corte: '2020-12-31', sistema: 'mdm' },
      rows: [
        { indicador: 'MDM', valor: '86.45', anio: 2020 },
        { indicador: 'Componente de Resultados', valor: '80.1', etiqueta: 'Grupo C' },
      ],
    });
  });

  it('reads codes without their zero, decimal commas and words for nothing', async () => {
    const outcome = (await read('05045|2020')).get('05045|2020');

    expect(outcome).toMatchObject({
      rows: [
        { codigoDivipola: '05045', indicador: 'MDM', valor: '61.2' },
        { indicador: 'Educación', valor: null },
      ],
    });
  });

  it('asks once for several municipios and years, in both spellings', async () => {
    await read('76001|2020', '05045|2019');

    expect(fake.asked).toHaveLength(1);
    const where = fake.asked[0]?.params.get('$where') ?? '';
    expect(where).toContain("anio in ('2019','2020')");
    expect(where).toContain("'05045','5045'");
  });

  it('fails the municipio whose value is no number, and no other', async () => {
    const byKey = await read('05001|2020', '76001|2020');

    expect(byKey.get('05001|2020')).toMatchObject({
      at: 'failed',
      error: { code: 'SOURCE_CONTRACT' },
    });
    expect(byKey.get('76001|2020')?.at).toBe('found');
  });
});
