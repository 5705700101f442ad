import type { Adapter, AdapterEstado, Origin } from '../adapters/contract.js';
import type { AdapterRegistration } from '../adapters/index.js';
import type { SourceError } from '../adapters/errors.js';
import { SISTEMAS } from '../schema/catalogos/sistemas.js';
import type { Registro } from '../schema/registro.js';
import type { SistemaEstado } from '../subgraphs/subgraph.js';
import type { Tramo } from './route/tramo.js';
import type { AnyOutcome } from './rows/outcome.js';
import type { AskSources } from './rows/sources.js';

/** The last that was seen of one registro. */
interface Visto {
  readonly at: number;
  /** Null when it failed. */
  readonly origin: Origin | null;
  readonly error: SourceError | null;
}

type Resumen = Pick<SistemaEstado, 'estado' | 'corte' | 'verificado' | 'mensaje'>;

export interface BoardOptions {
  readonly now: () => number;
  /** What the adapters of a system know by themselves: quarantine, closed datasets, open breakers. */
  readonly avisosOf: (sistema: string) => AdapterEstado['avisos'];
  /** Systems of which nothing is left to read. */
  readonly retired: () => ReadonlySet<string>;
}

/** State of every system of the catalog, from what its sources answered; asking it costs no call. */
export class SistemasBoard {
  readonly #vistos = new Map<string, Map<string, Visto>>();
  readonly #options: BoardOptions;

  constructor(options: BoardOptions) {
    this.#options = options;
  }

  /** Notes what sources answer on the way by. What the cache answers says nothing new about them. */
  watch(ask: AskSources): AskSources {
    return (bucket, keys, ctx, ruteo) =>
      ask(bucket, keys, ctx, ruteo).then((answer) => {
        this.#note(bucket.registro, answer);
        return answer;
      });
  }

  estados(): readonly SistemaEstado[] {
    const retired = this.#options.retired();
    return SISTEMAS.map(({ id, nombre, entidadResponsable, norma }) => ({
      id,
      nombre,
      entidadResponsable,
      norma,
      ...(retired.has(id) ? DESMONTADO : this.#resumenOf(id)),
    }));
  }

  #note(registro: Registro, answer: ReadonlyMap<string, AnyOutcome>): void {
    const at = this.#options.now();
    const { sistema, nombre } = registro;
    const vistos = this.#vistos.get(sistema) ?? new Map<string, Visto>();
    this.#vistos.set(sistema, vistos);
    let error: SourceError | null = null;
    for (const outcome of answer.values()) {
      if (outcome.at === 'failed') {
        if (!SAYS_NOTHING.has(outcome.error.code)) error = outcome.error;
      } else if (outcome.origin.modo !== 'ALMACEN') {
        // Some key was answered: what failed of the others is their own trouble.
        vistos.set(nombre, { at, origin: outcome.origin, error: null });
        return;
      }
    }
    if (error !== null) vistos.set(nombre, { at, origin: null, error });
  }

