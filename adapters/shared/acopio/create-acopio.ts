import { pageOf, scanAll, topByKey } from '../sql/lists.js';
import { measureByKey } from '../sql/measure.js';
import { readByKey } from '../sql/read.js';
import type { SqlStore } from '../sql/store.js';
import type { Acopio } from './acopio.js';
import { createAsk } from './asker.js';
import { createLoader } from './load.js';
import { MIGRATIONS, PartsMirror } from './parts.js';
import { createPrepare } from './prepare.js';

/** The acopio over a store. Its tables are prepared, and what a crash left is removed, before the first answer. */
export function createAcopio(
  store: SqlStore,
  { now, giveWay }: { readonly now: () => number; readonly giveWay?: () => Promise<void> },
): Acopio {
  const mirror = new PartsMirror(store);
  const prepare = createPrepare(store, mirror);
  const loader = createLoader({ store, mirror, prepare, now, ...(giveWay && { giveWay }) });
  const ask = createAsk(store, mirror, prepare);
  let opening: Promise<void> | null = null;

  const open = async (): Promise<void> => {
    await store.migrate('acopio', MIGRATIONS);
    await loader.clean();
  };
  /** A store that did not open is tried again by the next question. */
  const ready = (): Promise<void> =>
    (opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    }));

  return {
    ensure: (part, ctx) => ready().then(() => loader.ensure(part, ctx)),
    read: (question, ...args) => ready().then(() => readByKey(ask(question), ...args)),
    async page(question, ...args) {
      await ready();
      const { origin, ...top } = await pageOf(ask(question), ...args);
      return { ...top, version: origin.version };
    },
    measure: (question, ...args) => ready().then(() => measureByKey(ask(question), ...args)),
    topPerKey: (question, ...args) => ready().then(() => topByKey(ask(question), ...args)),
    async *scan(question, ...args) {
      await ready();
      yield* scanAll(ask(question), ...args);
    },
    async parts(sistema) {
      await ready();
      const { parts } = await mirror.refresh(sistema);
      return [...parts.values()].map(({ id, version, rows, quarantine }) => ({
        id,
        version,
        rows,
        quarantine,
      }));
    },
    forget: (sistema, id) => ready().then(() => loader.forget(sistema, id)),
  };
}
