import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Adapter, SourceContext } from '../../adapters/contract.js';
import type { CatalogoTerritorial } from '../../schema/catalogos/territorio.js';
import type { Fila, Registro } from '../../schema/registro.js';
import type { Identidad } from '../../subgraphs/subgraph.js';
import type { RegisterSnapshot } from './identidad.js';
import { createIdentidad } from './identidad.js';

/** A register of bodies: which registro holds it. */
export interface Register {
  readonly sistema: RegisterSnapshot['sistema'];
  readonly registro: Registro;
}

const REFRESH_MS = 24 * 3_600_000;
const RETRY_MS = 5 * 60_000;
const READ_MS = 120_000;
const FIRST_READ_MS = 20_000;

/**
 * Keeps the crosswalk in memory. It answers from the dated copy on disk at once, is read again in the background, and a
 * register that cannot be read leaves its last copy standing: no query ever waits for it.
 */
export class IdentidadKeeper {
  readonly #territorio: CatalogoTerritorial;
  readonly #registers: readonly Register[];
  readonly #adapterOf: (registro: Registro) => Adapter | undefined;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #snapshots = new Map<string, RegisterSnapshot>();
  #timer: NodeJS.Timeout | null = null;
  #current: Identidad;

  constructor(options: {
    territorio: CatalogoTerritorial;
    registers: readonly Register[];
    adapterOf: (registro: Registro) => Adapter | undefined;
    folder: string;
    now: () => number;
  }) {
    this.#territorio = options.territorio;
    this.#registers = options.registers;
    this.#adapterOf = options.adapterOf;
    this.#folder = options.folder;
    this.#now = options.now;
    this.#current = createIdentidad(this.#territorio, []);
  }

  get current(): Identidad {
    return this.#current;
  }

  /** Takes the copies on disk; only a register without one is waited for, and not for long. */
  async open(): Promise<void> {
    for (const { sistema } of this.#registers) {
      const snapshot = await this.#readCopy(sistema);
      if (snapshot !== null) this.#snapshots.set(sistema, snapshot);
    }
    this.#rebuild();
    const missing = this.#registers.some(({ sistema }) => !this.#snapshots.has(sistema));
    if (!missing) {
      this.#schedule(0);
      return;
    }
    // A first start has no copy: the first readers should not be told that nobody knows a code.
    const first = this.refresh().then((complete) => {
      this.#schedule(complete ? REFRESH_MS : RETRY_MS);
    });
    await Promise.race([
      first,
      new Promise((resolve) => setTimeout(resolve, FIRST_READ_MS).unref()),
    ]);
  }

  /** Reads every register once, now. Answers whether all could be read. */
  async refresh(): Promise<boolean> {
    const results = await Promise.all(
      this.#registers.map((register) => this.#refreshOne(register)),
    );
    this.#rebuild();
    return results.every(Boolean);
  }

  close(): void {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #rebuild(): void {
    this.#current = createIdentidad(this.#territorio, [...this.#snapshots.values()]);
  }

  #schedule(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void this.refresh().then((complete) => {
        this.#schedule(complete ? REFRESH_MS : RETRY_MS);
      });
    }, delayMs).unref();
  }

  async #refreshOne({ sistema, registro }: Register): Promise<boolean> {
    const adapter = this.#adapterOf(registro);
    if (adapter === undefined) return true;
    const rows: Fila[] = [];
    try {
      for await (const chunk of adapter.scan(registro, null, null, this.#context()))
        rows.push(...chunk.rows);
    } catch {
      // The adapter has counted and described its failure; here only the next attempt matters.
      return false;
    }
    if (rows.length === 0) return false;
    const snapshot: RegisterSnapshot = {
      sistema,
      corte: new Date(this.#now()).toISOString(),
      rows,
    };
    this.#snapshots.set(sistema, snapshot);
    try {
      await this.#writeCopy(snapshot);
    } catch {
      // A full disk costs the copy, not what was read: it is tried again with the next reading.
      return false;
    }
    return true;
  }

  #context(): SourceContext {
    return {
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(READ_MS)]),
      deadline: this.#now() + READ_MS,
      alcance: 'publico',
      corte: null,
      epoca: 0,
      origen: 'fondo',
    };
  }

  async #readCopy(sistema: string): Promise<RegisterSnapshot | null> {
    try {
      const copy: unknown = JSON.parse(await readFile(this.#fileOf(sistema), 'utf8'));
      return isSnapshot(copy, sistema) ? copy : null;
    } catch {
      return null;
    }
  }

  /** Written apart and renamed, so that a crash never leaves half a copy. */
  async #writeCopy(snapshot: RegisterSnapshot): Promise<void> {
    const file = this.#fileOf(snapshot.sistema);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(`${file}.part`, JSON.stringify(snapshot));
    await rename(`${file}.part`, file);
  }

  #fileOf(sistema: string): string {
    return path.join(this.#folder, `${sistema}.json`);
  }
}

/** A copy of an older form is none. */
function isSnapshot(copy: unknown, sistema: string): copy is RegisterSnapshot {
  const { sistema: named, corte, rows } = (copy ?? {}) as Partial<Record<string, unknown>>;
  return named === sistema && typeof corte === 'string' && Array.isArray(rows);
}
