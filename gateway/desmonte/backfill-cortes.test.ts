import { describe, expect, it } from '@jest/globals';
import type { Adapter } from '../../adapters/contract.js';
import { createUnico } from '../../adapters/unico/index.js';
import { bucketOf, claveOf, compareClaves, recordDigest } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import { foldBuckets, sliceRoot } from '../route/merkle.js';
import { cuarentenaOf, evidenceOf, setUpHouses, type House } from './backfill-testing.js';
import { puntoKeyOf, runBackfill } from './backfill.js';
import { readPunto } from './punto.js';
import { contextOf, type Tarea } from './tarea.js';
import { filaAt, filasTo, versionAt } from './testing.js';

const house = setUpHouses(createUnico);

const rootOf = async ({ unico, registro, tarea }: House): Promise<string> =>
  sliceRoot(await unico.bucketDigests(registro, {}, contextOf(tarea)));

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
      expect(await cuarentenaOf(one)).toHaveLength(1);
      expect(await evidenceOf(one, 'backfill')).toMatchObject({ completo: true, tomadas: 29 });
    }
    expect(crashes).toBeGreaterThan(30);
  }, 180_000);
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
