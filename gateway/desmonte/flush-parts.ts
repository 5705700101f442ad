/** Lines that wait to be written; beyond it the newest are counted as lost instead of kept. */
export const MAX_PENDING = 50_000;
const ROWS_PER_INSERT = 1_000;

/** Writes what waits, some at a time; what was noted anew meanwhile goes on waiting. */
export async function flushParts<T>(
  pending: Map<string, T>,
  write: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  const all = [...pending];
  for (let i = 0; i < all.length; i += ROWS_PER_INSERT) {
    const part = all.slice(i, i + ROWS_PER_INSERT);
    await write(part.map(([, one]) => one));
    for (const [id, one] of part) if (pending.get(id) === one) pending.delete(id);
  }
}
