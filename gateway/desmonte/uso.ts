import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import {
  Kind,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { GraphQLNamedType } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SqlSession, SqlStore } from '../almacen/port.js';
import type { ValorDe } from '../route/evidencia.js';
import type { Tramo } from '../route/tramo.js';
import type { RowStore } from '../rows/row-store.js';

/** A field of a document, and the one that it lies under. */
interface CampoUsado {
  readonly coordenada: string;
  readonly bajo: number;
}

interface Uso {
  readonly coordenada: string;
  readonly cliente: string;
  readonly sistema: string;
  readonly registro: string;
  readonly primera: string;
  ultima: string;
  veces: number;
}

export interface UsoRow extends Readonly<Uso> {
  readonly veces: number;
}

const FLUSH_MS = 10_000;
const MAX_DOCUMENTS = 2_000;
/** Beyond it new lines wait in no memory: they are counted, and written when the next flush made room. */
const MAX_PENDING = 100_000;
/** Of fields that read no system. */
const NINGUNO = 'ninguno';

/**
 * Which fields are in use, by whom, and which system gave them. Every operation counts: a rare one is exactly the one that a
 * retirement would break. A field left out by @skip counts as used, for the next call may ask it.
 */
export class UsoCampos {
  /** Uses that found no room. */
  perdidos = 0;
  readonly #now: () => number;
  readonly #documents = new LRUCache<string, readonly CampoUsado[]>({ max: MAX_DOCUMENTS });
  #pending = new Map<string, Uso>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(now: () => number) {
    this.#now = now;
  }

  note(
    schema: GraphQLSchema,
    operation: {
      readonly document: DocumentNode;
      readonly documentId: string;
      readonly operationName: string | null;
    },
    store: Pick<RowStore, 'usage' | 'coordenadas'>,
    cliente: string,
  ): void {
    const campos = this.#camposOf(schema, operation);
    const servedBy = systemsByRegistro(store);
    const read = store.coordenadas();
    const registros: (readonly string[])[] = [];
    for (const { coordenada, bajo } of campos) {
      const own = read.get(coordenada);
      const found: readonly string[] = own === undefined ? (registros[bajo] ?? []) : [...own];
      registros.push(found);
      if (found.length === 0) this.#add(coordenada, cliente, NINGUNO, '');
      for (const registro of found) {
        for (const sistema of servedBy.get(registro) ?? [])
          this.#add(coordenada, cliente, sistema, registro);
      }
    }
  }

  /** Writes every ten seconds what was used. */
  start(store: SqlStore, log: (message: string, error?: unknown) => void): void {
    this.#timer = setTimeout(() => {
      void this.flush(store)
        .catch((error: unknown) => {
          log('uso: no se pudo guardar', error);
        })
        .finally(() => {
          if (this.#timer !== null) this.start(store, log);
        });
    }, FLUSH_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Writes what is pending. What the store refuses stays pending. */
  flush(session: SqlSession): Promise<void> {
    const written = this.#flushing.catch(() => undefined).then(() => this.#write(session));
    this.#flushing = written;
    return written;
  }

  async #write(session: SqlSession): Promise<void> {
    if (this.#pending.size === 0) return;
    const taken = this.#pending;
    this.#pending = new Map();
    try {
      await writeUsos(session, [...taken.values()]);
    } catch (error) {
      for (const uso of taken.values()) this.#merge(uso);
      throw error;
    }
  }

  #camposOf(
    schema: GraphQLSchema,
    { document, documentId, operationName }: Parameters<UsoCampos['note']>[1],
  ): readonly CampoUsado[] {
    const id = `${operationName ?? ''} ${documentId}`;
    let campos = this.#documents.get(id);
    if (campos === undefined) {
      const operation = getOperationAST(document, operationName);
      campos = operation == null ? [] : camposOf(schema, document, operation);
      this.#documents.set(id, campos);
    }
    return campos;
  }

  #add(coordenada: string, cliente: string, sistema: string, registro: string): void {
    const en = new Date(this.#now()).toISOString();
    this.#merge({ coordenada, cliente, sistema, registro, primera: en, ultima: en, veces: 1 });
  }

  #merge(uso: Uso): void {
    const id = `${uso.coordenada}|${uso.sistema}|${uso.registro}|${uso.cliente}`;
    const known = this.#pending.get(id);
    if (known === undefined) {
      if (this.#pending.size < MAX_PENDING) this.#pending.set(id, uso);
      else this.perdidos += 1;
      return;
    }
    known.veces += uso.veces;
    if (uso.ultima > known.ultima) known.ultima = uso.ultima;
  }
}

