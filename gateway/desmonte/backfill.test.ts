import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Adapter, RecordStore, Row } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { SourceUnavailableError } from '../../adapters/errors.js';
import { bucketOf, claveOf, compareClaves, recordDigest } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import { openTestStore, type TestStore } from '../../tests/store.js';
import { foldBuckets, sliceRoot } from '../route/merkle.js';
import type { Tramo } from '../route/tramo.js';
import { claveDigest } from './bitacora.js';
import { puntoKeyOf, runBackfill, type ResultadoCarga } from './backfill.js';
import { loadCuarentena } from './cuarentena.js';
import { readPunto } from './punto.js';
import { loadEvidencia } from './store.js';
import type { Progreso, Tarea } from './tarea.js';
import { contextOf } from './tarea.js';
import { filaAt, filasTo, openTarea, registroOf, tramoOf, versionAt, Viejo } from './testing.js';

let store: TestStore;
let tables = 0;
const START = Date.UTC(2026, 8, 1);

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface House {
  readonly registro: Registro;
  readonly viejo: Viejo;
  readonly unico: RecordStore;
  readonly tarea: Tarea;
}

async function house(
  rows: readonly Row[] = filasTo(100),
  estado: Partial<Tramo> = {},
  mas: Partial<Tarea> = {},
): Promise<House> {
  const registro = registroOf(`Carga${++tables}`);
  const viejo = new Viejo(registro, rows);
  const now = mas.now ?? (() => START);
  const unico = createUnico({ store, now, registros: [registro] });
  const tramo = tramoOf(registro, estado);
  const tarea = await openTarea(store, registro, viejo, { ...mas, unico, tramo });
  return { registro, viejo, unico, tarea };
}

const rootOf = async ({ unico, registro, tarea }: House): Promise<string> =>
  sliceRoot(await unico.bucketDigests(registro, {}, contextOf(tarea)));

const countOf = async ({ unico, registro, tarea }: House): Promise<number> =>
  (await unico.bucketDigests(registro, {}, contextOf(tarea))).reduce((n, b) => n + b.filas, 0);

const evidenceOf = async ({ tarea }: House, tipo: string): Promise<unknown> =>
  (await loadEvidencia(store, tarea.tramo.id)).find((one) => one.tipo === tipo)?.valor;

const rowOf = async ({ unico, registro, tarea }: House, n: number): Promise<Row | undefined> => {
  const answer = await unico.read(registro, 'porCuenta', [`c${n}`], contextOf(tarea));
  const outcome = answer.get(`c${n}`);
  return outcome?.at === 'found' ? outcome.rows[0] : undefined;
};