  #resumenOf(id: string): Resumen {
    const vistos = [...(this.#vistos.get(id) ?? [])];
    const avisos = this.#options.avisosOf(id);
    const origins = vistos.flatMap(([, { origin }]) => origin ?? []);
    const base = { corte: corteOf(origins), verificado: verificadoOf(origins) };
    return { ...base, ...(problemOf(vistos) ?? avisoOf(avisos) ?? freshnessOf(origins)) };
  }
}

/** The board of a gateway: what its adapters know by themselves, and what its tramos leave of each system. */
export function createBoard(options: {
  readonly sources: readonly AdapterRegistration[];
  /** Registros of the sources and of the single store. */
  readonly stored: readonly Registro[];
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly tramosNow: () => readonly Tramo[];
  readonly now: () => number;
}): SistemasBoard {
  const { sources, stored, adapters, tramosNow, now } = options;
  const registros = sources.flatMap((source) => source.registros);
  return new SistemasBoard({
    now,
    retired: () => retiredSistemas(registros, stored, tramosNow()),
    avisosOf: (id) =>
      sources
        .filter((source) => source.registros.some(({ sistema }) => sistema === id))
        .flatMap((source) => adapters.get(source.id)?.estado().avisos ?? []),
  });
}

type Estado = Pick<SistemaEstado, 'estado' | 'mensaje'>;

const DESMONTADO: Resumen = {
  estado: 'DESMONTADO',
  corte: null,
  verificado: null,
  mensaje: 'Todos sus tramos están retirados: responde el almacén único.',
};

/** What a reader asked wrongly, or too much of, is no news about the source. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'CAPACIDAD_INSUFICIENTE',
  'CURSOR_VENCIDO',
  'CONSULTA_EXCESIVA',
  'CAMPO_RESERVADO',
  'SLICE_RETIRED',
]);

/** By what a code says of the source; those of the wire count for all of it until any registro answers again. */
const ESTADO_BY_CODE: Readonly<Partial<Record<string, SistemaEstado['estado']>>> = {
  SOURCE_WITHDRAWN: 'RETIRADO_POR_LA_FUENTE',
  SOURCE_QUARANTINED: 'DESACTUALIZADO',
  BREAKER_OPEN: 'CAIDO',
};
const SEVERITY: readonly SistemaEstado['estado'][] = [
  'CAIDO',
  'RETIRADO_POR_LA_FUENTE',
  'DESACTUALIZADO',
];

type Falla = Visto & { readonly registro: string; readonly estado: SistemaEstado['estado'] };

function problemOf(vistos: readonly (readonly [string, Visto])[]): Estado | null {
  const lastAnswer = Math.max(0, ...vistos.map(([, { at, origin }]) => (origin ? at : 0)));
  const fallas = vistos.flatMap(([registro, visto]): readonly Falla[] => {
    if (visto.error === null || (visto.error.retryable && visto.at < lastAnswer)) return [];
    return [{ ...visto, registro, estado: ESTADO_BY_CODE[visto.error.code] ?? 'CAIDO' }];
  });
  for (const estado of SEVERITY) {
    const own = fallas.filter((falla) => falla.estado === estado);
    const [first] = own.sort((a, b) => a.at - b.at);
    if (first?.error == null) continue;
    const registros = own.map(({ registro }) => registro).join(', ');
    const { code, mensaje } = first.error;
    return { estado, mensaje: `${mensaje} (${code}, ${registros}, visto ${toIso(first.at)})` };
  }
  return null;
}

function avisoOf(avisos: AdapterEstado['avisos']): Estado | null {
  for (const estado of SEVERITY) {
    const own = avisos.filter(({ codigo }) => ESTADO_BY_CODE[codigo] === estado);
    const [first] = own;
    if (first === undefined) continue;
    const more = own.length === 1 ? '' : ` (y ${String(own.length - 1)} más)`;
    return { estado, mensaje: `${first.donde}: ${first.mensaje}${more}` };
  }
  return null;
}

function freshnessOf(origins: readonly Origin[]): Estado {
  if (origins.length === 0) {
    const mensaje = 'Ninguna consulta lo ha leído desde que arrancó el servicio.';
    return { estado: 'SIN_VERIFICAR', mensaje };
  }
  const stale = origins.filter(({ version }) => version.stale === true);
  if (stale.length > 0) {
    const registros = stale.map(({ registro }) => registro).join(', ');
    const mensaje = `Responde la última versión conocida; no se pudo verificar si hay otra (${registros}).`;
    return { estado: 'DESACTUALIZADO', mensaje };
  }
  const isAcopio = origins.every(({ modo }) => modo === 'ACOPIO');
  return { estado: isAcopio ? 'ACOPIO' : 'EN_LINEA', mensaje: null };
}

const latest = (texts: readonly string[]): string | null => [...texts].sort().at(-1) ?? null;

const verificadoOf = (origins: readonly Origin[]): string | null =>
  latest(origins.map(({ version }) => version.checkedAt));

/** When the source says that it published, the latest of its registros. */
const corteOf = (origins: readonly Origin[]): string | null =>
  latest(origins.flatMap(({ version }) => version.sourceTime ?? []));

const toIso = (at: number): string => new Date(at).toISOString();

/** Systems all of whose registros are retired whole; where no adapter is left, those that the single store holds. */
export function retiredSistemas(
  sources: readonly Registro[],
  stored: readonly Registro[],
  tramos: readonly Tramo[],
): ReadonlySet<string> {
  const whole = new Set(
    tramos
      .filter(({ fase, cohorte }) => fase === 'retired' && Object.keys(cohorte).length === 0)
      .map(({ registro }) => registro),
  );
  if (whole.size === 0) return whole;
  return new Set(
    SISTEMAS.map(({ id }) => id).filter((id) => {
      const isOwn = ({ sistema }: Registro): boolean => sistema === id;
      const own = sources.some(isOwn) ? sources.filter(isOwn) : stored.filter(isOwn);
      return own.length > 0 && own.every(({ nombre }) => whole.has(nombre));
    }),
  );
}
