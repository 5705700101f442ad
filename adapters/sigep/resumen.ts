import { partsOf } from '../../schema/key.js';
import type { Fila, Filtro, Orden } from '../../schema/registro.js';
import { ServidoresResumen } from '../../schema/registros/sigep.js';
import type {
  ByKey,
  Chunk,
  Key,
  ListOptions,
  Outcome,
  Row,
  SourceContext,
  Top,
} from '../contract.js';
import { AdapterError, ExpiredCursorError, toSourceError } from '../errors.js';
import { keysOfFiltro, matches, topOf } from '../shared/emulation.js';
import { groupBy } from '../../schema/group-by.js';
import type { Resumen, Servidores } from './servidores.js';

/** The operations of the contract over ServidoresResumen: at most some 20 000 counts, so lists are cut in memory. */
export interface ResumenReader {
  read(keys: readonly Key[], ctx: SourceContext): Promise<ByKey<Row>>;
  topPerKey(
    keys: readonly Key[],
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<ByKey<Top>>;
  page(
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<Outcome<Top>>;
  scan(filtro: Filtro | null, resume: string | null, ctx: SourceContext): AsyncIterable<Chunk>;
}

const SISTEMA = 'sigep';
const ROWS_PER_CHUNK = 5_000;

const failedOf = (error: unknown): Extract<Outcome<never>, { at: 'failed' }> => {
  if (!(error instanceof AdapterError)) throw error;
  return { at: 'failed', error: toSourceError(error) };
};

export function createResumen(servidores: Servidores): ResumenReader {
  const codigoOf = (key: Key): string => partsOf(key)[0] ?? '';

  async function byKey<T>(
    keys: readonly Key[],
    ctx: SourceContext,
    toOutcome: (rows: readonly Fila[], resumen: Resumen) => Outcome<T>,
  ): Promise<ByKey<T>> {
    if (keys.length === 0) return new Map();
    try {
      const resumen = await servidores.find(keys.map(codigoOf), ctx);
      const filas = groupBy(resumen.filas, ({ codigoSigep }) => codigoSigep);
      return new Map(keys.map((key) => [key, toOutcome(filas.get(codigoOf(key)) ?? [], resumen)]));
    } catch (error) {
      const failed = failedOf(error);
      return new Map(keys.map((key) => [key, failed]));
    }
  }

  const topOfRows = (
    rows: readonly Fila[],
    { origin }: Resumen,
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
  ): Outcome<Top> => {
    const { version } = origin;
    const from = { sistema: SISTEMA, version };
    return {
      at: 'found',
      rows: [topOf(ServidoresResumen, rows, filtro, orden, options, from)],
      origin,
    };
  };

  return {
    read: (keys, ctx) =>
      byKey(keys, ctx, (rows, { origin }) =>
        rows.length === 0 ? { at: 'absent', origin } : { at: 'found', rows, origin },
      ),
    topPerKey: (keys, filtro, orden, options, ctx) =>
      byKey(keys, ctx, (rows, resumen) =>
        rows.some((row) => matches(ServidoresResumen, row, filtro))
          ? topOfRows(rows, resumen, filtro, orden, options)
          : { at: 'absent', origin: resumen.origin },
      ),
    async page(filtro, orden, options, ctx) {
      try {
        const keys = keysOfFiltro(filtro, ['codigoSigep']);
        const resumen = await servidores.find(keys?.map(codigoOf) ?? null, ctx);
        return topOfRows(resumen.filas, resumen, filtro, orden, options);
      } catch (error) {
        return failedOf(error);
      }
    },
    async *scan(filtro, resume, ctx) {
      const { filas, origin } = await servidores.find(null, ctx);
      const { version } = origin;
      const [start, token] = readResume(resume) ?? [0, version.token];
      if (token !== version.token) throw new ExpiredCursorError(SISTEMA);
      for (let at = start; at < Math.max(filas.length, 1); at += ROWS_PER_CHUNK) {
        const end = at + ROWS_PER_CHUNK;
        const rows = filas
          .slice(at, end)
          .filter((fila) => matches(ServidoresResumen, fila, filtro));
        const isEnd = end >= filas.length;
        yield { rows, version, resume: isEnd ? null : JSON.stringify([end, version.token]) };
      }
    },
  };
}

/** The order of the rows is that of their clave, so within one version a position is a place in the list. */
const readResume = (resume: string | null): readonly [number, string] | null =>
  resume === null ? null : (JSON.parse(resume) as [number, string]);
