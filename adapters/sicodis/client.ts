import { createHash } from 'node:crypto';
import type { Row, SourceContext, Version } from '../contract.js';
import { BudgetExceededError, SourceTimeoutError } from '../errors.js';
import type { HttpSource } from '../shared/http/http-source.js';
import { parseJsonExact } from '../shared/http/json-exact.js';
import {
  toBienios,
  toDistribucionesSgp,
  toPresupuestosSgr,
  toRecords,
  toVigencias,
} from './mapper.js';
import type { RecordRaw } from './raw.js';

export interface Respuesta {
  readonly rows: readonly Row[];
  readonly version: Version;
}

/** What the routes of one of the two transfer systems give. A `periodo` is a year or a biennium. */
export interface Rutas {
  /** One call per territory: the wire has no answer that tells several apart. */
  fetch(codigo: string, periodo: string, ctx: SourceContext): Promise<Respuesta>;
  /** Of everything distributed in a period: one call for its national total, which moves with any of its parts. */
  version(periodo: string, ctx: SourceContext): Promise<Version>;
  /** Periods that the source has. */
  periodos(ctx: SourceContext): Promise<readonly string[]>;
}

/** The list of bienios changes once in two years. */
const LISTA_MS = 3_600_000;
/** `tipo` of a question about the nation, and about one entity. */
const NACION = '1/0';
const ENTIDAD = '7';

/** The code of an entity in SICODIS: a governorate is `DD000`. */
const entidadOf = (codigo: string): string => (codigo.length === 2 ? `${codigo}000` : codigo);
const departamentoOf = (codigo: string): string => `${codigo.slice(0, 2)}000`;

interface Lista {
  readonly records: readonly RecordRaw[];
  readonly version: Version;
}

export function createRutas(
  source: HttpSource,
  now: () => number,
): { readonly sgp: Rutas; readonly sgr: Rutas } {
  const get = async (path: string, ctx: SourceContext): Promise<Lista> => {
    const answer = await source.getDecoded(path, ctx, (text) => ({
      records: toRecords(parseJsonExact(text)),
      token: createHash('sha256').update(text).digest('base64url').slice(0, 22),
    }));
    const { records, token } = answer.body;
    const modified = Date.parse(answer.headers['last-modified'] ?? '');
    return {
      records,
      version: {
        token,
        checkedAt: answer.receivedAt,
        ...(Number.isNaN(modified) ? {} : { sourceTime: new Date(modified).toISOString() }),
      },
    };
  };

  const sgp: Rutas = {
    async fetch(codigo, periodo, ctx) {
      const path = `/sgp/resumen_participaciones/${periodo}/${departamentoOf(codigo)}/${entidadOf(codigo)}`;
      const { records, version } = await get(path, ctx);
      return { rows: toDistribucionesSgp(codigo, Number(periodo), records), version };
    },
    version: async (periodo, ctx) => (await get(`/sgp/resumen_general/${periodo}`, ctx)).version,
    periodos: createShared(now, async (ctx) => {
      return toVigencias((await get('/sgp/vigencias', ctx)).records);
    }),
  };

  const listBienios = createShared(now, async (ctx) => {
    const { records, version } = await get('/sgr/vigencias', ctx);
    return { bienios: toBienios(records), version };
  });

  const sgr: Rutas = {
    async fetch(codigo, periodo, ctx) {
      const { bienios, version: listed } = await listBienios(ctx);
      const id = bienios.get(periodo);
      if (id === undefined) return { rows: [], version: listed };
      const path = `/sgr/resumen_pto_recaudo/${id}/${ENTIDAD}/${entidadOf(codigo)}`;
      const { records, version } = await get(path, ctx);
      return { rows: toPresupuestosSgr(codigo, periodo, records), version };
    },
    async version(periodo, ctx) {
      const { bienios, version } = await listBienios(ctx);
      const id = bienios.get(periodo);
      if (id === undefined) return version;
      return (await get(`/sgr/resumen_pto_recaudo/${id}/${NACION}`, ctx)).version;
    },
    periodos: async (ctx) => [...(await listBienios(ctx)).bienios.keys()],
  };
  return { sgp, sgr };
}

/**
 * A list asked once for all who need it meanwhile and kept for an hour. The request that asks first also counts it; should
 * that one end early, the next one asks again.
 */
function createShared<T>(
  now: () => number,
  load: (ctx: SourceContext) => Promise<T>,
): (ctx: SourceContext) => Promise<T> {
  const state: { known: Shared<T> | null } = { known: null };
  return async (ctx) => {
    if (ctx.signal.aborted) throw new SourceTimeoutError('sicodis', { cause: ctx.signal.reason });
    if (state.known === null || now() - state.known.at >= LISTA_MS) {
      state.known = { at: now(), signal: ctx.signal, value: load(ctx) };
    }
    const shared = state.known;
    try {
      return await shared.value;
    } catch (error) {
      if (state.known === shared) state.known = null;
      // It failed because the request that asked has ended, or could not pay: whoever still waits asks for itself.
      const isOthers = hasEnded(shared) || error instanceof BudgetExceededError;
      if (isOthers && !hasEnded(ctx)) return load(ctx);
      throw error;
    }
  };
}

interface Shared<T> {
  readonly at: number;
  readonly signal: AbortSignal;
  readonly value: Promise<T>;
}

/** A signal may abort while something is awaited, which the compiler does not expect of a property. */
const hasEnded = ({ signal }: Pick<SourceContext, 'signal'>): boolean => signal.aborted;
