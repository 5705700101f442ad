import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { keyOf, type Key } from '../../schema/key.js';
import { DistribucionSgp, PresupuestoSgr } from '../../schema/registros/sicodis.js';
import { adapterConformance, contextOf, type Conducta } from '../../tests/adapter-conformance.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import type { SourceContext } from '../contract.js';
import { createAcopio } from '../shared/acopio/create-acopio.js';
import {
  BASE_URL,
  createServidor,
  lista,
  participacion,
  presupuesto,
  type Servidor,
} from './fixtures/servidor.js';
import { createSicodisAdapter, type SicodisAdapter } from './index.js';

const SETTINGS = { baseUrl: BASE_URL, timeoutMs: 5_000, pausaMs: 0, vigenciaCosechaMs: 86_400_000 };
const TERRITORIOS = ['05', '05001', '05002', '08', '08001'];

const sgpPath = (codigo: string): string => {
  const entidad = codigo.padEnd(5, '0');
  return `/sgp/resumen_participaciones/2025/${codigo.slice(0, 2)}000/${entidad}`;
};
const sgrPath = (codigo: string): string => `/sgr/resumen_pto_recaudo/8/7/${codigo.padEnd(5, '0')}`;

/** Two territories with amounts that a JavaScript number cannot hold, in both spellings of the year. */
function fill({ bodies }: Servidor): void {
  bodies.set('/sgp/vigencias', '[{"anio":2025}]');
  bodies.set('/sgp/resumen_general/2025', '{"anio":2025,"total_distribuido":90071992547409931}');
  bodies.set(
    sgpPath('05001'),
    lista(
      participacion('99', 'Total SGP', '9007199254740996.27'),
      participacion('0101', 'Educación', '9007199254740993.25'),
      participacion('010101', 'Prestación de Servicios', '"9007199254740990.25"'),
      participacion('010102', 'Calidad', '3'),
      participacion('0102', 'Salud', '3.02'),
    ),
  );
  bodies.set(sgpPath('05'), lista(participacion('0101', 'Educación', '12', '"annio":"2025"')));
  bodies.set('/sgr/vigencias', lista('{"id_vigencia":8,"vigencia":"2025 - 2026"}'));
  bodies.set('/sgr/resumen_pto_recaudo/8/1/0', lista(presupuesto('total', 'TOTAL SGR', '5.5')));
  bodies.set(
    sgrPath('05001'),
    lista(
      presupuesto('-2', 'TOTAL SGR (incluye aforado y no aforado)', '67292719995246.367'),
      presupuesto('1', 'INVERSIÓN', '6.7292719995246367E13'),
      presupuesto('1.1', 'Asignaciones Directas', '"67292719995246.367"', '63664515.48'),
    ),
  );
  bodies.set(sgrPath('05'), lista(presupuesto('1', 'INVERSIÓN', '0')));
}

/** One store for the file: opening one per test would cost more than all tests. */
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function emptyAcopio(): Promise<void> {
  const acopio = createAcopio(store, { now: Date.now });
  for (const { id } of await acopio.parts('sicodis')) await acopio.forget('sicodis', id);
}

interface Taller {
  readonly servidor: Servidor;
  readonly adapter: SicodisAdapter;
  readonly calls: SourceContext['origen'][];
  clock: number;
}

function open(): Taller {
  const servidor = createServidor();
  fill(servidor);
  const calls: SourceContext['origen'][] = [];
  const taller = {
    servidor,
    calls,
    clock: Date.parse('2026-11-23T00:00:00Z'),
    adapter: null as unknown as SicodisAdapter,
  };
  const now = () => taller.clock;
  taller.adapter = createSicodisAdapter(SETTINGS, {
    now,
    observer: { call: (_sistema, origen) => calls.push(origen), error: () => undefined },
    acopio: createAcopio(store, { now }),
    dispatcher: servidor.dispatcher,
    territorios: TERRITORIOS,
  });
  return taller;
}

async function close({ adapter, servidor }: Taller): Promise<void> {
  await adapter.close();
  await servidor.close();
  await emptyAcopio();
}