describe('a load', () => {
  it('brings every record of the tramo, and only of the tramo', async () => {
    const cohorte = { vigencia: { desde: 2020, hasta: 2020 } };
    const one = await house(filasTo(101), { cohorte });

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 50, escritas: 50, cuarentena: 0 });
    expect(await countOf(one)).toBe(50);
    expect(done.marca).toEqual({ baja: versionAt(1), alta: versionAt(1) });
    expect(await evidenceOf(one, 'backfill')).toEqual({
      completo: true,
      leidas: 50,
      tomadas: 50,
      cuarentena: 0,
      paginasOmitidas: 0,
    });
  });

  it('tells how far it is: rows, rate and time left once a total is known', async () => {
    let now = START;
    const told: Progreso[] = [];
    const one = await house(filasTo(100), {}, { now: () => now, onProgreso: (p) => told.push(p) });
    // What takes the time is the taking in: the source is read one chunk ahead.
    const ingest: RecordStore['ingest'] = (...args) => {
      now += 1_000;
      return one.unico.ingest(...args);
    };
    const tarea = { ...one.tarea, unico: { ...one.unico, ingest } };
    await runBackfill(tarea);
    const first = told.splice(0);

    await runBackfill(tarea);

    expect(first.every(({ total, restanteS }) => total === null && restanteS === null)).toBe(true);
    const half = told.find(({ leidas }) => leidas === 80);
    expect(half).toMatchObject({ total: 100, filasPorSegundo: 40, restanteS: 1, escritas: 0 });
    expect(told.at(-1)).toMatchObject({ paso: 'terminada', leidas: 100 });
  });

  it('reads one chunk ahead while the store takes one in, and never two', async () => {
    const one = await house(filasTo(200));
    const asked = new Map<number, () => void>();
    const isAsked = new Map(
      [0, 40, 80, 120, 160].map((at) => [
        at,
        new Promise<void>((resolve) => asked.set(at, resolve)),
      ]),
    );
    let reads = 0;
    one.viejo.beforeChunk = (at) => {
      reads += 1;
      asked.get(at)?.();
    };
    let taken = 0;
    const ahead: number[] = [];
    const ingest: RecordStore['ingest'] = async (...args) => {
      taken += 1;
      // Never comes when nobody reads ahead.
      await isAsked.get(taken * 40);
      const ingested = await one.unico.ingest(...args);
      ahead.push(reads - taken);
      return ingested;
    };

    await runBackfill({ ...one.tarea, unico: { ...one.unico, ingest } });

    expect(ahead).toEqual([1, 1, 1, 1, 0]);
  });

  it('refuses to read the old side of a tramo that is drained', async () => {
    const one = await house(filasTo(10), { fase: 'draining' });

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'detenida', codigo: 'PHASE_NOT_ALLOWED' });
    expect(one.viejo.scans).toBe(0);
  });

  it('goes on after a source that was gone for a moment', async () => {
    const one = await house();
    let failures = 2;
    one.viejo.beforeChunk = (at) => {
      if (at === 80 && failures-- > 0) throw new SourceUnavailableError('viejo');
    };

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 100, escritas: 100 });
    expect(one.viejo.scans).toBe(3);
  });

  it('stops at a source that stays gone, and goes on from there when it is run again', async () => {
    const one = await house();
    one.viejo.beforeChunk = (at) => {
      one.viejo.dead = at >= 80;
    };
    const cut = await runBackfill(one.tarea);
    one.viejo.dead = false;
    const seen: number[] = [];
    one.viejo.beforeChunk = (at) => void seen.push(at);

    const done = await runBackfill(one.tarea);

    expect(cut).toMatchObject({ estado: 'detenida', codigo: 'SOURCE_UNAVAILABLE', leidas: 80 });
    expect(seen).toEqual([80]);
    expect(done).toMatchObject({ estado: 'completa', reanudada: true, leidas: 100, escritas: 20 });
  });

  it('stops where it is told to, without a loss', async () => {
    const abort = new AbortController();
    const one = await house(filasTo(100), {}, { signal: abort.signal });
    one.viejo.beforeChunk = (at) => {
      if (at === 40) abort.abort();
    };

    const cut = await runBackfill(one.tarea);
    const done = await runBackfill({ ...one.tarea, signal: new AbortController().signal });

    expect(cut).toMatchObject({ estado: 'detenida', codigo: 'TASK_ABORTED' });
    expect(done).toMatchObject({ estado: 'completa', leidas: 100 });
    expect(cut.escritas + done.escritas).toBe(100);
  });
});

