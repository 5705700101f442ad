import type { Adapter, Key, Row } from '../../adapters/contract.js';
import { AdapterError } from '../../adapters/errors.js';
import { bucketOf, claveOf, recordDigest } from '../../schema/digest.js';
import { keyOf, partsOf } from '../../schema/key.js';
import type { Filtro, Registro, Valor } from '../../schema/registro.js';
import type { Hoja } from '../route/merkle.js';
import type { Ritmo } from './ritmo.js';
import type { Tarea } from './tarea.js';
import { contextOf } from './tarea.js';
import { SIN_DIGEST } from './tomar.js';

/** Claves are read again in so many keys per call: politely, and within the limits of any adapter. */
const KEYS_PER_CALL = 200;

/** The campos of a clave, read back from its text. */
export function camposOf(registro: Registro, clave: Key): ReadonlyMap<string, Valor> {
  const parts = partsOf(clave);
  return new Map(
    registro.clave.map((campo, place): [string, Valor] => {
      const text = parts[place] ?? '';
      const tipo = registro.campos[campo]?.tipo;
      if (tipo === 'entero') return [campo, Number(text)];
      return [campo, tipo === 'logico' ? text === 'true' : text];
    }),
  );
}

/** Reads some claves again, on either side. A clave that is not in the answer is not there. */
export async function readClaves(
  tarea: Tarea,
  adapter: Adapter,
  claves: readonly Key[],
  ritmo: Ritmo | null,
): Promise<ReadonlyMap<Key, readonly Row[]>> {
  const { registro } = tarea;
  const wanted = new Set(claves);
  const found = new Map<Key, Row[]>();
  const take = (rows: readonly Row[]): void => {
    for (const row of rows) {
      const clave = claveOfRow(registro, row);
      if (clave === null || !wanted.has(clave)) continue;
      const same = found.get(clave);
      if (same === undefined) found.set(clave, [row]);
      else same.push(row);
    }
  };
  const acceso = accesoFor(registro, adapter);
  if (acceso !== null) await readByAcceso(tarea, adapter, acceso, claves, ritmo, take);
  else await scanEach(tarea, adapter, claves, ritmo, take);
  return found;
}

/** The acceso that asks for the least around a clave: the one whose keys a clave determines, with most campos. */
function accesoFor(registro: Registro, adapter: Adapter): string | null {
  const able = adapter.capabilities(registro).accesos;
  const usable = Object.entries(registro.accesos)
    .filter(([name, { claves }]) => able.includes(name) && claves.every(isInClave(registro)))
    .sort(([, a], [, b]) => b.claves.length - a.claves.length);
  return usable[0]?.[0] ?? null;
}

const isInClave =
  ({ clave }: Registro) =>
  (campo: string): boolean =>
    clave.includes(campo);

async function readByAcceso(
  tarea: Tarea,
  adapter: Adapter,
  acceso: string,
  claves: readonly Key[],
  ritmo: Ritmo | null,
  take: (rows: readonly Row[]) => void,
): Promise<void> {
  const { registro, now } = tarea;
  const parts = registro.accesos[acceso]?.claves ?? [];
  const keys = new Set(
    claves.map((clave) => {
      const campos = camposOf(registro, clave);
      return keyOf(parts.map((campo) => campos.get(campo) ?? null));
    }),
  );
  const size = Math.min(KEYS_PER_CALL, adapter.capabilities(registro).maxKeys);
  for (const batch of inBatches([...keys], size)) {
    await ritmo?.turn();
    const started = now();
    const answer = await adapter.read(registro, acceso, batch, contextOf(tarea));
    let rows = 0;
    for (const outcome of answer.values()) {
      if (outcome.at === 'failed') {
        const { code, sistema, mensaje } = outcome.error;
        throw new AdapterError(code, sistema, mensaje);
      }
      if (outcome.at === 'absent') continue;
      rows += outcome.rows.length;
      take(outcome.rows);
    }
    ritmo?.succeeded(rows, now() - started);
  }
}

async function scanEach(
  tarea: Tarea,
  adapter: Adapter,
  claves: readonly Key[],
  ritmo: Ritmo | null,
  take: (rows: readonly Row[]) => void,
): Promise<void> {
  const { registro } = tarea;
  for (const clave of claves) {
    const de = [...camposOf(registro, clave)].map(([campo, valor]): Filtro => ({
      op: 'eq',
      campo,
      valor,
    }));
    await ritmo?.turn();
    const walk = adapter.scan(registro, { op: 'and', de }, null, contextOf(tarea));
    for await (const { rows } of walk) take(rows);
  }
}

function* inBatches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

function claveOfRow(registro: Registro, row: Row): Key | null {
  try {
    return claveOf(registro, row);
  } catch {
    return null;
  }
}

/** As a walk notes them; a record that cannot be digested equals nothing. */
export const toHojas = (registro: Registro, rows: Iterable<readonly Row[]>): Hoja[] =>
  [...rows].flat().map((row) => {
    const clave = claveOf(registro, row);
    return { clave, bucket: bucketOf(clave), digest: digestOrNone(registro, row) };
  });

function digestOrNone(registro: Registro, row: Row): string {
  try {
    return recordDigest(registro, row);
  } catch {
    return SIN_DIGEST;
  }
}
