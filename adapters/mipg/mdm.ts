import type { Dispatcher } from 'undici';
import { partsOf, type Key } from '../../schema/key.js';
import type { Registro } from '../../schema/registro.js';
import { IndiceMdm, REGISTROS_MDM } from '../../schema/registros/mipg.js';
import type { Adapter, ByKey, Origin, Outcome, Row, SourceContext, Version } from '../contract.js';
import {
  AdapterError,
  ExpiredCursorError,
  InsufficientCapabilityError,
  SourceContractError,
  toSourceError,
} from '../errors.js';
import { keysOfFiltro, matches, topOf } from '../shared/emulation.js';
import { createHttpSource } from '../shared/http/http-source.js';
import { createSodaClient } from '../shared/soda/soda-client.js';
import { isIn } from '../shared/soda/soql.js';
import type { AdapterTools } from '../shared/tools.js';
import { toMdmFilas, type MdmFilas } from './mdm-mapper.js';
import { MDM, type MdmRaw } from './raw.js';
import type { MdmSettings } from './settings.js';

const SISTEMA = 'mdm';
/** The municipalities of the nation in four years: more is a question for a walk. */
const MAX_KEYS = 5_000;
const ORDEN = ['anio', 'codigo_entidad', 'indicador', 'codigo_unico'];

interface Answer extends MdmFilas {
  readonly version: Version;
}

/** MDM: one SODA dataset of the DNP, all text. */
export function createMdmAdapter(
  { baseUrl, appToken, timeoutMs }: MdmSettings,
  tools: Omit<AdapterTools, 'acopio'> & { readonly dispatcher?: Dispatcher },
): Adapter {
  const source = createHttpSource({
    sistema: SISTEMA,
    baseUrl,
    connections: 4,
    maxConcurrent: 4,
    timeoutMs,
    tools,
    ...(tools.dispatcher === undefined ? {} : { dispatcher: tools.dispatcher }),
  });
  const token = appToken === undefined ? {} : { appToken };
  const soda = createSodaClient({ sistema: SISTEMA, source, tools, ...token });

  const toAnswer = ({ rows, version }: { rows: readonly unknown[]; version: Version }): Answer => ({
    ...toMdmFilas(rows as readonly MdmRaw[]),
    version,
  });

  /** One question for any municipalities and years: those of other years are left out by key. */
  async function fetchKeys(keys: readonly Key[], ctx: SourceContext): Promise<Answer> {
    const parts = keys.map((key) => partsOf(key));
    const where = isIn('anio', [...new Set(parts.map(([, anio = '']) => anio))].sort());
    const values = [...new Set(parts.map(([codigo = '']) => codigo))].flatMap(spellingsOf);
    const query = { column: 'codigo_entidad', values, where, cover: where, pageKey: ORDEN };
    return toAnswer(await soda.readByKeys(MDM, query, ctx));
  }

  async function read(keys: readonly Key[], ctx: SourceContext): Promise<ByKey<Row>> {
    const asked = keys.filter(isAskable);
    if (asked.length === 0) {
      const version = { token: 'sin-consulta', checkedAt: new Date(tools.now()).toISOString() };
      const origin = originOf(version, undefined);
      return new Map(keys.map((key) => [key, { at: 'absent', origin }] as const));
    }
    try {
      const answer = await fetchKeys(asked, ctx);
      return new Map(keys.map((key) => [key, outcomeOf(key, answer)]));
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      return new Map(keys.map((key) => [key, failed(error)]));
    }
  }

  /** Year by year: a token names the last one done and the publication. */
  const scan: Adapter['scan'] = async function* (_registro, filtro, resume, ctx) {
    const years = await soda.queryAll(
      MDM,
      { select: ['anio'], group: ['anio'], key: ['anio'] },
      ctx,
    );
    const { after, token: expected } = readResume(resume);
    if (expected !== null && expected !== years.version.token)
      throw new ExpiredCursorError(SISTEMA);
    const pending = years.rows
      .flatMap(({ anio }) => (typeof anio === 'string' && anio > after ? [anio] : []))
      .sort();
    if (pending.length === 0) yield { rows: [], version: years.version, resume: null };
    for (const anio of pending) {
      const query = { where: isIn('anio', [anio]), key: ORDEN, paging: 'offset' as const };
      const { byKey, unreadable, version } = toAnswer(await soda.queryAll(MDM, query, ctx));
      if (unreadable.size > 0) throw valorIlegible();
      const rows = [...byKey.values()].flat().filter((row) => matches(IndiceMdm, row, filtro));
      const isLast = anio === pending.at(-1);
      yield { rows, version, resume: isLast ? null : JSON.stringify([anio, version.token]) };
    }
  };

  return {
    id: SISTEMA,
    registros: REGISTROS_MDM,
    capabilities: (registro) => ({
      read: 'native',
      page: 'emulated',
      measure: 'none',
      topPerKey: 'emulated',
      scan: 'native',
      accesos: Object.keys(registro.accesos),
      maxKeys: MAX_KEYS,
    }),
    version: (_registro, ctx) => soda.version(MDM, ctx),
    read: (registro, acceso, keys, ctx) => {
      requireAcceso(registro, acceso);
      return read(keys, ctx);
    },
    async page(registro, filtro, orden, options, ctx) {
      const keys = keysOfFiltro(filtro, registro.ruta);
      if (keys === null) return failed(new InsufficientCapabilityError(SISTEMA));
      const outcomes = [...(await read(keys, ctx)).values()];
      const bad = outcomes.find(({ at }) => at === 'failed');
      const rows = outcomes.flatMap((outcome) => (outcome.at === 'found' ? outcome.rows : []));
      const known = outcomes.find((outcome) => outcome.at !== 'failed');
      if (bad?.at === 'failed') return bad;
      if (known === undefined) return failed(new InsufficientCapabilityError(SISTEMA));
      const list = { filtro, orden, options };
      return toTop({ at: 'found', rows, origin: known.origin }, list);
    },
    measure: ({ nombre }, medida) => {
      throw new TypeError(`${nombre} has no medida ${medida}`);
    },
    async topPerKey(registro, acceso, keys, filtro, orden, options, ctx) {
      requireAcceso(registro, acceso);
      const list = { filtro, orden, options };
      return new Map(
        [...(await read(keys, ctx))].map(([key, outcome]) => [key, toTop(outcome, list)]),
      );
    },
    scan,
    estado: () => soda.estado(),
    close: () => source.close(),
  };
}

