/** Loading a part: into a new generation that nobody sees, then one transaction that makes it the one that answers. */
import type { SourceContext, Version } from '../../contract.js';
import { AdapterError, SourceTimeoutError } from '../../errors.js';
import type { LoadedPart, Part } from './acopio.js';
import {
  bumpCambio,
  loadParts,
  type PartsMirror,
  type Quarantine,
  type StoredPart,
} from './parts.js';
import { chargeCall } from '../presupuesto.js';
import type { Prepare } from './prepare.js';
import type { SqlStore } from '../sql/store.js';
import { createTurnos } from '../turnos.js';
import { tableOf } from './table.js';
import { dropGeneration, GenerationWriter, openGeneration } from './generation.js';

export interface Loader {
  ensure(part: Part, ctx: SourceContext): Promise<LoadedPart | null>;
  forget(sistema: string, id: string): Promise<void>;
  /** Removes what a crash left behind: generations that no part points to. */
  clean(): Promise<void>;
}

interface Tools {
  readonly store: SqlStore;
  readonly mirror: PartsMirror;
  readonly prepare: Prepare;
  readonly now: () => number;
  /** Waits while people wait; what nobody waits for is loaded around them. */
  readonly giveWay?: () => Promise<void>;
}

const lockName = (sistema: string, id: string): string => `acopio:${sistema}:${id}`;

async function flip(
  store: SqlStore,
  part: Part,
  generation: number,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  await store.transaction(async (session) => {
    await session.query(
      `insert into acopio_parte (sistema, id, generacion, version, corte, filas, cuarentena)
       values ($1::text, $2::text, $3::integer, $4::text, $5::text, $6::text, null)
       on conflict (sistema, id) do update set generacion = excluded.generacion,
         version = excluded.version, corte = excluded.corte, filas = excluded.filas, cuarentena = null`,
      [
        part.sistema,
        part.id,
        generation,
        JSON.stringify(part.version),
        part.corte ?? null,
        JSON.stringify(Object.fromEntries(counts)),
      ],
    );
    await bumpCambio(session, part.sistema);
  });
}

function toQuarantine(part: Part, error: unknown, now: number): Quarantine {
  const raw = error as { mensaje?: unknown; motivo?: unknown; linea?: unknown };
  // An AdapterError and a row that does not fit say `mensaje`; a broken file says `motivo`.
  const motivo = raw.mensaje ?? raw.motivo;
  return {
    version: part.version.token,
    motivo: typeof motivo === 'string' ? motivo : 'El archivo no se pudo leer por completo.',
    linea: typeof raw.linea === 'number' ? raw.linea : null,
    desde: new Date(now).toISOString(),
  };
}

async function saveQuarantine(store: SqlStore, part: Part, quarantine: Quarantine): Promise<void> {
  await store.transaction(async (session) => {
    await session.query(
      `insert into acopio_parte (sistema, id, cuarentena) values ($1::text, $2::text, $3::text)
       on conflict (sistema, id) do update set cuarentena = excluded.cuarentena`,
      [part.sistema, part.id, JSON.stringify(quarantine)],
    );
    await bumpCambio(session, part.sistema);
  });
}

const toLoaded = (part: StoredPart | undefined): LoadedPart | null =>
  part?.version == null ? null : { id: part.id, version: part.version, rows: part.rows };

/** Whether the same file would only fail the same way: a source that did not answer is not a broken file. */
const isBrokenFile = (error: unknown): boolean =>
  !(error instanceof AdapterError && error.retryable) &&
  !(error instanceof Error && error.name === 'AlmacenError') &&
  !(error instanceof Error && error.name === 'AbortError');

