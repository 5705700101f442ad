import type { Adapter, Key, Outcome, SourceContext } from '../../adapters/contract.js';
import { SliceRetiredError, toSourceError } from '../../adapters/errors.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { Desmontado } from '../route/desmontado.js';
import { createDesmontado } from '../route/desmontado.js';
import type { Tramo } from '../route/tramo.js';

/**
 * The second of three fences around what is retired: whoever asks (a request of an old epoch, a probe, a load, a census), the
 * adapter is not called for it. The first is the router, the third that its settings are taken away.
 */
export function fenceAdapter(adapter: Adapter, tramosNow: () => readonly Tramo[]): Adapter {
  const { id } = adapter;
  let seen: readonly Tramo[] | null = null;
  let rules: Desmontado = createDesmontado(id, []);
  const now = (): Desmontado => {
    const tramos = tramosNow();
    if (tramos !== seen) {
      rules = createDesmontado(id, tramos);
      seen = tramos;
    }
    return rules;
  };
  const refuseWhole = (registro: Registro): void => {
    if (now().isWhole(registro)) throw new SliceRetiredError(id);
  };
  const refuseScan = (registro: Registro, filtro: Filtro | null): void => {
    if (now().hasFilter(registro, filtro)) throw new SliceRetiredError(id);
  };
  const keyed = async <T>(
    registro: Registro,
    claves: readonly string[],
    keys: readonly Key[],
    ask: (living: readonly Key[]) => Promise<ReadonlyMap<Key, Outcome<T>>>,
  ): Promise<ReadonlyMap<Key, Outcome<T>>> => {
    const living = now().living(registro, claves, keys);
    if (living.length === keys.length) return ask(keys);
    const answer = living.length === 0 ? [] : await ask(living);
    const refused: Outcome<T> = { at: 'failed', error: toSourceError(new SliceRetiredError(id)) };
    const outcomes = new Map<Key, Outcome<T>>(keys.map((key) => [key, refused]));
    for (const [key, outcome] of answer) outcomes.set(key, outcome);
    return outcomes;
  };
  const clavesOf = (registro: Registro, acceso: string): readonly string[] =>
    registro.accesos[acceso]?.claves ?? [];
  const changes = adapter.changes?.bind(adapter);
  const digests = adapter.digests?.bind(adapter);

  return {
    id,
    registros: adapter.registros,
    capabilities: (registro) => adapter.capabilities(registro),
    estado: () => adapter.estado(),
    close: () => adapter.close(),
    version: async (registro, ctx) => {
      refuseWhole(registro);
      return adapter.version(registro, ctx);
    },
    read: (registro, acceso, keys, ctx) =>
      keyed(registro, clavesOf(registro, acceso), keys, (living) =>
        adapter.read(registro, acceso, living, ctx),
      ),
    measure: (registro, medida, keys, dims, ctx) =>
      keyed(registro, registro.medidas[medida]?.grano ?? [], keys, (living) =>
        adapter.measure(registro, medida, living, dims, ctx),
      ),
    topPerKey: (registro, acceso, keys, filtro, orden, options, ctx) =>
      keyed(registro, clavesOf(registro, acceso), keys, (living) =>
        adapter.topPerKey(registro, acceso, living, filtro, orden, options, ctx),
      ),
    page: async (registro, filtro, orden, options, ctx) => {
      if (now().hasFilter(registro, filtro))
        return { at: 'failed', error: toSourceError(new SliceRetiredError(id)) };
      return adapter.page(registro, filtro, orden, options, ctx);
    },
    scan: (registro, filtro, resume, ctx) =>
      guardEach(
        () => {
          refuseScan(registro, filtro);
        },
        () => adapter.scan(registro, filtro, resume, ctx),
      ),
    ...(changes && {
      changes: (registro: Registro, since: string | null, ctx: SourceContext) =>
        guardEach(
          () => {
            refuseWhole(registro);
          },
          () => changes(registro, since, ctx),
        ),
    }),
    ...(digests && {
      digests: (registro, scope, ctx) =>
        guardEach(
          () => {
            refuseScan(registro, scope.filtro ?? null);
          },
          () => digests(registro, scope, ctx),
        ),
    }),
  };
}

/** A slice may be retired in the middle of a scan: what comes next is refused too. */
async function* guardEach<T>(
  check: () => void,
  open: () => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  check();
  for await (const item of open()) {
    yield item;
    check();
  }
}

/**
 * The third fence: a system of which every registro is retired whole is not made at all, so that its addresses, folders and
 * credentials may be taken from the settings. Holds from the next start.
 */
export const isFullyRetired = (
  { id, registros }: { readonly id: string; readonly registros: readonly Registro[] },
  tramos: readonly Tramo[],
): boolean => {
  const desmontado = createDesmontado(id, tramos);
  return registros.length > 0 && registros.every((registro) => desmontado.isWhole(registro));
};
