import { keyOf, partsOf, type Key } from '../../schema/key.js';
import type { Fila, Registro } from '../../schema/registro.js';
import { normalizeBpin } from '../../schema/values/bpin.js';
import { normalizeChip } from '../../schema/values/chip.js';
import { isPeriodo, PERIODOS, type Periodo } from '../../schema/values/periodo.js';
import type { ByKey, Outcome, Row, SourceContext } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import { groupBy, groupByCampos } from '../../schema/group-by.js';
import { toRaicesSoda, toReporteSoda } from './canal-soda.js';
import type { Carpeta } from './carpeta.js';
import type { CuipoClient } from './client.js';
import type { Forma } from './formas.js';
import {
  createOrigins,
  joinHallazgos,
  NADA,
  toHallazgo,
  withoutLive,
  type Hallazgo,
} from './hallazgo.js';
import { toFilas } from './mapper.js';
import { keepLatest, reporteKey } from './precedencia.js';

/** Reads forms by their keys, from the folder and from SODA, and keeps of each report the reception that answers. */
export interface Pregunta {
  readonly forma: Forma;
  readonly registro: Registro;
  readonly acceso: string;
  readonly keys: readonly Key[];
}

export type Lectura = (pregunta: Pregunta, ctx: SourceContext) => Promise<ByKey<Row>>;

/** The first quarter of CUIPO is that of March 2021; before it, FUT. */
const PRIMERA_VIGENCIA = 2021;

/** Why SODA may have no answer at all, as against an answer that is late or out of form. */
const SIN_RED: ReadonlySet<string> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_WITHDRAWN']);

export function createLectura(
  client: CuipoClient,
  carpeta: Carpeta | null,
  now: () => number,
): Lectura {
  const readCarpeta = async (
    { registro, acceso, keys }: Pregunta,
    ctx: SourceContext,
  ): Promise<Hallazgo> => {
    if (carpeta === null || keys.length === 0) return NADA;
    const byKey = await carpeta.read(registro, acceso, keys, ctx);
    return byKey === null ? NADA : toHallazgo(byKey, await carpeta.version(ctx));
  };

  /** Reports of which a workbook says all: what SODA says of them does not count. */
  const findLibros = async (
    { forma }: Pregunta,
    filas: readonly Fila[],
    ctx: SourceContext,
  ): Promise<ReadonlySet<string>> => {
    const acceso = 'porEntidadVigencia';
    const keys = [
      ...new Set(filas.map((fila) => keyOf([fila.codigoChip ?? '', fila.vigencia ?? '']))),
    ];
    const raices = await readCarpeta({ forma, registro: forma.raiz, acceso, keys }, ctx);
    return new Set(raices.filas.filter(({ canal }) => canal === 'LIBRO').map(reporteKey));
  };

  /** A folder stands for SODA while that cannot be reached, but not for the places of a project: they are all or none. */
  const readLive = async (
    pregunta: Pregunta,
    local: Hallazgo,
    ctx: SourceContext,
  ): Promise<Hallazgo> => {
    try {
      return await readSoda(client, pregunta, ctx);
    } catch (error) {
      const isAway = error instanceof AdapterError && SIN_RED.has(error.code);
      if (!isAway || pregunta.acceso === 'porBpin' || local.filas.length === 0) throw error;
      return { ...NADA, failure: error };
    }
  };

  async function readBoth(
    pregunta: Pregunta,
    ctx: SourceContext,
  ): Promise<readonly [Hallazgo, Hallazgo]> {
    const { acceso, keys } = pregunta;
    const local = await readCarpeta(pregunta, ctx);
    if (acceso === 'porEntidadPeriodo') {
      const libros = new Set(local.filas.filter(({ canal }) => canal === 'LIBRO').map(reporteKey));
      const asked = keys.filter((key) => !libros.has(key));
      return [local, await readLive({ ...pregunta, keys: asked }, local, ctx)];
    }
    const live = await readLive(pregunta, local, ctx);
    if (acceso !== 'porBpin' || live.filas.length === 0) return [local, live];
    const libros = await findLibros(pregunta, live.filas, ctx);
    return [local, { ...live, filas: live.filas.filter((fila) => !libros.has(reporteKey(fila))) }];
  }

  return async (asked, ctx) => {
    const { forma, registro, acceso } = asked;
    const claves = registro.accesos[acceso]?.claves;
    if (claves === undefined) throw new TypeError(`${registro.nombre} has no acceso ${acceso}`);
    const canonical = new Map(asked.keys.map((key) => [key, canonicalKey(acceso, key)]));
    const keys = [...new Set(canonical.values())].filter((key) => key !== null);
    try {
      const [found, live] = await readBoth({ ...asked, keys }, ctx);
      const { failure } = live;
      const local = failure === undefined ? found : withoutLive(found);
      const byKey = groupByCampos(keepAnswering(forma, registro, local, live), claves);
      const originOf = createOrigins(registro, local, live, now);
      return new Map(
        asked.keys.map((key): [Key, Outcome<Row>] => {
          const own = canonical.get(key) ?? null;
          const rows = byKey.get(own ?? undefined) ?? [];
          if (rows.length > 0) return [key, { at: 'found', rows, origin: originOf(rows) }];
          // Nobody is asked for a key that no record can have.
          return own === null || failure === undefined
            ? [key, { at: 'absent', origin: originOf(rows) }]
            : [key, { at: 'failed', error: toSourceError(failure) }];
        }),
      );
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const failed: Outcome<Row> = { at: 'failed', error: toSourceError(error) };
      return new Map(asked.keys.map((key) => [key, failed]));
    }
  };
}