function requireAcceso({ nombre, accesos }: Registro, acceso: string): void {
  if (!(acceso in accesos)) throw new TypeError(`${nombre} has no acceso ${acceso}`);
}

const isAskable = (key: Key): boolean => /^\d{5}\|\d{4}$/.test(key);

/** Departments below 10 are written with and without their zero. */
const spellingsOf = (codigo: string): string[] =>
  codigo.startsWith('0') ? [codigo, codigo.slice(1)] : [codigo];

const readResume = (resume: string | null): { after: string; token: string | null } => {
  if (resume === null) return { after: '', token: null };
  const [after, token] = JSON.parse(resume) as [string, string];
  return { after, token };
};

const valorIlegible = (): SourceContractError =>
  new SourceContractError(SISTEMA, { mensaje: 'La MDM trae un dato que no es un número.' });

const failed = (error: AdapterError): Extract<Outcome<never>, { at: 'failed' }> => ({
  at: 'failed',
  error: toSourceError(error),
});

const originOf = (version: Version, anio: string | undefined): Origin => ({
  sistema: SISTEMA,
  registro: IndiceMdm.nombre,
  modo: 'FILAS',
  version,
  servidoPor: SISTEMA,
  ...(anio === undefined ? {} : { corte: `${anio}-12-31` }),
});

function outcomeOf(key: Key, { byKey, unreadable, version }: Answer): Outcome<Row> {
  if (unreadable.has(key)) return failed(valorIlegible());
  const rows = byKey.get(key);
  if (rows === undefined) return { at: 'absent', origin: originOf(version, undefined) };
  const [, anio] = partsOf(key);
  return { at: 'found', rows, origin: originOf(version, anio) };
}

interface List {
  readonly filtro: Parameters<typeof topOf>[2];
  readonly orden: Parameters<typeof topOf>[3];
  readonly options: Parameters<typeof topOf>[4];
}

function toTop(
  outcome: Outcome<Row>,
  { filtro, orden, options }: List,
): Outcome<ReturnType<typeof topOf>> {
  if (outcome.at !== 'found') return outcome;
  const { rows, origin } = outcome;
  try {
    const source = { sistema: SISTEMA, version: origin.version };
    return { at: 'found', rows: [topOf(IndiceMdm, rows, filtro, orden, options, source)], origin };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return failed(error);
  }
}
