/** Deterministic numbers from a seed and parts: the same everywhere, in any order of asking. */

/** Held here: a look-up of the global for every letter would cost more than the hash. */
const { imul } = Math;

/** 53-bit hash (cyrb53), well spread and cheap. */
export function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    a = imul(a ^ ch, 2654435761);
    b = imul(b ^ ch, 1597334677);
  }
  a = imul(a ^ (a >>> 16), 2246822507) ^ imul(b ^ (b >>> 13), 3266489909);
  b = imul(b ^ (b >>> 16), 2246822507) ^ imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

/** A number in [0, 1) of the seed and the parts. */
export function rand(seed: string, ...parts: readonly (string | number)[]): number {
  return hash53(`${seed}|${parts.join('|')}`) / 2 ** 53;
}

/** An integer in [low, high]. */
export function randInt(
  low: number,
  high: number,
  seed: string,
  ...parts: readonly (string | number)[]
): number {
  return low + Math.floor(rand(seed, ...parts) * (high - low + 1));
}

/** One of a non-empty list. */
export function pick<T>(
  list: readonly T[],
  seed: string,
  ...parts: readonly (string | number)[]
): T {
  const item = list[Math.floor(rand(seed, ...parts) * list.length)];
  if (item === undefined) throw new RangeError('pick from an empty list');
  return item;
}

/** A stream of numbers for one purpose (shuffles). */
export function createRandom(seed: string): () => number {
  let n = 0;
  return () => rand(seed, n++);
}

/** Splits a whole amount by weights exactly: floors, and the last part takes the rest. */
export function splitExact(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  let left = total;
  return weights.map((w, i) => {
    if (i === weights.length - 1) return left;
    const part = Math.floor((total / sum) * w);
    left -= part;
    return part;
  });
}
