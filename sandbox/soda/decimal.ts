/** Exact decimals for SoQL: comparison, sum and average of decimal text, with a fast lane for safe integers. */

const SAFE_DIGITS = 15;
const AVERAGE_SCALE = 16;

interface Scaled {
  readonly n: bigint;
  readonly scale: number;
}

export function isDecimal(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

function toScaled(text: string): Scaled {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const n = BigInt(whole + fraction || '0');
  return scale < 0 ? { n: n * 10n ** BigInt(-scale), scale: 0 } : { n, scale };
}

function toText(n: bigint, scale: number): string {
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const sign = n < 0n ? '-' : '';
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function isShortInteger(text: string): boolean {
  return text.length <= SAFE_DIGITS && !/[.eE]/.test(text);
}

export function compareDecimal(a: string, b: string): number {
  if (isShortInteger(a) && isShortInteger(b)) return Number(a) - Number(b);
  const x = toScaled(a);
  const y = toScaled(b);
  const scale = Math.max(x.scale, y.scale);
  const left = x.n * 10n ** BigInt(scale - x.scale);
  const right = y.n * 10n ** BigInt(scale - y.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Canonical text of a decimal, as a cast prints it. */
export function normaliseDecimal(text: string): string {
  const { n, scale } = toScaled(text);
  return toText(n, scale);
}

/** An exact running sum. */
export class DecimalSum {
  #n = 0n;
  #scale = 0;
  #fast = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(text: string): void {
    this.#count++;
    if (isShortInteger(text)) {
      this.#fast += Number(text);
      if (Math.abs(this.#fast) > 2 ** 52) this.#flush();
      return;
    }
    this.#addScaled(toScaled(text));
  }

  #addScaled(value: Scaled): void {
    if (value.scale > this.#scale) {
      this.#n *= 10n ** BigInt(value.scale - this.#scale);
      this.#scale = value.scale;
    }
    this.#n += value.n * 10n ** BigInt(this.#scale - value.scale);
  }

  #flush(): void {
    const whole = BigInt(this.#fast);
    this.#fast = 0;
    this.#addScaled({ n: whole, scale: 0 });
  }

  total(): string {
    this.#flush();
    return toText(this.#n, this.#scale);
  }

  average(): string {
    this.#flush();
    const more = Math.max(0, AVERAGE_SCALE - this.#scale);
    return toText((this.#n * 10n ** BigInt(more)) / BigInt(this.#count), this.#scale + more);
  }
}
