import type { AdapterEstado } from '../../contract.js';
import type { PartState } from '../acopio/acopio.js';
import type { AdapterTools } from '../tools.js';

/** What is in quarantine, in the same words for every system with a drop folder. `nameOf`: the file of a part. */
export const toAvisosDeCuarentena = (
  parts: readonly PartState[],
  nameOf: (id: string) => string = (id) => id,
): AdapterEstado['avisos'] =>
  parts.flatMap(({ id, quarantine }) => {
    if (quarantine === null) return [];
    const { motivo, linea } = quarantine;
    const mensaje = linea === null ? motivo : `${motivo} (línea ${String(linea)})`;
    return [{ codigo: 'SOURCE_QUARANTINED', mensaje, donde: nameOf(id) }];
  });

/** Counts each of the files just tried that went into quarantine. */
export function countQuarantined(
  { observer }: Pick<AdapterTools, 'observer'>,
  sistema: string,
  parts: readonly PartState[],
  tried: readonly string[],
): void {
  for (const { id, quarantine } of parts) {
    if (quarantine !== null && tried.includes(id)) observer.error(sistema, 'SOURCE_QUARANTINED');
  }
}
