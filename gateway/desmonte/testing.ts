import type {
  Adapter,
  ByKey,
  Capabilities,
  Chunk,
  Key,
  Origin,
  Outcome,
  Row,
  Version,
} from '../../adapters/contract.js';
import { ExpiredCursorError, SourceUnavailableError } from '../../adapters/errors.js';
import { keyOf } from '../../schema/key.js';
import {
  codigo,
  defineRegistro,
  dinero,
  entero,
  texto,
  type Filtro,
  type Registro,
} from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import type { Tramo } from '../route/tramo.js';
import { insertTramo } from './store.js';
import { DESMONTE_MIGRATIONS, DESMONTE_OWNER } from './tables.js';
import type { Tarea } from './tarea.js';

/** A registro of the tests' own; each name has a table of its own in the single store. */
export const registroOf = (nombre: string): Registro =>
  defineRegistro({
    nombre,
    sistema: 'viejo',
    clave: ['entidad', 'vigencia', 'cuenta', 'ordinal'],
    ruta: ['entidad', 'vigencia'],
    accesos: {
      porEntidadVigencia: { claves: ['entidad', 'vigencia'], cardinalidad: 'muchos' },
      porCuenta: { claves: ['cuenta'], cardinalidad: 'muchos' },
    },
    campos: {
      entidad: codigo({ nulo: false }),
      vigencia: entero({ nulo: false }),
      cuenta: codigo({ nulo: false }),
      ordinal: entero({ nulo: false }),
      nombre: texto(),
      pagos: dinero(),
      recepcion: codigo({ comparador: 'ninguno' }),
    },
  });

/** The n-th record: fifty entities, two years. */
export const filaAt = (n: number, mas: Row = {}): Row => ({
  entidad: `05${String(n % 50).padStart(3, '0')}`,
  vigencia: 2019 + (n % 2),
  cuenta: `c${n}`,
  ordinal: 1,
  nombre: `Cuenta ${n}`,
  pagos: `${n}.5`,
  recepcion: 'r1',
  ...mas,
});

export const filasTo = (count: number): Row[] => Array.from({ length: count }, (_, n) => filaAt(n));

export const versionAt = (n: number): Version => ({
  token: `v${n}`,
  sourceTime: new Date(Date.UTC(2026, 0, n)).toISOString(),
  checkedAt: new Date(Date.UTC(2026, 5, n)).toISOString(),
});

const matchesAll = (row: Row, filtro: Filtro | null): boolean => {
  if (filtro === null) return true;
  if (filtro.op === 'and') return filtro.de.every((part) => matchesAll(row, part));
  if (filtro.op === 'hoja') return true;
  const value = row[filtro.campo] ?? null;
  if (filtro.op === 'in') return filtro.valores.includes(value);
  if (filtro.op === 'prefix') return String(value).startsWith(filtro.valor);
  if (filtro.op === 'eq') return value === filtro.valor;
  return filtro.op === 'gte'
    ? Number(value) >= Number(filtro.valor)
    : Number(value) <= Number(filtro.valor);
};

/** An old system in memory that is walked in chunks, as real ones are, with a token of place and version. */
export class Viejo implements Adapter {
  readonly id = 'viejo';
  readonly registros: readonly Registro[];
  /** Keys of each look-up so far. */
  readonly calls: (readonly Key[])[] = [];
  rows: readonly Row[];
  edition = 1;
  chunk: number;
  dead = false;
  /** Runs before each chunk. */
  beforeChunk: (at: number) => Promise<void> | void = () => undefined;
  /** Answers the walk as complete after so many records. */
  cutAt = Infinity;
  scans = 0;

  constructor(registro: Registro, rows: readonly Row[], chunk = 40) {
    this.registros = [registro];
    this.rows = rows;
    this.chunk = chunk;
  }

  capabilities(registro: Registro): Capabilities {
    const none = 'none' as const;
    const accesos = Object.keys(registro.accesos);
    const can = { page: none, measure: none, topPerKey: none };
    return { read: 'native', ...can, scan: 'native', accesos, maxKeys: 5_000 };
  }

  version(): Promise<Version> {
    return this.dead ? this.#refuse() : Promise.resolve(versionAt(this.edition));
  }

  async *scan(
    _registro: Registro,
    filtro: Filtro | null,
    resume: string | null,
  ): AsyncGenerator<Chunk> {
    this.scans += 1;
    const rows = this.rows.filter((row) => matchesAll(row, filtro)).slice(0, this.cutAt);
    const [place, token] = resume === null ? [0, null] : (JSON.parse(resume) as [number, string]);
    for (let at = place; ; at += this.chunk) {
      await this.beforeChunk(at);
      if (this.dead) throw new SourceUnavailableError(this.id);
      const version = versionAt(this.edition);
      if (token !== null && token !== version.token) throw new ExpiredCursorError(this.id);
      const end = at + this.chunk;
      const next = end >= rows.length ? null : JSON.stringify([end, version.token]);
      yield { rows: rows.slice(at, end), version, resume: next };
      if (next === null) return;
    }
  }

  read(registro: Registro, acceso: string, keys: readonly Key[]): Promise<ByKey<Row>> {
    this.calls.push(keys);
    const claves = registro.accesos[acceso]?.claves ?? [];
    const wanted = new Set(keys);
    const found = new Map<Key, Row[]>(keys.map((key) => [key, []]));
    for (const row of this.rows) {
      const key = keyOf(claves.map((campo) => row[campo] ?? ''));
      if (wanted.has(key)) found.get(key)?.push(row);
    }
    const origin: Origin = {
      sistema: this.id,
      registro: registro.nombre,
      modo: 'FILAS',
      version: versionAt(this.edition),
      servidoPor: this.id,
    };
    return Promise.resolve(
      new Map(
        [...found].map(([key, rows]): [Key, Outcome<Row>] => [
          key,
          rows.length === 0 ? { at: 'absent', origin } : { at: 'found', rows, origin },
        ]),
      ),
    );
  }

  page(): Promise<never> {
    return this.#refuse();
  }
  measure(): Promise<never> {
    return this.#refuse();
  }
  topPerKey(): Promise<never> {
    return this.#refuse();
  }

  estado(): ReturnType<Adapter['estado']> {
    return { avisos: [] };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #refuse(): Promise<never> {
    return Promise.reject(new SourceUnavailableError(this.id));
  }
}

export const tramoOf = (registro: Registro, mas: Partial<Tramo> = {}): Tramo => ({
  id: `tramo-${registro.nombre}`,
  registro: registro.nombre,
  cohorte: {},
  viejo: 'viejo',
  nuevo: 'unico',
  fase: 'backfill',
  canaryPpm: 0,
  canaryCohorte: null,
  salt: 'sal',
  mappingVersion: 1,
  comparatorVersion: 1,
  epoca: 2,
  ...mas,
});

/** A tramo in the store with everything a work over it needs; pauses take no time. */
export async function openTarea(
  store: SqlStore,
  registro: Registro,
  viejo: Viejo,
  mas: Partial<Tarea> & Pick<Tarea, 'unico'>,
): Promise<Tarea> {
  await store.migrate(DESMONTE_OWNER, DESMONTE_MIGRATIONS);
  const now = mas.now ?? (() => Date.UTC(2026, 8, 1));
  const tramo = mas.tramo ?? tramoOf(registro);
  await insertTramo(store, tramo, new Date(now()).toISOString());
  return {
    tramo,
    registro,
    viejo,
    store,
    now,
    signal: new AbortController().signal,
    sleep: () => Promise.resolve(),
    ...mas,
  };
}
