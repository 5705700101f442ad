import type { Key } from '../schema/key.js';
import type { Fila, Filtro, Orden, Registro } from '../schema/registro.js';
import type { SourceError } from './errors.js';
import type {
  Change,
  Checkpoint,
  Digest,
  DigestScope,
  IngestChunk,
  Ingested,
} from './shared/record-store.js';
import type { Ending } from './shared/stop.js';

/** The contract of every system, the single store included. It throws for programming errors only. */

export type { Key } from '../schema/key.js';
export type * from './shared/record-store.js';
export type * from './shared/sql/store.js';
export type Row = Fila;

/** Last-Modified, file digest or store epoch: equal tokens mean equal data. */
export interface Version {
  readonly token: string;
  /** When the source says it published, ISO 8601. */
  readonly sourceTime?: string;
  /** When we last verified it, ISO 8601. */
  readonly checkedAt: string;
  /** The last probe failed: the data stand, their freshness is not known. */
  readonly stale?: boolean;
}

export type Modo = 'FILAS' | 'AGREGADO_EN_FUENTE' | 'ACOPIO' | 'ALMACEN';

/** Where rows came from. Shared by all rows of one call; never copied per row. */
export interface Origin {
  readonly sistema: string;
  readonly registro: string;
  readonly modo: Modo;
  readonly version: Version;
  /** The date the data speak of, as the source declares it (ISO date). */
  readonly corte?: string;
  /** Id of the adapter that answered. */
  readonly servidoPor: string;
}

export type Outcome<T> =
  | { readonly at: 'found'; readonly rows: readonly T[]; readonly origin: Origin }
  | { readonly at: 'absent'; readonly origin: Origin }
  | { readonly at: 'failed'; readonly error: SourceError };

/** Every key asked, never one more. */
export type ByKey<T> = ReadonlyMap<Key, Outcome<T>>;

/** One group of a medida: its dimensions, its exact sums, and how many records stand behind them. */
export interface Group {
  readonly dims: Readonly<Record<string, string | null>>;
  readonly sums: Readonly<Record<string, string | null>>;
  readonly count: number;
}

/** The first rows of one list, with the count of all where it was asked. An outcome holds exactly one. */
export interface Top {
  readonly rows: readonly Row[];
  readonly hasNext: boolean;
  /** Absent where nobody knows it exactly. */
  readonly total?: number;
  /** Of a list that several answered together: the version that its cursors hold, instead of that of one origin. */
  readonly cursorVersion?: string;
}

/** Position after which a list goes on: the order values and then the clave of the last row, and the version seen. */
export interface After {
  readonly values: readonly (string | number | null)[];
  readonly version: string;
}

export interface ListOptions {
  readonly first: number;
  readonly after: After | null;
  /** Ask also for the number of all rows. */
  readonly count: boolean;
}

export type Support = 'native' | 'emulated' | 'none';

export interface Capabilities {
  readonly read: Support;
  readonly page: Support;
  readonly measure: Support;
  readonly topPerKey: Support;
  readonly scan: Support;
  /** Accesos that this adapter answers; others are refused with CAPACIDAD_INSUFICIENTE. */
  readonly accesos: readonly string[];
  /** Most keys in one read before the gateway must not ask. */
  readonly maxKeys: number;
}

/** What one request may still cost its sources. Plain counters that go down as calls are made. */
export interface Saldo {
  llamadas: number;
  bytes: number;
}

/** Who pays for the calls made under one context: several requests may share one reading. */
export interface Pagador {
  readonly saldo: Saldo;
  /** Of each call, between 0 and 1. */
  readonly parte: number;
  /** Some call was more than it could pay: what the reading brings is not for this one. */
  impago: boolean;
}

/** Everything but the signal can be serialised, so that an adapter may run in another process. */
export interface SourceContext extends Ending {
  /** The same deadline as an instant (epoch ms). */
  readonly deadline: number;
  /** Access class of the reader; never mixed in caches or flights. */
  readonly alcance: string;
  /** As-of instant, null = now. */
  readonly corte: string | null;
  readonly epoca: number;
  /** Calls made for a request and calls made behind it are counted apart. */
  readonly origen: 'consulta' | 'fondo';
  /** Who pays for the calls of a `consulta`; nobody pays for those of the background. */
  readonly pagadores?: readonly Pagador[];
}

export interface Chunk {
  readonly rows: readonly Row[];
  readonly version: Version;
  /** Resume token: registro keys and dataset version, never the source's row id. Null after the last chunk. */
  readonly resume: string | null;
}

export interface Adapter {
  /** Id in the catalog of systems, or `unico`. */
  readonly id: string;
  /** Registros that it answers. */
  readonly registros: readonly Registro[];
  capabilities(registro: Registro): Capabilities;
  version(registro: Registro, ctx: SourceContext): Promise<Version>;
  /** Complete per key, or failed. */
  read(
    registro: Registro,
    acceso: string,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ByKey<Row>>;
  page(
    registro: Registro,
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<Outcome<Top>>;
  /** Keys are over the grain of the medida. */
  measure(
    registro: Registro,
    medida: string,
    keys: readonly Key[],
    dims: readonly string[],
    ctx: SourceContext,
  ): Promise<ByKey<Group>>;
  topPerKey(
    registro: Registro,
    acceso: string,
    keys: readonly Key[],
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<ByKey<Top>>;
  scan(
    registro: Registro,
    filtro: Filtro | null,
    resume: string | null,
    ctx: SourceContext,
  ): AsyncIterable<Chunk>;
  /** What was recorded since a cursor. */
  changes?(registro: Registro, since: string | null, ctx: SourceContext): AsyncIterable<Change>;
  /** The single store only: rows and checkpoint in one transaction. */
  ingest?(
    registro: Registro,
    chunk: IngestChunk,
    checkpoint: Checkpoint | null,
    ctx: SourceContext,
  ): Promise<Ingested>;
  /** What a census compares. */
  digests?(registro: Registro, scope: DigestScope, ctx: SourceContext): AsyncIterable<Digest>;
  /** State for /estado: drops, quarantine, breaker. Never a call to the source. */
  estado(): AdapterEstado;
  close(): Promise<void>;
}

export interface AdapterEstado {
  readonly avisos: readonly {
    readonly codigo: string;
    readonly mensaje: string;
    readonly donde: string;
  }[];
}
