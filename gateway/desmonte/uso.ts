import type { DocumentNode, GraphQLSchema } from 'graphql';
import { getOperationAST } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SqlSession, SqlStore } from '../almacen/port.js';
import type { ValorDe } from '../route/evidencia.js';
import type { Tramo } from '../route/tramo.js';
import type { RowStore } from '../rows/row-store.js';
import type { CampoUsado } from './campos-usados.js';
import { camposOf } from './campos-usados.js';

interface Uso {
  readonly coordenada: string;
  readonly cliente: string;
  readonly sistema: string;
  readonly registro: string;
  primera: string;
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
/** Operations alike are counted together and told apart only now and then: beyond this many kinds, at once. */
const MAX_TALLIES = 5_000;
/** Of fields that read no system. */
const NINGUNO = 'ninguno';

/** Operations that read the same registros from the same systems for the same reader. */
interface Tally {
  readonly campos: readonly CampoUsado[];
  readonly cliente: string;
  readonly read: ReadonlyMap<string, ReadonlySet<string>>;
  readonly servedBy: ReadonlyMap<string, ReadonlySet<string>>;
  readonly primera: number;
  ultima: number;
  veces: number;
}

/** What an operation read, and from where. */
export interface Lectura {
  /** Equal for operations that read the same registros in the same fields, from the same systems. */
  readonly firma: string;
  readonly usage: ReturnType<RowStore['usage']>;
  readonly coordenadas: ReturnType<RowStore['coordenadas']>;
}

export function lecturaOf(store: Pick<RowStore, 'usage' | 'coordenadas'>): Lectura {
  const usage = store.usage();
  const coordenadas = store.coordenadas();
  return { firma: firmaOf(usage, coordenadas), usage, coordenadas };
}

/**
 * Which fields are in use, by whom, and which system gave them. Every operation counts: a rare one is exactly the one that a
 * retirement would break. A field left out by @skip counts as used, for the next call may ask it.
 */
export class UsoCampos {
  /** Uses that found no room. */
  perdidos = 0;
  readonly #now: () => number;
  readonly #documents = new LRUCache<string, readonly CampoUsado[]>({ max: MAX_DOCUMENTS });
  #tallies = new Map<readonly CampoUsado[], Map<string, Tally>>();
  #kinds = 0;
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
    lectura: Lectura,
    cliente: string,
  ): void {
    const campos = this.#camposOf(schema, operation);
    let tallies = this.#tallies.get(campos);
    if (tallies === undefined) {
      tallies = new Map();
      this.#tallies.set(campos, tallies);
    }
    const id = `${cliente}|${lectura.firma}`;
    const ultima = this.#now();
    const tally = tallies.get(id);
    if (tally !== undefined) {
      tally.veces += 1;
      tally.ultima = ultima;
      return;
    }
    const servedBy = systemsByRegistro(lectura);
    const read = lectura.coordenadas;
    tallies.set(id, { campos, cliente, read, servedBy, primera: ultima, ultima, veces: 1 });
    this.#kinds += 1;
    if (this.#kinds > MAX_TALLIES) this.#spell();
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
    this.#spell();
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

  /** Turns what was counted operation by operation into uses of fields. */
  #spell(): void {
    const taken = this.#tallies;
    this.#tallies = new Map();
    this.#kinds = 0;
    for (const tallies of taken.values()) for (const tally of tallies.values()) this.#spread(tally);
  }

  #spread({ campos, cliente, read, servedBy, primera, ultima, veces }: Tally): void {
    const span = {
      cliente,
      primera: new Date(primera).toISOString(),
      ultima: new Date(ultima).toISOString(),
      veces,
    };
    const registros: (readonly string[])[] = [];
    for (const { coordenada, bajo } of campos) {
      const own = read.get(coordenada);
      // A field without reads of its own shows what the field above it read.
      const found: readonly string[] = own === undefined ? (registros[bajo] ?? []) : [...own];
      registros.push(found);
      if (found.length === 0) this.#merge({ ...span, coordenada, sistema: NINGUNO, registro: '' });
      for (const registro of found) {
        for (const sistema of servedBy.get(registro) ?? [])
          this.#merge({ ...span, coordenada, sistema, registro });
      }
    }
  }

  #merge(uso: Uso): void {
    const id = `${uso.coordenada}|${uso.sistema}|${uso.registro}|${uso.cliente}`;
    const known = this.#pending.get(id);
    if (known === undefined) {
      if (this.#pending.size < MAX_PENDING) this.#pending.set(id, uso);
      else this.perdidos += uso.veces;
      return;
    }
    known.veces += uso.veces;
    if (uso.primera < known.primera) known.primera = uso.primera;
    if (uso.ultima > known.ultima) known.ultima = uso.ultima;
  }
}

function firmaOf(usage: Lectura['usage'], coordenadas: Lectura['coordenadas']): string {
  let firma = '';
  for (const { registro, sistema, origin } of usage)
    firma += `${registro}<${origin?.servidoPor ?? sistema};`;
  for (const [coordenada, registros] of coordenadas) {
    firma += coordenada;
    for (const registro of registros) firma += `>${registro}`;
  }
  return firma;
}

function systemsByRegistro({ usage }: Lectura): Map<string, Set<string>> {
  const systems = new Map<string, Set<string>>();
  for (const { registro, sistema, origin } of usage) {
    const known = systems.get(registro) ?? new Set();
    known.add(origin?.servidoPor ?? sistema);
    systems.set(registro, known);
  }
  return systems;
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
