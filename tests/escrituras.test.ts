import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordStore, Row, SourceContext } from '../adapters/contract.js';
import { createUnico } from '../adapters/unico/index.js';
import { openAlmacen, type Almacen } from '../gateway/almacen/almacen.js';
import { puntoKeyOf } from '../gateway/desmonte/backfill.js';
import { openTramos, type TramosKeeper } from '../gateway/desmonte/keeper.js';
import { filaAt, registroOf, tramoOf, versionAt } from '../gateway/desmonte/testing.js';
import { contextOf } from '../gateway/desmonte/tarea.js';
import { POLITICA_COMPRIMIDA } from '../gateway/route/politica.js';
import { FASES, type Fase } from '../gateway/route/tramo.js';
import { isRechazo } from '../gateway/route/transiciones.js';
import { claveOf } from '../schema/digest.js';
import { describeWithPostgres } from './servers.js';

/**
 * I12. The single store takes no writes of people yet, so there is no outbox towards the old side to lose. What it
 * acknowledges is what it took in: chunks of a load with their checkpoint, captured changes, and tombstones.
 */
const RECORDS = 12;

/** Even editions carry rows, odd ones tombstones: two contents never share a version. */
const fila = (n: number, edition: number): Row => filaAt(n, { pagos: String(edition * 100 + n) });

type Paso =
  | { readonly que: 'trozo'; readonly desde: number; readonly edition: number }
  | { readonly que: 'cambio'; readonly n: number; readonly edition: number }
  | { readonly que: 'lapida'; readonly n: number; readonly edition: number }
  | { readonly que: 'fase'; readonly fase: Fase }
  | { readonly que: 'reinicio' }
  /** A chunk is under way when the server dies, after so many turns. */
  | {
      readonly que: 'muerte';
      readonly desde: number;
      readonly edition: number;
      readonly turnos: number;
    };

const index = fc.integer({ min: 0, max: RECORDS - 1 });
const rows = fc.integer({ min: 1, max: 12 }).map((n) => n * 2);
const tombstones = fc.integer({ min: 1, max: 12 }).map((n) => n * 2 + 1);
const paso: fc.Arbitrary<Paso> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ que: fc.constant('trozo' as const), desde: index, edition: rows }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ que: fc.constant('cambio' as const), n: index, edition: rows }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ que: fc.constant('lapida' as const), n: index, edition: tombstones }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ que: fc.constant('fase' as const), fase: fc.constantFrom(...FASES) }),
  },
  { weight: 1, arbitrary: fc.constant({ que: 'reinicio' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      que: fc.constant('muerte' as const),
      desde: index,
      edition: rows,
      turnos: fc.integer({ min: 0, max: 60 }),
    }),
  },
);

const MUERTE_TEMPRANA = { que: 'muerte', desde: 0, edition: 2, turnos: 0 } as const;

interface Conocida {
  readonly edition: number;
  /** Null: a tombstone. */
  readonly pagos: string | null;
}

/** What was acknowledged: of each record its newest version, and of the load its last checkpoint. */
class Modelo {
  readonly conocidas = new Map<number, Conocida>();
  punto: string | null = null;

  take(n: number, edition: number, pagos: string | null): void {
    const known = this.conocidas.get(n);
    if (known === undefined || edition > known.edition) this.conocidas.set(n, { edition, pagos });
  }

  takeTrozo(desde: number, edition: number, punto: string): void {
    for (const n of trozo(desde)) this.take(n, edition, String(fila(n, edition)['pagos']));
    this.punto = punto;
  }

  get filas(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.conocidas].flatMap(([n, { pagos }]) => (pagos === null ? [] : [[`c${n}`, pagos]])),
    );
  }
}

const trozo = (desde: number): readonly number[] =>
  Array.from({ length: Math.min(4, RECORDS - desde) }, (_, i) => desde + i);