/** What the folder holds and SODA says, each report by one reception. Where there is only SODA, it is that reception. */
function keepAnswering(
  forma: Forma,
  registro: Registro,
  local: Hallazgo,
  live: Hallazgo,
): readonly Fila[] {
  if (local.filas.length === 0) return live.filas;
  return keepLatest(forma, [...local.filas, ...live.filas], registro === forma.raiz);
}

/** The key as records carry it; null where no record of CUIPO can have it, so that nobody is asked. */
function canonicalKey(acceso: string, key: Key): Key | null {
  const [first = '', vigencia = '', periodo = 'T4'] = partsOf(key);
  if (acceso === 'porBpin') return normalizeBpin(first)?.bpin ?? null;
  const chip = normalizeChip(first);
  const isReported =
    /^\d{4}$/.test(vigencia) && Number(vigencia) >= PRIMERA_VIGENCIA && isPeriodo(periodo);
  return chip !== null && isReported ? key : null;
}

async function readSoda(
  client: CuipoClient,
  { forma, registro, acceso, keys }: Pregunta,
  ctx: SourceContext,
): Promise<Hallazgo> {
  if (keys.length === 0) return NADA;
  if (acceso === 'porBpin') {
    const answer = await client.fetchPorBpin(forma, keys.flatMap(spellingsOf), ctx);
    return {
      filas: toFilas(toReporteSoda(forma, answer.rows)),
      version: answer.version,
      modo: 'FILAS',
    };
  }
  const parts = keys.map((key) => partsOf(key));
  const groups = groupBy(parts, ([, ...when]) => when.join('|'));
  const found = [...groups.values()].map(async (group): Promise<Hallazgo> => {
    const [, vigencia = '', periodo] = group[0] ?? [];
    const entidades = group.map(([codigoChip = '']) => codigoChip);
    const question = { forma, entidades, vigencia: Number(vigencia) };
    const answer =
      registro === forma.raiz
        ? await client.fetchRaices({ ...question, periodos: PERIODOS }, ctx)
        : await client.fetchRenglones({ ...question, periodo: periodo as Periodo }, ctx);
    const filas =
      registro === forma.raiz
        ? toRaicesSoda(forma, answer.rows)
        : toFilas(toReporteSoda(forma, answer.rows));
    return { filas, version: answer.version, modo: 'FILAS' };
  });
  return joinHallazgos(await Promise.all(found));
}

/**
 * How CUIPO may have written a BPIN: PIIP codes lose two zeros there. A decimal or an apostrophe come from spreadsheets, so
 * from files: those are normalised when they are read, and SODA is not asked for them.
 */
export function spellingsOf(bpin: string): string[] {
  const short = /^(\d{4})00(0000\d{5})$/.exec(bpin);
  return short === null ? [bpin] : [bpin, `${short[1] ?? ''}${short[2] ?? ''}`];
}
