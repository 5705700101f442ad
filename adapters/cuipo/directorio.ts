import { keyOfFila, type Key } from '../../schema/key.js';
import { EntidadChip } from '../../schema/registros/cuipo.js';
import type { ByKey, Origin, Outcome, Row, SourceContext, Version } from '../contract.js';
import { AdapterError, toSourceError } from '../errors.js';
import { groupBy } from '../../schema/group-by.js';
import type { CuipoClient } from './client.js';
import { toEntidades } from './entidades.js';

/** The directory of CHIP entities: some thousand rows, read whole. */
export function createDirectorio(client: CuipoClient) {
  const load = async (
    ctx: SourceContext,
  ): Promise<{ readonly rows: readonly Row[]; readonly version: Version }> => {
    const { rows, version } = await client.fetchEntidades(ctx);
    return { rows: toEntidades(rows), version };
  };
  return {
    load,
    async read(acceso: string, keys: readonly Key[], ctx: SourceContext): Promise<ByKey<Row>> {
      const claves = EntidadChip.accesos[acceso]?.claves;
      if (claves === undefined) throw new TypeError(`EntidadChip has no acceso ${acceso}`);
      if (keys.length === 0) return new Map();
      try {
        const { rows, version } = await load(ctx);
        const byKey = groupBy(rows, (row) => keyOfFila(row, claves));
        const origin = originOf(version);
        return new Map(
          keys.map((key): [Key, Outcome<Row>] => {
            const found = byKey.get(key);
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
    },
  };
}

export const originOf = (version: Version): Origin => ({
  sistema: 'cuipo',
  registro: EntidadChip.nombre,
  modo: 'FILAS',
  version,
  servidoPor: 'cuipo',
});
