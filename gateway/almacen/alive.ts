import type { SqlSession } from './port.js';

/** Whether the store answers within a time: a probe is no use if it hangs with what it probes. */
export function isAlive(store: SqlSession, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, ms, false).unref();
    const settle = (alive: boolean) => () => {
      clearTimeout(late);
      resolve(alive);
    };
    store.query('select 1').then(settle(true), settle(false));
  });
}
