import { setTimeout as pause } from 'node:timers/promises';
import type { Registro } from '../../schema/registro.js';
import type { AdapterEstado, Row, SourceContext, Version } from '../contract.js';
import {
  AdapterError,
  SourceQuarantinedError,
  SourceTimeoutError,
  SourceUnavailableError,
  type SourceError,
} from '../errors.js';
import type { Acopio, LoadedPart, PartState } from '../shared/acopio/acopio.js';
import { groupBy } from '../../schema/group-by.js';
import type { Rutas } from './client.js';

/**
 * The harvest: a period of SICODIS read entity by entity, behind the requests, into the acopio. One part per
 * departamento, so that what is done answers at once and a restart goes on where it stopped.
 */
export interface Cosecha {
  /** Parts that answer now, by departamento. */
  loaded(fuente: Fuente, periodo: string): Promise<ReadonlyMap<string, Version>>;
  /** Begins, or joins, the harvest of a period. Settles when it ends; what went wrong is told by `estado`. */
  start(fuente: Fuente, periodo: string, first?: readonly string[]): Promise<void>;
  /** The version that the parts of a period get now. */
  version(fuente: Fuente, periodo: string, ctx: SourceContext): Promise<Version>;
  /** Reads one departamento now, for whoever walks over everything. */
  ensure(lugar: Lugar, version: Version, ctx: SourceContext): Promise<LoadedPart>;
  readonly departamentos: readonly string[];
  estado(): AdapterEstado['avisos'];
  close(): Promise<void>;
}

/** One of the two transfer systems: its registro and where it is asked. */
export interface Fuente {
  readonly id: 'sgp' | 'sgr';
  readonly registro: Registro;
  readonly acceso: string;
  readonly rutas: Rutas;
}

/** What one part holds. */
export interface Lugar {
  readonly fuente: Fuente;
  readonly periodo: string;
  readonly departamento: string;
}

export interface CosechaOptions {
  readonly acopio: Acopio;
  /** Every territory, two and five digits. */
  readonly territorios: readonly string[];
  readonly pausaMs: number;
  readonly now: () => number;
}

const SISTEMA = 'sicodis';
/** Calls at once: politeness, not speed. */
const LANES = 2;
/** After a harvest that failed, another one is not begun before this time. */
const REINTENTO_MS = 60_000;
const DEADLINE_MS = 3_600_000;
const NO_PUBLICADA = 'no-publicada';

export const partId = ({ id }: Fuente, periodo: string, departamento: string): string =>
  `${id}:${periodo}:${departamento}`;

interface Job {
  readonly done: Promise<void>;
  hechos: number;
  falla: { readonly error: SourceError; readonly at: number } | null;
  enCurso: boolean;
}

