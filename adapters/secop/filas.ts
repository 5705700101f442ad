import { keyOfFila, type Key } from '../../schema/key.js';
import type { Fila, Registro } from '../../schema/registro.js';
import { Contrato } from '../../schema/registros/secop.js';
import type { Origin, Outcome, Version } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import { CONTRATOS, CONTRATOS_PROYECTO, type Conjunto, type SecopRaw } from './client.js';
import { toContrato, toContratoProyecto } from './mapper.js';

export const SISTEMA = 'secop';

export const conjuntoOf = (registro: Registro): Conjunto =>
  registro.nombre === Contrato.nombre ? CONTRATOS : CONTRATOS_PROYECTO;

/** Rows as records, each identity once: extracts read during a publication repeat contracts. */
export function toFilas(registro: Registro, rows: readonly SecopRaw[]): Fila[] {
  const byClave = new Map<Key, Fila>();
  for (const raw of rows) {
    const fila = registro.nombre === Contrato.nombre ? toContrato(raw) : toContratoProyecto(raw);
    const clave = fila === null ? undefined : keyOfFila(fila, registro.clave);
    if (fila === null || clave === undefined) continue;
    const known = byClave.get(clave);
    // Several processes may link one contract to one project: the validated link answers.
    if (known === undefined || (known.validado !== true && fila.validado === true)) {
      byClave.set(clave, fila);
    }
  }
  return [...byClave.values()];
}

export const originOf = (registro: Registro, version: Version): Origin => ({
  sistema: SISTEMA,
  registro: registro.nombre,
  modo: 'FILAS',
  version,
  servidoPor: SISTEMA,
});

/** Of an answer for which nobody was asked. */
export const notAsked = (now: () => number): Version => ({
  token: 'sin-consulta',
  checkedAt: new Date(now()).toISOString(),
});

export function failAll<T>(keys: readonly Key[], error: unknown): Map<Key, Outcome<T>> {
  if (!(error instanceof AdapterError)) throw error;
  const failed: Outcome<T> = { at: 'failed', error: toSourceError(error) };
  return new Map(keys.map((key) => [key, failed]));
}

export async function settled<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { at: 'failed', error: toSourceError(error) };
  }
}
