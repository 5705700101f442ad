import { describe, expect, it } from '@jest/globals';
import type { RecordStore } from '../../adapters/contract.js';
import { SourceUnavailableError } from '../../adapters/errors.js';
import { createUnico } from '../../adapters/unico/index.js';
import { countOf, evidenceOf, setUpHouses, START } from './backfill-testing.js';
import { runBackfill, type ResultadoCarga } from './backfill.js';
import { contextOf, type Progreso } from './tarea.js';
import { filasTo, versionAt } from './testing.js';

const house = setUpHouses(createUnico);

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