/** Columns that may be null. */
const NULABLES = /"(?:concepto|total|presupuesto_\w+|caja_\w+|avance_\w+)":(?:"[^"]*"|[^,}]*),?/g;
const CONDUCTAS: Readonly<Record<Conducta, (rows: string[]) => string[]>> = {
  NORMAL: (rows) => rows,
  BARAJADA: (rows) => [...rows].reverse(),
  DOBLE: (rows) => rows.flatMap((row) => [row, row]),
  CORTA: (rows) => rows.map((row) => row.replace(NULABLES, '').replace(/,\}/, '}')),
  MUERTA: (rows) => rows,
};

for (const [registro, acceso, periodo] of [
  [DistribucionSgp, 'porTerritorioVigencia', '2025'],
  [PresupuestoSgr, 'porTerritorioBienio', '2025-2026'],
] as const) {
  adapterConformance(`SICODIS ${registro.nombre}`, () => {
    const taller = open();
    return Promise.resolve({
      adapter: taller.adapter,
      registro,
      acceso,
      keys: [keyOf(['05001', periodo]), keyOf(['05', periodo])],
      unknown: keyOf(['91540', periodo]),
      callPerKey: 'the wire tells of one entity at a time',
      conduct: (conducta) => {
        taller.servidor.dead = conducta === 'MUERTA';
        taller.servidor.rewrite = CONDUCTAS[conducta];
      },
      calls: () => taller.servidor.paths.length,
      dispose: async () => {
        await taller.servidor.close();
        await emptyAcopio();
      },
    });
  });
}

