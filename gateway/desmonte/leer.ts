import type { Chunk, Version } from '../../adapters/contract.js';
import { AdapterError } from '../../adapters/errors.js';
import type { Filtro } from '../../schema/registro.js';
import { RITMO, Ritmo } from './ritmo.js';
import type { Tarea } from './tarea.js';
import { aborted, contextOf, Detenida, sleepFor } from './tarea.js';
import { sortRows, type Para, type Tomada } from './tomar.js';

export function createRitmo(tarea: Tarea): Ritmo {
  const { sleep = sleepFor, signal } = tarea;
  return new Ritmo({
    politica: { ...RITMO, ...tarea.ritmo },
    now: tarea.now,
    sleep: (ms) => sleep(ms, signal),
    ocupado: tarea.ocupado ?? (() => false),
  });
}

export function refuseAborted({ signal }: Tarea): void {
  if (signal.aborted) throw aborted();
}

/**
 * Walks the old side at its pace. A source that fails for a moment is read on from the last chunk; one that ends without
 * saying that it ended was cut.
 */
async function* leer(
  tarea: Tarea,
  filtro: Filtro | null,
  resume: string | null,
  ritmo: Ritmo,
): AsyncGenerator<Chunk> {
  let after = resume;
  for (;;) {
    const scan = tarea.viejo.scan(tarea.registro, filtro, after, contextOf(tarea));
    const chunks = scan[Symbol.asyncIterator]();
    try {
      for (;;) {
        await ritmo.turn();
        refuseAborted(tarea);
        const started = tarea.now();
        const next = await chunks.next();
        if (next.done === true) throw cut(tarea);
        ritmo.succeeded(next.value.rows.length, tarea.now() - started);
        yield next.value;
        after = next.value.resume;
        if (after === null) return;
      }
    } catch (error) {
      if (!(error instanceof AdapterError) || !error.retryable || tarea.signal.aborted) throw error;
      if (!(await ritmo.failed())) throw error;
    } finally {
      await chunks.return?.();
    }
  }
}

/** A chunk whose records are told apart. */
export interface Leida {
  readonly tomada: Tomada;
  /** Records of the tramo in it, those that nobody can take included. */
  readonly leidas: number;
  readonly version: Version;
  readonly resume: string | null;
}

async function* sorted(
  tarea: Tarea,
  chunks: AsyncIterable<Chunk>,
  para: Para,
): AsyncGenerator<Leida> {
  const { registro, tramo } = tarea;
  for await (const { rows, version, resume } of chunks) {
    const tomada = await sortRows(registro, tramo, rows, para);
    yield { tomada, leidas: rows.length - tomada.ajenas, version, resume };
  }
}

/** The walk of `leer` with its records told apart. */
export const leerTomadas = (para: Para, ...args: Parameters<typeof leer>): AsyncGenerator<Leida> =>
  sorted(args[0], leer(...args), para);

/** The same items, each asked for while the one before it is worked on; never two. */
export async function* oneAhead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const one = await next;
      if (one.done === true) return;
      next = items.next();
      // What fails is told in its turn, after the one before it was taken.
      next.catch(() => undefined);
      yield one.value;
    }
  } finally {
    // Behind the one that is still being made, if one is.
    await items.return(undefined);
  }
}

const cut = ({ viejo }: Tarea): Detenida =>
  new Detenida(
    'SOURCE_CONTRACT',
    `La lectura de ${viejo.id.toUpperCase()} terminó sin llegar al final.`,
  );

/** Both mean: read again from the beginning. */
export const moved = (): Detenida =>
  new Detenida('SOURCE_MOVED', 'La fuente publicó otra versión mientras se leía.');

export const isMoved = (error: unknown): boolean =>
  (error instanceof Detenida && error.code === 'SOURCE_MOVED') ||
  (error instanceof AdapterError && error.code === 'CURSOR_VENCIDO');
