import { keyOfFila, partsOf, type Key } from '../../schema/key.js';
import type { Adapter, Outcome, Row } from '../contract.js';
import { groupBy } from '../../schema/group-by.js';
import { spellingsOf, type SecopClient } from './client.js';
import { conjuntoOf, failAll, notAsked, originOf, toFilas } from './filas.js';

/** Reads records by their keys; keys that no record can have are not asked for. */
export const createLectura =
  (client: SecopClient, now: () => number): Adapter['read'] =>
  async (registro, acceso, keys, ctx) => {
    const campo = registro.accesos[acceso]?.claves[0];
    if (campo === undefined) throw new TypeError(`${registro.nombre} has no acceso ${acceso}`);
    const values = keys.map((key) => partsOf(key)[0] ?? '');
    try {
      const answer =
        spellingsOf(campo, values).length === 0
          ? { rows: [], version: notAsked(now) }
          : await client.fetchPorClave(conjuntoOf(registro), campo, values, ctx);
      const origin = originOf(registro, answer.version);
      const byKey = groupBy(toFilas(registro, answer.rows), (fila) => keyOfFila(fila, [campo]));
      return new Map(
        keys.map((key): [Key, Outcome<Row>] => {
          const rows = byKey.get(key);
          return [
            key,
            rows === undefined ? { at: 'absent', origin } : { at: 'found', rows, origin },
          ];
        }),
      );
    } catch (error) {
      return failAll(keys, error);
    }
  };
