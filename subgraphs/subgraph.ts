import type { ByKey, Group, ListOptions, Outcome, Row, Top } from '../adapters/contract.js';
import type { SourceError } from '../adapters/errors.js';
import type { CatalogoTerritorial } from '../schema/catalogos/territorio.js';
import type { Key } from '../schema/key.js';
import type { Filtro, Orden, Registro } from '../schema/registro.js';

/**
 * A subgraph is a domain: SDL plus a declarative table. For each field the table says which reads it needs, as a pure
 * function of the parent and its arguments, and how the value follows from the rows read. Nothing here does I/O: the
 * planner and the stitched resolvers both run from this table.
 */
export interface Subgraph {
  readonly id: string;
  readonly sdl: string;
  /** Types that other subgraphs also describe, with how a node is made from its key. */
  readonly entities: Readonly<Record<string, EntityType>>;
  readonly table: Table;
}

export interface EntityType {
  /** The key that identifies the entity in every subgraph. */
  readonly keyOf: (node: Node) => string;
  /** A node with its key only. Fields that need more read it from their registro. */
  readonly fromKey: (key: string) => Node;
}

export type Table = Readonly<Record<string, Readonly<Record<string, Field>>>>;

/** What a field sees as its parent: an entity with its key, or the plain value that another field gave. */
export type Node = Readonly<Record<string, unknown>>;
export type Args = Readonly<Record<string, unknown>>;

/** A field without an entry in the table is the property of its parent by the same name. */
export interface Field<P extends Node = Node, A extends Args = Args> {
  /** Reads in order: a later step may look at what the earlier ones brought. A step without reads answers []. */
  readonly steps?: readonly Step<P, A>[];
  readonly value: (parent: P, args: A, env: FieldEnv, rows: Lookup) => unknown;
}

export interface Step<P extends Node = Node, A extends Args = Args> {
  (parent: P, args: A, env: FieldEnv, rows: Lookup): readonly Read[];
  /** The same question, said so that lists of thousands of parents need no list of reads each. */
  readonly one?: OneKey<P, A>;
}

interface OneKey<P extends Node, A extends Args> {
  readonly bucket: Bucket;
  readonly keyOf: (parent: P, args: A, env: FieldEnv) => Key | null;
}

/** The step of a field that asks at most one key, and always of the same bucket. Null: nothing to ask. */
export function askOne<P extends Node = Node, A extends Args = Args>(
  bucket: Bucket,
  keyOf: (parent: P, args: A, env: FieldEnv) => Key | null,
): Step<P, A> {
  const step = (parent: P, args: A, env: FieldEnv): readonly Read[] => {
    const key = keyOf(parent, args, env);
    return key === null ? [] : [{ bucket, keys: [key] }];
  };
  return Object.assign(step, { one: { bucket, keyOf } });
}

/** Keys asked of one bucket: one registro and one way of reading it. */
export interface Read {
  readonly bucket: Bucket;
  readonly keys: readonly Key[];
}

export type Bucket = {
  /** Equal ids mean the same question but for the keys: their keys are asked in one call. */
  readonly id: string;
  readonly registro: Registro;
} & (
  | { readonly op: 'read'; readonly acceso: string }
  | { readonly op: 'measure'; readonly medida: string; readonly dims: readonly string[] }
  | { readonly op: 'top'; readonly acceso: string; readonly list: ListQuestion }
  | { readonly op: 'page'; readonly list: ListQuestion }
);

export interface ListQuestion {
  readonly filtro: Filtro | null;
  readonly orden: readonly Orden[];
  readonly options: ListOptions;
}

/** Synchronous view of what this request has read. */
export interface Lookup {
  /** Rows of a key, [] when the source has none. Throws SourceFailure when the source failed. */
  rows(bucket: Bucket, key: Key): readonly Row[];
  groups(bucket: Bucket, key: Key): readonly Group[];
  top(bucket: Bucket, key: Key): Top;
  /** For fields that show failures of part of their keys instead of failing. */
  outcome(bucket: Bucket, key: Key): Outcome<Row | Group | Top>;
}

export interface FieldEnv {
  readonly territorio: CatalogoTerritorial;
  readonly identidad: Identidad;
  /** Says something about a value that is not a failure. Collapsed and placed by the gateway. */
  warn(aviso: Aviso): void;
  /** Whether a field is selected below this one: 'totalCount', 'edges.node'. */
  selects(path: string): boolean;
  /** State of the sources as this process knows it; asking costs no call. */
  readonly sistemas: () => readonly SistemaEstado[];
  /** Today in Colombia (ISO date), injected so that answers are reproducible. */
  readonly hoy: string;
}

