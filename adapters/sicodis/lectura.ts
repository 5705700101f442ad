import { partsOf, type Key } from '../../schema/key.js';
import { parseBienio } from '../../schema/values/bienio.js';
import { parseDivipola } from '../../schema/values/divipola.js';
import type { ByKey, Origin, Outcome, Row, SourceContext, Version } from '../contract.js';
import {
  AdapterError,
  InsufficientCapabilityError,
  SourceTimeoutError,
  toSourceError,
} from '../errors.js';
import type { Acopio } from '../shared/acopio/acopio.js';
import { groupBy } from '../../schema/group-by.js';
import { partId, type Cosecha, type Fuente } from './cosecha.js';

/** Most entities that a request may ask of the wire; a longer list waits for the harvest. */
export const MAX_EN_LINEA = 50;
/** Calls at once for one request. */
const LANES = 6;

const SISTEMA = 'sicodis';

interface Pregunta {
  readonly key: Key;
  readonly codigo: string;
  readonly departamento: string;
  readonly periodo: string;
}

export interface LecturaOptions {
  readonly acopio: Acopio;
  readonly cosecha: Cosecha;
  readonly now: () => number;
  /** A harvested period older than this is verified behind the request that reads it. */
  readonly vigenciaCosechaMs: number;
}

export type Lectura = (
  fuente: Fuente,
  keys: readonly Key[],
  ctx: SourceContext,
) => Promise<ByKey<Row>>;

/** Reads keys from the harvest and, where it has not come yet and they are few, from the wire. */
export function createLectura({
  acopio,
  cosecha,
  now,
  vigenciaCosechaMs,
}: LecturaOptions): Lectura {
  const originOf = ({ registro }: Fuente, version: Version): Origin => ({
    sistema: SISTEMA,
    registro: registro.nombre,
    modo: 'FILAS',
    version,
    servidoPor: SISTEMA,
  });

  const absent = (fuente: Fuente): Outcome<Row> => {
    const checkedAt = new Date(now()).toISOString();
    return { at: 'absent', origin: originOf(fuente, { token: 'sin-consulta', checkedAt }) };
  };

  /** Keys by the parts that answer them, and those that no part answers. */
  const splitByParts = async (fuente: Fuente, preguntas: readonly Pregunta[]) => {
    const held: Pregunta[] = [];
    const missing: Pregunta[] = [];
    for (const [periodo, asked] of groupBy(preguntas, (each) => each.periodo)) {
      const parts = await cosecha.loaded(fuente, periodo);
      for (const pregunta of asked) {
        (parts.has(pregunta.departamento) ? held : missing).push(pregunta);
      }
      const checked = [...parts.values()].map(({ checkedAt }) => Date.parse(checkedAt));
      if (checked.length > 0 && now() - Math.min(...checked) >= vigenciaCosechaMs) {
        void cosecha.start(fuente, periodo);
      }
    }
    return { held, missing };
  };

  const readHeld = (
    { registro, acceso, ...fuente }: Fuente,
    held: readonly Pregunta[],
    ctx: SourceContext,
  ): Promise<ByKey<Row>> => {
    const ids = held.map(({ periodo, departamento }) =>
      partId({ registro, acceso, ...fuente }, periodo, departamento),
    );
    const question = { sistema: SISTEMA, servidoPor: SISTEMA, registro, parts: [...new Set(ids)] };
    return acopio.read(
      question,
      acceso,
      held.map(({ key }) => key),
      ctx,
    );
  };

  const fetchOne = async (
    fuente: Fuente,
    { codigo, periodo }: Pregunta,
    ctx: SourceContext,
  ): Promise<Outcome<Row>> => {
    try {
      const { rows, version } = await fuente.rutas.fetch(codigo, periodo, ctx);
      const origin = originOf(fuente, version);
      return rows.length === 0 ? { at: 'absent', origin } : { at: 'found', rows, origin };
    } catch (error) {
      return toFailed(error);
    }
  };

  const fetchAll = async (
    fuente: Fuente,
    missing: readonly Pregunta[],
    ctx: SourceContext,
    into: Map<Key, Outcome<Row>>,
  ): Promise<void> => {
    const queue = [...missing];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        into.set(next.key, await fetchOne(fuente, next, ctx));
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, missing.length) }, work));
  };

  /** More than the wire may be asked for: the harvest begins, the departamentos asked for first. */
  const refuse = (
    fuente: Fuente,
    missing: readonly Pregunta[],
    into: Map<Key, Outcome<Row>>,
  ): void => {
    for (const [periodo, asked] of groupBy(missing, (each) => each.periodo)) {
      void cosecha.start(fuente, periodo, [...new Set(asked.map((each) => each.departamento))]);
      const outcome = toFailed(
        new InsufficientCapabilityError(SISTEMA, { mensaje: enCosecha(periodo) }),
      );
      for (const { key } of asked) into.set(key, outcome);
    }
  };

  return async (fuente, keys, ctx) => {
    const outcomes = new Map<Key, Outcome<Row>>();
    if (keys.length === 0) return outcomes;
    try {
      if (ctx.signal.aborted) throw new SourceTimeoutError(SISTEMA, { cause: ctx.signal.reason });
      const preguntas = keys.flatMap((key) => toPregunta(fuente, key));
      const { held, missing } = await splitByParts(fuente, preguntas);
      if (held.length > 0) {
        for (const [key, outcome] of await readHeld(fuente, held, ctx)) outcomes.set(key, outcome);
      }
      if (missing.length > MAX_EN_LINEA) refuse(fuente, missing, outcomes);
      else await fetchAll(fuente, missing, ctx, outcomes);
    } catch (error) {
      const failed = toFailed(error);
      for (const key of keys) if (!outcomes.has(key)) outcomes.set(key, failed);
    }
    for (const key of keys) if (!outcomes.has(key)) outcomes.set(key, absent(fuente));
    return outcomes;
  };
}

/** A key that names no territory or period is nobody's: nothing is asked. */
function toPregunta({ id }: Fuente, key: Key): readonly Pregunta[] {
  const [codigo = '', periodo = ''] = partsOf(key);
  const divipola = parseDivipola(codigo);
  if ('error' in divipola || divipola.codigo !== codigo) return [];
  const known = id === 'sgp' ? /^\d{4}$/.test(periodo) : parseBienio(periodo) === periodo;
  return known ? [{ key, codigo, departamento: codigo.slice(0, 2), periodo }] : [];
}

const enCosecha = (periodo: string): string =>
  `SICODIS se consulta entidad por entidad: una lista de más de ${String(MAX_EN_LINEA)} territorios se ` +
  `responde cuando termine la cosecha de ${periodo}, que ya está en curso. Vuelva a preguntar en unos ` +
  `minutos, o pida ${String(MAX_EN_LINEA)} territorios o menos.`;

function toFailed(error: unknown): Outcome<Row> {
  if (!(error instanceof AdapterError)) throw error;
  return { at: 'failed', error: toSourceError(error) };
}
