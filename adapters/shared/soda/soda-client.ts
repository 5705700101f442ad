import type { AdapterEstado, SourceContext, Version } from '../../contract.js';
import {
  InsufficientCapabilityError,
  SourceContractError,
  SourceRejectedError,
} from '../../errors.js';
import type { HttpSource } from '../http/http-source.js';
import type { AdapterTools } from '../tools.js';
import type { KeysAnswer, KeysQuery } from './by-keys.js';
import { createKeysReader } from './by-keys.js';
import type { PagePlan, Pager, SodaAnswer } from './paging.js';
import { readAll, readOneVersion, VersionMovedError } from './paging.js';
import type { LiteralKind, SodaQuery } from './soql.js';
import { encodeParameter, LiteralError, toQueryString } from './soql.js';
import type { TopAnswer, TopPager, TopQuery } from './top-per-key.js';
import { topPerKey } from './top-per-key.js';
import type { SodaRows } from './wire.js';
import { createSodaWire } from './wire.js';

export interface SodaClientOptions {
  readonly sistema: string;
  readonly source: HttpSource;
  readonly appToken?: string;
  /** The platform answers window functions in piped statements. */
  readonly windows?: boolean;
  readonly tools: Pick<AdapterTools, 'now' | 'observer'>;
}

export interface AllQuery extends Omit<SodaQuery, 'order' | 'limit' | 'offset'> {
  /** Unique business key, never `:id`: row ids change with every publication. */
  readonly key: readonly string[];
  readonly kinds?: Readonly<Record<string, LiteralKind>>;
  readonly paging?: PagePlan['paging'];
  readonly pageRows?: number;
}

export interface SodaClient {
  /** Exactly one question. */
  query(dataset: string, query: SodaQuery, ctx: SourceContext): Promise<SodaRows>;
  /** Every row, of one publication. */
  queryAll(dataset: string, query: AllQuery, ctx: SourceContext): Promise<SodaAnswer>;
  readByKeys(dataset: string, query: KeysQuery, ctx: SourceContext): Promise<KeysAnswer>;
  topPerKey(dataset: string, query: TopQuery, ctx: SourceContext): Promise<TopAnswer>;
  /** The cheapest question whose token equals the token that comes with the data. */
  version(dataset: string, ctx: SourceContext): Promise<Version>;
  estado(): AdapterEstado;
}

const DATASET = /^[a-z0-9]{4}-[a-z0-9]{4}$/;

/** A client of one SODA portal. Datasets are 4x4 ids. */
export function createSodaClient(options: SodaClientOptions): SodaClient {
  const { sistema, source, tools } = options;
  const wire = createSodaWire(sistema, source, options.appToken);

  const pathOf = (dataset: string): string => {
    if (!DATASET.test(dataset)) throw new TypeError(`not a dataset id: ${dataset}`);
    return `/resource/${dataset}.json`;
  };
  const urlBytesOf = (dataset: string): number => source.baseUrl.length + pathOf(dataset).length;

  const askText: Pager['askText'] = (dataset, queryString, ctx) =>
    wire.fetchRows(`${pathOf(dataset)}?${queryString}`, ctx);
  const ask: Pager['ask'] = (dataset, query, ctx) => askText(dataset, toQueryString(query), ctx);
  const pager: Pager = { sistema, ask, askText };
  const readByKeys = createKeysReader(pager, urlBytesOf);
  const topPager = (dataset: string): TopPager => ({
    ...pager,
    windows: options.windows ?? false,
    urlBytes: urlBytesOf(dataset),
    askStatement: (id, statement, ctx) =>
      wire.fetchRows(`${pathOf(id)}?$query=${encodeParameter(statement)}`, ctx),
  });

  /** Failures found over several answers are counted here; those of one answer were counted by the source. */
  async function reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SourceContractError && error.cause instanceof VersionMovedError) {
        tools.observer.error(sistema, error.code);
      }
      if (error instanceof InsufficientCapabilityError) tools.observer.error(sistema, error.code);
      if (error instanceof LiteralError) {
        throw new SourceRejectedError(sistema, {
          mensaje: 'La clave o el filtro no tienen la forma que esta fuente admite.',
          cause: error,
        });
      }
      throw error;
    }
  }

  return {
    query: (dataset, query, ctx) => reading(() => ask(dataset, query, ctx)),
    queryAll: (dataset, { key, kinds = {}, paging, pageRows, ...query }, ctx) => {
      const plan: PagePlan = {
        key: key.map((column) => {
          const kind = kinds[column];
          return { column, sentido: 'asc', ...(kind === undefined ? {} : { kind }) };
        }),
        ...(paging === undefined ? {} : { paging }),
        ...(pageRows === undefined ? {} : { pageRows }),
      };
      return reading(() =>
        readOneVersion(sistema, () => readAll(pager, dataset, query, plan, ctx)),
      );
    },
    readByKeys: (dataset, query, ctx) => reading(() => readByKeys(dataset, query, ctx)),
    topPerKey: (dataset, query, ctx) =>
      reading(() => topPerKey(topPager(dataset), dataset, query, ctx)),
    version: async (dataset, ctx) => (await ask(dataset, { limit: 1 }, ctx)).version,
    estado: () => estadoOf(sistema, source, wire.tokenDropped()),
  };
}

function estadoOf(sistema: string, source: HttpSource, tokenDropped: boolean): AdapterEstado {
  const avisos: AdapterEstado['avisos'][number][] = [];
  const name = sistema.toUpperCase();
  if (source.estado().breaker === 'open') {
    const mensaje = `${name} no responde; se consultará de nuevo en unos segundos.`;
    avisos.push({ codigo: 'BREAKER_OPEN', mensaje, donde: sistema });
  }
  if (tokenDropped) {
    const mensaje = `${name} no reconoce el token de aplicación; se consulta sin él.`;
    avisos.push({ codigo: 'APP_TOKEN_REJECTED', mensaje, donde: sistema });
  }
  return { avisos };
}