/** A system of the catalog with its present state. */
export interface SistemaEstado {
  readonly id: string;
  readonly nombre: string;
  readonly entidadResponsable: string;
  readonly norma: string | null;
  readonly estado:
    | 'SIN_VERIFICAR'
    | 'EN_LINEA'
    | 'ACOPIO'
    | 'DESACTUALIZADO'
    | 'RETIRADO_POR_LA_FUENTE'
    | 'CAIDO'
    | 'DESMONTADO';
  readonly corte: string | null;
  readonly verificado: string | null;
  readonly mensaje: string | null;
}

export interface Aviso {
  readonly codigo: string;
  readonly mensaje: string;
  readonly sistema?: string;
}

/** A body that reports, with its codes in each system and how sure each link is. */
export interface Vinculo {
  readonly sistema: string;
  readonly codigo: string;
  /** Exact decimal text between 0 and 1. */
  readonly confianza: string;
  readonly origen: string;
}

export interface EntidadConocida {
  readonly id: string;
  readonly nombre: string;
  readonly chip: string | null;
  readonly nit: string | null;
  readonly sigep: string | null;
  readonly orden: string | null;
  readonly naturalezaJuridica: string | null;
  /** DIVIPOLA of the territory where it belongs, 2 or 5 digits. */
  readonly territorio: string | null;
  readonly vinculos: readonly Vinculo[];
}

/** The crosswalk CHIP ↔ NIT ↔ SIGEP ↔ DIVIPOLA, in memory: it costs no stage. */
export interface Identidad {
  byId(id: string): EntidadConocida | null;
  byChip(chip: string): EntidadConocida | null;
  byNit(nit: string): EntidadConocida | null;
  bySigep(codigo: string): EntidadConocida | null;
  /** The alcaldía of a municipio (Bogotá: its distrito), or null where there is none. */
  alcaldia(municipio: string): EntidadConocida | null;
  gobernacion(departamento: string): EntidadConocida | null;
  /** Every known body of a territory. */
  entidadesDe(territorio: string): readonly EntidadConocida[];
  /** When its snapshots were taken; null where a register could not be read yet. */
  readonly corte: Readonly<Record<string, string | null>>;
}

/** A failed read met while computing a value; the error layer turns it into one collapsed error per source and field. */
export class SourceFailure extends Error {
  readonly error: SourceError;
  readonly registro: string;
  readonly key: Key;

  constructor(error: SourceError, registro: string, key: Key) {
    super(error.mensaje);
    this.name = 'SourceFailure';
    this.error = error;
    this.registro = registro;
    this.key = key;
  }
}

/** The reader's mistake: a code, a Spanish message, the argument and an example of a good value. */
export class InputProblem extends Error {
  readonly codigo: string;
  readonly campo: string;
  readonly ejemplo: string;

  constructor(problem: { codigo: string; mensaje: string; campo: string; ejemplo: string }) {
    super(problem.mensaje);
    this.name = 'InputProblem';
    this.codigo = problem.codigo;
    this.campo = problem.campo;
    this.ejemplo = problem.ejemplo;
  }
}

/** A null that is no failure, with its reason. */
export class Reason {
  readonly aviso: Aviso;

  constructor(codigo: string, mensaje: string, sistema?: string) {
    this.aviso = sistema === undefined ? { codigo, mensaje } : { codigo, mensaje, sistema };
  }
}

const buckets = new Map<string, Bucket>();
const MAX_REMEMBERED_BUCKETS = 5_000;

/** Buckets are interned so that the same question is the same object, and a map by identity is enough. */
function intern(id: string, create: () => Bucket): Bucket {
  const known = buckets.get(id);
  if (known !== undefined) return known;
  if (buckets.size >= MAX_REMEMBERED_BUCKETS) buckets.clear();
  const bucket = create();
  buckets.set(id, bucket);
  return bucket;
}

export const byAcceso = (registro: Registro, acceso: string): Bucket =>
  intern(`read ${registro.nombre} ${acceso}`, () => {
    if (!(acceso in registro.accesos))
      throw new Error(`${registro.nombre} has no acceso ${acceso}`);
    return { id: `read ${registro.nombre} ${acceso}`, op: 'read', registro, acceso };
  });

export const byMedida = (registro: Registro, medida: string, dims: readonly string[]): Bucket => {
  const id = `measure ${registro.nombre} ${medida} ${dims.join(',')}`;
  return intern(id, () => ({ id, op: 'measure', registro, medida, dims }));
};

export const byTop = (registro: Registro, acceso: string, list: ListQuestion): Bucket => {
  const id = `top ${registro.nombre} ${acceso} ${JSON.stringify(list)}`;
  return intern(id, () => ({ id, op: 'top', registro, acceso, list }));
};

/** A list over a whole registro. Its only key is PAGE_KEY. */
export const byPage = (registro: Registro, list: ListQuestion): Bucket => {
  const id = `page ${registro.nombre} ${JSON.stringify(list)}`;
  return intern(id, () => ({ id, op: 'page', registro, list }));
};
export const PAGE_KEY: Key = '*';

export type AnyByKey = ByKey<Row> | ByKey<Group> | ByKey<Top>;
