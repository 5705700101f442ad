import type { Ending, Stoppable } from '../adapters/index.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { FieldEnv } from '../subgraphs/subgraph.js';
import { refuseProbing } from './access/reserved.js';
import type { Reader } from './access/tokens.js';
import type { GraphContext } from './compose/stitched-field.js';
import type { Mesa } from './desmonte/mesa.js';
import type { Ruteo } from './route/ruteo.js';
import type { OperationContext } from './rows/context.js';
import { Lifetime } from './rows/lifetime.js';
import type { FetchBucket } from './rows/row-store.js';
import { RowStore } from './rows/row-store.js';

/** What an operation may take: time, calls and bytes; and whether a person asked. */
export type Terms = Pick<OperationContext, 'deadline' | 'saldo' | 'origen'>;

/** What answers depend on beside their question and their rows. Another object as soon as any of it is another. */
export interface Moment {
  readonly ruteo: Ruteo;
  readonly identidad: FieldEnv['identidad'];
  readonly hoy: string;
}

interface Parts {
  readonly tramosNow: () => Ruteo;
  readonly identidadNow: () => FieldEnv['identidad'];
  readonly sistemas: FieldEnv['sistemas'];
  readonly fetch: FetchBucket;
  readonly mesa: Mesa;
  readonly now: () => number;
}

/** Makes the fresh context of each operation: one epoch of the routes, one crosswalk, a row store of its own. */
export class Contexts {
  readonly #parts: Parts;
  readonly #fetch: FetchBucket;
  #moment: Moment | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#fetch = refuseProbing(parts.fetch);
  }

  momentNow(): Moment {
    const ruteo = this.#parts.tramosNow();
    const identidad = this.#parts.identidadNow();
    const hoy = hoyEnColombia(this.#parts.now());
    const last = this.#moment;
    if (last?.ruteo === ruteo && last.identidad === identidad && last.hoy === hoy) return last;
    this.#moment = { ruteo, identidad, hoy };
    return this.#moment;
  }

  open(reader: Reader, ending: Ending, terms: Terms): GraphContext {
    const { sistemas, mesa } = this.#parts;
    const { ruteo, identidad, hoy } = this.momentNow();
    const lifetime = new Lifetime();
    const operation = new FreshOperation(terms, reader.alcance, ruteo, ending, lifetime);
    const env = {
      territorio: loadTerritorio(),
      identidad,
      sistemas: () => {
        // The state of a system is of this instant.
        lifetime.limit(0);
        return sistemas();
      },
      hoy,
    };
    return {
      operation,
      store: new RowStore(this.#fetch, operation),
      env,
      loaders: new Map(),
      warnings: new Map(),
      avisos: [],
      cliente: clienteOf(reader),
      desmonte: { mesa, reader },
    };
  }
}

/** Whose use of the fields it is, where no person says so. */
export const ANONIMO = 'anonimo';

export const clienteOf = ({ persona }: Reader): string => persona ?? ANONIMO;

/** A class and no literal: every request makes one, and a getter in a literal makes it anew each time. */
class FreshOperation implements OperationContext {
  readonly alcance: OperationContext['alcance'];
  readonly corte = null;
  readonly epoca: number;
  readonly ruteo: Ruteo;
  readonly deadline: number;
  readonly saldo: OperationContext['saldo'];
  readonly origen: OperationContext['origen'];
  readonly lifetime: Lifetime;
  readonly #ending: Ending;

  constructor(
    { deadline, saldo, origen }: Terms,
    alcance: OperationContext['alcance'],
    ruteo: Ruteo,
    ending: Ending,
    lifetime: Lifetime,
  ) {
    this.alcance = alcance;
    this.epoca = ruteo.epoca;
    this.ruteo = ruteo;
    this.deadline = deadline;
    this.saldo = saldo;
    this.origen = origen;
    this.lifetime = lifetime;
    this.#ending = ending;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get stop(): Stoppable | undefined {
    return this.#ending.stop;
  }
}

/** Colombia has no summer time. */
const COLOMBIA_OFFSET_MS = 5 * 3_600_000;
const DAY_MS = 86_400_000;
let day = { number: Number.NaN, date: '' };

/** The same text all day. */
function hoyEnColombia(now: number): string {
  const number = Math.floor((now - COLOMBIA_OFFSET_MS) / DAY_MS);
  if (number !== day.number)
    day = { number, date: new Date(number * DAY_MS).toISOString().slice(0, 10) };
  return day.date;
}
