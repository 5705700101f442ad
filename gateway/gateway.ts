import path from 'node:path';
import { parse } from 'graphql';
import type { Adapter } from '../adapters/contract.js';
import type { Acopio, AdapterRegistration, Ending } from '../adapters/index.js';
import { createAcopio, isRecordStore } from '../adapters/index.js';
import { loadTerritorio } from '../schema/catalogos/territorio.js';
import type { Registro } from '../schema/registro.js';
import { subgraphs } from '../subgraphs/index.js';
import type { Subgraph } from '../subgraphs/subgraph.js';
import type { Reader, TokenTable } from './access/tokens.js';
import { ANONYMOUS, loadTokens } from './access/tokens.js';
import type { Almacen } from './almacen/almacen.js';
import { isAlive } from './almacen/alive.js';
import { openAlmacen } from './almacen/almacen.js';
import type { RowCache } from './cache/cache.js';
import { openCache } from './cache/open-cache.js';
import type { Moment } from './contexts.js';
import { Contexts } from './contexts.js';
import { baseOf, createAdapters, registrosOf, sourcesOf } from './installed.js';
import { createRedisChannel } from './desmonte/epoch-channel.js';
import { Bitacora } from './desmonte/bitacora.js';
import { credencialesDe } from './desmonte/credenciales.js';
import type { TramosKeeper } from './desmonte/keeper.js';
import { LATE_MS, openTramos } from './desmonte/keeper.js';
import type { Vigia } from './desmonte/vigia.js';
import { UsoCampos } from './desmonte/uso.js';
import { createVigia } from './desmonte/vigia.js';
import { importArchivos } from './desmonte/importar-archivo.js';
import { Mesa } from './desmonte/mesa.js';
import type { GraphContext } from './compose/stitched-field.js';
import { Calentamiento, PASOS } from './calentamiento.js';
import { Executor } from './graph.js';
import { IdentidadKeeper } from './identidad/load-identidad.js';
import { registersOf } from './identidad/registers.js';
import { detallesOf, watchQuarantine, type SistemaDetalle } from './detalles.js';
import { createFlights } from './rows/flight.js';
import type { FetchBucket } from './rows/row-store.js';
import { Trafico } from './rows/trafico.js';
import { createAskSources } from './rows/sources.js';
import { Metrics } from './serve/metrics.js';
import type { Settings } from './settings.js';
import type { SistemasBoard } from './sistemas.js';
import { createBoard } from './sistemas.js';

/** The whole gateway but its HTTP: what a server, a command or a test stands on. */
export interface Gateway {
  readonly executor: Executor;
  readonly metrics: Metrics;
  readonly tokens: TokenTable;
  readonly identidad: IdentidadKeeper;
  readonly settings: Settings;
  readonly log: GatewayOptions['log'];
  readonly tramos: TramosKeeper;
  /** What compares behind the answers and steps back by itself. */
  readonly vigia: Vigia;
  /** Which fields are in use, by whom. */
  readonly uso: UsoCampos;
  readonly mesa: Mesa;
  /** What the answers of now depend on beside their question and rows. */
  momentNow(): Moment;
  /** A fresh context for one operation. */
  newContext(reader: Reader, ending: Ending): GraphContext;
  /** Reads ahead what first questions would wait for, once it is told to begin. */
  readonly calentamiento: Calentamiento;
  sistemas(): ReturnType<SistemasBoard['estados']>;
  detalles(): Promise<readonly SistemaDetalle[]>;
  /** Whether the own store answers. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

export interface GatewayOptions {
  readonly settings: Settings;
  readonly registrations: readonly AdapterRegistration[];
  readonly now?: () => number;
  readonly log: (message: string, error?: unknown) => void;
  /** The domains; those of the product unless a test or a benchmark brings its own. */
  readonly subgraphs?: readonly Subgraph[];
  /** False: it lives for one order, serves no readers and does nothing that was not asked of it. */
  readonly fondo?: boolean;
}

export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { settings, registrations, log, now = Date.now, fondo = true } = options;
  const tokens = loadTokens(settings.tokensFile);
  const metrics = new Metrics();
  const almacen = await openAlmacen(
    settings.databaseUrl === null
      ? { dataDir: path.join(settings.dataDir, 'almacen') }
      : { databaseUrl: settings.databaseUrl },
  );
  await takeArchives(options, almacen, now);
  const tramos = await openTramos({
    store: almacen,
    registros: registrosOf(registrations),
    base: baseOf(registrations),
    politica: settings.politica,
    now,
    log,
    channel: settings.redisUrl === null ? null : createRedisChannel(settings.redisUrl, log),
    ...(!fondo && { pollMs: 0, instancia: null }),
  });
  const trafico = new Trafico();
  const acopio = createAcopio(almacen, { now, giveWay: () => trafico.giveWay() });
  const tools = { now, observer: metrics.observer, acopio, store: almacen };
  const bitacora = new Bitacora();
  const adapters = createAdapters(options, tools, tramos, bitacora);
  watchQuarantine(metrics.registry, adapters, acopio);
  const board = createBoard({
    sources: sourcesOf(registrations),
    stored: registrosOf(registrations),
    adapters,
    tramosNow: () => tramos.current.tramos,
    now,
  });
  const cache = await openCache(settings, registrosOf(registrations), log);
  const vigia = createVigia({
    tramos,
    adapters,
    store: almacen,
    now,
    log,
    bitacora,
    ...(!fondo && { lookMs: 0 }),
  });
  const uso = new UsoCampos(now);
  if (fondo) uso.start(almacen, log);
  const ask = createAskSources(
    adapters,
    () => tramos.current,
    (error, sistema) => {
      log(`${sistema}: error inesperado`, error);
    },
    vigia.watch,
  );
  const identidad = openIdentidad(options, adapters, tramos, now);
  if (fondo) await identidad.open();
  const mesa = new Mesa({
    store: almacen,
    keeper: tramos,
    registros: registrosOf(registrations),
    adapters,
    now,
    log,
    vigia,
    uso,
    dataDir: settings.dataDir,
    credencialesDe: (id) => credencialesDe(settings, registrations, id),
  });
  return assemble({
    options,
    tokens,
    metrics,
    board,
    almacen,
    acopio,
    adapters,
    cache,
    trafico,
    tramos,
    vigia,
    uso,
    mesa,
    identidad,
    now,
    fetch: createFlights(board.watch(ask), cache),
  });
}

