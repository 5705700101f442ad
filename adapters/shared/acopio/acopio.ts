import type { Registro } from '../../../schema/registro.js';
import type {
  ByKey,
  Chunk,
  Group,
  Key,
  ListOptions,
  Row,
  SourceContext,
  Top,
  Version,
} from '../../contract.js';
import type { Filtro, Orden } from '../../../schema/registro.js';

/**
 * The last complete version of a drop or dataset, parsed once and indexed by the accesos of its registros. It belongs to
 * the legacy route: a cache that says its date, never a second owner.
 */
export interface Acopio {
  /**
   * Makes sure that the given version of a part is loaded; concurrent calls load once. Rows become visible all together,
   * after `load` ended without throwing (its own totals checks included). A load that throws leaves the last good version
   * answering and records the quarantine; the result says which version now answers, or null when there is none.
   */
  ensure(part: Part, ctx: SourceContext): Promise<LoadedPart | null>;
  /** Rows of the loaded parts of a sistema, complete per key. `parts` limits the question to some part ids. */
  read(
    question: Question,
    acceso: string,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ByKey<Row>>;
  page(
    question: Question,
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<Top & { readonly version: Version }>;
  measure(
    question: Question,
    medida: string,
    keys: readonly Key[],
    dims: readonly string[],
    ctx: SourceContext,
  ): Promise<ByKey<Group>>;
  topPerKey(
    question: Question,
    acceso: string,
    keys: readonly Key[],
    filtro: Filtro | null,
    orden: readonly Orden[],
    options: ListOptions,
    ctx: SourceContext,
  ): Promise<ByKey<Top>>;
  scan(
    question: Question,
    filtro: Filtro | null,
    resume: string | null,
    ctx: SourceContext,
  ): AsyncIterable<Chunk>;
  /** Parts known for a sistema: what answers, and what is in quarantine and why. */
  parts(sistema: string): Promise<readonly PartState[]>;
  /** Removes a part that its source no longer offers. */
  forget(sistema: string, id: string): Promise<void>;
}

export interface Question {
  readonly sistema: string;
  /** Id of the adapter that answers, for the origin. */
  readonly servidoPor: string;
  readonly registro: Registro;
  readonly parts?: readonly string[];
}

/** One drop file, or one dataset, at one version. */
export interface Part {
  readonly sistema: string;
  readonly id: string;
  readonly version: Version;
  /** The date the data speak of, ISO date. */
  readonly corte?: string;
  /** Registros it carries, where known before reading it: a declaration that changed is then loaded again at once. */
  readonly registros?: readonly Registro[];
  /** Batches of rows per registro. Throws an AdapterError or a DropError when the file is broken. */
  load(): AsyncIterable<{ readonly registro: Registro; readonly rows: readonly Row[] }>;
}

export interface LoadedPart {
  readonly id: string;
  readonly version: Version;
  readonly rows: number;
}

export interface PartState {
  readonly id: string;
  readonly version: Version | null;
  readonly rows: number;
  readonly quarantine: {
    readonly version: string;
    readonly motivo: string;
    readonly linea: number | null;
    readonly desde: string;
  } | null;
}
