/** So many per second on average, and no more than `burst` at once. */
export interface TokenBucket {
  take(): boolean;
}

export function createTokenBucket(
  perSecond: number,
  burst: number,
  now: () => number,
): TokenBucket {
  let tokens = burst;
  let last = now();
  return {
    take: () => {
      const at = now();
      // A clock that was set back gives no tokens, and takes none.
      tokens = Math.min(burst, tokens + (Math.max(0, at - last) / 1_000) * perSecond);
      last = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
