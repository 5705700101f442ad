/** datos.gov.co with the published rows of PIIP, for tests. */
import { readFileSync } from 'node:fs';
import { MockAgent } from 'undici';
import type { Conducta } from '../../tests/adapter-conformance.js';
import type { Adapter } from '../contract.js';
import { MOCK_ORIGIN } from '../shared/http/testing.js';
import { parseWhere } from '../shared/soda/testing-portal.js';
import { createPiipAdapter } from './index.js';
import type { PiipRaw } from './raw.js';

const fixture = (id: string): PiipRaw[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${id}.json`, import.meta.url), 'utf8')) as PiipRaw[];

/** Columns without which a row could not be asked for. */
const ESENCIALES = ['bpin', 'codigomunicipio', 'vigencia', 'producto', 'codigoentidadejecutora'];

/** datos.gov.co in memory, which behaves as told. */
export class Portal {
  conducta: Conducta = 'NORMAL';
  readonly asked: { readonly dataset: string; readonly question: URLSearchParams }[] = [];
  readonly agent = new MockAgent();
  published = 'Wed, 22 Apr 2026 16:08:31 GMT';
  /** Answers instead of the fixtures, question by question. */
  script: PiipRaw[][] | null = null;

  constructor() {
    this.agent.disableNetConnect();
    const pool = this.agent.get(MOCK_ORIGIN);
    pool
      .intercept({ path: (path) => this.conducta !== 'MUERTA' && path.startsWith('/resource/') })
      .reply(({ path }) => this.#reply(new URL(path, MOCK_ORIGIN)))
      .persist();
    pool
      .intercept({ path: () => this.conducta === 'MUERTA' })
      .replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
      .persist();
  }

  #reply({ pathname, searchParams }: URL) {
    const dataset = /\/resource\/(.*)\.json/.exec(pathname)?.[1] ?? '';
    this.asked.push({ dataset, question: searchParams });
    const rows = this.script === null ? this.#select(dataset, searchParams) : this.script.shift();
    return {
      statusCode: 200,
      data: JSON.stringify(rows),
      responseOptions: { headers: { 'X-SODA2-Truth-Last-Modified': this.published } },
    };
  }

  #select(dataset: string, question: URLSearchParams): PiipRaw[] {
    const where = parseWhere(question.get('$where') ?? "bpin > ''");
    const rows = this.#distort(fixture(dataset)).filter(where);
    const order = question.get('$order')?.split(',') ?? [];
    rows.sort((a, b) => {
      for (const column of order) {
        const [left = '~', right = '~'] = [a[column], b[column]];
        if (left !== right) return left < right ? -1 : 1;
      }
      return 0;
    });
    return rows.slice(0, Number(question.get('$limit')));
  }

  #distort(rows: PiipRaw[]): PiipRaw[] {
    if (this.conducta === 'BARAJADA') return rows.reverse();
    if (this.conducta === 'DOBLE') return [...rows, ...rows];
    if (this.conducta !== 'CORTA') return rows;
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => ESENCIALES.includes(name))),
    );
  }
}

export const createSubject = (portal: Portal): Adapter =>
  createPiipAdapter(
    { baseUrl: MOCK_ORIGIN, timeoutMs: 2_000 },
    {
      now: Date.now,
      observer: { call: () => undefined, error: () => undefined },
      dispatcher: portal.agent,
    },
  );
