import { createHash, createHmac } from 'node:crypto';
import type { Row } from '../../adapters/contract.js';
import { RowError } from '../../adapters/index.js';
import { bucketOf, claveOf, contentDigest, recordDigest } from '../../schema/digest.js';
import type { Key } from '../../schema/key.js';
import type { Registro } from '../../schema/registro.js';
import type { Hoja } from '../route/merkle.js';
import type { Tramo } from '../route/tramo.js';
import { rowBelongs } from '../route/tramo.js';
import { claveDigest } from './bitacora.js';
import { SIN_BALDE } from './barrido.js';

/** Why a record cannot be taken in. Never what it says. */
export type MotivoCuarentena = 'SIN_CLAVE' | 'VALOR_NO_EXACTO' | 'FORMA';

export interface Mala {
  /** Digest of the clave; of the whole record where it has none. */
  readonly claveDigest: string;
  readonly motivo: MotivoCuarentena;
  readonly crudoDigest: string;
}

export interface Tomada {
  readonly rows: readonly Row[];
  /** What the walk saw, records in quarantine included. */
  readonly hojas: readonly Hoja[];
  readonly malas: readonly Mala[];
  /** Outside of the cohort: an adapter may cut more coarsely than was asked. */
  readonly ajenas: number;
  /** Records without a clave: nobody can tell which ones they are. */
  readonly sinClave: number;
}

/** No record has it: a clave in quarantine is there, and equals nothing. */
export const SIN_DIGEST = '0'.repeat(64);

/** Tells the records of a chunk apart: those to take, and those that nobody can. */
export function sortRows(registro: Registro, tramo: Tramo, rows: readonly Row[]): Tomada {
  const good: Row[] = [];
  const hojas: Hoja[] = [];
  const malas: Mala[] = [];
  let ajenas = 0;
  let sinClave = 0;
  for (const row of rows) {
    const clave = attempt(() => claveOf(registro, row));
    const isOurs = clave === null || rowBelongs(tramo.cohorte, row);
    if (!isOurs) {
      ajenas++;
      continue;
    }
    const digest = clave === null ? null : attempt(() => recordDigest(registro, row));
    if (clave !== null && digest !== null) {
      good.push(row);
      hojas.push({ bucket: bucketOf(clave), clave, digest });
      continue;
    }
    if (clave === null) sinClave++;
    else hojas.push({ bucket: bucketOf(clave), clave, digest: SIN_DIGEST });
    const mala = toMala(tramo, row, clave, clave === null ? 'SIN_CLAVE' : 'VALOR_NO_EXACTO');
    malas.push(mala);
    hojas.push(marcaOf(mala));
  }
  return { rows: good, hojas, malas, ajenas, sinClave };
}

/** Notes in the walk that a quarantine still stands. */
export const marcaOf = ({ claveDigest: clave, crudoDigest }: Mala): Hoja => ({
  bucket: SIN_BALDE,
  clave,
  digest: crudoDigest,
});

export function toMala(tramo: Tramo, row: Row, clave: Key | null, motivo: MotivoCuarentena): Mala {
  const raw = createHash('sha256').update(JSON.stringify(row)).digest('hex');
  const crudoDigest = createHmac('sha256', tramo.salt).update(raw).digest('hex');
  return {
    claveDigest: clave === null ? crudoDigest : claveDigest(tramo, clave),
    motivo,
    crudoDigest,
  };
}

/** Which record of a chunk the store refused; null where the failure is of another kind. */
export function poisonOf(registro: Registro, rows: readonly Row[], error: unknown): number | null {
  if (error instanceof RowError) return error.fila - 1;
  if (!(error instanceof TypeError)) return null;
  const place = rows.findIndex((row) => attempt(() => contentDigest(registro, row)) === null);
  return place < 0 ? null : place;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
