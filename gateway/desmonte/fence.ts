import type { Adapter, Key, Outcome, SourceContext } from '../../adapters/contract.js';
import { SliceRetiredError, toSourceError } from '../../adapters/errors.js';
import type { Filtro, Registro } from '../../schema/registro.js';
import type { Desmontado } from '../route/desmontado.js';
import { createDesmontado } from '../route/desmontado.js';
import type { Tramo } from '../route/tramo.js';
import { isBlocked } from '../route/tramo.js';

/**
 * The second of three fences around what is retired: whoever asks (a request of an old epoch, a probe, a load, a census), the
 * adapter is not called for it. The first is the router, the third that its settings are taken away.
 */
export function fenceAdapter(
  adapter: Adapter,
  tramosNow: () => readonly Tramo[],
  onDark: OnDark = () => undefined,
): Adapter {
  const { id } = adapter;
  let seen: readonly Tramo[] | null = null;
  let rules: Desmontado = createDesmontado(id, []);
  const now = (): Desmontado => {
    const tramos = tramosNow();
    if (tramos !== seen) {
      rules = createDesmontado(id, tramos, isBlocked);
      seen = tramos;
    }
    return rules;
  };
  const refusal = (registro: Registro, ctx: SourceContext, keys = 1): SliceRetiredError => {
    const own = tramosNow().filter((one) => one.registro === registro.nombre && one.viejo === id);
    const dark = own.filter(({ oscuroDesde }) => oscuroDesde !== undefined);
    if (ctx.origen === 'consulta') for (const tramo of dark) onDark(tramo, keys);
    return new SliceRetiredError(id, dark.length === 0 ? {} : { mensaje: A_OSCURAS });
  };
  const refuseWhole = (registro: Registro, ctx: SourceContext): void => {
    if (now().isWhole(registro)) throw refusal(registro, ctx);
  };
  const refuseScan = (registro: Registro, filtro: Filtro | null, ctx: SourceContext): void => {
    if (now().hasFilter(registro, filtro)) throw refusal(registro, ctx);
  };
  const keyed = async <T>(
    registro: Registro,
    claves: readonly string[],
    keys: readonly Key[],
    ctx: SourceContext,
    ask: (living: readonly Key[]) => Promise<ReadonlyMap<Key, Outcome<T>>>,
  ): Promise<ReadonlyMap<Key, Outcome<T>>> => {
    const living = now().living(registro, claves, keys);
    if (living.length === keys.length) return ask(keys);
    const answer = living.length === 0 ? [] : await ask(living);
    const refused: Outcome<T> = {
      at: 'failed',
      error: toSourceError(refusal(registro, ctx, keys.length - living.length)),
    };
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
      refuseWhole(registro, ctx);
      return adapter.version(registro, ctx);
    },
    read: (registro, acceso, keys, ctx) =>
      keyed(registro, clavesOf(registro, acceso), keys, ctx, (living) =>
        adapter.read(registro, acceso, living, ctx),
      ),
    measure: (registro, medida, keys, dims, ctx) =>
      keyed(registro, registro.medidas[medida]?.grano ?? [], keys, ctx, (living) =>
        adapter.measure(registro, medida, living, dims, ctx),
      ),
    topPerKey: (registro, acceso, keys, filtro, orden, options, ctx) =>
      keyed(registro, clavesOf(registro, acceso), keys, ctx, (living) =>
        adapter.topPerKey(registro, acceso, living, filtro, orden, options, ctx),
      ),
    page: async (registro, filtro, orden, options, ctx) => {
      if (now().hasFilter(registro, filtro))
        return { at: 'failed', error: toSourceError(refusal(registro, ctx)) };
      return adapter.page(registro, filtro, orden, options, ctx);
    },
    scan: (registro, filtro, resume, ctx) =>
      guardEach(
        () => {
          refuseScan(registro, filtro, ctx);
        },
        () => adapter.scan(registro, filtro, resume, ctx),
      ),
    ...(changes && {
      changes: (registro: Registro, since: string | null, ctx: SourceContext) =>
        guardEach(
          () => {
            refuseWhole(registro, ctx);
          },
          () => changes(registro, since, ctx),
        ),
    }),
    ...(digests && {
      digests: (registro, scope, ctx) =>
        guardEach(
          () => {
            refuseScan(registro, scope.filtro ?? null, ctx);
          },
          () => digests(registro, scope, ctx),
        ),
    }),
  };
}

/** Told of each question of a reader that a rehearsal without the old side refused. */
export type OnDark = (tramo: Tramo, keys: number) => void;

const A_OSCURAS =
  'El sistema de origen no se pregunta mientras dura el ensayo a oscuras de su tramo.';

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
