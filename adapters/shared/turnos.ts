/** A request crosses the main thread some twenty times, and may wait for one turn each time. */
const TURNO_MS = 2;

/**
 * Long work of the main thread, in short turns: it calls this wherever it may pause, and others get theirs. By time and
 * not by rows: a report of one form costs ten of another.
 */
export function createTurnos(now: () => number): () => Promise<void> | undefined {
  let since = now();
  return () => {
    // A clock that was set back says nothing: then the turn ends.
    if (Math.abs(now() - since) < TURNO_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = now();
        resolve();
      });
    });
  };
}
