import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordStore, Row } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { claveOf, recordDigest } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { claveDigest } from './clave-digest.js';
import { runCenso, type Censo, type OpcionesCenso } from './censo.js';
import { loadEvidencia } from './store.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';
import { filaAt, filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';

/** The long form sets it to 10^6. */
const FILAS = Number(process.env['CENSO_FILAS'] ?? 3_000);
const LONG_MS = 60_000 + FILAS;
const ROWS_PER_INGEST = 20_000;

let store: TestStore;
let tables = 0;

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface House {
  readonly registro: Registro;
  readonly viejo: Viejo;
  readonly unico: RecordStore;
  readonly tarea: Tarea;
  /** Puts records into the new side. */
  put(rows: readonly Row[], reparar?: boolean): Promise<void>;
  census(opciones?: OpcionesCenso): Promise<Censo>;
}

async function house(rows: readonly Row[], chunk = 40): Promise<House> {
  const registro = registroOf(`Censo${++tables}`);
  const viejo = new Viejo(registro, rows, chunk);
  const now = (): number => Date.UTC(2026, 8, 1);
  const unico = createUnico({ store, now, registros: [registro] });
  const tramo = tramoOf(registro, { fase: 'shadow' });
  const tarea = await openTarea(store, registro, viejo, { unico, tramo });
  return {
    registro,
    viejo,
    unico,
    tarea,
    census: (opciones) => runCenso(tarea, opciones),
    async put(all, reparar = false) {
      for (let at = 0; at < all.length; at += ROWS_PER_INGEST) {
        const part = all.slice(at, at + ROWS_PER_INGEST);
        const chunkOf = { rows: part, version: versionAt(1), reparar };
        await unico.ingest(registro, chunkOf, null, contextOf(tarea));
      }
    },
  };
}

const countsOf = ({ viejo, nuevo, iguales, soloViejo, soloNuevo, distintas }: Censo) => ({
  viejo,
  nuevo,
  iguales,
  soloViejo,
  soloNuevo,
  distintas,
});

/** What a census must find, by the plainest way there is. */
function oracle(registro: Registro, viejo: readonly Row[], nuevo: readonly Row[]) {
  const digests = (rows: readonly Row[]): Map<string, string> =>
    new Map(rows.map((row) => [claveOf(registro, row), recordDigest(registro, row)]));
  const [left, right] = [digests(viejo), digests(nuevo)];
  const iguales = [...left].filter(([clave, digest]) => right.get(clave) === digest).length;
  const both = [...left.keys()].filter((clave) => right.has(clave)).length;
  return {
    viejo: left.size,
    nuevo: right.size,
    iguales,
    soloViejo: left.size - both,
    soloNuevo: right.size - both,
    distintas: both - iguales,
  };
}

describe('a census', () => {
  it('finds equal sides equal, with equal roots, and stores the evidence', async () => {
    const rows = filasTo(200);
    const one = await house(rows);
    await one.put([...rows].reverse());

    const censo = await one.census();

    expect(censo).toMatchObject({ estado: 'completo', completo: true, iguales: 200, distintas: 0 });
    expect(censo.raizViejo).toBe(censo.raizNuevo);
    expect(censo.marca).toEqual({ baja: versionAt(1), alta: versionAt(1) });
    const evidencias = await loadEvidencia(store, one.tarea.tramo.id);
    expect(evidencias.find(({ tipo }) => tipo === 'censo')?.valor).toMatchObject({
      id: censo.id,
      completo: true,
      iguales: 200,
    });
  });

  it('agrees with an oracle on any two sides', async () => {
    const side = fc.uniqueArray(
      fc.record({ n: fc.integer({ min: 0, max: 40 }), pagos: fc.constantFrom('1', '2', null) }),
      { selector: ({ n }) => n, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(side, side, async (a, b) => {
        const toRows = (all: typeof a): Row[] => all.map(({ n, pagos }) => filaAt(n, { pagos }));
        const one = await house(toRows(a), 7);
        await one.put(toRows(b));

        const censo = await one.census({ relecturasMs: [] });

        expect(countsOf(censo)).toEqual(oracle(one.registro, toRows(a), toRows(b)));
        expect(censo.raizViejo === censo.raizNuevo).toBe(
          censo.soloViejo + censo.soloNuevo + censo.distintas === 0,
        );
      }),
      { numRuns: 25 },
    );
  });

  it.each([1, 10, 100])(
    'finds all of %i planted defects, and the campo of each',
    async (count) => {
      const rows = filasTo(FILAS);
      const one = await house(rows, 5_000);
      await one.put(rows);
      const step = Math.floor(FILAS / count);
      const planted = Array.from({ length: count }, (_, i) => filaAt(i * step, { pagos: '0.01' }));
      await one.put(planted, true);

      const censo = await one.census({ relecturasMs: [0] });

      expect(countsOf(censo)).toEqual({
        viejo: FILAS,
        nuevo: FILAS,
        iguales: FILAS - count,
        soloViejo: 0,
        soloNuevo: 0,
        distintas: count,
      });
      const found = await diferencias(one.tarea.tramo.id);
      expect(found.map(({ clave }) => clave).sort()).toEqual(
        planted.map((row) => claveDigest(one.tarea.tramo, claveOf(one.registro, row))).sort(),
      );
      expect(new Set(found.flatMap(({ campos }) => campos.map(({ campo }) => campo)))).toEqual(
        new Set(['pagos']),
      );
      expect(JSON.stringify(found)).not.toContain('0.01');
    },
    LONG_MS,
  );
});

const diferencias = (tramo: string) =>
  store.query<{
    readonly clave: string;
    readonly clase: string;
    readonly campos: readonly { readonly campo: string }[];
    readonly resuelta: string | null;
  }>('select clave_digest as clave, clase, campos, resuelta from diferencia where tramo = $1', [
    tramo,
  ]);

describe('given moving data', () => {
  it('reads differing claves again, and counts those that are equal then as late', async () => {
    const rows = filasTo(100);
    const one = await house(rows);
    await one.put(rows.map((row, n) => (n === 5 ? { ...row, pagos: '77' } : row)));
    // The source says the new amount only after the walk.
    const waits: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      waits.push(ms);
      if (ms === 2_000)
        one.viejo.rows = rows.map((row, n) => (n === 5 ? { ...row, pagos: '77' } : row));
      return Promise.resolve();
    };

    const censo = await runCenso({ ...one.tarea, sleep });

    expect(waits).toContain(2_000);
    expect(waits).not.toContain(10_000);
    expect(censo).toMatchObject({ iguales: 100, distintas: 0, transitorias: 1 });
    expect(censo.raizViejo).toBe(censo.raizNuevo);
  });

  it('begins again when the source publishes another version under it', async () => {
    const rows = filasTo(100);
    const one = await house(rows);
    await one.put(rows);
    let moved = false;
    one.viejo.beforeChunk = (at) => {
      if (at === 80 && !moved) one.viejo.edition = 2;
      moved ||= at === 80;
    };

    const censo = await one.census();

    expect(one.viejo.scans).toBe(2);
    expect(censo).toMatchObject({ estado: 'completo', iguales: 100 });
    expect(censo.marca?.baja).toEqual(versionAt(2));
  });
});

describe('a census that cannot read everything', () => {
  it('proves nothing, and says why', async () => {
    const rows = filasTo(100);
    const one = await house(rows);
    await one.put(rows);
    one.viejo.beforeChunk = (at) => {
      one.viejo.dead = at >= 80;
    };

    const censo = await one.census();

    expect(censo).toMatchObject({
      estado: 'incompleto',
      completo: false,
      paginasOmitidas: 1,
      codigo: 'SOURCE_UNAVAILABLE',
    });
    const evidencias = await loadEvidencia(store, one.tarea.tramo.id);
    expect(evidencias.find(({ tipo }) => tipo === 'censo')?.valor).toMatchObject({
      completo: false,
    });
  });

  it('counts a record that repeats its clave as a difference', async () => {
    const rows = filasTo(50);
    const one = await house([...rows, filaAt(3)]);
    await one.put(rows);

    const censo = await one.census({ relecturasMs: [] });

    expect(countsOf(censo)).toMatchObject({ viejo: 51, nuevo: 50, iguales: 50, soloViejo: 1 });
  });

  it('asks nothing of the old side once it is drained, and compares the last walk again', async () => {
    const rows = filasTo(60);
    const one = await house(rows);
    await one.put(rows);
    await one.census();
    const { scans } = one.viejo;
    const draining = { ...one.tarea, tramo: { ...one.tarea.tramo, fase: 'draining' as const } };

    expect(await runCenso(draining)).toMatchObject({ codigo: 'PHASE_NOT_ALLOWED' });
    const again = await runCenso(draining, { reusar: true, relecturasMs: [] });

    expect(again).toMatchObject({ estado: 'completo', iguales: 60 });
    expect(one.viejo.scans).toBe(scans);
    expect(one.viejo.calls).toEqual([]);
  });
});

describe('a difference that a rule explains', () => {
  const regla = {
    id: 'r1',
    campo: 'nombre',
    efecto: 'ignorar',
    responsable: 'ana',
    motivo: 'la tilde se perdió en 2014',
    vence: '2027-01-01T00:00:00.000Z',
    maximoPpm: 20_000,
  } as const;

  it('counts as explained until the rule ends, and up to its share', async () => {
    const rows = filasTo(100);
    const one = await house(rows);
    await one.put(rows.map((row, n) => (n < 2 ? { ...row, nombre: 'otro' } : row)));

    const within = await one.census({ reglas: [regla], relecturasMs: [] });
    const ended = { ...regla, vence: '2026-01-01T00:00:00.000Z' };
    const late = await one.census({ reglas: [ended], relecturasMs: [], reusar: true });
    const narrow = { ...regla, maximoPpm: 10_000 };
    const over = await one.census({ reglas: [narrow], relecturasMs: [], reusar: true });

    expect([within, late, over].map(({ explicadas }) => explicadas)).toEqual([2, 0, 0]);
    expect(within.distintas).toBe(2);
  });

  it('is marked as settled when a later census finds it no more', async () => {
    const rows = filasTo(50);
    const one = await house(rows);
    await one.put([...rows.slice(1), filaAt(0, { pagos: '9' })]);
    await one.census({ relecturasMs: [] });
    await one.put([filaAt(0)], true);

    const censo = await one.census({ relecturasMs: [] });

    expect(censo.distintas).toBe(0);
    const found = await diferencias(one.tarea.tramo.id);
    expect(found).toMatchObject([{ clase: 'mismatch', resuelta: censo.terminado }]);
  });
});
