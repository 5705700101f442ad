/** Exact statements about a share from counts. No normal approximation: differences are rare and it is wrong there. */

/** log Γ(x) by Lanczos (g = 7, n = 9): about 15 digits, enough for the tails that decide here. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;
const LANCZOS_G = 7;

function logGamma(x: number): number {
  const shifted = x - 1;
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] ?? 0) / (shifted + i);
  const t = shifted + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X <= k) of a binomial. Terms are summed from the logarithm, so that n may be in the millions. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k >= n || p <= 0) return 1;
  if (k < 0 || p >= 1) return 0;
  const logP = Math.log(p);
  const logQ = Math.log1p(-p);
  const logN = logGamma(n + 1);
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(logN - logGamma(i + 1) - logGamma(n - i + 1) + i * logP + (n - i) * logQ);
  }
  return Math.min(1, sum);
}

/**
 * Whether n distinct keys with k failures prove a share of successes of at least `paridad`: were it lower, so few failures
 * would be seen with a chance of at most 1 - confianza (one-sided Clopper-Pearson; for k = 0 the rule of three).
 */
export function proves(n: number, k: number, paridad: number, confianza: number): boolean {
  if (n <= 0 || k < 0 || k > n) return false;
  // Above its own mean the distribution proves nothing: no need to add up its terms.
  if (k > n * (1 - paridad)) return false;
  return binomialCdf(k, n, 1 - paridad) <= 1 - confianza;
}

const HALVINGS = 80;

/** Exact one-sided lower bound of a share, seen `k` failures in `n`. 0 when nothing was seen. */
export function lowerBound(n: number, k: number, confianza: number): number {
  if (n <= 0 || k >= n) return 0;
  let low = k / n;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const share = (low + high) / 2;
    if (binomialCdf(k, n, share) > 1 - confianza) low = share;
    else high = share;
  }
  return 1 - high;
}

/** Exact one-sided lower bound of the share of failures itself: what a step back needs before it blames the new side. */
export function failureLowerBound(n: number, k: number, confianza: number): number {
  return lowerBound(n, n - k, confianza);
}

/** Distinct keys that prove a share when k of them fail; what a page shows as missing. */
export function keysNeeded(k: number, paridad: number, confianza: number): number {
  let high = Math.ceil((k + 1) / (1 - paridad));
  while (!proves(high, k, paridad, confianza)) high *= 2;
  let low = k;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle, k, paridad, confianza)) high = middle;
    else low = middle;
  }
  return high;
}