await describeWithPostgres('I12: what the store acknowledged', (url, postgres) => {
  let almacen: Almacen;
  let runs = 0;

  beforeAll(async () => {
    almacen = await openAlmacen({ databaseUrl: url() });
  });
  afterAll(() => almacen.close());

  async function openHouse() {
    const registro = registroOf(`Escrita${++runs}`);
    const tramo = tramoOf(registro);
    const ctx: SourceContext = contextOf({
      tramo,
      now: Date.now,
      signal: new AbortController().signal,
    } as never);
    const open = (): RecordStore =>
      createUnico({ store: almacen, now: Date.now, registros: [registro] });
    const keeper: TramosKeeper = await openTramos({
      store: almacen,
      registros: [registro],
      base: new Map(),
      politica: POLITICA_COMPRIMIDA,
      now: Date.now,
      log: () => undefined,
      pollMs: 0,
    });
    const { id, viejo, nuevo, cohorte } = tramo;
    const made = await keeper.create(
      { id, registro: registro.nombre, cohorte, viejo, nuevo },
      'ana',
      'x',
    );
    if (isRechazo(made)) throw new Error(made.mensaje);
    return { registro, id, ctx, open, keeper };
  }

  it('is there after any order of chunks, changes, tombstones, phases, restarts and deaths', async () => {
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(paso, { minLength: 8, maxLength: 16 }), async (pasos) => {
        const { registro, id, ctx, open, keeper } = await openHouse();
        const modelo = new Modelo();
        let unico = open();
        let chunks = 0;
        const ingest = (desde: number, edition: number, punto: string): Promise<unknown> =>
          unico.ingest(
            registro,
            { rows: trozo(desde).map((n) => fila(n, edition)), version: versionAt(edition) },
            { tramo: puntoKeyOf(id), valor: punto },
            ctx,
          );
        const held = async (): Promise<readonly [Record<string, unknown>, string | null]> => {
          const cuentas = Array.from({ length: RECORDS }, (_, n) => `c${n}`);
          const answer = await unico.read(registro, 'porCuenta', cuentas, ctx);
          const found = cuentas.flatMap((cuenta) => {
            const outcome = answer.get(cuenta);
            if (outcome?.at === 'failed') throw new Error(outcome.error.mensaje);
            return outcome?.at === 'found' ? [[cuenta, outcome.rows[0]?.['pagos']]] : [];
          });
          return [Object.fromEntries(found), await unico.checkpoint(puntoKeyOf(id))];
        };

        for (const one of pasos) {
          if (one.que === 'trozo') {
            const punto = `trozo ${++chunks}`;
            await ingest(one.desde, one.edition, punto);
            modelo.takeTrozo(one.desde, one.edition, punto);
          } else if (one.que === 'cambio') {
            const version = versionAt(one.edition);
            await unico.ingest(registro, { rows: [fila(one.n, one.edition)], version }, null, ctx);
            modelo.take(one.n, one.edition, String(fila(one.n, one.edition)['pagos']));
          } else if (one.que === 'lapida') {
            const clave = claveOf(registro, filaAt(one.n));
            await unico.tombstone(registro, [clave], versionAt(one.edition), ctx);
            modelo.take(one.n, one.edition, null);
          } else if (one.que === 'fase') {
            await almacen.query('update tramo set fase = $2, epoca = epoca + 1 where id = $1', [
              id,
              one.fase,
            ]);
            await almacen.query('update ruteo_epoca set epoca = epoca + 1');
            await keeper.refresh();
          } else if (one.que === 'reinicio') {
            unico = open();
          } else {
            const punto = `trozo ${++chunks}`;
            const acknowledged = ingest(one.desde, one.edition, punto).then(
              () => true,
              () => false,
            );
            for (let i = 0; i < one.turnos; i++) await new Promise((next) => setImmediate(next));
            await postgres.kill();
            const isAcknowledged = await acknowledged;
            await postgres.restart();
            unico = open();
            // Not acknowledged: it is there with its checkpoint, or neither is.
            const isThere = (await unico.checkpoint(puntoKeyOf(id))) === punto;
            if (!isThere) cut += 1;
            expect(isThere || !isAcknowledged).toBe(true);
            if (isThere) modelo.takeTrozo(one.desde, one.edition, punto);
          }
          expect(await held()).toEqual([modelo.filas, modelo.punto]);
        }
        await keeper.close();
      }),
      // One death before anything could be written: however the others fall, not all of them may come too late.
      { numRuns: 10, examples: [[[MUERTE_TEMPRANA]]] },
    );
    expect(cut).toBeGreaterThan(0);
  }, 300_000);
});
