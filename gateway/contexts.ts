import type { Ending, Stoppable } from '../adapters/index.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { FieldEnv } from '../subgraphs/subgraph.js';
import { refuseProbing } from './access/reserved.js';
import type { Reader } from './access/tokens.js';
import type { GraphContext } from './compose/stitched-field.js';
import type { Mesa } from './desmonte/mesa.js';
import type { Ruteo } from './route/ruteo.js';
import type { OperationContext } from './rows/context.js';
import type { FetchBucket } from './rows/row-store.js';
import { RowStore } from './rows/row-store.js';

/** What an operation may take: time, calls and bytes; and whether a person asked. */
export type Terms = Pick<OperationContext, 'deadline' | 'saldo' | 'origen'>;

/** Makes the fresh context of each operation: one epoch of the routes, one crosswalk, a row store of its own. */
export function createContexts(options: {
  readonly tramosNow: () => Ruteo;
  readonly identidadNow: () => FieldEnv['identidad'];
  readonly sistemas: FieldEnv['sistemas'];
  readonly fetch: FetchBucket;
  readonly mesa: Mesa;
  readonly now: () => number;
}): (reader: Reader, ending: Ending, terms: Terms) => GraphContext {
  const { tramosNow, identidadNow, sistemas, mesa, now } = options;
  const fetch = refuseProbing(options.fetch);
  return (reader, ending, terms) => {
    const ruteo = tramosNow();
    const operation = new FreshOperation(terms, reader.alcance, ruteo, ending);
    const env = {
      territorio: loadTerritorio(),
      identidad: identidadNow(),
      sistemas,
      hoy: hoyEnColombia(now()),
    };
    return {
      operation,
      store: new RowStore(fetch, operation),
      env,
      loaders: new Map(),
      warnings: new Map(),
      avisos: [],
      cliente: reader.persona ?? 'anonimo',
      desmonte: { mesa, reader },
    };
  };
}

/** A class and no literal: every request makes one, and a getter in a literal makes it anew each time. */
class FreshOperation implements OperationContext {
  readonly alcance: OperationContext['alcance'];
  readonly corte = null;
  readonly epoca: number;
  readonly ruteo: Ruteo;
  readonly deadline: number;
  readonly saldo: OperationContext['saldo'];
  readonly origen: OperationContext['origen'];
  readonly #ending: Ending;

  constructor(
    { deadline, saldo, origen }: Terms,
    alcance: OperationContext['alcance'],
    ruteo: Ruteo,
    ending: Ending,
  ) {
    this.alcance = alcance;
    this.epoca = ruteo.epoca;
    this.ruteo = ruteo;
    this.deadline = deadline;
    this.saldo = saldo;
    this.origen = origen;
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
