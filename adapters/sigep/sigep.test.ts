import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { utils, write } from '@e965/xlsx';
import { parse } from 'csv-parse/sync';
import { MockAgent } from 'undici';
import type { Registro } from '../../schema/registro.js';
import {
  EntidadSigep,
  PlantaEmpleo,
  REGISTROS_SIGEP,
  ServidoresResumen,
  Vacante,
} from '../../schema/registros/sigep.js';
import { adapterConformance, contextOf, type Conducta } from '../../tests/adapter-conformance.js';
import { BASE_URL, createSodaFake, type SodaFixture } from '../../tests/soda-fake.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import { createSigepAdapter } from './index.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const ENTIDADES = 'consultaGeneralDeEntidades_20260417.csv';
const PLANTA = 'plantaDePersonalEntidadYEmpleosProvistos_20260413.csv';
const PLANTA_ANTERIOR = 'plantaDePersonalEntidadYEmpleosProvistos_20260406.csv';
const VACANTES = 'vacantesVigentesPorEntidades_20260413.csv';
const PERSONAS = JSON.parse(
  readFileSync(fixture('servidores-publicos.json'), 'utf8'),
) as readonly SodaFixture[];

let store: TestStore;
let acopio: Acopio;
beforeAll(async () => {
  store = await openTestStore();
  acopio = createAcopio(store, { now: Date.now });
}, 60_000);
afterAll(() => store.close());

/** As if nothing had ever been read. */
const emptyAcopio = async (): Promise<void> => {
  for (const { id } of await acopio.parts('sigep')) await acopio.forget('sigep', id);
};

interface Bench {
  readonly dir: string;
  readonly adapter: Adapter;
  calls: number;
  /** Lets the folder be listed again. */
  later(): void;
}

async function createBench(agent: MockAgent, token?: string): Promise<Bench> {
  await emptyAcopio();
  const dir = await mkdtemp(path.join(tmpdir(), 'sugit-sigep-'));
  let clock = Date.parse('2026-04-20T12:00:00Z');
  const bench: Bench = {
    dir,
    calls: 0,
    later: () => {
      clock += 60_000;
    },
    adapter: createSigepAdapter(
      {
        baseUrl: BASE_URL,
        dropDir: dir,
        timeoutMs: 2_000,
        ...(token === undefined ? {} : { appToken: token }),
      },
      {
        now: () => clock,
        observer: { call: () => bench.calls++, error: () => undefined },
        acopio,
        dispatcher: agent,
      },
    ),
  };
  return bench;
}

/** Lines of a fixture after its header, behaving as told. */
function rewrite(name: string, nulables: RegExp, conducta: Conducta): string {
  const delimiter = name === VACANTES ? ',' : ';';
  const text = readFileSync(fixture(name), 'utf8').replace('\uFEFF', '');
  const table: string[][] = parse(text, { delimiter });
  const [header = [], ...rows] = table;
  const blank = (row: string[]): string[] =>
    row.map((cell, at) => (nulables.test(header[at] ?? '') ? '' : cell));
  const behaved = {
    NORMAL: rows,
    BARAJADA: [...rows].reverse(),
    DOBLE: rows.flatMap((row) => [row, row]),
    CORTA: rows.map(blank),
    MUERTA: [],
  }[conducta];
  const toLine = (row: string[]): string => row.map((cell) => `"${cell}"`).join(delimiter);
  return [header, ...behaved].map(toLine).join('\r\n') + '\r\n';
}

const fileSubject =
  (registro: Registro, name: string, keys: readonly string[], nulables: RegExp) => async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const bench = await createBench(agent);
    await copyFile(fixture(name), path.join(bench.dir, name));
    return {
      adapter: bench.adapter,
      registro,
      acceso: 'porEntidad',
      keys,
      unknown: '9999',
      conduct: (conducta: Conducta) => {
        writeFileSync(path.join(bench.dir, name), rewrite(name, nulables, conducta));
        bench.later();
      },
      calls: () => bench.calls,
      dispose: async () => {
        await agent.close();
        await rm(bench.dir, { recursive: true, force: true });
      },
    };
  };

