/**
 * Exact decimal numbers as text. Canonical form: no exponent, no `+`, no `-0`, no zeros after the last decimal, one
 * leading zero at most. Two equal amounts are then two equal texts, so digests and comparisons need no arithmetic.
 */
export type DecimalText = string;

const CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
const PLAIN = /^-?\d+(?:\.\d+)?$/;
/** Two integers of 15 digits add up below 2^53, so Number is exact and several times faster than BigInt. */
const SMALL_INTEGER = /^-?\d{1,15}$/;

/** Most amounts are whole pesos, and this is asked of every amount of an answer. */
const PLAIN_INTEGER = /^(?:0|[1-9]\d*)$/;

export const isDecimal = (text: string): boolean =>
  PLAIN_INTEGER.test(text) || (text !== '-0' && CANONICAL.test(text));

/** Reads the plain form (`-12.30`, blanks around allowed); null when the text is anything else. */
export function parseDecimal(text: string): DecimalText | null {
  if (PLAIN_INTEGER.test(text)) return text;
  const plain = text.trim();
  return PLAIN.test(plain) ? canonical(plain) : null;
}

/** Reads `15740902170,00`: decimal comma, no thousands. */
export function parseDecimalComma(text: string): DecimalText | null {
  const plain = text.trim();
  return /^-?\d+(?:,\d+)?$/.test(plain) ? canonical(plain.replace(',', '.')) : null;
}

/** Reads `1,234.00`: thousands with commas, all groups complete or none. */
export function parseUsCommas(text: string): DecimalText | null {
  const plain = text.trim();
  if (!/^-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/.test(plain)) return null;
  return canonical(plain.replaceAll(',', ''));
}

/** Reads `1.500.000,5`: thousands with points, all groups complete or none. */
export function parseEsThousands(text: string): DecimalText | null {
  const plain = text.trim();
  if (!/^-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$/.test(plain)) return null;
  return canonical(plain.replaceAll('.', '').replace(',', '.'));
}

/**
 * Takes a number that a JSON parser already made. Null when it may have lost digits on the way (an integer beyond
 * 2^53, more than 15 significant digits, exponent form): no silent rounding of money.
 */
export function decimalFromNumber(value: number): DecimalText | null {
  const text = String(value);
  if (!PLAIN.test(text)) return null;
  if (Number.isSafeInteger(value)) return canonical(text);
  return text.replace(/^-?0*\.?0*/, '').replace('.', '').length > 15 ? null : canonical(text);
}

export function addDecimal(a: DecimalText, b: DecimalText): DecimalText {
  if (SMALL_INTEGER.test(a) && SMALL_INTEGER.test(b)) return String(Number(a) + Number(b));
  const scale = Math.max(scaleOf(a), scaleOf(b));
  return fromScaled(toScaled(a, scale) + toScaled(b, scale), scale);
}

export const negateDecimal = (a: DecimalText): DecimalText => {
  if (!PLAIN.test(a)) throw notDecimal(a);
  return canonical(a.startsWith('-') ? a.slice(1) : `-${a}`);
};

export const subtractDecimal = (a: DecimalText, b: DecimalText): DecimalText =>
  addDecimal(a, negateDecimal(b));

/** The sum; `0` for nothing, so a caller that must say "unknown" has to look before it adds. */
export function sumDecimals(values: Iterable<DecimalText>): DecimalText {
  let small = 0;
  let scale = 0;
  let large = 0n;
  for (const value of values) {
    if (SMALL_INTEGER.test(value)) {
      const next = small + Number(value);
      if (Number.isSafeInteger(next)) {
        small = next;
        continue;
      }
    }
    const own = scaleOf(value);
    if (own > scale) {
      large *= 10n ** BigInt(own - scale);
      scale = own;
    }
    large += toScaled(value, scale);
  }
  if (large === 0n) return String(small);
  return fromScaled(large + BigInt(small) * 10n ** BigInt(scale), scale);
}

/** Negative, zero or positive, as a sort needs it. */
export function compareDecimal(a: DecimalText, b: DecimalText): number {
  if (SMALL_INTEGER.test(a) && SMALL_INTEGER.test(b)) return Number(a) - Number(b);
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const difference = toScaled(a, scale) - toScaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** a / b with at most `scale` decimals, halves away from zero; null when b is zero. */
export function divideDecimal(a: DecimalText, b: DecimalText, scale: number): DecimalText | null {
  const common = Math.max(scaleOf(a), scaleOf(b));
  const divisor = toScaled(b, common);
  if (divisor === 0n) return null;
  const dividend = toScaled(a, common) * 10n ** BigInt(scale);
  const half = absolute(divisor);
  const rounded = (absolute(dividend) * 2n + half) / (half * 2n);
  return fromScaled(dividend < 0n === divisor < 0n ? rounded : -rounded, scale);
}

/** value × 10^power10, exactly: 3 turns `(Miles)` into pesos, -2 a percentage into a ratio. */
export function scaleDecimal(value: DecimalText, power10: number): DecimalText {
  const scale = scaleOf(value) - power10;
  const digits = toScaled(value, scaleOf(value));
  return scale >= 0 ? fromScaled(digits, scale) : fromScaled(digits * 10n ** BigInt(-scale), 0);
}

/** Brings a plain number to the canonical form. */
function canonical(plain: string): DecimalText {
  const negative = plain.charCodeAt(0) === MINUS;
  let start = negative ? 1 : 0;
  let end = plain.length;
  const point = plain.indexOf('.');
  if (point >= 0) {
    while (plain.charCodeAt(end - 1) === ZERO) end--;
    if (end === point + 1) end = point;
  }
  const lastWhole = (point < 0 ? end : point) - 1;
  while (start < lastWhole && plain.charCodeAt(start) === ZERO) start++;
  const text = plain.slice(start, end);
  return negative && text !== '0' ? `-${text}` : text;
}

const MINUS = 45;
const ZERO = 48;

function scaleOf(value: DecimalText): number {
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.length - point - 1;
}

/** The value times 10^scale; scale is never below the decimals of the value. */
function toScaled(value: DecimalText, scale: number): bigint {
  if (!PLAIN.test(value)) throw notDecimal(value);
  const missing = scale - scaleOf(value);
  return BigInt(value.replace('.', '') + '0'.repeat(missing));
}

function fromScaled(value: bigint, scale: number): DecimalText {
  if (scale === 0) return value.toString();
  const digits = absolute(value)
    .toString()
    .padStart(scale + 1, '0');
  const plain = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return canonical(value < 0n ? `-${plain}` : plain);
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

const notDecimal = (value: string): TypeError => new TypeError(`not a decimal text: ${value}`);