describe('I8: a load that is killed', () => {
  class Crash extends Error {}

  /** Every effect of the load, counted; the chosen one is the last that happens. */
  function crashAt(tarea: Tarea, at: number): Tarea {
    let count = 0;
    const counted =
      <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        if (count >= at) throw new Crash();
        const result = await work(...args);
        count += 1;
        if (count >= at) throw new Crash();
        return result;
      };
    const { store: real, unico, viejo } = tarea;
    const wrapped: Tarea['store'] = {
      ...real,
      query: counted<Parameters<typeof real.query>, never[]>(real.query.bind(real)),
      transaction: counted<Parameters<typeof real.transaction>, never>(
        real.transaction.bind(real) as () => Promise<never>,
      ),
    };
    const old = Object.assign(Object.create(viejo) as Adapter, {
      version: counted(viejo.version.bind(viejo)),
      async *scan(...args: Parameters<Adapter['scan']>) {
        const chunks = viejo.scan(...args)[Symbol.asyncIterator]();
        const next = counted(() => chunks.next());
        for (let one = await next(); one.done !== true; one = await next()) yield one.value;
      },
    });
    return {
      ...tarea,
      store: wrapped,
      viejo: old,
      unico: {
        ...unico,
        checkpoint: counted((id: string) => unico.checkpoint(id)),
        version: counted(unico.version.bind(unico)),
        bucketDigests: counted(unico.bucketDigests.bind(unico)),
        ingest: counted(unico.ingest.bind(unico)),
        tombstone: counted(unico.tombstone.bind(unico)),
      },
    };
  }

  /** Thirty records, one of them poison; and one here that the source does not have any more. */
  const opened = async (): Promise<House> => {
    const rows = filasTo(30).map((row, n) => (n === 7 ? { ...row, pagos: 'mucho' } : row));
    const one = await house(rows);
    one.viejo.chunk = 15;
    one.viejo.edition = 2;
    const gone = { rows: [filaAt(99)], version: versionAt(1) };
    await one.unico.ingest(one.registro, gone, null, contextOf(one.tarea));
    return one;
  };
  const options = { limiteBorrado: 0.5 };

  /** Of the twenty-nine good records; each registro has digests of its own. */
  function rootOfRows({ registro }: House): string {
    const hojas = filasTo(30)
      .filter((_row, n) => n !== 7)
      .map((row) => {
        const clave = claveOf(registro, row);
        return { clave, bucket: bucketOf(clave), digest: recordDigest(registro, row) };
      })
      .sort((a, b) => a.bucket - b.bucket || compareClaves(a.clave, b.clave));
    return sliceRoot(foldBuckets(hojas));
  }

  it('ends, run again, in the state of one that never was, wherever it was cut', async () => {
    const whole = await opened();
    const expected = await runBackfill(whole.tarea, options);
    expect(expected).toMatchObject({
      estado: 'completa',
      ausencias: { borradas: 1 },
      cuarentena: 1,
    });
    expect(await rootOf(whole)).toBe(rootOfRows(whole));

    let crashes = 0;
    for (let at = 1; ; at++) {
      const one = await opened();
      const cut = await runBackfill(crashAt(one.tarea, at), options).catch((error: unknown) => {
        if (error instanceof Crash) return null;
        throw error;
      });
      if (cut !== null) break;
      crashes += 1;

      const done = await runBackfill(one.tarea, options);

      expect({ at, ...done }).toMatchObject({ at, estado: 'completa', leidas: 30, cuarentena: 1 });
      expect(await rootOf(one)).toBe(rootOfRows(one));
      expect(await loadCuarentena(store, one.tarea.tramo.id)).toHaveLength(1);
      expect(await evidenceOf(one, 'backfill')).toMatchObject({ completo: true, tomadas: 29 });
    }
    expect(crashes).toBeGreaterThan(30);
  }, 180_000);
});

describe('I9: a load that is run again', () => {
  it('writes nothing', async () => {
    const one = await house();
    await runBackfill(one.tarea);
    const { token } = await one.unico.version(one.registro, contextOf(one.tarea));

    const again = await runBackfill(one.tarea);

    expect(again).toMatchObject({ estado: 'completa', leidas: 100, escritas: 0, iguales: 100 });
    expect((await one.unico.version(one.registro, contextOf(one.tarea))).token).toBe(token);
  });
});

