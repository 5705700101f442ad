import type { Fila, Registro } from '../../schema/registro.js';
import { fechaCorte, PERIODOS, type Periodo } from '../../schema/values/periodo.js';
import type { ByKey, Modo, Origin, Row, Version } from '../contract.js';
import { AdapterError } from '../errors.js';

/** What one channel found: records of any of the keys, and from which version of it. */
export interface Hallazgo {
  readonly filas: readonly Fila[];
  /** Null where the channel was not asked. */
  readonly version: Version | null;
  readonly modo: Modo;
  /** The channel could not be reached: what it has is not known. */
  readonly failure?: AdapterError;
}

export const NADA: Hallazgo = { filas: [], version: null, modo: 'FILAS' };

/** What is known without a channel that could not be reached stands, and nobody knows whether it still is the latest. */
export const withoutLive = (local: Hallazgo): Hallazgo =>
  local.version === null ? local : { ...local, version: { ...local.version, stale: true } };

/** The acopio answers per key; a question that it cannot answer fails whole. */
export function toHallazgo(byKey: ByKey<Row>, version: Version | null): Hallazgo {
  const filas: Fila[] = [];
  for (const outcome of byKey.values()) {
    if (outcome.at === 'failed') {
      const { code, sistema, mensaje } = outcome.error;
      throw new AdapterError(code, sistema, mensaje);
    }
    if (outcome.at === 'found') filas.push(...outcome.rows);
  }
  return { filas, version, modo: 'ACOPIO' };
}

export function joinHallazgos(found: readonly Hallazgo[]): Hallazgo {
  const [only] = found;
  if (found.length === 1 && only !== undefined) return { ...only, modo: 'FILAS' };
  return {
    filas: found.flatMap(({ filas }) => filas),
    version: joinVersions(found.flatMap(({ version }) => version ?? [])),
    modo: 'FILAS',
  };
}

/** Several versions as one: equal only when all are equal, as fresh as the oldest check. */
export function joinVersions(versions: readonly Version[]): Version | null {
  const [first] = versions;
  if (first === undefined) return null;
  const tokens = [...new Set(versions.map(({ token }) => token))].sort();
  if (tokens.length === 1) return first;
  const published = versions.flatMap(({ sourceTime }) => sourceTime ?? []).sort();
  const latest = published.at(-1);
  return {
    token: tokens.join('+'),
    checkedAt: versions.map(({ checkedAt }) => checkedAt).sort()[0] ?? first.checkedAt,
    ...(latest === undefined ? {} : { sourceTime: latest }),
    ...(versions.some(({ stale }) => stale === true) ? { stale: true } : {}),
  };
}

/**
 * Where the records of a key came from. The answer depends on every channel that was asked, also where only one of them
 * had something to say: its version is that of all.
 */
export function createOrigins(
  registro: Registro,
  local: Hallazgo,
  live: Hallazgo,
  now: () => number,
): (filas: readonly Fila[]) => Origin {
  const version = joinVersions([local, live].flatMap((each) => each.version ?? [])) ?? {
    token: 'sin-consulta',
    checkedAt: new Date(now()).toISOString(),
  };
  const known = new Map<string, Origin>();
  return (filas) => {
    const isLocal = filas.length > 0 && filas.every(({ canal }) => canal !== 'SODA');
    const corte = lastCorteOf(filas);
    const name = `${String(isLocal)} ${corte ?? ''}`;
    const origin = known.get(name) ?? {
      sistema: registro.sistema,
      registro: registro.nombre,
      modo: isLocal ? local.modo : live.modo,
      version,
      servidoPor: 'cuipo',
      ...(corte === undefined ? {} : { corte }),
    };
    known.set(name, origin);
    return origin;
  };
}

/** The end of the latest quarter that records speak of; undefined without records, empty where none says its quarter. */
function lastCorteOf(filas: readonly Fila[]): string | undefined {
  let latest = -1;
  for (const { vigencia, periodo } of filas) {
    const trimestre = PERIODOS.indexOf(periodo as Periodo);
    if (trimestre >= 0) latest = Math.max(latest, Number(vigencia) * 4 + trimestre);
  }
  if (latest < 0) return filas.length === 0 ? undefined : '';
  return fechaCorte(Math.floor(latest / 4), PERIODOS[latest % 4] ?? 'T4');
}
