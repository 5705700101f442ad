import { createHash } from 'node:crypto';
import type { Group, Key, Row, Top } from '../adapters/contract.js';
import { RETRYABLE_BY_CODE } from '../adapters/errors.js';
import type { AnyOutcome } from '../gateway/rows/outcome.js';
import type { FetchBucket } from '../gateway/rows/row-store.js';
import { partsOf } from '../schema/key.js';
import type { Campo, Registro } from '../schema/registro.js';
import type { Bucket } from '../subgraphs/subgraph.js';

export interface Faults {
  /** Systems that fail on every key. */
  readonly dead: ReadonlySet<string>;
  /** Of 100 keys, how many the source does not have, and how many fail alone. */
  readonly absentOf100: number;
  readonly failedOf100: number;
}

export const NO_FAULTS: Faults = { dead: new Set(), absentOf100: 0, failedOf100: 0 };

/**
 * Rows of any registro from its declaration alone, the same for the same seed and key: both executions see the same
 * world, with absent keys, single failures and dead sources.
 */
export function syntheticFetch(seed: number, faults: Faults): FetchBucket {
  return (bucket, keys) => {
    const outcomes = new Map(keys.map((key) => [key, outcomeOf(seed, faults, bucket, key)]));
    return Promise.resolve(outcomes);
  };
}

const hashOf = (...parts: readonly (string | number)[]): number =>
  createHash('md5').update(parts.join('\u0000')).digest().readUInt32BE(0);

function outcomeOf(seed: number, faults: Faults, bucket: Bucket, key: Key): AnyOutcome {
  const { registro } = bucket;
  const { sistema, nombre } = registro;
  const roll = hashOf(seed, 'roll', nombre, key) % 100;
  if (faults.dead.has(sistema) || roll < faults.failedOf100) {
    const code = 'SOURCE_UNAVAILABLE';
    const mensaje = `${sistema} no responde en este momento.`;
    return { at: 'failed', error: { code, sistema, mensaje, retryable: RETRYABLE_BY_CODE[code] } };
  }
  const origin = {
    sistema,
    registro: nombre,
    modo: 'FILAS' as const,
    version: { token: 'v1', checkedAt: '2026-11-23T00:00:00.000Z' },
    servidoPor: sistema,
  };
  if (roll < faults.failedOf100 + faults.absentOf100) return { at: 'absent', origin };
  return { at: 'found', rows: itemsOf(seed, bucket, key), origin };
}

function itemsOf(seed: number, bucket: Bucket, key: Key): readonly (Row | Group | Top)[] {
  const { registro } = bucket;
  if (bucket.op === 'measure') return groupsOf(seed, bucket.medida, bucket.dims, registro, key);
  if (bucket.op === 'read') {
    const acceso = registro.accesos[bucket.acceso];
    return rowsOf(
      seed,
      registro,
      acceso?.claves ?? [],
      key,
      acceso?.cardinalidad === 'uno' ? 1 : 4,
    );
  }
  const claves = bucket.op === 'top' ? (registro.accesos[bucket.acceso]?.claves ?? []) : [];
  const all = rowsOf(seed, registro, claves, key, 8);
  const { first, count } = bucket.list.options;
  return [
    {
      rows: all.slice(0, first),
      hasNext: all.length > first,
      ...(count ? { total: all.length } : {}),
    },
  ];
}

function groupsOf(
  seed: number,
  medida: string,
  dims: readonly string[],
  registro: Registro,
  key: Key,
): readonly Group[] {
  return [0, 1, 2].map((i) => ({
    dims: Object.fromEntries(
      dims.map((dim) => [
        dim,
        textOf(valueOf(hashOf(seed, key, dim, i), dim, registro.campos[dim] as Campo)),
      ]),
    ),
    sums: Object.fromEntries(
      (registro.medidas[medida]?.suma ?? []).map((name) => [
        name,
        String(hashOf(seed, key, name, i)),
      ]),
    ),
    count: 1 + (hashOf(seed, key, i) % 50),
  }));
}

const textOf = (value: Row[string]): string | null => (value == null ? null : String(value));

function rowsOf(
  seed: number,
  registro: Registro,
  claves: readonly string[],
  key: Key,
  most: number,
): Row[] {
  const parts = partsOf(key);
  const count = most === 1 ? 1 : 1 + (hashOf(seed, registro.nombre, key, 'n') % most);
  return Array.from({ length: count }, (_, i) => {
    const row: Record<string, Row[string]> = {};
    for (const [name, campo] of Object.entries(registro.campos)) {
      row[name] = valueOf(hashOf(seed, registro.nombre, key, i, name), name, campo);
    }
    claves.forEach((name, at) => {
      const part = parts[at] ?? '';
      row[name] = registro.campos[name]?.tipo === 'entero' ? Number(part) : part;
    });
    if ('ordinal' in row) row['ordinal'] = i + 1;
    return row;
  });
}

const pick = <T>(hash: number, values: readonly T[]): T => values[hash % values.length] as T;

/** Values that the domains understand, by the name of the campo where its type does not say enough. */
function valueOf(hash: number, name: string, campo: Campo): Row[string] {
  if (campo.nulo && hash % 9 === 0) return null;
  if (/^periodo$/.test(name)) return pick(hash, ['T1', 'T2', 'T3', 'T4']);
  if (/vigenciaGasto$/i.test(name) && !name.startsWith('nombre'))
    return pick(hash, ['1', '2', '3', '4']);
  if (/^(vigencia|anio)$/.test(name)) return 2019 + (hash % 7);
  if (/^bpin(Original)?$/i.test(name)) return `20240000000${String(hash % 40).padStart(4, '0')}`;
  if (/^codigo(Municipio|Divipola|Territorio)$/.test(name))
    return pick(hash, ['05091', '54250', '05400', '05']);
  if (/^codigoDepartamento$/.test(name)) return pick(hash, ['05', '54']);
  if (/^nit/.test(name)) return pick(hash, ['890905211', '800113672']);
  if (/^cuenta$|^concepto$|^codigo$/.test(name)) return `2.${hash % 4}.${hash % 12}`;
  if (campo.tipo === 'entero') return hash % 1_000;
  if (campo.tipo === 'dinero') return `${hash}${String(hash % 1_000_000_000).padStart(9, '0')}`;
  if (campo.tipo === 'decimal') return `${hash % 100}.${1 + (hash % 9)}`;
  if (campo.tipo === 'logico') return hash % 3 !== 0;
  if (campo.tipo === 'fecha') return `202${hash % 6}-0${1 + (hash % 9)}-1${hash % 10}`;
  if (campo.tipo === 'fechahora') return `2025-0${1 + (hash % 9)}-11T10:00:00Z`;
  return `${name} ${hash % 50}`;
}