describe('SICODIS', () => {
  let taller: Taller;
  beforeEach(() => {
    taller = open();
  });
  afterEach(() => close(taller));

  const sgp = (keys: readonly Key[]) =>
    taller.adapter.read(DistribucionSgp, 'porTerritorioVigencia', keys, contextOf());
  const sgr = (keys: readonly Key[]) =>
    taller.adapter.read(PresupuestoSgr, 'porTerritorioBienio', keys, contextOf());
  const rowsOf = async (answer: ReturnType<typeof sgp>, key: Key) => {
    const outcome = (await answer).get(key);
    return outcome?.at === 'found' ? outcome.rows : [];
  };
  /** Sixty keys of one year: the three that have rows, and territories that do not exist. */
  const sixty = [
    ...TERRITORIOS,
    ...Array.from({ length: 55 }, (_, i) => `05${String(i + 100)}`),
  ].map((codigo) => keyOf([codigo, '2025']));

  it('keeps amounts as they were written, beyond the integers of JavaScript and as text', async () => {
    const rows = await rowsOf(sgp(['05001|2025']), '05001|2025');

    expect(rows.map(({ idConcepto, valor }) => [idConcepto, valor])).toEqual([
      ['0101', '9007199254740993.25'],
      ['010101', '9007199254740990.25'],
      ['010102', '3'],
      ['0102', '3.02'],
      ['99', '9007199254740996.27'],
    ]);
  });

  it('reads an exponent without rounding', async () => {
    const rows = await rowsOf(sgr(['05001|2025-2026']), '05001|2025-2026');

    expect(rows.map(({ presupuestoTotal }) => presupuestoTotal)).toEqual(
      Array(3).fill('67292719995246.367'),
    );
  });

  it('places each row in its tree and takes the padding off the names', async () => {
    const rows = await rowsOf(sgp(['05001|2025']), '05001|2025');

    expect(
      rows.map(({ concepto, padre, esHoja, esTotal }) => [concepto, padre, esHoja, esTotal]),
    ).toEqual([
      ['Educación', null, false, false],
      ['Prestación de Servicios', '0101', true, false],
      ['Calidad', '0101', true, false],
      ['Salud', null, true, false],
      ['Total SGP', null, false, true],
    ]);
  });

  it('reads the year in both spellings and refuses the rows of another one', async () => {
    taller.servidor.bodies.set(
      sgpPath('08'),
      lista(participacion('0101', 'x', '1', '"annio":2024')),
    );

    const answer = await sgp(['05|2025', '08|2025']);

    expect(answer.get('05|2025')?.at).toBe('found');
    expect(answer.get('08|2025')).toMatchObject({ error: { code: 'SOURCE_CONTRACT' } });
  });

  it('asks a departamento for its own share and not for the sum of its municipios', async () => {
    await sgp(['05|2025']);

    expect(taller.servidor.paths).toEqual(['/sgp/resumen_participaciones/2025/05000/05000']);
  });

  it('asks for the numbers of the bienios once for all entities', async () => {
    await sgr(['05001|2025-2026', '05|2025-2026']);
    await sgr(['08|2025-2026']);

    expect(taller.servidor.paths.filter((path) => path === '/sgr/vigencias')).toHaveLength(1);
    expect(taller.servidor.paths).toHaveLength(4);
  });

  it('asks nothing about a bienio that SICODIS does not list', async () => {
    const answer = await sgr(['05001|2035-2036']);

    expect(answer.get('05001|2035-2036')?.at).toBe('absent');
    expect(taller.servidor.paths).toEqual(['/sgr/vigencias']);
  });

  it('fails only the entity whose answer is not in the documented form', async () => {
    taller.servidor.bodies.set(sgpPath('08'), lista(participacion('0101', 'x', '"12,5"')));

    const answer = await sgp(['05001|2025', '08|2025']);

    expect(answer.get('05001|2025')?.at).toBe('found');
    expect(answer.get('08|2025')).toMatchObject({ error: { code: 'SOURCE_CONTRACT' } });
  });

  it('refuses a long list without one call of the request, harvests, and then answers it without any', async () => {
    const refused = await sgp(sixty);
    expect(refused.get('05001|2025')).toMatchObject({
      at: 'failed',
      error: { code: 'CAPACIDAD_INSUFICIENTE', mensaje: expect.stringContaining('cosecha') },
    });

    await taller.adapter.harvest(DistribucionSgp, '2025');
    const answer = await sgp(sixty);

    expect(taller.calls).not.toContain('consulta');
    expect(answer.get('05001|2025')).toMatchObject({ at: 'found', origin: { modo: 'ACOPIO' } });
    expect(answer.get('05100|2025')?.at).toBe('absent');
    expect(taller.servidor.paths).toHaveLength(2 + TERRITORIOS.length);
    expect([...answer.keys()].sort()).toEqual([...sixty].sort());
  });

  it('answers the same from the harvest as from the wire', async () => {
    const live = await rowsOf(sgr(['05001|2025-2026']), '05001|2025-2026');
    await taller.adapter.harvest(PresupuestoSgr, '2025-2026');
    const harvested = await rowsOf(sgr(['05001|2025-2026']), '05001|2025-2026');

    expect(harvested).toEqual(live);
  });

  it('goes on where a harvest was interrupted, and tells of it meanwhile', async () => {
    taller.servidor.bodies.set(sgpPath('08001'), '<html>');
    await taller.adapter.harvest(DistribucionSgp, '2025');
    expect(taller.adapter.estado().avisos).toMatchObject([
      { codigo: 'COSECHA_INTERRUMPIDA', donde: 'sgp:2025' },
    ]);
    const before = taller.servidor.paths.length;

    taller.servidor.bodies.delete(sgpPath('08001'));
    taller.clock += 120_000;
    await taller.adapter.harvest(DistribucionSgp, '2025');

    expect(taller.servidor.paths.slice(before)).not.toContain(sgpPath('05001'));
  });

  it('verifies an old harvest behind the request, and reads it anew only when SICODIS moved', async () => {
    await taller.adapter.harvest(DistribucionSgp, '2025');
    const before = taller.servidor.paths.length;
    taller.clock += 2 * 86_400_000;

    await sgp(['05001|2025']);
    await taller.adapter.harvest(DistribucionSgp, '2025');
    expect(taller.servidor.paths.slice(before)).toEqual([
      '/sgp/vigencias',
      '/sgp/resumen_general/2025',
    ]);

    taller.servidor.bodies.set('/sgp/resumen_general/2025', '{"anio":2025,"total_distribuido":1}');
    taller.servidor.bodies.set(sgpPath('05'), lista(participacion('0101', 'Educación', '13')));
    taller.clock += 2 * 86_400_000;
    await sgp(['05|2025']);
    await taller.adapter.harvest(DistribucionSgp, '2025');

    expect((await rowsOf(sgp(['05|2025']), '05|2025'))[0]?.valor).toBe('13');
  });
});