function systemsByRegistro(store: Pick<RowStore, 'usage'>): Map<string, Set<string>> {
  const systems = new Map<string, Set<string>>();
  for (const { registro, sistema, origin } of store.usage()) {
    const known = systems.get(registro) ?? new Set();
    known.add(origin?.servidoPor ?? sistema);
    systems.set(registro, known);
  }
  return systems;
}

function camposOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly CampoUsado[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  const campos: CampoUsado[] = [];
  const seen = new Map<string, number>();
  const walk = (
    set: SelectionSetNode,
    type: GraphQLNamedType,
    bajo: number,
    open: readonly string[],
  ): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
        const coordenada = `${type.name}.${name}`;
        const id = `${bajo}|${coordenada}`;
        let at = seen.get(id);
        if (at === undefined) {
          at = campos.push({ coordenada, bajo }) - 1;
          seen.set(id, at);
        }
        const field = type.getFields()[name];
        if (selection.selectionSet !== undefined && field !== undefined)
          walk(selection.selectionSet, getNamedType(field.type), at, open);
        continue;
      }
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : null;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(name ?? '');
      if (fragment === undefined || (name !== null && open.includes(name))) continue;
      const on = fragment.typeCondition?.name.value;
      const narrowed = on === undefined ? type : schema.getType(on);
      if (isCompositeType(narrowed))
        walk(fragment.selectionSet, narrowed, bajo, name === null ? open : [...open, name]);
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root != null) walk(operation.selectionSet, root, -1, []);
  return campos;
}

const ROWS_PER_INSERT = 2_000;

async function writeUsos(session: SqlSession, usos: readonly Uso[]): Promise<void> {
  for (let i = 0; i < usos.length; i += ROWS_PER_INSERT) {
    const part = usos.slice(i, i + ROWS_PER_INSERT);
    await session.query(
      `insert into uso (coordenada, cliente, sistema, registro, primera, ultima, veces)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
      on conflict (coordenada, cliente, sistema, registro) do update set
        ultima = greatest(uso.ultima, excluded.ultima), veces = uso.veces + excluded.veces`,
      [
        part.map(({ coordenada }) => coordenada),
        part.map(({ cliente }) => cliente),
        part.map(({ sistema }) => sistema),
        part.map(({ registro }) => registro),
        part.map(({ primera }) => primera),
        part.map(({ ultima }) => ultima),
        part.map(({ veces }) => veces),
      ],
    );
  }
}

/** Uses of a registro, or of all; the latest first. */
export async function loadUso(
  session: SqlSession,
  registro: string | null,
): Promise<readonly UsoRow[]> {
  const rows = await session.query<Omit<UsoRow, 'veces'> & { veces: bigint }>(
    `select * from uso where $1::text is null or registro = $1 order by ultima desc, coordenada, cliente, sistema`,
    [registro],
  );
  return rows.map((row) => ({ ...row, veces: Number(row.veces) }));
}

/** Coordinates of the registro that were in use and that the new side has not served since the phase began. */
export async function gatherUso(
  session: SqlSession,
  tramo: Tramo,
  { faseDesde, creadoEn }: { readonly faseDesde: string; readonly creadoEn: string },
): Promise<ValorDe<'uso'>> {
  const rows = await session.query<{ coordenada: string; nueva: boolean; primera: string }>(
    `select coordenada, bool_or(sistema = $2 and ultima >= $3) as nueva, min(primera) as primera
    from uso where registro = $1 group by coordenada order by coordenada`,
    [tramo.registro, tramo.nuevo, faseDesde],
  );
  const first = rows.map(({ primera }) => primera).sort()[0];
  return {
    observadoDesde: first ?? creadoEn,
    sinNuevo: rows.filter(({ nueva }) => !nueva).map(({ coordenada }) => coordenada),
  };
}
