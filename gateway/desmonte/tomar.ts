import { createHash, createHmac } from 'node:crypto';
import type { Row } from '../../adapters/contract.js';
import { RowError } from '../../adapters/index.js';
import {
  bucketOf,
  claveOf,
  contentDigest,
  huellaComparadaOf,
  huellaOf,
  type Huella,
} from '../../schema/digest.js';
import type { Key } from '../../schema/key.js';
import type { Registro } from '../../schema/registro.js';
import type { Hoja } from '../route/merkle.js';
import type { Tramo } from '../route/tramo.js';
import { rowBelongs } from '../route/tramo.js';
import { claveDigest } from './clave-digest.js';
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
  /** Of each of the rows in its place; of none where they are only compared. */
  readonly huellas: readonly Huella[];
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

/** Rows told apart before other work of the main thread gets its turn. */
const ROWS_PER_TURN = 100;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What becomes of the records of a walk: a load writes them, a census only compares. */
export type Para = 'carga' | 'censo';

/** Tells the records of a chunk apart: those to take, and those that nobody can. */
export async function sortRows(
  registro: Registro,
  tramo: Tramo,
  all: readonly Row[],
  para: Para,
): Promise<Tomada> {
  const rows: Row[] = [];
  const huellas: Huella[] = [];
  const hojas: Hoja[] = [];
  const malas: Mala[] = [];
  let ajenas = 0;
  const identify = (row: Row): Omit<Huella, 'contenido'> => {
    if (para === 'censo') return huellaComparadaOf(registro, row);
    const huella = huellaOf(registro, row);
    huellas.push(huella);
    return huella;
  };
  for (const [place, row] of all.entries()) {
    if (place % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn();
    if (!rowBelongs(tramo.cohorte, row) && attempt(() => claveOf(registro, row)) !== null) {
      ajenas++;
      continue;
    }
    const huella = attempt(() => identify(row));
    if (huella !== null) {
      rows.push(row);
      hojas.push({ bucket: huella.bucket, clave: huella.clave, digest: huella.resumen });
    } else {
      const clave = attempt(() => claveOf(registro, row));
      if (clave !== null) hojas.push({ bucket: bucketOf(clave), clave, digest: SIN_DIGEST });
      const mala = toMala(tramo, row, clave, clave === null ? 'SIN_CLAVE' : 'VALOR_NO_EXACTO');
      malas.push(mala);
      hojas.push(marcaOf(mala));
    }
  }
  const sinClave = malas.filter(({ motivo }) => motivo === 'SIN_CLAVE').length;
  return { rows, huellas, hojas, malas, ajenas, sinClave };
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