describe('I10: a change that is captured while a chunk is read', () => {
  it('is never overwritten by the older row of the chunk, in any interleaving', async () => {
    const change = fc.record({
      n: fc.integer({ min: 0, max: 29 }),
      chunk: fc.integer({ min: 0, max: 2 }),
      edition: fc.constantFrom(1, 3),
    });
    const changes = fc.uniqueArray(change, { selector: ({ n }) => n, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const one = await house(filasTo(30));
        one.viejo.chunk = 10;
        one.viejo.edition = 2;
        const { unico, registro, tarea } = one;
        let taken = 0;
        const ingest: RecordStore['ingest'] = async (...args) => {
          for (const { n, chunk, edition } of all) {
            if (chunk !== taken) continue;
            const rows = [filaAt(n, { pagos: `${edition}000` })];
            await unico.ingest(
              registro,
              { rows, version: versionAt(edition) },
              null,
              contextOf(tarea),
            );
          }
          taken += 1;
          return unico.ingest(...args);
        };

        await runBackfill({ ...tarea, unico: { ...unico, ingest } });

        for (const { n, edition } of all) {
          const expected = edition === 3 ? '3000' : filaAt(n)['pagos'];
          expect((await rowOf(one, n))?.['pagos']).toBe(expected);
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('I11: a record that the source does not have any more', () => {
  it('gets its tombstone after two complete walks', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).slice(1);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', pasadas: 2 });
    expect(done.ausencias).toEqual({ pendientes: 0, borradas: 1, noBorradas: 0 });
    expect(await rowOf(one, 0)).toBeUndefined();
    expect(await countOf(one)).toBe(299);
  });

  it('stays when only one walk lacked it', async () => {
    const onProgreso = ({ pasada }: Progreso): void => {
      if (pasada === 2) one.viejo.rows = filasTo(300);
    };
    const one = await house(filasTo(300), {}, { onProgreso });
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).slice(1);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ pasadas: 2, leidas: 300 });
    expect(done.ausencias).toEqual({ pendientes: 0, borradas: 0, noBorradas: 0 });
    expect(await countOf(one)).toBe(300);
  });

  it('is one of too many when the answer was cut: the load stops and deletes none', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.edition = 2;
    one.viejo.cutAt = 200;

    const done = await runBackfill(one.tarea);
    const again = await runBackfill(one.tarea);

    for (const result of [done, again]) {
      expect(result).toMatchObject({ estado: 'detenida', codigo: 'DELETE_LIMIT' });
      expect(result.motivo).toContain('100 de 300');
    }
    expect(await countOf(one)).toBe(300);
    expect(await evidenceOf(one, 'backfill')).toMatchObject({ completo: false });
  });

  it('is no matter when a walk ends without saying so: that walk proves nothing', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.edition = 2;
    const whole: Adapter = one.viejo;
    const old = Object.assign(Object.create(whole) as Adapter, {
      async *scan(...args: Parameters<Adapter['scan']>) {
        for await (const chunk of whole.scan(...args)) {
          if (chunk.resume === null) return;
          yield chunk;
        }
      },
    });

    const done = await runBackfill({ ...one.tarea, viejo: old });

    expect(done).toMatchObject({ estado: 'detenida', codigo: 'SOURCE_CONTRACT' });
    expect(await countOf(one)).toBe(300);
  });
});

describe('a record that cannot be taken', () => {
  const poison = (row: Row, n: number): Row => {
    if (n === 3) return { ...row, pagos: '1,5' };
    if (n === 4) return { ...row, cuenta: null };
    if (n === 5) return { ...row, nombre: 7 };
    return row;
  };

  it('goes to quarantine with reason and digests, and the others are taken', async () => {
    const one = await house(filasTo(60).map(poison));

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 60, escritas: 57, cuarentena: 3 });
    const kept = await loadCuarentena(store, one.tarea.tramo.id);
    expect(kept.map(({ motivo }) => motivo).sort()).toEqual([
      'FORMA',
      'SIN_CLAVE',
      'VALOR_NO_EXACTO',
    ]);
    expect(kept.every(({ claveDigest }) => /^[0-9a-f]{32,64}$/.test(claveDigest))).toBe(true);
    expect(await evidenceOf(one, 'cuarentena')).toEqual({ pendientes: 3, eximidas: 0 });
  });

  it('leaves quarantine when the source mends it', async () => {
    const one = await house(filasTo(60).map(poison));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(60);
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', escritas: 3, cuarentena: 0 });
    expect(await loadCuarentena(store, one.tarea.tramo.id)).toEqual([]);
  });

  it('does not let a good earlier version of it be deleted', async () => {
    const one = await house(filasTo(300));
    await runBackfill(one.tarea);
    one.viejo.rows = filasTo(300).map((row, n) => (n === 3 ? { ...row, pagos: '1,5' } : row));
    one.viejo.edition = 2;

    const done = await runBackfill(one.tarea);

    expect(done.ausencias.borradas).toBe(0);
    expect(await countOf(one)).toBe(300);
  });
});

