import { readFileSync } from 'node:fs';
import {
  BASE_URL,
  createSodaFake,
  type SodaFake,
  type SodaFixture,
} from '../../tests/soda-fake.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createCuipoAdapter } from './index.js';

const DATASETS = ['22ah-ddsj', '4f7r-epif', '5c7g-ptic'];
/** Columns that a row may lack. */
const NULABLES =
  /^(nombre_|nom_(?!fuentes|programatico)|cod_(cpc|terceros|politica)|bpin|p_gina_web)/;

/** A portal that answers with the recorded rows. */
export const createFake = (): SodaFake =>
  createSodaFake(
    new Map(
      DATASETS.map((dataset) => {
        const text = readFileSync(new URL(`fixtures/${dataset}.json`, import.meta.url), 'utf8');
        return [dataset, JSON.parse(text) as SodaFixture[]];
      }),
    ),
    NULABLES,
  );

const SETTINGS = { baseUrl: BASE_URL, timeoutMs: 5_000, windows: false };

export function createAdapter(fake: SodaFake, acopio: Acopio, dropDir?: string): Adapter {
  return createCuipoAdapter(
    { ...SETTINGS, ...(dropDir === undefined ? {} : { dropDir }) },
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      acopio,
      dispatcher: fake.agent,
    },
  );
}

/** Never asked where no folder is set. */
export const SIN_ACOPIO = {} as Acopio;

export function rowsOf(outcome: Outcome<Row> | undefined): readonly Row[] {
  if (outcome?.at === 'found') return outcome.rows;
  throw new Error(`the outcome is ${outcome?.at ?? 'missing'}`);
}
