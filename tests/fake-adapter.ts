import type {
  Adapter,
  ByKey,
  Key,
  Origin,
  Outcome,
  Row,
  SourceContext,
} from '../adapters/contract.js';
import { SourceUnavailableError, toSourceError } from '../adapters/errors.js';
import type { Registro } from '../schema/registro.js';

interface FakeOptions {
  readonly id: string;
  readonly registros: readonly Registro[];
  /** Records of a key; null where the source has none. */
  readonly rowsOf: (registro: Registro, acceso: string, key: Key) => readonly Row[] | null;
  readonly maxKeys?: number;
  /** What the version of its data adds, `stale` for one. */
  readonly version?: Partial<Origin['version']>;
}

export interface FakeCall {
  readonly registro: string;
  readonly acceso: string;
  readonly keys: readonly Key[];
  readonly ctx: SourceContext;
}

/** An adapter in memory, for what stands above adapters. It remembers what it was asked. */
export class FakeAdapter implements Adapter {
  readonly id: string;
  readonly registros: readonly Registro[];
  readonly calls: FakeCall[] = [];
  dead = false;
  closed = false;
  /** Runs before each answer: waits, or never ends. */
  before: (call: FakeCall) => Promise<void> = () => Promise.resolve();
  readonly #options: FakeOptions;

  constructor(options: FakeOptions) {
    this.id = options.id;
    this.registros = options.registros;
    this.#options = options;
  }

  /** Every key asked so far of a registro, in order, repeated if asked again. */
  keysOf(registro: Registro): Key[] {
    return this.calls.flatMap((call) => (call.registro === registro.nombre ? call.keys : []));
  }

  capabilities(): ReturnType<Adapter['capabilities']> {
    const { registros, maxKeys = 5_000 } = this.#options;
    const accesos = registros.flatMap((registro) => Object.keys(registro.accesos));
    const none = 'none' as const;
    return {
      read: 'native',
      page: none,
      measure: none,
      topPerKey: none,
      scan: 'native',
      accesos,
      maxKeys,
    };
  }

  version(): Promise<Origin['version']> {
    return Promise.resolve(this.#version());
  }

  async read(
    registro: Registro,
    acceso: string,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<ByKey<Row>> {
    const call = { registro: registro.nombre, acceso, keys, ctx };
    this.calls.push(call);
    await this.before(call);
    const outcomes = new Map<Key, Outcome<Row>>();
    // In another order than asked, as sources answer.
    for (const key of [...keys].reverse()) outcomes.set(key, this.#outcome(registro, acceso, key));
    return outcomes;
  }

  page(): Promise<never> {
    return Promise.reject(new SourceUnavailableError(this.id));
  }
  measure(): Promise<never> {
    return Promise.reject(new SourceUnavailableError(this.id));
  }
  topPerKey(): Promise<never> {
    return Promise.reject(new SourceUnavailableError(this.id));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous
  async *scan(
    registro: Registro,
  ): AsyncGenerator<{ rows: readonly Row[]; version: Origin['version']; resume: null }> {
    if (this.dead) throw new SourceUnavailableError(this.id);
    const rows = this.#options.rowsOf(registro, '', '') ?? [];
    yield { rows, version: this.#version(), resume: null };
  }

  estado(): ReturnType<Adapter['estado']> {
    return { avisos: [] };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  #outcome(registro: Registro, acceso: string, key: Key): Outcome<Row> {
    if (this.dead)
      return { at: 'failed', error: toSourceError(new SourceUnavailableError(this.id)) };
    const rows = this.#options.rowsOf(registro, acceso, key);
    const origin = this.#origin(registro);
    return rows === null ? { at: 'absent', origin } : { at: 'found', rows, origin };
  }

  #origin(registro: Registro): Origin {
    const { sistema, nombre } = registro;
    return {
      sistema,
      registro: nombre,
      modo: 'FILAS',
      version: this.#version(),
      servidoPor: this.id,
    };
  }

  #version(): Origin['version'] {
    return { token: 'v1', checkedAt: '2026-01-01T00:00:00.000Z', ...this.#options.version };
  }
}