export function createLoader({ store, mirror, prepare, now, giveWay }: Tools): Loader {
  const flights = new Map<string, Promise<LoadedPart | null>>();
  /** Versions that this process found broken. A restart tries them once more: its parsers may be newer. */
  const broken = new Set<string>();
  /** Loads that a request waits for: they give way to nobody. */
  const urgent = new Set<string>();

  const load = async (
    part: Part,
    previous: StoredPart | undefined,
    flight: string,
  ): Promise<void> => {
    const generation = await openGeneration(store, part.sistema, part.id);
    try {
      const writer = new GenerationWriter(store, prepare, generation);
      const turno = createTurnos(now);
      for await (const { registro, rows } of part.load()) {
        await turno();
        if (giveWay !== undefined && !urgent.has(flight)) await giveWay();
        await writer.add(tableOf(registro), rows);
      }
      await writer.finish();
      await flip(store, part, generation, writer.counts);
    } catch (error) {
      await dropGeneration(store, generation);
      throw error;
    }
    await mirror.refresh(part.sistema);
    if (previous?.generation != null) await dropGeneration(store, previous.generation);
  };

  const saveVersion = async (part: Part, version: Version): Promise<void> => {
    await store.query(
      'update acopio_parte set version = $3::text where sistema = $1::text and id = $2::text',
      [part.sistema, part.id, JSON.stringify(version)],
    );
    await mirror.refresh(part.sistema);
  };

  /** The file is again the version that answers: what was wrong with another one is over. */
  const endQuarantine = async (part: Part): Promise<void> => {
    await store.query(
      'update acopio_parte set cuarentena = null where sistema = $1::text and id = $2::text',
      [part.sistema, part.id],
    );
    await mirror.refresh(part.sistema);
  };

  /** Holds the name of the part: no other process loads it meanwhile. */
  const loadOnce = async (part: Part, flight: string): Promise<LoadedPart | null> => {
    // Another process may have loaded it while we waited for the name.
    const { parts } = await loadParts(store, part.sistema);
    const previous = parts.get(part.id);
    if (previous?.version?.token !== part.version.token) {
      try {
        await load(part, previous, flight);
      } catch (error) {
        if (!isBrokenFile(error)) {
          if (previous?.version == null || !(error instanceof AdapterError)) throw error;
          await saveVersion(part, { ...previous.version, stale: true });
        } else {
          broken.add(flight);
          await saveQuarantine(store, part, toQuarantine(part, error, now()));
        }
      }
    }
    return toLoaded((await mirror.refresh(part.sistema)).parts.get(part.id));
  };

  const waitFor = async <T>(work: Promise<T>, sistema: string, signal: AbortSignal): Promise<T> => {
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        reject(new SourceTimeoutError(sistema, { cause: signal.reason }));
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    }
  };

  return {
    async ensure(part, ctx) {
      for (const registro of part.registros ?? []) await prepare(tableOf(registro));
      const flight = `${lockName(part.sistema, part.id)}:${part.version.token}`;
      let work = flights.get(flight);
      if (work === undefined) {
        const current = (await mirror.get(part.sistema)).parts.get(part.id);
        if (current?.version?.token === part.version.token) {
          if (JSON.stringify(current.version) !== JSON.stringify(part.version)) {
            await saveVersion(part, part.version);
          }
          if (current.quarantine !== null) await endQuarantine(part);
          return toLoaded((await mirror.get(part.sistema)).parts.get(part.id));
        }
        if (broken.has(flight)) return toLoaded(current);
        // The mirror answered later: somebody may have begun in between.
        work = flights.get(flight);
      }
      if (work === undefined) {
        // Who begins it opens the file. Its bytes are not theirs: a file is loaded whole, for all, whatever was asked.
        chargeCall(part.sistema, ctx);
        const started = store
          .exclusively(lockName(part.sistema, part.id), () => loadOnce(part, flight))
          .then((loaded) => loaded ?? null);
        work = started.finally(() => {
          flights.delete(flight);
          urgent.delete(flight);
        });
        // Who started it may have left; the others still wait for it.
        work.catch(() => undefined);
        flights.set(flight, work);
      }
      if (ctx.origen === 'consulta') urgent.add(flight);
      return waitFor(work, part.sistema, ctx.signal);
    },

    async forget(sistema, id) {
      await store.exclusively(lockName(sistema, id), async () => {
        const gone = await store.transaction(async (session) => {
          const rows = await session.query<{ generacion: number | null }>(
            'delete from acopio_parte where sistema = $1::text and id = $2::text returning generacion',
            [sistema, id],
          );
          await bumpCambio(session, sistema);
          return rows[0]?.generacion ?? null;
        });
        await mirror.refresh(sistema);
        if (gone !== null) await dropGeneration(store, gone);
      });
      for (const flight of broken) {
        if (flight.startsWith(`${lockName(sistema, id)}:`)) broken.delete(flight);
      }
    },

    async clean() {
      const orphans = await store.query<{ generacion: number; sistema: string; id: string }>(
        `select generacion, sistema, id from acopio_generacion as g where not exists
           (select 1 from acopio_parte as p where p.generacion = g.generacion)`,
      );
      for (const { generacion, sistema, id } of orphans) {
        // Held: another process is loading it right now, it is no orphan.
        await store.exclusively(lockName(sistema, id), () => dropOrphan(store, generacion), {
          wait: false,
        });
      }
    },
  };
}

/** Looks again under the lock: the load may have ended well in between. */
async function dropOrphan(store: SqlStore, generation: number): Promise<void> {
  const live = await store.query<{ n: bigint }>(
    'select count(*) as n from acopio_parte where generacion = $1::integer',
    [generation],
  );
  if (live[0]?.n === 0n) await dropGeneration(store, generation);
}