export function createCosecha({ acopio, territorios, pausaMs, now }: CosechaOptions): Cosecha {
  const byDepartamento = groupBy(territorios, (codigo) => codigo.slice(0, 2));
  const departamentos = [...byDepartamento.keys()].sort();
  const closing = new AbortController();
  const jobs = new Map<string, Job>();
  let turn: Promise<void> = Promise.resolve();

  const background = (): SourceContext => ({
    signal: closing.signal,
    deadline: now() + DEADLINE_MS,
    alcance: 'publico',
    corte: null,
    epoca: 0,
    origen: 'fondo',
  });

  /** A period that the source does not list is harvested as empty, without asking 1,155 entities about it. */
  const versionOf = async ({ rutas }: Fuente, periodo: string, ctx: SourceContext) =>
    (await rutas.periodos(ctx)).includes(periodo)
      ? rutas.version(periodo, ctx)
      : { token: NO_PUBLICADA, checkedAt: new Date(now()).toISOString() };

  async function* load({ fuente, periodo, departamento }: Lugar, ctx: SourceContext) {
    const { registro, rutas } = fuente;
    const codigos = byDepartamento.get(departamento) ?? [];
    yield { registro, rows: [] };
    for (let at = 0; at < codigos.length; at += LANES) {
      const lane = codigos.slice(at, at + LANES);
      const answers = await Promise.all(lane.map((codigo) => rutas.fetch(codigo, periodo, ctx)));
      yield { registro, rows: answers.flatMap(({ rows }): readonly Row[] => rows) };
      if (pausaMs > 0) await untilPaused(pausaMs, ctx.signal);
    }
  }

  const ensure: Cosecha['ensure'] = async (lugar, version, ctx) => {
    const { fuente, periodo, departamento } = lugar;
    const { registro } = fuente;
    const part = await acopio.ensure(
      {
        sistema: SISTEMA,
        id: partId(fuente, periodo, departamento),
        version,
        registros: [registro],
        load: () =>
          version.token === NO_PUBLICADA ? toStream({ registro, rows: [] }) : load(lugar, ctx),
      },
      ctx,
    );
    if (part !== null) return part;
    const mensaje = `SICODIS respondió en una forma inesperada para el departamento ${departamento}.`;
    throw new SourceQuarantinedError(SISTEMA, { mensaje });
  };

  const run = async (job: Job, fuente: Fuente, periodo: string, first: readonly string[]) => {
    const ctx = background();
    try {
      const version = await versionOf(fuente, periodo, ctx);
      for (const departamento of new Set([...first, ...departamentos])) {
        if (!byDepartamento.has(departamento)) continue;
        await ensure({ fuente, periodo, departamento }, version, ctx).then(
          () => job.hechos++,
          (error: unknown) => {
            // One odd departamento does not stop the others; a source that does not answer does.
            if (!(error instanceof SourceQuarantinedError)) throw error;
            job.falla = { error, at: now() };
          },
        );
      }
    } catch (cause) {
      const error =
        cause instanceof AdapterError ? cause : new SourceUnavailableError(SISTEMA, { cause });
      job.falla = { error, at: now() };
      if (error !== cause && !closing.signal.aborted) throw cause;
    } finally {
      job.enCurso = false;
    }
  };

  return {
    departamentos,
    async loaded(fuente, periodo) {
      const prefix = partId(fuente, periodo, '');
      const states: readonly PartState[] = await acopio.parts(SISTEMA);
      return new Map(
        states.flatMap(({ id, version }) =>
          version !== null && id.startsWith(prefix) ? [[id.slice(prefix.length), version]] : [],
        ),
      );
    },
    start(fuente, periodo, first = []) {
      const name = `${fuente.id}:${periodo}`;
      const known = jobs.get(name);
      if (known?.enCurso === true) return known.done;
      const resting = known?.falla != null && now() - known.falla.at < REINTENTO_MS;
      if (resting || closing.signal.aborted) return known?.done ?? Promise.resolve();
      let begin: (job: Job) => void = () => undefined;
      const created = new Promise<Job>((resolve) => {
        begin = resolve;
      });
      // One harvest at a time, however many periods are asked for.
      const done = turn.then(async () => run(await created, fuente, periodo, first));
      const job: Job = { done, hechos: 0, falla: null, enCurso: true };
      jobs.set(name, job);
      begin(job);
      turn = done.catch(() => undefined);
      done.catch(() => {
        // A store that closed under it: nobody waits for the end of a harvest.
      });
      return done;
    },
    version: versionOf,
    ensure,
    estado: () =>
      [...jobs].flatMap(([donde, { enCurso, hechos, falla }]) => {
        const avance = `${String(hechos)} de ${String(departamentos.length)} departamentos`;
        if (enCurso) {
          return [{ codigo: 'COSECHA_EN_CURSO', mensaje: `Cosecha en curso: ${avance}.`, donde }];
        }
        if (falla === null) return [];
        const mensaje = `Cosecha interrumpida en ${avance}: ${falla.error.mensaje}`;
        return [{ codigo: 'COSECHA_INTERRUMPIDA', mensaje, donde }];
      }),
    async close() {
      closing.abort(new Error('the adapter was closed'));
      await turn;
    },
  };
}

async function* toStream<T>(item: T): AsyncGenerator<T> {
  yield await Promise.resolve(item);
}

async function untilPaused(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (cause) {
    throw new SourceTimeoutError(SISTEMA, { cause });
  }
}
