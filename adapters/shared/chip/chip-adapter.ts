import { keyOf, partsOf, type Key } from '../../../schema/key.js';
import type { Filtro, Orden, Registro } from '../../../schema/registro.js';
import { normalizeChip } from '../../../schema/values/chip.js';
import { fechaCorte, isPeriodo } from '../../../schema/values/periodo.js';
import type {
  Adapter,
  ByKey,
  Capabilities,
  Chunk,
  ListOptions,
  Origin,
  Outcome,
  Row,
  SourceContext,
  Top,
  Version,
} from '../../contract.js';
import {
  AdapterError,
  ExpiredCursorError,
  InsufficientCapabilityError,
  SourceQuarantinedError,
  SourceTimeoutError,
  toSourceError,
} from '../../errors.js';
import type { Acopio } from '../acopio/acopio.js';
import { keysOfFiltro, matches, topOf } from '../emulation.js';
import type { ChipDrop } from './chip-drop.js';
import { keepLatest, type Precedencia } from './precedencia.js';

/** Answers the registros of a CHIP folder: all keys begin with the entity and the year. */
export interface ChipAdapterOptions {
  readonly id: string;
  readonly sistema: string;
  readonly registros: readonly Registro[];
  readonly drop: ChipDrop;
  readonly acopio: Acopio;
  /** Forms whose files hold records of a registro. */
  readonly formulariosOf: (registro: Registro) => readonly string[];
  readonly precedenciaOf: (registro: Registro) => Precedencia;
}

/** A municipality has some 400 rows of a form: more entities at once are a root question, or several. */
const MAX_KEYS = 5_000;
const REPORTES_POR_TROZO = 200;

export function createChipAdapter(options: ChipAdapterOptions): Adapter {
  const { id, sistema, registros, drop, acopio } = options;

  const read: Adapter['read'] = async (registro, acceso, keys, ctx) => {
    const claves = registro.accesos[acceso]?.claves;
    if (claves === undefined) throw new TypeError(`${registro.nombre} has no acceso ${acceso}`);
    if (keys.length === 0) return new Map();
    const asked = new Map(keys.map((key) => [key, reporteOf(key)]));
    const wanted = new Set([...asked.values()].filter((reporte) => reporte !== null));
    const sane = keys.filter((key) => asked.get(key) !== null);
    try {
      const formularios = options.formulariosOf(registro);
      const { parts, quarantined, loading, version } = await drop.prepare(formularios, wanted, ctx);
      const found =
        parts.length === 0
          ? null
          : await acopio.read({ sistema, servidoPor: id, registro, parts }, acceso, sane, ctx);
      const originOf = createOrigins(options, registro, version);
      const precedencia = options.precedenciaOf(registro);
      const pending = loading.size === 0 ? null : failedWith(stillLoading(sistema, loading));
      return new Map(
        keys.map((key): [Key, Outcome<Row>] => {
          // Also where another file answers: the one that is still loading may hold the later reception.
          if (pending !== null && loading.has(asked.get(key) ?? '')) return [key, pending];
          const outcome = found?.get(key);
          if (outcome?.at === 'failed') return [key, outcome];
          if (outcome?.at === 'found') {
            const rows = keepLatest(outcome.rows, precedencia);
            return [key, { at: 'found', rows, origin: originOf(rows) }];
          }
          const lost = quarantined.has(asked.get(key) ?? '');
          return [
            key,
            lost
              ? failedWith(new SourceQuarantinedError(sistema))
              : { at: 'absent', origin: originOf([]) },
          ];
        }),
      );
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      return new Map(keys.map((key) => [key, failedWith(error)]));
    }
  };

  return {
    id,
    registros,
    capabilities,
    version: (_registro, ctx) => drop.version(ctx),
    read,
    async topPerKey(registro, acceso, keys, filtro, orden, list, ctx) {
      const byKey = await read(registro, acceso, keys, ctx);
      return new Map(
        [...byKey].map(([key, outcome]) => [
          key,
          toTop(sistema, registro, outcome, filtro, orden, list),
        ]),
      );
    },
    async page(registro, filtro, orden, list, ctx) {
      const pinned = pinAcceso(registro, filtro);
      if (pinned === null) return failedWith(new InsufficientCapabilityError(sistema));
      const byKey = await read(registro, pinned.acceso, pinned.keys, ctx);
      return toTop(sistema, registro, joinOutcomes(byKey), filtro, orden, list);
    },
    measure: (registro, medida) => {
      throw new TypeError(`${registro.nombre} has no medida ${medida}`);
    },
    scan: (registro, filtro, resume, ctx) => scan(options, read, registro, filtro, resume, ctx),
    estado: () => drop.estado(),
    close: () => {
      drop.close();
      return Promise.resolve();
    },
  };
}

/** Lists are cut here, over the reports of one question: their receptions must be compared before a row counts. */
const capabilities = (registro: Registro): Capabilities => ({
  read: 'native',
  page: 'emulated',
  measure: 'none',
  topPerKey: 'emulated',
  scan: 'native',
  accesos: Object.keys(registro.accesos),
  maxKeys: MAX_KEYS,
});

const failedWith = (error: AdapterError): Extract<Outcome<never>, { at: 'failed' }> => ({
  at: 'failed',
  error: toSourceError(error),
});