adapterConformance(
  'Entidad of SIGEP',
  fileSubject(EntidadSigep, ENTIDADES, ['0847', '6349', '0351'], /Sigla|NIT|DANE|Categor/),
);
adapterConformance(
  'PlantaEmpleo of SIGEP',
  fileSubject(PlantaEmpleo, PLANTA, ['0847', '0351'], /Nivel|Grado|Vacancia|provistos/),
);
adapterConformance('ServidoresResumen of SIGEP', async () => {
  const fake = createSodaFake(
    new Map([['2jzx-383z', PERSONAS]]),
    /^(niveljerarquicoempleo|tipodenombramiento)$/,
  );
  const bench = await createBench(fake.agent);
  return {
    adapter: bench.adapter,
    registro: ServidoresResumen,
    acceso: 'porEntidad',
    keys: ['0847', '0022'],
    unknown: '9999',
    conduct: (conducta: Conducta) => {
      fake.conducta = conducta;
    },
    calls: () => fake.asked.length,
    dispose: async () => {
      await fake.agent.close();
      await rm(bench.dir, { recursive: true, force: true });
    },
  };
});

interface Portal {
  readonly agent: MockAgent;
  readonly asked: URLSearchParams[];
  readonly tokens: (string | undefined)[];
  withdrawn: boolean;
  published: string;
  rows: readonly SodaFixture[];
}

/** The dataset at the outer edge: it may be closed, published anew, or lose a column. */
function createPortal(): Portal {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const portal: Portal = {
    agent,
    asked: [],
    tokens: [],
    withdrawn: false,
    published: 'Thu, 09 Apr 2026 11:20:31 GMT',
    rows: PERSONAS,
  };
  agent
    .get(BASE_URL)
    .intercept({ path: (text) => text.startsWith('/resource/2jzx-383z.json') })
    .reply(({ path: asked, headers }) => {
      const params = new URL(asked, BASE_URL).searchParams;
      portal.asked.push(params);
      portal.tokens.push((headers as Readonly<Record<string, string>>)['x-app-token']);
      if (portal.withdrawn) {
        const body = { code: 'permission_denied', error: true, message: 'You must be logged in' };
        return { statusCode: 403, data: JSON.stringify(body) };
      }
      const data = JSON.stringify(groupsOf(portal.rows, params));
      return {
        statusCode: 200,
        data,
        responseOptions: { headers: { 'last-modified': portal.published } },
      };
    })
    .persist();
  return portal;
}

function groupsOf(rows: readonly SodaFixture[], params: URLSearchParams): SodaFixture[] {
  const wanted = [...(params.get('$where') ?? '').matchAll(/'([^']*)'/g)].map(([, value]) => value);
  const group = params.get('$group')?.split(',') ?? [];
  const counts = new Map<string, number>();
  for (const row of rows) {
    const code = row['codigosigep'];
    if (typeof code !== 'string' || (wanted.length > 0 && !wanted.includes(code))) continue;
    const key = JSON.stringify(Object.fromEntries(group.map((name) => [name, row[name]])));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({
    ...(JSON.parse(key) as SodaFixture),
    servidores: String(count),
  }));
}

