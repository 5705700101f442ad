import { keyOfFila, partsOf, type Key } from '../../schema/key.js';
import type { Registro } from '../../schema/registro.js';
import type { ByKey, Origin, Outcome, Row, SourceContext, Version } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import { groupBy } from '../../schema/group-by.js';
import { canonicalBpin } from './bpin.js';
import type { PiipClient, RawAnswer } from './client.js';
import { conjuntoOf } from './conjuntos.js';

/** Reads a registro by its keys: one question per dataset. */
export type Lectura = (
  registro: Registro,
  acceso: string,
  keys: readonly Key[],
  ctx: SourceContext,
) => Promise<ByKey<Row>>;

export function createLectura(client: PiipClient, now: () => number): Lectura {
  const fetchKeys = async (
    registro: Registro,
    acceso: string,
    keys: readonly Key[],
    ctx: SourceContext,
  ): Promise<RawAnswer> => {
    if (keys.length === 0) {
      return {
        rows: [],
        version: { token: SIN_CONSULTA, checkedAt: new Date(now()).toISOString() },
      };
    }
    const conjunto = conjuntoOf(registro);
    return acceso === 'porBpin'
      ? client.fetchPorBpin(conjunto, keys, ctx)
      : client.fetchPorLugar(conjunto, keys, ctx);
  };
  return async (registro, acceso, keys, ctx) => {
    const claves = registro.accesos[acceso]?.claves;
    if (claves === undefined) throw new TypeError(`${registro.nombre} has no acceso ${acceso}`);
    const canonical = new Map(keys.map((key) => [key, canonicalKey(acceso, key)]));
    const asked = [...new Set(canonical.values())].filter((key) => key !== null);
    try {
      const { rows, version } = await fetchKeys(registro, acceso, asked, ctx);
      const byKey = groupBy(conjuntoOf(registro).toFilas(rows), (fila) => keyOfFila(fila, claves));
      const origin = originOf(registro, version);
      return new Map(
        keys.map((key): [Key, Outcome<Row>] => {
          const found = byKey.get(canonical.get(key) ?? undefined);
          return [
            key,
            found === undefined ? { at: 'absent', origin } : { at: 'found', rows: found, origin },
          ];
        }),
      );
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const failed: Outcome<Row> = { at: 'failed', error: toSourceError(error) };
      return new Map(keys.map((key) => [key, failed]));
    }
  };
}

/** Version of an answer for which nobody was asked, because no key could have a record. */
const SIN_CONSULTA = 'sin-consulta';

/** The key as records carry it; null where no record can have it. */
function canonicalKey(acceso: string, key: Key): Key | null {
  const [first = ''] = partsOf(key);
  if (acceso === 'porBpin') return canonicalBpin(first);
  const form = acceso === 'porMunicipio' ? /^\d{2}(?!000)\d{3}$/ : /^\d{2}$/;
  return form.test(first) ? first : null;
}

export const originOf = (registro: Registro, version: Version): Origin => ({
  sistema: registro.sistema,
  registro: registro.nombre,
  modo: 'FILAS',
  version,
  servidoPor: 'piip',
});