function stillLoading(sistema: string, reportes: ReadonlySet<Key>): AdapterError {
  const vigencias = [...new Set([...reportes].map((key) => partsOf(key)[1] ?? ''))].sort();
  const mensaje = `${sistema.toUpperCase()} aún carga los archivos de ${vigencias.join(', ')}: vuelva a preguntar en unos segundos.`;
  return new SourceTimeoutError(sistema, { mensaje });
}

/** Entity and year of a key; null where no report can have it, so that no file is opened for it. */
function reporteOf(key: Key): Key | null {
  const [codigoChip = '', vigencia = ''] = partsOf(key);
  const chip = normalizeChip(codigoChip);
  return chip === codigoChip && /^\d{4}$/.test(vigencia) ? keyOf([chip, vigencia]) : null;
}

/** The answer depends on every file that may speak of the key: its version is that of the folder. */
function createOrigins(
  { id, sistema }: ChipAdapterOptions,
  registro: Registro,
  version: Version,
): (rows: readonly Row[]) => Origin {
  const known = new Map<string, Origin>();
  return (rows) => {
    const corte = rows.map(corteOf).sort().at(-1) ?? '';
    const origin = known.get(corte) ?? {
      sistema,
      registro: registro.nombre,
      modo: 'ACOPIO' as const,
      version,
      servidoPor: id,
      ...(corte === '' ? {} : { corte }),
    };
    known.set(corte, origin);
    return origin;
  };
}

const corteOf = ({ vigencia, periodo }: Row): string =>
  typeof periodo === 'string' && isPeriodo(periodo) ? fechaCorte(Number(vigencia), periodo) : '';

/** The first acceso whose keys the filter names one by one. Other lists would be the whole folder. */
function pinAcceso(
  registro: Registro,
  filtro: Filtro | null,
): { readonly acceso: string; readonly keys: readonly Key[] } | null {
  for (const [acceso, { claves }] of Object.entries(registro.accesos)) {
    const keys = keysOfFiltro(filtro, claves);
    if (keys !== null) return { acceso, keys };
  }
  return null;
}

/** All rows of some keys as one list; it fails with the first of them. */
function joinOutcomes(byKey: ByKey<Row>): Outcome<Row> {
  const outcomes = [...byKey.values()];
  const failed = outcomes.find(({ at }) => at === 'failed');
  if (failed !== undefined) return failed;
  const rows = outcomes.flatMap((outcome) => (outcome.at === 'found' ? outcome.rows : []));
  const [first] = outcomes.flatMap((outcome) => (outcome.at === 'failed' ? [] : outcome.origin));
  if (first === undefined) throw new TypeError('a list needs a key');
  return { at: 'found', rows, origin: first };
}

function toTop(
  sistema: string,
  registro: Registro,
  outcome: Outcome<Row>,
  filtro: Filtro | null,
  orden: readonly Orden[],
  options: ListOptions,
): Outcome<Top> {
  if (outcome.at !== 'found') return outcome;
  const { version } = outcome.origin;
  try {
    const top = topOf(registro, outcome.rows, filtro, orden, options, { sistema, version });
    return { at: 'found', rows: [top], origin: outcome.origin };
  } catch (error) {
    if (error instanceof AdapterError) return failedWith(error);
    throw error;
  }
}

/** Walks the reports in the order of their keys, so that a walk can go on where it stopped. */
async function* scan(
  { sistema, drop, formulariosOf }: ChipAdapterOptions,
  read: Adapter['read'],
  registro: Registro,
  filtro: Filtro | null,
  resume: string | null,
  ctx: SourceContext,
): AsyncGenerator<Chunk> {
  const version = await drop.version(ctx);
  const [after, token] = resume === null ? ['', null] : (JSON.parse(resume) as [string, string]);
  if (token !== null && token !== version.token) throw new ExpiredCursorError(sistema);
  const all = await drop.listReportes(registro, formulariosOf(registro), ctx);
  const left = all.filter((key) => key > after && mayMatch(registro, filtro, key));
  for (let at = 0; at < left.length; at += REPORTES_POR_TROZO) {
    const batch = left.slice(at, at + REPORTES_POR_TROZO);
    const byKey = await read(registro, 'porEntidadVigencia', batch, ctx);
    const rows = [...byKey.values()].flatMap((outcome) => {
      if (outcome.at === 'failed') {
        const { code, sistema: failing, mensaje } = outcome.error;
        throw new AdapterError(code, failing, mensaje);
      }
      return outcome.at === 'found'
        ? outcome.rows.filter((row) => matches(registro, row, filtro))
        : [];
    });
    const isEnd = at + REPORTES_POR_TROZO >= left.length;
    yield { rows, version, resume: isEnd ? null : JSON.stringify([batch.at(-1), version.token]) };
  }
  if (left.length === 0) yield { rows: [], version, resume: null };
}

/** Whether a report may hold rows that a filter lets through, as far as entity and year tell. */
function mayMatch(registro: Registro, filtro: Filtro | null, key: Key): boolean {
  if (filtro === null) return true;
  if (filtro.op === 'and') return filtro.de.every((part) => mayMatch(registro, part, key));
  if (!('campo' in filtro) || !RUTA.has(filtro.campo)) return true;
  const [codigoChip = '', vigencia = ''] = partsOf(key);
  return matches(registro, { codigoChip, vigencia: Number(vigencia) }, filtro);
}

const RUTA: ReadonlySet<string> = new Set(['codigoChip', 'vigencia']);