describe('a load that was cut, and whose page contract changed', () => {
  async function cutHouse(): Promise<House> {
    const one = await house();
    one.viejo.beforeChunk = (at) => {
      one.viejo.dead = at >= 80;
    };
    await runBackfill(one.tarea);
    one.viejo.dead = false;
    one.viejo.beforeChunk = () => undefined;
    return one;
  }

  const changes: readonly (readonly [string, (one: House) => Tarea])[] = [
    [
      'another version of the dataset',
      (one) => {
        one.viejo.edition = 2;
        return one.tarea;
      },
    ],
    [
      'another mapping',
      (one) => ({ ...one.tarea, tramo: { ...one.tarea.tramo, mappingVersion: 2 } }),
    ],
    [
      'another comparator of a campo',
      (one) => {
        const { registro } = one;
        const recepcion = { ...registro.campos['pagos'], comparador: 'ninguno' };
        const campos = { ...registro.campos, pagos: recepcion } as Registro['campos'];
        return { ...one.tarea, registro: { ...registro, nombre: `${registro.nombre}b`, campos } };
      },
    ],
  ];

  it.each(changes)('is refused for %s, and begins anew when told to', async (_title, change) => {
    const one = await cutHouse();
    const tarea = change(one);

    const refused = await runBackfill(tarea);
    const anew = await runBackfill(tarea, { siCambio: 'reiniciar' });

    expect(refused).toMatchObject({ estado: 'detenida', codigo: 'RESUME_REFUSED' });
    expect(refused.motivo).toMatch(/no puede seguir/);
    expect(anew).toMatchObject({ estado: 'completa', reanudada: false, leidas: 100 });
  });

  it('keeps no row id of the source in its token', async () => {
    const one = await cutHouse();

    const punto = readPunto(await one.unico.checkpoint(puntoKeyOf(one.tarea.tramo.id)));

    expect(punto).toMatchObject({ version: 'v1', leidas: 80, trozo: 2, fin: false });
  });
});

describe('given a clock that jumps', () => {
  it('loses nothing', async () => {
    let calls = 0;
    const jumps = [0, 86_400_000, -86_400_000, 3_600_000];
    const now = (): number => START + (jumps[calls++ % jumps.length] ?? 0);
    const one = await house(filasTo(100), {}, { now });

    const done = await runBackfill(one.tarea);

    expect(done).toMatchObject({ estado: 'completa', leidas: 100, escritas: 100 });
    expect(await countOf(one)).toBe(100);
  });
});

describe('two loads of one tramo', () => {
  it('do not run at the same time', async () => {
    const one = await house();
    const others: Promise<ResultadoCarga>[] = [];
    one.viejo.beforeChunk = () => {
      if (others.length === 0) others.push(runBackfill(one.tarea));
    };

    const first = await runBackfill(one.tarea);

    expect(first).toMatchObject({ estado: 'completa' });
    expect(await Promise.all(others)).toMatchObject([
      { estado: 'detenida', codigo: 'TASK_RUNNING' },
    ]);
  });
});

it('names claves by their digest in what it keeps', async () => {
  const one = await house(filasTo(20).map((row, n) => (n === 1 ? { ...row, pagos: 'x' } : row)));
  await runBackfill(one.tarea);

  const kept = JSON.stringify(await loadCuarentena(store, one.tarea.tramo.id));

  expect(kept).not.toContain(claveOf(one.registro, filaAt(1)));
  expect(kept).toContain(claveDigest(one.tarea.tramo, claveOf(one.registro, filaAt(1))));
});
