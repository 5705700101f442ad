import { partsOf } from '../../schema/key.js';
import type { Key } from '../../schema/key.js';
import type { Fila, Registro, Valor } from '../../schema/registro.js';

/**
 * Which adapter answers a key: a pure function of the data key and of one epoch, never of who asks. A slice (tramo) is a
 * registro and a cohort over the campos of its ruta.
 */
export interface Asignacion {
  readonly registro: string;
  readonly cohorte: Cohorte;
  readonly adapter: string;
}

/** Conditions on campos of the ruta, all of which must hold. Values compare as text, ranges as numbers. */
export type Cohorte = Readonly<Record<string, Condicion>>;
export type Condicion =
  | { readonly en: readonly string[] }
  | { readonly desde: number; readonly hasta: number }
  | { readonly prefijo: string };

export interface Ruteo {
  readonly epoca: number;
  /** The adapters that may hold rows of a key: one where the key determines the ruta, else all that own a part. */
  ownersOfKey(registro: Registro, claves: readonly string[], key: Key): readonly string[];
  ownerOfRow(registro: Registro, row: Fila): string;
  /** Every adapter that owns some of a registro. */
  ownersOf(registro: Registro): readonly string[];
}

/** Without assignments every registro is answered by the adapter of its own system. */
export function createRuteo(epoca: number, asignaciones: readonly Asignacion[]): Ruteo {
  const byRegistro = new Map<string, Asignacion[]>();
  for (const asignacion of asignaciones) {
    const known = byRegistro.get(asignacion.registro);
    if (known === undefined) byRegistro.set(asignacion.registro, [asignacion]);
    else known.push(asignacion);
  }
  const ownerOf = (registro: Registro, valueOf: (campo: string) => Valor | undefined): string =>
    byRegistro.get(registro.nombre)?.find(({ cohorte }) => belongs(cohorte, valueOf))?.adapter ??
    registro.sistema;
  const ownersOf = (registro: Registro): readonly string[] => {
    const assigned = byRegistro.get(registro.nombre)?.map(({ adapter }) => adapter) ?? [];
    return [...new Set([registro.sistema, ...assigned])];
  };
  return {
    epoca,
    ownersOf,
    ownerOfRow: (registro, row) => ownerOf(registro, (campo) => row[campo]),
    ownersOfKey: (registro, claves, key) => {
      if (!byRegistro.has(registro.nombre)) return [registro.sistema];
      if (!registro.ruta.every((campo) => claves.includes(campo))) return ownersOf(registro);
      const parts = partsOf(key);
      return [ownerOf(registro, (campo) => parts[claves.indexOf(campo)])];
    },
  };
}

function belongs(cohorte: Cohorte, valueOf: (campo: string) => Valor | undefined): boolean {
  return Object.entries(cohorte).every(([campo, condicion]) => {
    const value = valueOf(campo);
    if (value === undefined || value === null) return false;
    if ('en' in condicion) return condicion.en.includes(String(value));
    if ('prefijo' in condicion) return String(value).startsWith(condicion.prefijo);
    return Number(value) >= condicion.desde && Number(value) <= condicion.hasta;
  });
}