/** Archives of systems that were retired elsewhere: a store that does not know their tramos takes them in. */
async function takeArchives(
  { settings, registrations, log }: GatewayOptions,
  store: Almacen,
  now: () => number,
): Promise<void> {
  const { archiveDir } = settings;
  const registration = registrations.find(({ isRecordStore: isStore }) => isStore === true);
  if (archiveDir === null || registration === undefined) return;
  const observer = { call: () => undefined, error: () => undefined };
  const tools = { now, observer, acopio: createAcopio(store, { now }), store };
  const unico = registration.create({}, tools);
  if (!isRecordStore(unico)) return;
  const { registros } = unico;
  const { signal } = new AbortController();
  const taken = await importArchivos({ store, unico, registros, dir: archiveDir, now, signal });
  for (const { tramo, estado, motivo, filas } of taken)
    log(`archivo ${tramo}: ${estado}${motivo === null ? ` (${filas} registros)` : `: ${motivo}`}`);
}

function openIdentidad(
  { settings, registrations }: GatewayOptions,
  adapters: ReadonlyMap<string, Adapter>,
  tramos: TramosKeeper,
  now: () => number,
): IdentidadKeeper {
  // A register is read from whoever owns all of it; while two share it, still from the system of origin.
  const adapterOf = (registro: Registro): Adapter | undefined => {
    const owners = tramos.current.ownersOf(registro);
    return adapters.get(owners.length === 1 && owners[0] ? owners[0] : registro.sistema);
  };
  return new IdentidadKeeper({
    territorio: loadTerritorio(),
    registers: registersOf(registrosOf(sourcesOf(registrations))),
    adapterOf,
    folder: path.join(settings.dataDir, 'identidad'),
    now,
  });
}

interface Parts {
  readonly options: GatewayOptions;
  readonly tokens: TokenTable;
  readonly metrics: Metrics;
  readonly board: SistemasBoard;
  readonly almacen: Almacen;
  readonly acopio: Acopio;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly cache: RowCache;
  readonly trafico: Trafico;
  readonly tramos: TramosKeeper;
  /** What compares behind the answers and steps back by itself. */
  readonly vigia: Vigia;
  readonly uso: UsoCampos;
  readonly mesa: Mesa;
  readonly identidad: IdentidadKeeper;
  readonly now: () => number;
  readonly fetch: FetchBucket;
}

function assemble(parts: Parts): Gateway {
  const { options, metrics, board, almacen, acopio, adapters, cache, tramos, identidad, now } =
    parts;
  const { settings } = options;
  const sistemas = (): ReturnType<SistemasBoard['estados']> => board.estados();
  const { trafico } = parts;
  const fetch = trafico.watch(parts.fetch);
  const executor = new Executor(options.subgraphs ?? subgraphs, metrics.declined, (cause) => {
    options.log('graphql: error inesperado', cause);
  });
  const contexts = new Contexts({
    tramosNow: () => tramos.current,
    identidadNow: () => identidad.current,
    sistemas,
    fetch,
    mesa: parts.mesa,
    now,
  });
  const calentamiento = new Calentamiento({
    pasos: PASOS,
    ask: async (query, signal) => {
      const context = contexts.open(
        ANONYMOUS,
        { signal },
        {
          deadline: now() + PLAZO_FONDO_MS,
          origen: 'fondo',
        },
      );
      const operation = {
        document: parse(query),
        documentId: query,
        operationName: null,
        variables: {},
      };
      return (await executor.execute(operation, context)).errors;
    },
    ocupado: () => trafico.ocupado,
    now,
    log: options.log,
  });
  return {
    executor,
    metrics,
    tokens: parts.tokens,
    identidad,
    settings,
    log: options.log,
    tramos,
    vigia: parts.vigia,
    uso: parts.uso,
    mesa: parts.mesa,
    momentNow: () => contexts.momentNow(),
    newContext: (reader, ending) =>
      contexts.open(reader, ending, {
        deadline: now() + settings.deadlineMs,
        saldo: { ...settings.presupuesto },
      }),
    calentamiento,
    sistemas,
    detalles: () => detallesOf(adapters, acopio),
    isReady: () => isAlive(almacen, LATE_MS),
    close: async () => {
      await calentamiento.close();
      identidad.close();
      await parts.mesa.close();
      await parts.vigia.close();
      parts.uso.stop();
      await parts.uso.flush(almacen).catch((error: unknown) => {
        options.log('uso: no se pudo guardar', error);
      });
      await tramos.close();
      await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
      await cache.close();
      await almacen.close();
    },
  };
}

/** A file may be large, and nobody waits for what is read ahead. */
const PLAZO_FONDO_MS = 600_000;
