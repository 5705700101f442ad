import { createHash } from 'node:crypto';
import { DIGEST_VERSION } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import type { Tramo } from '../route/tramo.js';

/** How far a load has come, kept with the rows in one transaction. Keys and versions only, never a row id of the source. */
export interface Punto {
  readonly formato: 1;
  readonly barrido: string;
  readonly contrato: string;
  /** Version of the dataset that the walk reads. */
  readonly version: string;
  /** Chunks taken in. */
  readonly trozo: number;
  /** Of the adapter; null after the last chunk. */
  readonly resume: string | null;
  readonly leidas: number;
  readonly cuarentena: number;
  readonly sinClave: number;
  readonly fin: boolean;
}

export const writePunto = (punto: Punto): string => JSON.stringify(punto);

/** Null for what this program did not write: it starts anew rather than guess. */
export function readPunto(text: string | null): Punto | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Punto> | null;
    return value?.formato === 1 && typeof value.barrido === 'string' ? (value as Punto) : null;
  } catch {
    return null;
  }
}

/** What a page of the walk promises: its records read under another declaration, mapping or cohort are other records. */
export function contratoOf(registro: Registro, tramo: Tramo): string {
  const campos = Object.keys(registro.campos)
    .sort()
    .map((name) => {
      const campo = registro.campos[name];
      return [name, campo?.tipo, campo?.comparador];
    });
  const { cohorte, viejo, mappingVersion } = tramo;
  const condiciones = Object.entries(cohorte).sort(([a], [b]) => (a < b ? -1 : 1));
  const { nombre, clave } = registro;
  return createHash('sha256')
    .update(
      JSON.stringify([DIGEST_VERSION, nombre, clave, campos, viejo, mappingVersion, condiciones]),
    )
    .digest('hex');
}
