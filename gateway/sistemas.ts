import type { Adapter } from '../adapters/contract.js';
import type { PartState, SourceObserver } from '../adapters/index.js';
import type { SourceErrorCode } from '../adapters/errors.js';
import { SISTEMAS } from '../schema/catalogos/sistemas.js';
import type { SistemaEstado } from '../subgraphs/subgraph.js';

/** What this process has seen of a source lately. */
interface Health {
  lastOk: number | null;
  lastError: { code: SourceErrorCode; at: number } | null;
}

/** State of every system of the catalog, from what calls did; asking it costs no call. */
export class SistemasBoard {
  readonly #health = new Map<string, Health>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Watches the calls beside another observer. */
  watch(observer: SourceObserver): SourceObserver {
    return {
      call: (sistema, origen, seconds) => {
        this.#of(sistema).lastOk = this.#now();
        observer.call(sistema, origen, seconds);
      },
      error: (sistema, code) => {
        this.#of(sistema).lastError = { code, at: this.#now() };
        observer.error(sistema, code);
      },
    };
  }

  /** `retired` are the systems all of whose slices are retired. */
  estados(retired: ReadonlySet<string> = new Set()): readonly SistemaEstado[] {
    return SISTEMAS.map(({ id, nombre, entidadResponsable, norma }) => ({
      id,
      nombre,
      entidadResponsable,
      norma,
      ...this.#stateOf(id, retired.has(id)),
    }));
  }

  #stateOf(
    id: string,
    retired: boolean,
  ): Pick<SistemaEstado, 'estado' | 'corte' | 'verificado' | 'mensaje'> {
    const health = this.#health.get(id);
    const verificado = toIso(health?.lastOk ?? null);
    const base = { corte: null, verificado, mensaje: null };
    if (retired) return { ...base, estado: 'DESMONTADO' };
    const failing = health?.lastError ?? null;
    if (failing === null || failing.at < (health?.lastOk ?? 0))
      return { ...base, estado: 'EN_LINEA' };
    const since = `desde ${toIso(failing.at) ?? ''}`;
    if (failing.code === 'SOURCE_WITHDRAWN') {
      return {
        ...base,
        estado: 'RETIRADO_POR_LA_FUENTE',
        mensaje: `La fuente cerró el conjunto ${since}.`,
      };
    }
    if (failing.code === 'SOURCE_QUARANTINED') {
      return {
        ...base,
        estado: 'DESACTUALIZADO',
        mensaje: `El último archivo está en cuarentena ${since}.`,
      };
    }
    return { ...base, estado: 'CAIDO', mensaje: `No responde ${since} (${failing.code}).` };
  }

  #of(sistema: string): Health {
    let health = this.#health.get(sistema);
    if (health === undefined) {
      health = { lastOk: null, lastError: null };
      this.#health.set(sistema, health);
    }
    return health;
  }
}

const toIso = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

/** What /estado shows of one system beyond its row in the catalog. */
export interface SistemaDetalle {
  readonly id: string;
  readonly avisos: ReturnType<Adapter['estado']>['avisos'];
  readonly partes: readonly PartState[];
}