describe('SIGEP', () => {
  let portal: Portal;
  let bench: Bench;
  beforeEach(async () => {
    portal = createPortal();
    bench = await createBench(portal.agent);
  });
  afterEach(async () => {
    await bench.adapter.close();
    await portal.agent.close();
    await rm(bench.dir, { recursive: true, force: true });
  });

  const put = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await copyFile(fixture(name), path.join(bench.dir, name));
  };
  const ask = async (registro: Registro, codigo: string): Promise<Outcome<Row>> => {
    const byKey = await bench.adapter.read(registro, 'porEntidad', [codigo], contextOf());
    const outcome = byKey.get(codigo);
    if (outcome === undefined) throw new Error('a key without its outcome');
    return outcome;
  };
  const rowsOf = async (registro: Registro, codigo: string): Promise<readonly Row[]> => {
    const outcome = await ask(registro, codigo);
    if (outcome.at !== 'found') throw new Error(outcome.at);
    return outcome.rows;
  };
  const scanAll = async (registro: Registro): Promise<Row[]> => {
    const rows: Row[] = [];
    for await (const chunk of bench.adapter.scan(registro, null, null, contextOf())) {
      rows.push(...chunk.rows);
    }
    return rows;
  };

  describe('given its weekly reports', () => {
    it('reads the register with padded codes, bare NIT and repaired DIVIPOLA', async () => {
      await put(ENTIDADES);

      expect(await rowsOf(EntidadSigep, '0847')).toEqual([
        {
          codigoSigep: '0847',
          nombre: 'ALCALDÍA MUNICIPAL DE PALMIRA',
          sigla: null,
          nit: '891380007',
          digitoVerificacion: '3',
          codigoDane: '76520',
          orden: 'TERRITORIAL',
          suborden: 'MUNICIPAL',
          naturalezaJuridica: 'ALCALDÍA',
          clasificacionOrganica: 'RAMA EJECUTIVA',
          sector: 'NO APLICA',
          departamento: 'VALLE DEL CAUCA',
          municipio: 'PALMIRA',
          categoria: 'PRIMERA CATEGORÍA',
          estado: 'ACTIVA',
        },
      ]);
      expect(await rowsOf(EntidadSigep, '0351')).toMatchObject([{ codigoDane: '05002' }]);
      expect(await rowsOf(EntidadSigep, '6349')).toMatchObject([
        { codigoDane: '25', municipio: null, naturalezaJuridica: null },
      ]);
    });

    it('adds posts by level, without drafts nor plantas of the past', async () => {
      await put(PLANTA);

      const byKey = await bench.adapter.measure(
        PlantaEmpleo,
        'porNivel',
        ['0847'],
        ['nivel'],
        contextOf(),
      );
      const outcome = byKey.get('0847');

      if (outcome?.at !== 'found') throw new Error('Palmira has a planta');
      expect(outcome.origin).toMatchObject({ modo: 'ACOPIO', corte: '2026-04-13' });
      const sums = (
        cargos: string,
        conApropiacion: string,
        provistos: string,
        vacantes: string,
      ) => ({
        cargos,
        conApropiacion,
        provistos,
        vacantes,
      });
      const byNivel = new Map<string | null | undefined, unknown>(
        outcome.rows.map(({ dims, sums: own }) => [dims['nivel'], own]),
      );
      expect(byNivel).toEqual(
        new Map<string, unknown>([
          ['DIRECTIVO', sums('1', '1', '1', '0')],
          ['TECNICO', sums('14', '14', '13', '3')],
          ['ASISTENCIAL', { ...sums('3', '', '2', '1'), conApropiacion: null }],
        ]),
      );
    });

    it('reads workbooks in which Excel made numbers of the codes', async () => {
      const text = readFileSync(fixture(PLANTA), 'utf8');
      const table: string[][] = parse(text, { delimiter: ';' });
      const typed = table.map((row) =>
        row.map((cell) => (/^\d+$/.test(cell) ? Number(cell) : cell)),
      );
      const book = utils.book_new(
        utils.aoa_to_sheet([['REPORTE DE PLANTA'], [], ...typed]),
        'Hoja1',
      );
      const file = path.join(bench.dir, PLANTA.replace('.csv', '.xlsx'));
      await writeFile(file, write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer);

      const [alcalde] = (await rowsOf(PlantaEmpleo, '0847')).filter(
        ({ empleo }) => empleo === 'E1',
      );

      expect(alcalde).toMatchObject({ codigoCargo: '005', grado: '16', cargos: 1, vigente: true });
      expect(await rowsOf(PlantaEmpleo, '0351')).toMatchObject([
        { planta: 'PLANTA GLOBAL', empleo: 'DIRECTIVO/005/07/DESPACHO' },
      ]);
    });

    it('keeps each of two equal vacancies, and an impossible date as unknown', async () => {
      await put(VACANTES);

      expect(await rowsOf(Vacante, '0847')).toMatchObject([
        { ordinal: 1, vacanciaDefinitiva: 1, fechaVacancia: '2025-03-15' },
        { ordinal: 2, vacanciaDefinitiva: 1, fechaVacancia: null },
      ]);
    });

    it('answers from the newest week, and from an older one only until that comes', async () => {
      await put(PLANTA_ANTERIOR);
      const before = await ask(PlantaEmpleo, '0847');
      await put(PLANTA);
      bench.later();
      const after = await ask(PlantaEmpleo, '0847');

      expect(before).toMatchObject({ origin: { corte: '2026-04-06' }, rows: [{ empleo: 'E1' }] });
      expect(after).toMatchObject({ at: 'found', origin: { corte: '2026-04-13' } });
    });

    it('opens each file once, however often it is asked', async () => {
      await put(PLANTA, PLANTA_ANTERIOR);

      await ask(PlantaEmpleo, '0847');
      bench.later();
      await ask(PlantaEmpleo, '0351');

      expect(bench.calls).toBe(1);
    });
  });

  describe('given a broken week', () => {
    const renamed = 'plantaDePersonalEntidadYEmpleosProvistos_20260420.csv';
    const putRenamed = (): Promise<void> =>
      writeFile(
        path.join(bench.dir, renamed),
        readFileSync(fixture(PLANTA), 'utf8').replace('aprobados por norma', 'autorizados'),
      );

    it('puts a file with a renamed column in quarantine and answers by the last good week', async () => {
      await putRenamed();
      await put(PLANTA);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({ origin: { corte: '2026-04-13' } });
      expect(bench.adapter.estado().avisos).toEqual([
        {
          codigo: 'SOURCE_QUARANTINED',
          mensaje:
            'Faltan columnas en plantaDePersonalEntidadYEmpleosProvistos: Número de empleos aprobados por norma. (línea 1)',
          donde: renamed,
        },
      ]);
    });

    it('goes on answering by what it read of a good week that is no longer in the folder', async () => {
      await put(PLANTA);
      await ask(PlantaEmpleo, '0847');
      await rm(path.join(bench.dir, PLANTA));
      await putRenamed();
      bench.later();

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({
        at: 'found',
        origin: { corte: '2026-04-13' },
      });
    });

    it('fails each key when no week was ever good, and the other reports stand', async () => {
      await putRenamed();
      await put(ENTIDADES);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({
        at: 'failed',
        error: { code: 'SOURCE_QUARANTINED' },
      });
      expect(await ask(EntidadSigep, '0847')).toMatchObject({ at: 'found' });
    });

    it('does not take a report without rows for a complete week', async () => {
      const [header = ''] = readFileSync(fixture(PLANTA), 'utf8').split('\r\n');
      await writeFile(path.join(bench.dir, renamed), `${header}\r\n`);
      await put(PLANTA);

      expect(await ask(PlantaEmpleo, '0847')).toMatchObject({ origin: { corte: '2026-04-13' } });
    });
  });

  describe('given the open data', () => {
    const TOTAL = 6;
    const totalOf = (rows: readonly Row[]): number =>
      rows.reduce((sum, { servidores }) => sum + Number(servidores), 0);

    it('counts servants by level and appointment, whatever the spelling of code and level', async () => {
      const outcome = await ask(ServidoresResumen, '0847');

      expect(outcome).toMatchObject({ origin: { modo: 'AGREGADO_EN_FUENTE' } });
      const rows = await rowsOf(ServidoresResumen, '0847');
      expect(rows).toContainEqual({
        codigoSigep: '0847',
        grupo: 'TECNICO/CARRERA ADMINISTRATIVA',
        nivel: 'TECNICO',
        tipoNombramiento: 'CARRERA ADMINISTRATIVA',
        servidores: 3,
      });
      expect(totalOf(rows)).toBe(TOTAL);
    });

    it('gives the same counts with 23 and with 22 columns', async () => {
      const whole = await rowsOf(ServidoresResumen, '0847');
      portal.rows = PERSONAS.map((row) => ({ ...row, idmunicipioentidad: undefined }));

      expect(await rowsOf(ServidoresResumen, '0847')).toEqual(whole);
    });

    it('asks once per reading, and for both spellings of a code', async () => {
      await ask(ServidoresResumen, '0847');
      await ask(ServidoresResumen, '0847');

      expect(portal.asked).toHaveLength(2);
      expect(portal.asked[1]?.get('$where')).toBe("codigosigep in ('0847','847')");
    });

    it('answers by its dated copy when the dataset is withdrawn', async () => {
      const before = await rowsOf(ServidoresResumen, '0847');
      portal.withdrawn = true;
      const outcome = await ask(ServidoresResumen, '0847');

      expect(outcome).toMatchObject({
        at: 'found',
        origin: {
          modo: 'ACOPIO',
          corte: '2026-04-09',
          version: { stale: true, checkedAt: '2026-04-20T12:00:00.000Z' },
        },
      });
      expect(outcome.at === 'found' && outcome.rows).toEqual(before);
      expect(await ask(ServidoresResumen, '9999')).toMatchObject({ at: 'absent' });
      expect(bench.adapter.estado().avisos).toMatchObject([{ codigo: 'SOURCE_WITHDRAWN' }]);
    });

    it('keeps the copy over a restart, and leaves it as soon as the dataset opens again', async () => {
      await ask(ServidoresResumen, '0847');
      await bench.adapter.close();
      const kept = await acopio.parts('sigep');
      portal.withdrawn = true;
      const restarted = createSigepAdapter(
        { baseUrl: BASE_URL, timeoutMs: 2_000 },
        {
          now: Date.now,
          observer: { call: () => undefined, error: () => undefined },
          acopio,
          dispatcher: portal.agent,
        },
      );
      const read = () => restarted.read(ServidoresResumen, 'porEntidad', ['0847'], contextOf());

      const closed = (await read()).get('0847');
      portal.withdrawn = false;
      const open = (await read()).get('0847');
      await restarted.close();

      expect(kept.map(({ id }) => id)).toEqual(['2jzx-383z']);
      expect(closed).toMatchObject({ at: 'found', origin: { modo: 'ACOPIO' } });
      expect(open).toMatchObject({ at: 'found', origin: { modo: 'AGREGADO_EN_FUENTE' } });
    });

    it('keeps a newer publication when it meets one', async () => {
      await ask(ServidoresResumen, '0847');
      portal.published = 'Sat, 09 May 2026 11:20:31 GMT';
      portal.rows = PERSONAS.slice(0, 5);
      await ask(ServidoresResumen, '0847');
      await ask(ServidoresResumen, '0847');
      portal.withdrawn = true;

      expect(await ask(ServidoresResumen, '0847')).toMatchObject({
        origin: { corte: '2026-05-09' },
      });
      expect(totalOf(await rowsOf(ServidoresResumen, '0847'))).toBe(5);
    });

    it('says that the dataset was withdrawn when there is no copy, and its reports stand', async () => {
      portal.withdrawn = true;
      await put(ENTIDADES);

      expect(await ask(ServidoresResumen, '0847')).toMatchObject({
        at: 'failed',
        error: { code: 'SOURCE_WITHDRAWN', retryable: false },
      });
      expect(await ask(EntidadSigep, '0847')).toMatchObject({ at: 'found' });
    });

    it('tries a closed dataset without its token before it takes it for withdrawn', async () => {
      await bench.adapter.close();
      await rm(bench.dir, { recursive: true, force: true });
      bench = await createBench(portal.agent, 'un-token');
      portal.withdrawn = true;

      await ask(ServidoresResumen, '0847');

      expect(portal.tokens).toEqual(['un-token', undefined]);
    });
  });

  describe('given the data of persons', () => {
    const PERSONAL =
      /numerodeidentificacion|nombre|sexo|nacimiento|experiencia|niveleducativo|asignacion|vinculaci|denominacion|dependencia/;

    it('never names a column of a person in a question, nor asks for all columns', async () => {
      await scanAll(ServidoresResumen);
      await ask(ServidoresResumen, '0847');
      await bench.adapter.version(ServidoresResumen, contextOf());
      await bench.adapter.page(
        ServidoresResumen,
        null,
        [{ campo: 'servidores', sentido: 'desc' }],
        { first: 2, after: null, count: true },
        contextOf(),
      );

      expect(portal.asked.length).toBeGreaterThan(2);
      for (const params of portal.asked) {
        expect(params.get('$select')).toMatch(/count\(\*\)/);
        expect(params.get('$select')?.replace('count(*)', '')).not.toContain('*');
        expect([...params.values()].join(' ').replaceAll('tipodenombramiento', '')).not.toMatch(
          PERSONAL,
        );
      }
    });

    it('holds nothing of a person in its records, in the acopio nor in its state', async () => {
      await put(ENTIDADES, PLANTA, VACANTES);
      const rows: Row[] = [];
      for (const registro of REGISTROS_SIGEP) rows.push(...(await scanAll(registro)));
      portal.withdrawn = true;
      rows.push(...(await scanAll(ServidoresResumen)));

      const text = JSON.stringify([rows, bench.adapter.estado()]);
      expect(rows.length).toBeGreaterThan(15);
      expect(text).not.toMatch(/CANARI|canario|1000000|601[19]|2019-03-04|1,440,300/);
    });

    it('opens no report about people', async () => {
      await put(ENTIDADES);
      await writeFile(
        path.join(bench.dir, 'vinculacionesDeLaEntidad_20260417.csv'),
        'Nombre\r\nCANARIO\r\n',
      );

      for (const registro of [EntidadSigep, PlantaEmpleo, Vacante]) await ask(registro, '0847');

      expect(bench.calls).toBe(1);
    });
  });
});
