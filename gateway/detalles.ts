/** What /estado and /metrics show of the sources beyond their rows in the catalog. */
import { Gauge, type Registry } from 'prom-client';
import type { Adapter } from '../adapters/contract.js';
import type { Acopio, PartState } from '../adapters/index.js';

export interface SistemaDetalle {
  /** Of the adapter. */
  readonly id: string;
  readonly avisos: ReturnType<Adapter['estado']>['avisos'];
  readonly partes: readonly PartState[];
}

type Adapters = ReadonlyMap<string, Adapter>;

/** Systems that an adapter reads; those that others before it read too are shown with the first of them. */
function sistemasByAdapter(adapters: Adapters): ReadonlyMap<Adapter, readonly string[]> {
  const seen = new Set<string>();
  return new Map(
    [...adapters.values()].map((adapter) => {
      const own = new Set(adapter.registros.map(({ sistema }) => sistema));
      const first = [...own].filter((sistema) => !seen.has(sistema));
      for (const sistema of first) seen.add(sistema);
      return [adapter, first];
    }),
  );
}

export const detallesOf = (
  adapters: Adapters,
  acopio: Pick<Acopio, 'parts'>,
): Promise<readonly SistemaDetalle[]> =>
  Promise.all(
    [...sistemasByAdapter(adapters)].map(async ([adapter, sistemas]) => ({
      id: adapter.id,
      avisos: adapter.estado().avisos,
      partes: (await Promise.all(sistemas.map((sistema) => acopio.parts(sistema)))).flat(),
    })),
  );

/** Files in quarantine now, by system: counted when somebody looks. A store that does not answer is no news of a file. */
export function watchQuarantine(
  registry: Registry,
  adapters: Adapters,
  acopio: Pick<Acopio, 'parts'>,
): void {
  const gauge = new Gauge({
    name: 'sugit_source_quarantined_files',
    help: 'Archivos en cuarentena ahora, por sistema.',
    labelNames: ['sistema'],
    registers: [registry],
    collect: async () => {
      gauge.reset();
      const sistemas = [...sistemasByAdapter(adapters).values()].flat();
      for (const sistema of sistemas) {
        const parts = await acopio.parts(sistema).catch(() => null);
        if (parts === null) continue;
        gauge.set({ sistema }, parts.filter(({ quarantine }) => quarantine !== null).length);
      }
    },
  });
}
